#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tests/support/hidden_stores.h"
#include "tests/support/lonely_network.h"
#include "tests/support/sealed_profile.h"

using namespace fieldfare;
using namespace fieldfare::test;
using Does = ChaosProxy::Does;
using Program = LonelyNetwork::Program;
using Network = SealedProfile::Network;

// A study demands a proxy. Then nothing but that proxy hears of this machine: no server of names, no store,
// and nobody whom the environment names; whatever goes wrong.

namespace {

constexpr std::uint16_t tor_port = 9050, other_port = 9150;

const std::string form_app = FIELDFARE_BINARY_DIR "/bin/fieldfare",
                  command_line = FIELDFARE_BINARY_DIR "/bin/fieldfare-cli";

/// The passes that a device and a researcher make, each a new process.
struct Travellers {
    LonelyNetwork& network;
    SealedProfile sealed;
    TemporaryFolder folder;
    std::uint16_t proxy = tor_port;
    std::string proxy_host = "127.0.0.1";
    std::vector<std::string> environment = traps();
    std::string hosts = Program{}.hosts;
    int inboxes = 0;

    Travellers(LonelyNetwork& in, const HiddenStores& to, Network demanded)
        : network(in), sealed(to.places, demanded) {}

    LonelyNetwork::End run(std::vector<std::string> words) {
        if (proxy != tor_port)
            words.insert(words.end(), {"--proxy", "socks5h://" + proxy_host + ":" + std::to_string(proxy)});
        return network.run({std::move(words), environment, hosts});
    }
    /// The form app without its window: it starts the courier as the window does.
    LonelyNetwork::End hands_over() {
        return run({form_app, "--sync-only", "--profile", sealed.copy().string()});
    }
    LonelyNetwork::End fetches() {
        return run({command_line, "fetch", "--study", sealed.study().string(), "--inbox",
                    (folder / std::to_string(++inboxes)).string()});
    }
    LonelyNetwork::End examines(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{command_line,           "store", "doctor", "--names", "1", "--study",
                                       sealed.study().string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(std::move(words));
    }

    /// All that was sent since the last look went to the proxy, and something was.
    void told_nobody(const char* who) {
        CAPTURE(std::string(who));
        const Leaks leaks = leaks_beside(proxy, network.sent());
        CAPTURE(leaks.told);
        CHECK(leaks.by_proxy > 0);
        CHECK(leaks.names == 0);
        CHECK(leaks.direct == 0);
    }
    /// A device and a researcher fail, and tell nobody else of it.
    void fail_quietly(const std::string& why) {
        CAPTURE(std::string(why));
        const auto device = hands_over();
        CHECK_MESSAGE(device.code == 1, device.said);
        told_nobody("the device");
        const auto researcher = fetches();
        CHECK_MESSAGE(researcher.code == 3, researcher.said);
        told_nobody("fetch");
    }
};

}  // namespace

TEST_CASE("the counters count: names, packets that go past the proxy, and nothing else") {
    const auto network = LonelyNetwork::make();
    if (!network) return;
    SocksDouble proxy(network->bound_socket(tor_port), [](const auto&) { return std::uint16_t{0}; });
    const auto curl = [&](std::vector<std::string> words, std::vector<std::string> environment = {}) {
        (void)network->sent();
        words.insert(words.begin(), {"/usr/bin/curl", "-s", "-m", "1"});
        network->run({std::move(words), std::move(environment)});
        return leaks_beside(tor_port, network->sent());
    };
    const std::string url = "https://drop.test/", by_name = "socks5h://127.0.0.1:9050";

    const Leaks good = curl({"--proxy", by_name, url});
    CAPTURE(good.told);
    CHECK(good.by_proxy > 0);
    CHECK(good.names + good.direct == 0);
    CHECK(proxy.calls().size() == 1);

    CHECK(curl({"--proxy", "socks5://127.0.0.1:9050", url}).names > 0);  // looked up here
    CHECK(curl({url}).names > 0);
    CHECK(curl({"https://192.0.2.7/"}).direct > 0);
    if (fs::exists("/proc/net/if_inet6")) CHECK(curl({"https://[2001:db8::7]/"}).direct > 0);
    CHECK(curl({"https://127.0.0.1:8443/"}).direct > 0);  // another program here may lead anywhere
    CHECK(curl({"--proxy", by_name, url}, {"NO_PROXY=drop.test"}).names > 0);
    CHECK(curl({url}, {"ALL_PROXY=socks5://203.0.113.1:1080"}).direct > 0);
}

TEST_CASE("a study that demands no proxy is looked up in the network, and counted so") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    Travellers travellers(*network, *to, Network::any);
    CHECK(travellers.hands_over().code == 1);
    const Leaks device = leaks_beside(tor_port, network->sent());
    CAPTURE(device.told);
    CHECK(device.names > 0);
    CHECK(device.by_proxy == 0);
    CHECK(travellers.fetches().code == 3);
    CHECK(leaks_beside(tor_port, network->sent()).names > 0);
    CHECK(travellers.examines({"--store", to->places[0].address}).code != 0);
    CHECK(leaks_beside(tor_port, network->sent()).names > 0);
}

