#include "client/app/attaching.h"

#include <algorithm>

#include "tests/support/app_driver.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

/// An interview with a photo that is needed, a recording, and a person with some files.
struct Attaching : App {
    explicit Attaching(std::string_view survey =
                           "type | name | label | required | relevant\n"
                           "select_one y | more | More? | |\n"
                           "image | photo | A photo | yes |\n"
                           "audio | sound | A recording | | ${more}='yes'")
        : App(form_of(survey, "list_name | name | label\ny | yes | Yes\ny | no | No")) {
        worker.own_files = {{"/home/anna/Pictures/anna at the border.JPEG", 2'000'000},
                            {"/home/anna/memo.ogg", 700'000},
                            {"/home/anna/letter.pdf", 90'000}};
        FolderContents home;
        home.path = "/home/anna";
        home.entries = {{FolderEntry::Kind::folder, "Pictures", 0},
                        {FolderEntry::Kind::file, "memo.ogg", 700'000}};
        FolderContents pictures;
        pictures.path = "/home/anna/Pictures";
        pictures.parent = "/home/anna";
        pictures.entries = {{FolderEntry::Kind::file, "anna at the border.JPEG", 2'000'000}};
        worker.folders = {{"", home}, {home.path, home}, {pictures.path, pictures}};
        begin();
    }
    void attach_photo() {
        act(ChooseFile{node("photo")});
        act(OpenFolder{"/home/anna/Pictures"});
        act(PickFile{"anna at the border.JPEG"});
    }
    bool asked(const std::string& what) { return std::ranges::find(worker.log, what) != worker.log.end(); }
    std::string refusal(std::string_view question) { return open().file_refused[node(question)].key; }
    const schema::Submission& seals() {
        act(ShowReview{});
        act(FinaliseInterview{});
        REQUIRE(worker.sealed.size() == 1);
        return worker.sealed.front();
    }
};

std::vector<std::string> names_of(const std::vector<schema::MediaFile>& media) {
    std::vector<std::string> names;
    for (const auto& file : media) names.push_back(file.name);
    return names;
}

}  // namespace

TEST_CASE("a file that is chosen becomes the answer under a neutral name") {
    Attaching app;
    app.act(ChooseFile{app.node("photo")});
    REQUIRE(app.open().picker);
    CHECK(app.open().picker->shown.path == "/home/anna");
    app.act(OpenFolder{"/home/anna/Pictures"});
    app.act(PickFile{"anna at the border.JPEG"});
    CHECK_FALSE(app.open().picker);
    CHECK(app.value("photo") == "photo-1.jpg");
    CHECK(app.open().files["photo-1.jpg"] == 2'000'000);
    CHECK(app.saved("/photo", "photo-1.jpg"));
}

TEST_CASE("nothing of the person's own name for a file is in the draft or the submission") {
    Attaching app;
    app.attach_photo();
    for (const auto& [path, entry] : app.worker.drafts.begin()->second.entries)
        CHECK(entry.value.find("anna") == std::string::npos);
    const auto& submission = app.seals();
    CHECK(names_of(submission.media) == std::vector<std::string>{"photo-1.jpg"});
    CHECK(submission.media.front().size == 2'000'000);
}

TEST_CASE("the picker lists what the question takes, and opens again where it was") {
    Attaching app;
    app.act(ChooseFile{app.node("photo")});
    app.act(OpenFolder{"/home/anna/Pictures"});
    app.act(LeavePicker{});
    CHECK_FALSE(app.open().picker);
    CHECK(app.open().focused == app.node("photo"));
    app.act(ChooseFile{app.node("photo")});
    CHECK(app.open().picker->shown.path == "/home/anna/Pictures");
    CHECK(takes(schema::QuestionType::image, "heic"));
    CHECK_FALSE(takes(schema::QuestionType::image, "mp4"));
    CHECK_FALSE(takes(schema::QuestionType::audio, "jpg"));
    CHECK(takes(schema::QuestionType::file, "bin"));
}

TEST_CASE("a folder that can't be read says so, and the picker begins anew") {
    Attaching app;
    app.act(ChooseFile{app.node("photo")});
    app.act(OpenFolder{"/root"});
    CHECK(app.open().picker->why.key == "attach.no_folder");
    CHECK(app.open().picker->shown.path == "/home/anna");
    app.act(LeavePicker{});
    app.act(ChooseFile{app.node("photo")});
    CHECK(app.open().picker->why.empty());
}

TEST_CASE("a file dropped on the page goes to the question that takes such files") {
    Attaching app;
    app.pick("more", "yes");
    app.act(DropFile{"/home/anna/memo.ogg"});
    CHECK(app.value("sound") == "sound-1.ogg");
    app.act(DropFile{"/home/anna/Pictures/anna at the border.JPEG"});
    CHECK(app.value("photo") == "photo-2.jpg");
    SUBCASE("a kind that none takes is refused by the question with the keyboard") {
        app.act(FocusQuestion{app.node("photo")});
        app.act(DropFile{"/home/anna/letter.pdf"});
        CHECK(app.refusal("photo") == "attach.wrong_kind_image");
        CHECK(app.value("photo") == "photo-2.jpg");
    }
}

TEST_CASE("a file that is dropped replaces none while another question could take it") {
    Attaching app(
        "type | name | label\nfile | paper | A paper\nfile | other | Another\naudio | sound | A recording");
    app.act(DropFile{"/home/anna/letter.pdf"});
    CHECK(app.value("paper") == "paper-1.pdf");
    app.act(DropFile{"/home/anna/letter.pdf"});
    CHECK(app.value("other") == "other-2.pdf");
    app.act(ClearAnswer{app.node("paper")});
    app.act(FocusQuestion{schema::no_node});
    app.act(DropFile{"/home/anna/memo.ogg"});
    CHECK(app.value("sound") == "sound-3.ogg");
    app.act(DropFile{"/home/anna/memo.ogg"});
    CHECK(app.value("paper") == "paper-4.ogg");
    app.act(FocusQuestion{app.node("other")});
    app.act(DropFile{"/home/anna/letter.pdf"});
    CHECK(app.value("other") == "other-5.pdf");
}

TEST_CASE("a file dropped where no question takes one changes nothing") {
    App app(form_of("type | name | label\ntext | q | Question?"));
    app.begin();
    const auto asked = app.worker.log.size();
    app.act(DropFile{"/home/anna/memo.ogg"});
    CHECK(app.worker.log.size() == asked);
    app.act(ShowHome{});
    app.act(DropFile{"/home/anna/newer.ffstudy"});  // at home it is a study file
    CHECK(app.worker.log.back() == "read update");
}

TEST_CASE("another file takes the place of the first, under a name of its own") {
    Attaching app;
    app.attach_photo();
    app.attach_photo();
    CHECK(app.value("photo") == "photo-2.jpg");
    CHECK(names_of(app.seals().media) == std::vector<std::string>{"photo-2.jpg"});
}

TEST_CASE("a file that is removed is not sealed, and its required question is open again") {
    Attaching app;
    app.attach_photo();
    app.act(ClearAnswer{app.node("photo")});
    CHECK(app.value("photo").empty());
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.empty());
}

TEST_CASE("a file whose question is not relevant any more is not sealed") {
    Attaching app;
    app.pick("more", "yes");
    app.act(DropFile{"/home/anna/memo.ogg"});
    app.attach_photo();
    app.pick("more", "no");
    CHECK(names_of(app.seals().media) == std::vector<std::string>{"photo-2.jpg"});
}

TEST_CASE("a file that is refused says why, and the answer before it stays") {
    Attaching app;
    app.attach_photo();
    app.worker.own_files.clear();
    app.attach_photo();
    CHECK(app.refusal("photo") == "attach.gone");
    CHECK(app.value("photo") == "photo-1.jpg");
    CHECK_FALSE(app.open().copying);
    app.act(ChooseFile{app.node("photo")});  // the next try begins clean
    CHECK(app.refusal("photo").empty());
}

TEST_CASE("while a file is copied answers go on, nothing is sealed, and a second file waits") {
    Attaching app;
    app.worker.holds_copies = true;
    app.attach_photo();
    REQUIRE(app.open().copying);
    CHECK(app.open().copying->done == 1'000'000);
    CHECK(app.open().copying->size == 2'000'000);
    app.pick("more", "yes");
    CHECK(app.saved("/more", "yes"));
    app.act(ChooseFile{app.node("sound")});
    CHECK_FALSE(app.open().picker);
    app.finish_copy();
    CHECK(app.value("photo") == "photo-1.jpg");
    CHECK_FALSE(app.open().copying);
}

TEST_CASE("an interview is not sealed while a file is copied to it") {
    Attaching app("type | name | label\nimage | photo | A photo");
    app.worker.holds_copies = true;
    app.attach_photo();
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.empty());
    CHECK(app.open().seal_failed.key == "attach.still_copying");
    app.finish_copy();
    app.act(FinaliseInterview{});
    CHECK(names_of(app.worker.sealed.at(0).media) == std::vector<std::string>{"photo-1.jpg"});
}

TEST_CASE("copying can be stopped, and says nothing more") {
    Attaching app;
    app.worker.holds_copies = true;
    app.attach_photo();
    app.act(CancelCopying{});
    CHECK_FALSE(app.open().copying);
    CHECK(app.value("photo").empty());
    CHECK(app.refusal("photo").empty());
}

TEST_CASE("a copy whose interview is let go is stopped, and one that is done too late is no answer") {
    Attaching app;
    app.worker.holds_copies = true;
    app.attach_photo();
    const auto late = *app.worker.copy;
    app.act(ShowHome{});
    SUBCASE("for another interview") {
        app.act(StartInterview{});
    }
    SUBCASE("deleted") {
        app.act(AskDelete{late.draft});
        app.act(ConfirmDelete{});
        app.act(StartInterview{});
    }
    CHECK(app.asked("stop attaching"));
    app.act(FileAttached{late});
    CHECK(app.value("photo").empty());
}

TEST_CASE("a copy for an instance that is removed meanwhile becomes nobody's answer") {
    Attaching app("type | name | label\nbegin repeat | r | Visit\nimage | photo | A photo\nend repeat");
    app.worker.holds_copies = true;
    app.act(AddInstance{app.node("r")});
    REQUIRE(app.open().interview.children(app.node("r")).size() == 2);
    app.act(ChooseFile{app.open().interview.find("/r[1]/photo")});
    app.act(OpenFolder{"/home/anna/Pictures"});
    app.act(PickFile{"anna at the border.JPEG"});
    REQUIRE(app.open().copying);
    app.act(RemoveInstance{app.open().interview.find("/r[1]")});
    app.finish_copy();
    CHECK(app.open().interview.value(app.open().interview.find("/r[1]/photo")).empty());  // the second's
    CHECK(app.seals().media.empty());
}

TEST_CASE("each instance of a repeat has a file of its own") {
    Attaching app("type | name | label\nbegin repeat | r | Visit\nimage | photo | A photo\nend repeat");
    app.act(AddInstance{app.node("r")});
    for (const char* path : {"/r[1]/photo", "/r[2]/photo"}) {
        app.act(ChooseFile{app.open().interview.find(path)});
        app.act(OpenFolder{"/home/anna/Pictures"});
        app.act(PickFile{"anna at the border.JPEG"});
    }
    app.act(RemoveInstance{app.open().interview.find("/r[1]")});
    CHECK(app.open().interview.value(app.open().interview.find("/r[1]/photo")) == "photo-2.jpg");
    CHECK(names_of(app.seals().media) == std::vector<std::string>{"photo-2.jpg"});
}

TEST_CASE("a draft goes on with its files, and gives none of their names again") {
    Attaching app;
    app.attach_photo();
    app.act(Lock{});
    app.unlock();
    app.act(ResumeDraft{app.session().drafts.front().id});
    CHECK(app.value("photo") == "photo-1.jpg");
    CHECK(app.open().files["photo-1.jpg"] == 2'000'000);
    app.attach_photo();
    CHECK(app.value("photo") == "photo-2.jpg");
}

TEST_CASE("an answer that names no file of the draft is none") {
    SUBCASE("a default of the form") {
        Attaching app("type | name | label | default\nimage | photo | A photo | photo-7.jpg");
        CHECK(app.value("photo").empty());
    }
    SUBCASE("a file that the vault has lost") {
        Attaching app;
        app.attach_photo();
        app.act(Lock{});
        app.worker.attached.clear();
        app.unlock();
        app.act(ResumeDraft{app.session().drafts.front().id});
        CHECK(app.value("photo").empty());
    }
}

TEST_CASE("a lock takes the picker and the copy with it") {
    Attaching app;
    app.worker.holds_copies = true;
    app.attach_photo();
    const auto late = *app.worker.copy;
    app.act(Lock{});
    app.act(FileAttached{late});
    app.unlock();
    CHECK_FALSE(app.session().open);
}
