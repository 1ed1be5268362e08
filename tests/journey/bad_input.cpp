#include <doctest/doctest.h>
#include <sys/mount.h>

#include <fstream>
#include <memory>

#include "crypto/bytes.h"
#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

const fs::path visit_form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";

/// Every file below and its bytes.
std::map<std::string, std::string> content_of(const fs::path& folder) {
    std::map<std::string, std::string> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder)] = read_text(entry.path());
    }
    return files;
}

/// A disk mounted over a folder, where this user may do so; gone at the end.
class DiskOver {
  public:
    DiskOver(fs::path folder, const char* options, unsigned long flags = 0)
        : folder_(std::move(folder)),
          mounted_(::mount("none", folder_.c_str(), "tmpfs", flags, options) == 0) {
        if (!mounted_) skipped_on_this_machine("no tmpfs may be mounted here");
    }
    ~DiskOver() { take_away(); }
    DiskOver(const DiskOver&) = delete;
    bool mounted() const { return mounted_; }
    void take_away() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
        mounted_ = false;
    }
    /// Room on it, and no write protection.
    void mend() const {
        REQUIRE(::mount("none", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=1m") == 0);
    }
    void fill() const {
        std::ofstream ballast(folder_ / "ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), 4096).flush()) {
        }
    }
    void make_room() const { fs::remove(folder_ / "ballast"); }

  private:
    fs::path folder_;
    bool mounted_;
};

/// A study of the visit form and a device that has taken it in.
struct Field {
    explicit Field(bool begun = true) {
        if (begun) restart().first_run(researcher.study());
    }
    /// The program ends and is started anew.
    Person& restart() {
        person.reset();
        person = std::make_unique<Person>(profile);
        return *person;
    }
    Person& operator*() const { return *person; }
    Person* operator->() const { return person.get(); }

    void begin(int pages = 200) {
        person->begin();
        person->set_language("en");
        person->fill({.seed = 3, .says = "One queue for all", .pages = pages});
    }

    Researcher researcher{visit_form};
    fs::path profile = researcher.folder() / "disk/profile";
    std::unique_ptr<Person> person;

  private:
    bool made_ = fs::create_directory(researcher.folder() / "disk");
};

}  // namespace

TEST_CASE(
    "a study file that was cut or altered is refused in a sentence, and the right one is taken after it") {
    Field field(false);
    const std::string good = read_text(field.researcher.study());
    std::string altered = good;
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    const fs::path file = field.researcher.folder() / "bad.ffstudy";
    Person& person = field.restart();
    for (const auto& [bytes, sentence] :
         std::map<std::string, std::string>{{altered, "package.bad_signature"},
                                            {good.substr(0, good.size() / 2), "package.bad_signature"},
                                            {good.substr(0, 20), "package.truncated"},
                                            {"PK" + good, "package.not_a_package"}}) {
        write_text(file, bytes);
        person.choose_study(file);
        person.await("an answer", [&] { return !std::get<app::FirstRun>(person.state.stage).busy; });
        CHECK_MESSAGE(person.sees(person.t(sentence)), sentence, person.contents());
    }
    CHECK(content_of(field.profile).empty());
    person.first_run(field.researcher.study());
}

TEST_CASE("a wrong passphrase is refused in a sentence, is counted, and changes no other file") {
    Field field;
    field.begin(2);
    field->press_text("app.lock");
    field->rest();
    auto expected = content_of(field.profile);
    field->try_passphrase("rowan thrush october ferry");
    field->await_text("store.wrong_passphrase");
    expected["tries"] = "001\n";
    CHECK(content_of(field.profile) == expected);
    field->unlock();
    field->resume_draft();
    CHECK_FALSE(field->open().interview.draft().empty());
}

TEST_CASE("another profile's database is refused and neither is touched; put back, the draft is there") {
    Field field;
    field.begin(2);
    field.person.reset();
    Field other;
    other.person.reset();
    const std::string own = read_text(field.profile / "vault.db");
    const std::string foreign = read_text(other.profile / "vault.db");
    write_text(field.profile / "vault.db", foreign);
    const auto before = content_of(field.profile);
    field.restart().try_passphrase(device_passphrase);
    field->await_text("store.foreign_database");
    field.person.reset();
    CHECK(content_of(field.profile) == before);
    write_text(field.profile / "vault.db", own);
    field.restart().unlock();
    field->resume_draft();
}