TEST_CASE("where a study demands a proxy, nobody else hears of a pass or of fetch") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    Travellers travellers(*network, *to, Network::proxy);
    const HiddenLines lines(*to);
    const auto go = [&](const char* how) {
        CAPTURE(std::string(how));
        (void)network->sent();  // how the connections to the proxy before came to their end
        SocksDouble proxy(network->bound_socket(travellers.proxy), lines.leads());
        const auto device = travellers.hands_over();
        CHECK_MESSAGE(device.code == 0, device.said);
        CHECK(to->files() == 3);
        travellers.told_nobody("the device");
        const auto researcher = travellers.fetches();
        CHECK_MESSAGE(researcher.code == 0, researcher.said);
        travellers.told_nobody("fetch");
        CHECK(proxy.calls().size() >= 6);
        for (const auto& call : proxy.calls()) CHECK(call.by_name);
    };
    go("by Tor on this machine");
    travellers.proxy = other_port;
    go("by the proxy that a person names");
    travellers.proxy_host = "localhost";
    go("by the proxy of this machine, by its name");
    travellers.proxy_host = "127.0.0.1";
    travellers.proxy = tor_port;
    travellers.hosts += "10.99.0.7 drop.test s3.test sftp.test\n";
    go("though this machine knows addresses for their names");
    travellers.hosts = Program{}.hosts;
    travellers.environment = Program{}.environment;
    go("in an environment that names no proxy");
}

TEST_CASE("a proxy that would have to be looked up is refused, before anybody is asked for it") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    Travellers travellers(*network, *to, Network::proxy);
    travellers.proxy = other_port;
    travellers.proxy_host = "proxy.home";
    for (const auto& end : {travellers.hands_over(), travellers.fetches(), travellers.examines()}) {
        CHECK(end.code == 2);
        CHECK(end.said.find("must be named by its number") != std::string::npos);
    }
    const Leaks leaks = leaks_beside(other_port, network->sent());
    CHECK(leaks.by_proxy + leaks.names + leaks.direct == 0);
}

TEST_CASE("store doctor, which does what a thief would, tells nobody but the proxy either") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    const HiddenLines lines(*to);
    // A study for each of the stores, so that all are examined at once.
    std::vector<std::unique_ptr<SealedProfile>> studies;
    std::vector<Program> doctors;
    for (const SealedProfile::Place& place : to->places) {
        studies.push_back(std::make_unique<SealedProfile>(std::vector{place}, Network::proxy, 1));
        doctors.push_back(
            {{command_line, "store", "doctor", "--names", "1", "--study", studies.back()->study().string()},
             traps()});
    }
    const auto examine = [&](const char* why, int code) {
        CAPTURE(std::string(why));
        for (const auto& end : network->run_all(doctors)) CHECK_MESSAGE(end.code == code, end.said);
        const Leaks leaks = leaks_beside(tor_port, network->sent());
        CAPTURE(leaks.told);
        CHECK(leaks.by_proxy > 0);
        CHECK(leaks.names == 0);
        CHECK(leaks.direct == 0);
    };
    {
        SocksDouble proxy(network->bound_socket(tor_port), lines.leads());
        examine("all works", 1);  // without the researcher's side it can't tell much
        CHECK(proxy.calls().size() > 60);
        for (const auto& call : proxy.calls()) CHECK(call.by_name);
    }
    examine("the proxy is down", 3);
}

