#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

TEST_CASE("at the real window a respondent gets a code, once, on the way to the seal") {
    const std::filesystem::path form_folder =
        std::filesystem::temp_directory_path() / ("fieldfare-form-" + std::to_string(::getpid()));
    std::filesystem::create_directory(form_folder);
    std::ofstream(form_folder / "survey.csv")
        << "type,name,label::English (en),label::Russian (ru)\ntext,say,What do you say?,Что скажете?\n";
    std::ofstream(form_folder / "settings.csv")
        << "form_title,form_id,version,default_language,x_withdrawal\nShort,short,1,English (en),yes\n";
    Researcher researcher(form_folder);
    std::filesystem::remove_all(form_folder);
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, in_profile(researcher, researcher.study()));
    Walker walker(window, display, form,
                  std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/withdrawal");
    walker.first_run("thrush rowan october ferry");
    walker.press("home.start");
    walker.fill_interview();
    walker.press("review.finalise");
    walker.wait_for("withdrawal.show");
    window.settle();
    walker.screenshot("hand-over");
    walker.press("withdrawal.show");
    walker.wait_for("withdrawal.noted");
    window.settle();
    walker.screenshot("code");
    std::string code;
    for (const ScreenWidget& widget : window.widgets()) {
        if (widget.label == "Your code") code = widget.value;
    }
    CHECK(code.size() == 24);
    walker.press("withdrawal.noted");
    walker.wait_for("withdrawal.give_back");
    window.settle();
    walker.screenshot("give-back");
    const auto widgets = window.widgets();
    CHECK(std::ranges::none_of(widgets, [&](const ScreenWidget& widget) { return widget.value == code; }));
    walker.press("handback.begin");
    walker.wait_for("home.thanks");
    // The same respondent thinks better of it.
    walker.press("home.take_back");
    walker.press("take_back.code");
    window.type("0CA2-ADJ7-B1MQ-N2WW-RSG4");
    window.press("Return");
    walker.wait_for("take_back.mistyped");
    window.settle();
    walker.screenshot("mistyped");
    walker.press("take_back.code");
    window.press("ctrl+a");
    window.type(code);
    walker.press("take_back.seal");
    walker.wait_for("home.taken_back");
    window.settle();
    walker.screenshot("taken-back");
    walker.close();
    CHECK(window.wait_for_end() == 0);
    CHECK(files_holding(researcher.folder(), code).empty());
}
