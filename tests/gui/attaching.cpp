// Photos, recordings and files on the screen: the card of such a question, and the picker.
#include "tests/support/form_of_items.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;
using app::FolderEntry;
using app::test::form_of;
using app::test::group;
using app::test::item;
using schema::QuestionType;

namespace {

/// A page with a photo, a recording, a file and a text, and a person with some files.
struct FilePage : Screen {
    FilePage()
        : Screen(
              form_of({group("page", {item("photo", QuestionType::image), item("sound", QuestionType::audio),
                                      item("paper", QuestionType::file), item("after", QuestionType::text)})},
                      {})) {
        app::FolderContents home;
        home.path = "/home/anna";
        home.parent = "/home";
        home.entries = {{FolderEntry::Kind::folder, "Pictures", 0},
                        {FolderEntry::Kind::file, "me.png", 1500}};
        home.places = {{app::FilePlace::Kind::home, "", "/home/anna"},
                       {app::FilePlace::Kind::medium, "STICK", "/media/anna/STICK"}};
        app::FolderContents pictures;
        pictures.path = "/home/anna/Pictures";
        pictures.parent = "/home/anna";
        pictures.entries = {{FolderEntry::Kind::file, "anna at the border.jpg", 2'200'000}};
        pictures.places = home.places;
        worker.folders = {{"", home}, {home.path, home}, {pictures.path, pictures}};
        worker.own_files = {{"/home/anna/Pictures/anna at the border.jpg", 2'200'000},
                            {"/home/anna/me.png", 1500},
                            {"/home/anna/memo.ogg", 700'000}};
        begin();
        show();
    }
    void attaches_photo() {
        click("Choose a file…: Photo");
        click("Pictures/");
        click("anna at the border.jpg");
    }
    void drops(const std::string& path) {
        act(app::DropFile{path});
        show();
    }
};

}  // namespace

TEST_CASE("a photo is chosen by clicks, and its card says what it is and what becomes of the original") {
    FilePage ui;
    CHECK(ui.sees("A picture: JPG, PNG, WEBP, HEIC, GIF"));
    ui.click("Choose a file…: Photo");
    CHECK(ui.sees("Home folder"));
    CHECK(ui.sees("STICK"));
    CHECK(ui.sees("Nothing is remembered of what you look at here."));
    CHECK_FALSE(ui.sees("Next"));  // the bar of the questions is not there
    ui.click("Pictures/");
    CHECK(ui.sees("/home/anna/Pictures"));
    ui.click("anna at the border.jpg");
    CHECK(ui.value("photo") == "photo-1.jpg");
    CHECK(ui.sees("photo-1.jpg"));
    CHECK(ui.sees("Picture · 2.1 MB"));
    CHECK(ui.sees("Where, when and with what camera it was taken does not travel with it."));
    CHECK(ui.sees("The original stays where it is"));
    CHECK_FALSE(ui.sees("border"));
}

TEST_CASE("a photo is chosen by the keyboard alone") {
    FilePage ui;
    ui.press(ImGuiKey_Enter);  // the first question has the keyboard
    REQUIRE(ui.open().picker);
    ui.press(ImGuiKey_DownArrow);  // below "One folder up"
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("/home/anna/Pictures"));
    SUBCASE("and attached") {
        ui.press(ImGuiKey_DownArrow);
        ui.press(ImGuiKey_Enter);
        CHECK(ui.value("photo") == "photo-1.jpg");
        CHECK(ui.widget("Replace…: Photo").focused);
    }
    SUBCASE("and back up, and away") {
        ui.press(ImGuiKey_Backspace);
        CHECK(ui.open().picker->shown.path == "/home/anna");
        ui.press(ImGuiKey_Escape);
        CHECK_FALSE(ui.open().picker);
        CHECK(ui.widget("Choose a file…: Photo").focused);
    }
}

TEST_CASE("of a file that is no JPEG the card says that it may tell where and when it was made") {
    FilePage ui;
    ui.drops("/home/anna/memo.ogg");
    CHECK(ui.value("sound") == "sound-1.ogg");
    CHECK(ui.sees("Recording · 684 KB"));
    CHECK(ui.sees("This file may tell where, when and with what it was made"));
}

TEST_CASE("a file is replaced and removed by its buttons, and by no slip of a finger") {
    FilePage ui;
    ui.attaches_photo();
    ui.click("Replace…: Photo");
    CHECK(ui.sees("/home/anna/Pictures"));  // where the last one was
    ui.click("anna at the border.jpg");
    CHECK(ui.value("photo") == "photo-2.jpg");
    ui.press(ImGuiKey_Delete);
    ui.press(ImGuiKey_Backspace);
    CHECK(ui.value("photo") == "photo-2.jpg");
    ui.click("Remove: Photo");
    CHECK(ui.value("photo").empty());
    CHECK(ui.find("Choose a file…: Photo") != nullptr);
}

TEST_CASE("while a file is copied its card shows how far, and can stop it") {
    FilePage ui;
    ui.worker.holds_copies = true;
    ui.attaches_photo();
    CHECK(ui.sees("Copying: 1.0 MB of 2.1 MB"));
    CHECK_FALSE(ui.widget("Choose a file…: Sound").enabled);
    CHECK(ui.sees("Another file is still being copied."));
    ui.click("Stop: Photo");
    CHECK(ui.find("Choose a file…: Photo") != nullptr);
    CHECK(ui.value("photo").empty());
}

TEST_CASE("what is refused is said at its question") {
    FilePage ui;
    ui.act(app::FocusQuestion{ui.node("photo")});
    ui.act(app::ChooseFile{ui.node("photo")});
    ui.drops("/home/anna/memo.ogg");  // while its picker is open
    CHECK(ui.sees("This question takes a picture"));
    ui.drops("/home/anna/gone.png");
    CHECK(ui.sees("This file is not there any more."));
}

TEST_CASE("a folder that can't be read leaves the picker where it was") {
    FilePage ui;
    ui.click("Choose a file…: Photo");
    ui.click("STICK");
    CHECK(ui.sees("This folder cannot be read."));
    CHECK(ui.sees("Pictures/"));
    ui.click("Back without a file");
    CHECK(ui.find("Choose a file…: Photo") != nullptr);
}

TEST_CASE("the interview that is locked leaves no file name on the screen or behind it") {
    FilePage ui;
    ui.click("Choose a file…: Photo");
    ui.click("Pictures/");
    ui.act(app::Lock{});
    ui.show();
    CHECK_FALSE(ui.sees("border"));
    for (const Widget& widget : ui.scratch().tree) CHECK(widget.label.find("anna") == std::string::npos);
}