TEST_CASE("no failure is a reason to go past the proxy") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    Travellers travellers(*network, *to, Network::proxy);
    const auto listen = [&](SocksDouble::Leads leads) {
        return std::make_unique<SocksDouble>(network->bound_socket(tor_port), std::move(leads));
    };
    travellers.fail_quietly("the proxy is down");
    {
        const Listener hangs_up(network->bound_socket(tor_port), [](int) {});
        travellers.fail_quietly("the proxy hangs up at once");
    }
    {
        const Listener stammers(network->bound_socket(tor_port), [](int socket) {
            (void)!::send(socket, "\5\1\5\1\5\1\5\1", 8, MSG_NOSIGNAL);
        });
        travellers.fail_quietly("the proxy says nothing that can be understood");
    }
    {
        const auto proxy = listen([](const auto&) { return unused_port(); });
        travellers.fail_quietly("the stores are down");
    }
    {
        const auto proxy = listen([](const auto&) { return std::uint16_t{0}; });
        travellers.hosts += "10.99.0.7 drop.test s3.test sftp.test\n";
        travellers.fail_quietly("their names are known here, and not behind the proxy");
        travellers.hosts = Program{}.hosts;
    }
    for (const auto& [why, does, after] :
         {std::tuple("a line closed at once", Does::cut, 0), std::tuple("one reset at once", Does::reset, 0),
          std::tuple("one reset while it is secured", Does::reset, 300),
          std::tuple("one reset in the middle", Does::reset, 4000),
          std::tuple("a login page behind the proxy", Does::say_hello, 0)}) {
        const HiddenLines lines(*to, does, static_cast<std::size_t>(after));
        const auto proxy = listen(lines.leads());
        CAPTURE(std::string(why));
        const auto device = travellers.hands_over();
        CHECK_MESSAGE(device.code == 1, device.said);
        travellers.told_nobody("the device");
        travellers.fetches();  // what it reads is shorter than a batch, so that it may come through
        travellers.told_nobody("fetch");
    }
}

TEST_CASE("a store that sends everybody elsewhere, or takes no clock, leads nobody past the proxy") {
    const auto network = LonelyNetwork::make();
    const auto to = HiddenStores::make();
    if (!network || !to) return;
    const HiddenLines lines(*to);
    SocksDouble proxy(network->bound_socket(tor_port), lines.leads());
    SUBCASE("redirects") {
        to->renew("/moved", "moved");
    }
    SUBCASE("a clock that is hours off") {
        to->renew("/says/503", "stuck");
    }
    SUBCASE("a clock that is hours off, and is put right") {
        to->renew("/says/403", to->s3.fresh("late"));
    }
    to->places[2].settings["host_key"] = to->ssh.other_host_key();
    Travellers travellers(*network, *to, Network::proxy);
    const auto device = travellers.hands_over();
    CHECK_MESSAGE(device.code == 1, device.said);
    travellers.told_nobody("the device");
    travellers.fetches();
    travellers.told_nobody("fetch");
    CHECK(proxy.calls().size() >= 6);
    std::set<std::string> hosts;  // and to no other by the proxy
    for (const auto& call : proxy.calls()) {
        CHECK(call.by_name);
        hosts.insert(call.host);
    }
    CHECK(hosts.size() <= to->places.size());
}
