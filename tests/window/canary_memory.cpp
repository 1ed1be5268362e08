// What was typed is looked for in the memory of the program once it is locked.
#include <algorithm>

#include "client/collector/residue_report.h"
#include "tests/support/canary.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

/// What /proc says of a process, in bytes: "VmLck", "VmRSS".
std::uint64_t bytes_of(pid_t process, const std::string& line) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string word; status >> word;) {
        std::uint64_t kib = 0;
        if (word == line + ":" && status >> kib) return kib * 1024;
    }
    return 0;
}

/// On a busy machine a key may meet a page that is just moving: look, and type once more, as a person would.
void stands(AppWindow& window, const std::string& label, const std::string& text) {
    const auto there = [&](const std::vector<ScreenWidget>& widgets) {
        return std::ranges::any_of(widgets, [&](const ScreenWidget& widget) {
            return widget.role == "field" && widget.label == label && widget.value == text;
        });
    };
    for (int tries = 0; tries < 3 && !window.comes_true(std::chrono::seconds(2), there); ++tries) {
        window.click(label);
        window.settle();
        window.press("ctrl+a");
        window.type(text);
        window.press("Tab");
    }
    window.wait_until("\"" + text + "\"", there);
}

}  // namespace

TEST_CASE("what was typed is in the memory of the open form app, and nowhere in it once it is locked") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.first_run(canary_passphrase);
    window.settle();
    finds_none(program, {canary_passphrase});

    // While the interview is open the search finds it, so it can find it.
    walker.press("home.start");
    walker.wait_for("interview.to_review");
    walker.fill_interview();
    walker.press("review.back");
    walker.wait_for("interview.to_review");
    stands(window, "What do you say?", said);
    stands(window, "In a word?", brief);
    stands(window, "How many?", number);
    stands(window, "Who are you?", name);
    window.click("What do you say?");
    window.press("ctrl+a");
    window.press("ctrl+c");
    window.settle();
    CHECK(window.holds_clipboard());
    finds_each(program, canary_answers);
    finds_none(program, {canary_passphrase});
    CHECK(bytes_of(program, "VmLck") > 0);
    CHECK(bytes_of(program, "VmLck") < collector::lock_bytes_needed);

    // Locked in the middle of it.
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    window.settle();
    finds_none(program, all_canaries());

    // A passphrase that is wrong, one that is right, the interview again; then it is sealed.
    walker.press("passphrase.label");
    window.type(other_passphrase);
    window.press("Return");
    walker.wait_for("store.wrong_passphrase");
    window.settle();
    finds_none(program, all_canaries());
    walker.unlock(canary_passphrase);
    window.click(resume_button(window));
    walker.wait_for("interview.to_review");
    window.settle();
    finds_each(program, canary_answers);
    walker.texts.clear();
    walker.fill_interview();
    walker.finalise();
    finds_none(program, all_canaries());  // a sealed interview is gone, though the store is still open
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    window.settle();
    finds_none(program, all_canaries());
}

