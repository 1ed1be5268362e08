// Photos and files from the person's folder to the researcher's results.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/photo.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using test::photo_of;

namespace {

namespace fs = std::filesystem;

constexpr const char* told = "50.4501 N 30.5234 E, camera of anna";

/// A form that asks for a photo and a paper, and a home folder with some.
struct Desk {
    Desk() {
        std::string name = (fs::temp_directory_path() / "fieldfare-files-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        fs::create_directories(folder / "form");
        std::ofstream(folder / "form/survey.csv") << "type,name,label::English (en),required,relevant\n"
                                                     "image,photo,A photo of the house,yes,\n"
                                                     "file,paper,A paper,,\n"
                                                     "select_one yn,more,Is there a recording?,,\n"
                                                     "audio,sound,The recording,,${more}='yes'\n";
        std::ofstream(folder / "form/choices.csv")
            << "list_name,name,label::English (en)\nyn,yes,Yes\nyn,no,No\n";
        std::ofstream(folder / "form/settings.csv")
            << "form_title,form_id,version,default_language,x_withdrawal\nShort,short,1,English (en),yes\n";
        fs::create_directories(home() / "Pictures");
        while (paper.size() < 17'000'000) paper += "Marker-90417 " + std::to_string(paper.size());
        std::ofstream(home() / "Pictures/anna at the border.jpg", std::ios::binary)
            << photo_of(picture, told);
        std::ofstream(home() / "letter.pdf", std::ios::binary) << paper;
        std::ofstream(home() / "memo.ogg", std::ios::binary)
            << "a recording that is not asked for in the end";
        ::setenv("HOME", home().c_str(), 1);
    }
    ~Desk() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    fs::path form() const { return folder / "form"; }
    fs::path home() const { return folder / "home"; }
    fs::path folder;
    std::string picture = std::string(700'000, 'p') + "the picture", paper;
};

/// What the researcher's one submission says of its media, and the file under each name.
std::map<std::string, std::string> media_of(const Researcher& researcher) {
    REQUIRE(researcher.submissions().size() == 1);
    const auto submission = nlohmann::json::parse(researcher.submissions().front());
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(researcher.results() / "media"))
        if (entry.is_regular_file()) files[entry.path().filename().string()] = read_text(entry.path());
    return files;
}

}  // namespace

TEST_CASE("a photo and a paper reach the researcher to the byte, the photo without what it told") {
    const Desk desk;
    Researcher researcher(desk.form());
    Person person(researcher.folder() / "profile");
    person.first_run(researcher.study());
    person.begin();
    const auto attached = [&](const char* name) {
        return [&person, name] { return person.open().files.contains(name) && person.open().saved(); };
    };
    person.click("Choose a file…: A photo of the house");
    person.await("the home folder", [&] { return person.sees("Pictures/"); });
    person.click("Pictures/");
    person.await("the pictures", [&] { return person.sees("anna at the border.jpg"); });
    person.click("anna at the border.jpg");
    person.await("the photo", attached("photo-1.jpg"));
    person.act(app::DropFile{(desk.home() / "letter.pdf").string()});
    person.await("the paper", attached("paper-2.pdf"));
    person.click("Yes");
    person.act(app::DropFile{(desk.home() / "memo.ogg").string()});
    person.await("the recording", attached("sound-3.ogg"));
    person.click("No");

    // Locked and opened again, all of it is there.
    person.act(app::Lock{});
    person.unlock();
    person.resume_draft();
    CHECK(person.sees("photo-1.jpg"));
    CHECK(person.open().files.size() == 3);
    person.act(app::ShowReview{});
    person.show();
    person.press_text("review.finalise");
    person.press_text("withdrawal.show");
    person.await_text("withdrawal.noted");
    const std::string code = person.value_of(person.t("withdrawal.code"));
    person.press_text("withdrawal.noted");
    person.await_text("withdrawal.give_back");
    person.press_text("handback.begin");
    person.hand_over();
    person.act(app::Lock{});
    person.rest();

    for (const std::string trace :
         {"anna at the border", "letter.pdf", "memo.ogg", "Marker-90417", "photo-1.jpg"}) {
        CAPTURE(trace);
        CHECK(files_holding(researcher.folder() / "profile", trace).empty());
        CHECK(files_holding(researcher.store(), trace).empty());
    }
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    const auto media = media_of(researcher);
    REQUIRE(media.size() == 2);
    CHECK((media.at("photo-1.jpg") == photo_of(desk.picture, "")));
    CHECK((media.at("paper-2.pdf") == desk.paper));
    CHECK(files_holding(researcher.results(), "camera of anna").empty());
    // The person's own files are as they were.
    CHECK((read_text(desk.home() / "Pictures/anna at the border.jpg") == photo_of(desk.picture, told)));

    // Who takes the interview back takes its files along.
    CHECK(researcher.withdraw(code) == 0);
    researcher.open();
    CHECK(researcher.submissions().empty());
    CHECK((!fs::exists(researcher.results() / "media") || fs::is_empty(researcher.results() / "media")));
}
