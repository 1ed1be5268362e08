#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

constexpr const char* chosen = "thimble orchard seven kettles";

void forget(Screen& ui) {
    ui.act(app::ProfileFound{});
    ui.show();
    ui.click("Passphrase forgotten?");
}

void type_line(Screen& ui, std::string_view text) {
    ui.type(text);
    ui.press(ImGuiKey_Enter);
}

}  // namespace

TEST_CASE(
    "the way from the forgotten passphrase to the list of interviews can be gone from the screen alone") {
    Screen ui(app::test::visit_form());
    ui.worker.folders[""] = {
        "/media/usb", "/media", {{app::FolderEntry::Kind::file, "laptop3.ffanswer", 140}}, false, {}};
    forget(ui);
    CHECK(ui.sees("ask the researchers"));
    ui.click("Write a request");
    CHECK(ui.sees("/home/me/.fieldfare/request.ffrecover"));
    ui.click("Copy the path");
    CHECK(std::string_view(ImGui::GetClipboardText()) == "/home/me/.fieldfare/request.ffrecover");
    CHECK(ui.value_of("Numbers of the request").find("31415") != std::string::npos);
    ui.click("Choose the answer…");
    CHECK(ui.sees("Folders and answers are listed"));
    ui.click("laptop3.ffanswer");
    CHECK(ui.sees("The answer is right."));
    type_line(ui, chosen);
    type_line(ui, chosen);
    CHECK(ui.sees("This machine has its key back"));
    CHECK(ui.worker.passphrase == chosen);
}

TEST_CASE("the list of answers and the request can be left again") {
    Screen ui(app::test::visit_form());
    ui.worker.folders[""] = {"/home/me", "/home", {}, false, {}};
    forget(ui);
    ui.click("Write a request");
    ui.click("Choose the answer…");
    CHECK(ui.sees("There is no answer here."));
    ui.click("Back without a file");
    ui.click("Cancel the request");
    CHECK(ui.sees("Unlock"));
}

TEST_CASE("before a passphrase is chosen the screen says who could give the key back, or that nobody can") {
    Screen ui(app::test::visit_form());
    const auto choose = [&] {
        ui.act(app::ProfileMissing{});
        ui.act(app::ChoosePackage{"/media/usb/visit.ffstudy"});
        ui.show();
    };
    SUBCASE("nobody") {
        choose();
        CHECK_FALSE(ui.sees("If the passphrase is forgotten"));
        ui.click("The numbers are the same");
        CHECK(ui.sees("nobody can open the unfinished interviews any more"));
    }
    SUBCASE("a supervisor") {
        ui.worker.study.supervisor = {"maria", std::string(30, '4')};
        choose();
        CHECK(ui.sees("maria can give this machine its key back"));
        ui.click("The numbers are the same");
        CHECK(ui.sees("maria could also read the unfinished interviews"));
    }
}

TEST_CASE("a newer study file that names another supervisor says so, with the digits to compare") {
    Screen ui(app::test::visit_form());
    ui.worker.newer_supervisor = {"maria", std::string(30, '4')};
    ui.unlock();
    ui.act(app::ChoosePackage{"/media/usb/newer.ffstudy"});
    ui.show();
    CHECK(ui.sees("maria can give this machine its key back"));
    CHECK(ui.value_of("maria").find("44444") != std::string::npos);
    CHECK(ui.sees("from the next time on"));
}