TEST_CASE(
    "neither an attached file, nor its name, nor the respondent's code is left in memory once it is locked") {
    Researcher researcher(file_canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const std::string file_name = "kzvqjxwzqvkxjzkw.txt";
    const std::string folder_name = "xwvqzkjxvwqzxkjv";
    const std::string content = "qkzvjwxqzjvkxwqz";
    const AppWindow::Start laptop = on_own_laptop(researcher);
    std::filesystem::create_directories(researcher.folder() / "home" / folder_name);
    {
        std::ofstream file(researcher.folder() / "home" / folder_name / file_name);
        for (int i = 0; i < 20'000; ++i) file << content << '\n';
    }
    AppWindow window(display, laptop);
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.first_run(canary_passphrase);
    walker.press("home.start");
    window.wait_for("Choose a file…: The paper");
    window.click("Choose a file…: The paper");
    window.wait_for(folder_name + "/");
    window.click(folder_name + "/");
    window.wait_for(file_name);
    window.settle();
    finds_each(program, {file_name, folder_name});
    window.click(file_name);
    window.wait_for("paper-1.bin");
    window.settle();
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    window.settle();
    finds_none(program, {file_name, folder_name, content, canary_passphrase});

    walker.unlock(canary_passphrase);
    window.click(resume_button(window));
    walker.wait_for("interview.to_review");
    walker.press("interview.to_review");
    walker.press("review.finalise");
    walker.press("withdrawal.show");
    walker.wait_for("withdrawal.noted");
    window.settle();
    std::string code;
    for (const ScreenWidget& widget : window.widgets()) {
        if (widget.label == "Your code") code = widget.value;
    }
    REQUIRE(code.size() == 24);
    finds_each(program, {code});
    walker.press("withdrawal.noted");
    walker.press("handback.begin");
    walker.wait_for("home.thanks");
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    window.settle();
    std::string typed = code;
    std::erase(typed, '-');
    finds_none(program, {code, typed, file_name, folder_name, content, canary_passphrase});
}

TEST_CASE("between two respondents of an unattended machine, nothing of the first is in its memory") {
    Researcher researcher(canary_form());
    researcher.serves_alone(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.set_up_alone(canary_passphrase);
    walker.open_to_respondents();
    finds_none(program, {canary_passphrase});

    // Whoever comes fills everything in and goes back to it: the search finds it, so it can find it.
    const auto comes = [&] {
        walker.respond();
        walker.press("review.back");
        walker.wait_for("interview.to_review");
        stands(window, "What do you say?", said);
        stands(window, "In a word?", brief);
        stands(window, "How many?", number);
        stands(window, "Who are you?", name);
        window.click("What do you say?");
        window.press("ctrl+a");
        window.press("ctrl+c");
        window.settle();
        CHECK_FALSE(window.holds_clipboard());  // where the next person would paste it
        window.click("What else?");
        window.press("End");
        window.press("ctrl+v");
        window.wait_until("what was copied", [](const std::vector<ScreenWidget>& widgets) {
            return std::ranges::any_of(widgets, [](const ScreenWidget& widget) {
                return widget.label == "What else?" && widget.value == told_more + said;
            });
        });
        finds_each(program, canary_answers);
    };
    const auto next_one_stands_there = [&] {
        walker.wait_for("kiosk.begin");
        window.settle();
        finds_none(program, all_canaries());
    };

    SUBCASE("after the seal") {
        comes();
        walker.press("interview.to_review");
        walker.press("review.finalise");
        walker.wait_for("kiosk.done");
        window.settle();
        finds_none(program, all_canaries());
        walker.press("kiosk.done");
        next_one_stands_there();
    }
    SUBCASE("after nobody has touched the machine for three minutes") {
        comes();
        window.let_minutes_pass(2);
        walker.wait_for("kiosk.idle_title");
        window.let_minutes_pass(1);
        next_one_stands_there();
    }
    SUBCASE("after somebody had to go at once") {
        comes();
        window.press("Escape");
        walker.wait_for("kiosk.hidden_title");
        window.press("Escape");
        next_one_stands_there();
    }
    SUBCASE("after staff have come in between") {
        comes();
        walker.close();
        walker.pass_staff(other_passphrase, "kiosk.door_close");
        walker.wait_for("store.wrong_passphrase");
        window.settle();
        finds_none(program, {canary_passphrase, other_passphrase});
        walker.leave_staff_door();
        walker.wait_for("interview.to_review");
        window.press("Escape");
        window.press("Escape");
        next_one_stands_there();
        walker.press("kiosk.staff");
        walker.pass_staff(canary_passphrase);
        walker.wait_for("kiosk.open_to");
        window.settle();
        finds_none(program, all_canaries());
    }
}

TEST_CASE("a respondent's code is not in the memory of an unattended machine when the next one comes") {
    Researcher researcher(canary_form());
    researcher.serves_alone(code_canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.set_up_alone(canary_passphrase);
    walker.open_to_respondents();
    const auto gets_code = [&] {
        walker.respond();
        walker.press("review.finalise");
        walker.wait_for("withdrawal.noted");
        window.settle();
        std::string code;
        for (const ScreenWidget& widget : window.widgets()) {
            if (widget.label == "Your code") code = widget.value;
        }
        REQUIRE(code.size() == 24);
        finds_each(program, {code});
        return code;
    };
    const std::string noted = gets_code();
    walker.press("withdrawal.noted");
    walker.press("kiosk.done");
    walker.wait_for("kiosk.begin");
    const std::string hidden = gets_code();
    window.press("Escape");
    window.press("Escape");
    walker.wait_for("kiosk.begin");
    window.settle();
    finds_none(program, {noted, hidden});
}