TEST_CASE("a full or write-protected store is named on the sync screen, and the next try hands over") {
    const char* options = "size=4k";
    unsigned long flags = 0;
    std::string sentence = "is full. Free some space";
    SUBCASE("full") {}
    SUBCASE("write-protected") {
        flags = MS_RDONLY;
        sentence = "is write-protected.";
    }
    Field field;
    field.begin();
    field->finalise();
    DiskOver store(field.researcher.store(), options, flags);
    if (!store.mounted()) return;
    field->hand_over();
    CHECK_MESSAGE(field->sees(sentence), field->contents());
    CHECK(field->state.sync.failed);
    CHECK(field->session().counts == app::Counts{0, 1, 0, 0});
    CHECK(content_of(field.researcher.store()).empty());
    store.mend();
    field->hand_over();
    CHECK(field->session().counts == app::Counts{0, 0, 1, 0});
    CHECK(field.researcher.fetch() == 0);
}

TEST_CASE("on a full disk an answer is shown as not saved, and saved again once there is room") {
    Field field(false);
    const DiskOver disk(field.researcher.folder() / "disk", "size=8m");
    if (!disk.mounted()) return;
    field.restart().first_run(field.researcher.study());
    field.begin(1);
    field->await("all to be saved", [&] { return field->open().saved(); });
    disk.fill();
    for (int i = 0; i < 400 && field->open().save_failed.empty(); ++i) {
        const auto node = field->open().interview.find("wait_minutes");
        field->act(app::TypeText{node, std::to_string(i % 90)});
        field->act(app::FocusQuestion{node});
        field->act(app::FocusQuestion{schema::no_node});
        field->show();
        field->doze();
    }
    field->await_text("store.disk_full");
    CHECK(field->sees("Not saved"));
    disk.make_room();
    field->press_text("interview.save_again");
    field->await("the repeated save", [&] { return field->open().saved(); });
    const auto shown = field->open().interview.draft();
    field->press_text("app.lock");
    field->unlock();
    field->resume_draft();
    CHECK(field->open().interview.draft() == shown);
}

TEST_CASE("an interview that cannot be sealed for lack of room stays a draft and says so") {
    Field field(false);
    const DiskOver disk(field.researcher.folder() / "disk", "size=8m");
    if (!disk.mounted()) return;
    field.restart().first_run(field.researcher.study());
    field.begin();
    REQUIRE(field->session().place == app::Place::review);
    field->await("all to be saved", [&] { return field->open().saved(); });
    disk.fill();
    field->press_text("review.finalise");
    field->await_text("store.disk_full");
    CHECK_FALSE(field->open().sealing);
    CHECK(field->sealed.empty());
    field->press_text("review.later");
    CHECK(field->session().drafts.size() == 1);
    disk.make_room();
    field.restart().unlock();  // the program itself may have ended in between
    field->resume_draft();
    field->act(app::ShowReview{});
    field->show();
    field->finalise();
    field->hand_over();
    CHECK(field->session().counts == app::Counts{0, 0, 1, 0});
    CHECK(field.researcher.fetch() == 0);
    field.researcher.enrol_all();
    CHECK(field.researcher.open() == 0);
    CHECK(field.researcher.submissions() == field->sealed);
}

TEST_CASE("a text typed as an answer is found nowhere: not as a draft, locked, sealed or handed over") {
    const std::string marker = "Zq7markeR";
    Field field;
    const auto found = [&] {
        std::string lower = crypto::to_hex(crypto::bytes_of(marker));
        std::string upper = lower;
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        std::vector<std::string> files;
        for (const std::string& form : {marker, std::string("Жалоба"), lower, upper}) {
            for (std::string& file : files_holding(field.researcher.folder(), form)) files.push_back(file);
        }
        return files;
    };
    write_text(field.researcher.folder() / "proof", "it is " + crypto::to_hex(crypto::bytes_of(marker)));
    REQUIRE(found().size() == 1);  // the search finds what is there
    fs::remove(field.researcher.folder() / "proof");

    field->begin();
    field->set_language("en");
    field->fill({.seed = 3, .says = "Жалоба " + marker});
    field->await("all to be saved", [&] { return field->open().saved(); });
    REQUIRE(field->open().interview.value(field->open().interview.find("remark")) == "Жалоба " + marker);
    CHECK(found().empty());
    field->press_text("app.lock");
    field->rest();
    CHECK(found().empty());
    field->unlock();
    field->resume_draft();
    field->act(app::ShowReview{});
    field->show();
    field->finalise();
    CHECK(found().empty());
    field->hand_over();
    CHECK(found().empty());
    field->act(app::ShowHome{});
    field->show();
    field->press_text("app.lock");
    field.person.reset();
    CHECK(found().empty());
}
