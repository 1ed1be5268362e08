// What the form app says at its start of a machine that writes memory to a disk in clear.
#include "tests/support/canary.h"
#include "tests/support/residue.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using test::Machine;

namespace {

/// Says the sentence before anything can be typed, and is silent once it was read.
void warns(Machine& machine, const char* key) {
    const Researcher researcher(canary_form());
    const VirtualDisplay display(1024, 720);
    AppWindow::Start start = on_own_laptop(researcher);
    start.system = machine.real("/");
    AppWindow window(display, start);
    const schema::Form form = form_of(researcher);
    Walker walker(window, display, form, {});
    walker.wait_for(key);
    walker.press("app.close_notice");
    walker.first_run(canary_passphrase);
}

}  // namespace

TEST_CASE("whoever starts the form app is told where what is typed may come to a disk in clear") {
    Machine machine;
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");  // no limit binds
    SUBCASE("by swap") {
        machine.has_disk("sda", true);
        machine.swaps_to("/dev/sda");
        warns(machine, "app.typed_may_be_swapped");
    }
    SUBCASE("by hibernation") {
        machine.swaps_to("/dev/not listed");
        machine.says("/sys/power/state", "freeze mem disk\n");
        machine.says("/proc/cmdline", "resume=/dev/sda\n");
        warns(machine, "app.memory_may_be_hibernated");
    }
}
