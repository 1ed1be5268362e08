// A day of an unattended machine, in the real window.
#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using nlohmann::json;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
const std::filesystem::path screenshots = std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/kiosk";

/// In two languages, with a code for the respondent and a row that says how the form was filled in.
std::filesystem::path station_form() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/station";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv")
        << "type,name,label::English (en),label::Russian (ru),calculation,x_fill\n"
           "begin_group,way,Your way here,Ваша дорога сюда,,\n"
           "integer,minutes,How many minutes did it take?,Сколько минут это заняло?,,\n"
           "select_one way,how,How did you come?,Как вы добрались?,,\n"
           "end_group,way,,,,\n"
           "begin_group,more,The visit,Визит,,\n"
           "text,remark,What should others know?,О чём стоит знать другим?,,\n"
           "select_one way,back,How will you go back?,Как вы поедете обратно?,,\n"
           "end_group,more,,,,\n"
           "calculate,mode,,,'',mode\n";
    std::ofstream(folder / "choices.csv") << "list_name,name,label::English (en),label::Russian (ru)\n"
                                             "way,foot,On foot,Пешком\nway,bus,By bus,На автобусе\n";
    std::ofstream(folder / "settings.csv") << "form_title,form_id,version,default_language,x_withdrawal\n"
                                              "A station of the study,station,1,English (en),yes\n";
    return folder;
}

std::size_t files_in(const std::filesystem::path& folder, const std::string& extension) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        count += entry.path().extension() == extension ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE(
    "of a day of an unattended machine, the researchers get the interviews that were sealed, a batch each") {
    Researcher researcher(station_form());
    researcher.serves_alone(station_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.set_up_alone(passphrase);
        walker.open_to_respondents();
        walker.screenshot("start");
        const auto seal_with_code = [&] {
            walker.press("review.finalise");
            walker.wait_for("withdrawal.noted");
            window.settle();
            walker.screenshot("code");
            walker.press("withdrawal.noted");
            walker.wait_for("kiosk.done");
            window.settle();
            walker.screenshot("sealed");
        };
        walker.texts = {{"remark", "the first"}};
        walker.page_screenshots = 2;
        walker.respond();
        window.settle();
        walker.screenshot("review");
        seal_with_code();
        window.let_minutes_pass(1);  // the start screen comes by itself
        walker.wait_for("kiosk.begin");

        walker.page_screenshots = 0;
        window.click("Русский");
        walker.wait_for("kiosk.begin");
        window.settle();
        walker.screenshot("start-russian");
        walker.texts = {{"remark", "the second"}};
        walker.respond();
        seal_with_code();
        walker.press("kiosk.done");

        walker.texts = {{"remark", "whoever left"}};
        walker.respond();
        walker.close();
        walker.wait_for("kiosk.door_erases");
        window.settle();
        walker.screenshot("closing-in-between");
        walker.leave_staff_door();
        walker.wait_for("review.finalise");
        window.let_minutes_pass(2);
        walker.wait_for("kiosk.idle_title");
        window.settle();
        walker.screenshot("idle");
        window.let_minutes_pass(1);
        walker.wait_for("kiosk.begin");

        walker.texts = {{"remark", "whoever had to hurry"}};
        walker.respond();
        walker.press("kiosk.hide");
        walker.wait_for("kiosk.hidden_title");
        window.settle();
        walker.screenshot("hidden");
        window.press("Escape");
        walker.wait_for("kiosk.begin");

        // Nobody gets past without the passphrase; not by closing the window either.
        walker.close();
        walker.wait_for("kiosk.door_close");
        window.settle();
        walker.screenshot("closing");
        walker.leave_staff_door();
        walker.press("kiosk.staff");
        walker.pass_staff("not the passphrase");
        walker.wait_for("store.wrong_passphrase");
        window.settle();
        walker.screenshot("door");
        walker.pass_staff(passphrase);
        walker.wait_for("kiosk.open_to");
        window.settle();
        walker.screenshot("staff-in-the-evening");
        walker.hand_over();
        walker.press("app.home");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    CHECK(files_in(researcher.store(), ".batch") == 2);
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    const auto submissions = researcher.submissions();
    REQUIRE(submissions.size() == 2);
    std::vector<std::string> remarks;
    for (const auto& line : submissions) {
        std::map<std::string, std::deque<std::string>> answers;
        collect(json::parse(line).at("answers"), answers);
        CHECK(answers["mode"].at(0) == "self");
        remarks.push_back(answers["remark"].at(0));
    }
    CHECK(sorted(remarks) == std::vector<std::string>{"the first", "the second"});
    std::string roster;
    researcher.cli("roster show --json --roster " + (researcher.folder() / "roster").string() + " --study " +
                       researcher.study().string(),
                   "", &roster);
    CHECK(roster.find("\"unattended\":true") != std::string::npos);
}

TEST_CASE("a machine that is started again asks staff, and then stands open to the next respondent") {
    Researcher researcher(station_form());
    researcher.serves_alone(station_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, {});
        walker.set_up_alone(passphrase);
        walker.open_to_respondents();
        walker.respond();
        window.kill();
    }
    AppWindow window(display, in_profile(researcher, {}));
    Walker walker(window, display, form, {});
    walker.pass_staff(passphrase, "unlock.button");
    walker.wait_for("kiosk.begin");
    CHECK_FALSE(walker.sees("home.drafts"));
    walker.respond();
}
