#include "client/confinement/stop_signals.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "client/researcher/study_file.h"
#include "tests/support/fetch.h"
#include "tests/support/loopback.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::confinement::StopSignals;

namespace {

/// How a process of its own ends that does this: as wait(2) tells.
template <typename What>
int ended(What what) {
    const pid_t child = ::fork();
    if (child == 0) {
        for (const int each : {SIGINT, SIGTERM, SIGHUP}) std::signal(each, SIG_DFL);
        what();
        ::_exit(7);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

bool stops_within_seconds(const std::stop_token& stop) {
    for (int i = 0; i < 500 && !stop.stop_requested(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return stop.stop_requested();
}

const std::string host = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

std::string answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A store behind a proxy that has 30 batches; somebody presses Ctrl-C at the get of this number, which is
/// never answered.
struct InterruptedStore {
    std::map<std::string, std::string> files;
    std::string tag;
    int interrupts_at = 0;
    std::atomic<int> gets = 0;
    fieldfare::test::ScriptedServer server{[this](const std::string& request) { return says(request); }};
    fieldfare::test::SocksDouble proxy{server.port()};

    std::string says(const std::string& request) {
        if (request.starts_with("PROPFIND")) {
            std::string xml = "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\">";
            for (const auto& [name, body] : files)
                xml += "<D:response><D:href>/" + name +
                       "</D:href><D:propstat><D:prop><D:resourcetype/></D:prop><D:status>HTTP/1.1 200 "
                       "OK</D:status></D:propstat></D:response>";
            return answer("207 Multi-Status", xml + "</D:multistatus>");
        }
        if (++gets == interrupts_at) {
            ::kill(::getpid(), SIGINT);
            std::this_thread::sleep_for(std::chrono::seconds(3));
            return "";
        }
        const std::string name = request.substr(5, request.find(' ', 5) - 5);
        return answer("200 OK", files.at(name));
    }
};

}  // namespace

TEST_CASE("the first Ctrl-C asks for an end, and the second is one") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        CAPTURE(number);
        const int status = ended([&] {
            const StopSignals stops;
            if (stops.token().stop_requested()) ::_exit(1);
            ::raise(number);
            if (!stops_within_seconds(stops.token())) ::_exit(2);
            ::raise(number);
        });
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == number);
    }
}

TEST_CASE("the second signal ends the program also when it is another one") {
    const int status = ended([] {
        const StopSignals stops;
        ::raise(SIGINT);
        if (!stops_within_seconds(stops.token())) ::_exit(2);
        ::raise(SIGTERM);
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("when what could be stopped is over, Ctrl-C does what it did before") {
    const int status = ended([] {
        { const StopSignals stops; }
        { const StopSignals stops; }
        ::raise(SIGINT);
    });
    CHECK(WIFSIGNALED(status));
}

TEST_CASE("a signal that whoever started the program has it ignore stays ignored") {
    const int status = ended([] {
        std::signal(SIGHUP, SIG_IGN);
        const StopSignals stops;
        ::raise(SIGHUP);
        ::raise(SIGHUP);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (stops.token().stop_requested()) ::_exit(1);
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE(
    "Ctrl-C ends a fetch in the middle of a file: what came stays and is counted, and the next goes on") {
    InterruptedStore store;
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    write(desk.folder / "onion.ffstore",
          "address = http://" + host + "\nproxy = " + store.proxy.address() + "\n");
    auto build = desk.build_options();
    build.stores = {(desk.folder / "onion.ffstore").string()};
    REQUIRE_MESSAGE(desk.said(run_study_build, build) == ExitCode::fine, desk.err.str());
    const std::string tag = read_study(desk.study)->policy().study_tag;
    for (int i = 0; i < 30; ++i) {
        const std::string body = "batch " + std::to_string(i);
        store.files[fieldfare::sync::batch_name(tag, day(1), sha256_of(body))] = body;
    }
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.output = Output::json;
    options.connections = 1;
    store.interrupts_at = 8;
    CHECK(desk.said(run_fetch, options) == ExitCode::findings);
    const auto said = nlohmann::json::parse(desk.out.str());
    CHECK(said["stopped"] == true);
    CHECK(said["fetched"] == 7);
    CHECK(said["troubles"] ==
          nlohmann::json::array({"Stopped before the end; what came is whole. Run this again to go on."}));
    CHECK(said["stores"][0]["all_here"] == nullptr);
    CHECK(files_in(desk.inbox).size() == 7);

    REQUIRE(desk.said(run_fetch, options) == ExitCode::fine);
    CHECK(nlohmann::json::parse(desk.out.str())["fetched"] == 23);
    CHECK(store.gets == 8 + 23);
}

TEST_CASE("a fetch that is stopped before anything came says so, and that it could not") {
    InterruptedStore store;
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    write(desk.folder / "onion.ffstore",
          "address = http://" + host + "\nproxy = " + store.proxy.address() + "\n");
    auto build = desk.build_options();
    build.stores = {(desk.folder / "onion.ffstore").string(), "folder:" + desk.store.string()};
    REQUIRE_MESSAGE(desk.said(run_study_build, build) == ExitCode::fine, desk.err.str());
    store.files[fieldfare::sync::batch_name(read_study(desk.study)->policy().study_tag, day(1),
                                            sha256_of("x"))] = "x";
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    store.interrupts_at = 1;
    CHECK(desk.said(run_fetch, options) == ExitCode::could_not);
    CHECK(lines(desk.err.str()).size() == 1);  // the second store is not even looked at
    CHECK(files_in(desk.inbox).empty());
}
