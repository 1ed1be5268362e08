// "store doctor" in a study that demands a proxy. That nobody else hears of this machine is counted packet by
// packet in leaks/socks_leaks.cpp, where the tests are root's; what it finds is compared here.
#include <doctest/doctest.h>

#include "tests/support/doctor.h"
#include "tests/support/loopback.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/web_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
namespace test = fieldfare::test;
using fieldfare::sync::Store;

namespace {

/// The way to a server, and what stands at the address that stores have behind it: whoever comes there has
/// not come by the proxy.
struct Way {
    explicit Way(std::uint16_t server) : proxy(server) {}
    test::SocksDouble proxy;
    test::Listener beside{[](int) {}};
};

/// What is found, by what it is about.
std::map<std::string, std::string> found(StoreDesk& desk) {
    desk.names = 3;
    desk.doctor();
    std::map<std::string, std::string> verdicts;
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) verdicts[finding["about"]] = finding["verdict"];
    return verdicts;
}

void demand_a_proxy(StoreDesk& desk) {
    auto build = desk.build_options();
    build.network_by_proxy = true;
    build.predecessor = desk.study;
    build.overwrite = Overwrite::yes;
    REQUIRE_MESSAGE(desk.said(run_study_build, build) == ExitCode::fine, desk.err.str());
    REQUIRE(read_study(desk.study)->policy().study_tag == desk.tag);
}

}  // namespace

TEST_CASE("by a demanded proxy store doctor finds the same of an Apache, and goes no other way") {
    test::WebDrop* drop = test::web_drop();
    if (!drop) return;
    StoreDesk desk(drop->laptops(), drop->researcher());
    drop->clear("/drop", desk.tag);
    const auto direct = found(desk);
    Way way(drop->port());
    const auto behind = [&](Store store) {
        return test::with(std::move(store), {{"proxy", way.proxy.address()}});
    };
    demand_a_proxy(desk);
    desk.use(behind(drop->laptops("/drop", way.beside.port())),
             behind(drop->researcher("/drop", way.beside.port())));
    CHECK(found(desk) == direct);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "good");
    CHECK(desk.report()["left"].empty());
    CHECK_FALSE(way.proxy.calls().empty());
    for (const auto& call : way.proxy.calls()) CHECK(call.port == way.beside.port());
    CHECK(way.beside.connections() == 0);
}

TEST_CASE("by a demanded proxy store doctor finds the same of an OpenSSH, and goes no other way") {
    test::SshDrop* drop = test::ssh_drop();
    if (!drop) return;
    StoreDesk desk;
    const auto fresh = [&] {
        const std::string place = drop->fresh_place();
        drop->make_study(place, desk.tag);
        return place;
    };
    std::string place = fresh();
    desk.use(drop->researcher(place), drop->researcher(place));
    const auto direct = found(desk);
    CHECK(direct.size() > 10);
    Way way(drop->port());
    demand_a_proxy(desk);
    place = fresh();
    const Store store =
        test::with(drop->researcher(place, way.beside.port()), {{"proxy", way.proxy.address()}});
    desk.use(store, store);
    CHECK(found(desk) == direct);
    INFO(desk.text());
    CHECK_FALSE(way.proxy.calls().empty());
    for (const auto& call : way.proxy.calls()) CHECK(call.port == way.beside.port());
    CHECK(way.beside.connections() == 0);
}
