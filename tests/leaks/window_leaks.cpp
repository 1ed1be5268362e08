#include <algorithm>

#include "client/study/study_package.h"
#include "tests/support/hidden_stores.h"
#include "tests/support/lonely_network.h"
#include "tests/support/sealed_profile.h"
#include "tests/support/walker.h"

using namespace fieldfare;
using namespace fieldfare::test;

// The form app's own window, in a study that demands a proxy: what is counted is all that the program and
// those that it starts have sent, whoever sits before it.

namespace {

constexpr std::uint16_t tor_port = 9050;
const fs::path programs = fs::path(FIELDFARE_BINARY_DIR) / "bin";

schema::Form form_of(const SealedProfile& sealed) {
    const std::string bytes = content_of(sealed.study());
    const auto package = study::StudyPackage::open(crypto::bytes_of(bytes));
    REQUIRE(package);
    return package->form();
}

std::vector<std::pair<std::string, std::string>> variables() {
    std::vector<std::pair<std::string, std::string>> all{{"ASAN_OPTIONS", "detect_leaks=0"}};
    for (const std::string& trap : traps()) {
        const std::size_t end = trap.find('=');
        all.emplace_back(trap.substr(0, end), trap.substr(end + 1));
    }
    return all;
}

}  // namespace

TEST_CASE(
    "what the window hands over by itself, behind the screen for the passphrase, goes to the proxy alone") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    SealedProfile sealed(to->places, SealedProfile::Network::proxy);
    const HiddenLines lines(*to);
    SocksDouble proxy(network->bound_socket(tor_port), lines.leads());
    const tests::VirtualDisplay display(1024, 720);
    tests::AppWindow window(display, {.probe = programs / "fieldfare_probe",
                                      .profile = sealed.copy(),
                                      .study = {},
                                      .environment = variables(),
                                      .under = network->entrance()});
    const schema::Form form = form_of(sealed);
    tests::Walker walker(window, display, form, fs::path(FIELDFARE_BINARY_DIR) / "screenshots/leaks");
    const auto told = [&] {
        window.settle();
        const Leaks leaks = leaks_beside(tor_port, network->sent());
        CAPTURE(leaks.told);
        CHECK(leaks.names == 0);
        CHECK(leaks.direct == 0);
        return leaks.by_proxy > 0;
    };
    walker.unlock(SealedProfile::passphrase);
    walker.press("home.sync");
    walker.press("sync.by_itself");
    window.wait_until("the switch", [](const auto& widgets) {
        return std::ranges::any_of(
            widgets, [](const auto& one) { return one.checked && one.label == "Hand over by itself"; });
    });
    walker.press("app.home");
    walker.press("app.lock");
    walker.wait_for("sync.line_waits");
    CHECK_FALSE(told());  // nothing has gone yet, and nobody was told of this machine

    for (int i = 0; i < 48 && to->files() < 3; ++i) {
        window.let_minutes_pass(5);
        window.settle();
    }
    CHECK(to->files() == 3);
    CHECK(told());
    for (const auto& call : proxy.calls()) CHECK(call.by_name);
    walker.screenshot("handed-over");
    walker.close();
    CHECK(window.wait_for_end() == 0);
}
