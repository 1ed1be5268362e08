#include "client/courier/courier.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "client/confinement/files.h"
#include "client/courier/carrying.h"
#include "tests/support/confinement.h"
#include "tests/support/processes.h"
#include "tests/support/skip.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using courier::Trouble;
using tests::children_of;
using tests::status_line;

namespace {

/// A device whose store is a folder, and its courier.
struct Laptop : OutboxDevice {
    TemporaryFolder stick;
    std::optional<courier::Courier> courier;
    courier::Courier::Orders orders{.today = day(1), .may_forget = {}, .on_progress = {}, .stop = {}};

    Laptop() {
        study().stores = {{sync::folder_address(stick.path()), {}}};
        save();
        start();
    }
    void save() { REQUIRE(config.write(profile / "sync.json")); }
    void start() {
        courier = courier::Courier::start({.profile = profile.path(), .proxy = {}});
        REQUIRE(courier);
    }
    auto carry(std::chrono::sys_days today = day(1)) {
        orders.today = today;
        return courier->carry(orders);
    }
    std::size_t on_the_stick() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(stick.path()))
            if (entry.is_regular_file() && entry.path().extension() == ".batch") ++count;
        return count;
    }
    /// Two researchers have opened the file.
    void confirmed(const sync::FileHash& hash) {
        answer(1, hash);
        answer(2, hash, 2);
        for (const auto& [name, bytes] : a->files) {
            fs::create_directories((stick / name).parent_path());
            write(stick / name, bytes);
        }
    }
};

}  // namespace

TEST_CASE("a courier hands over what waits, and tells it as the pass itself would") {
    Laptop laptop;
    laptop.seal("first");
    laptop.seal("second");
    std::size_t told = 0;
    laptop.orders.on_progress = [&](const sync::SyncProgress& progress) {
        CHECK(progress.files == 2);
        ++told;
    };
    const auto report = laptop.carry();
    REQUIRE(report);
    CHECK(report->has_store);
    CHECK(report->summary.handed_over == 2);
    CHECK(report->summary.still_waiting == 0);
    CHECK(report->summary.findings.empty());
    CHECK(report->summary.counts == sync::SyncCounts{0, 2, 0, 0});
    CHECK(told >= 2);
    CHECK(laptop.on_the_stick() == 2);
    const auto noted = laptop.outbox().sealed();
    for (const auto& file : *noted) CHECK(file.handed_over.size() == 1);
}

TEST_CASE("a courier goes as often as it is asked, each time by the settings of then") {
    Laptop laptop;
    laptop.study().stores.clear();
    laptop.save();
    laptop.seal("first");
    const auto nowhere = laptop.carry();
    REQUIRE(nowhere);
    CHECK_FALSE(nowhere->has_store);
    CHECK(nowhere->summary.still_waiting == 1);

    laptop.study().stores = {{sync::folder_address(laptop.stick.path()), {}}};
    laptop.save();
    const auto there = laptop.carry();
    REQUIRE(there);
    CHECK(there->summary.handed_over == 1);
}

TEST_CASE("what goes wrong with a store is told with its name and fault") {
    Laptop laptop;
    const auto missing = laptop.stick.path() / "not there";
    laptop.study().stores = {{sync::folder_address(missing), {}}};
    laptop.save();
    laptop.seal("first");
    const auto report = laptop.carry();
    REQUIRE(report);
    REQUIRE(report->summary.findings.size() == 1);
    const sync::SyncFinding& finding = report->summary.findings.front();
    CHECK(finding.kind == sync::SyncFinding::Kind::store);
    const auto& problem = std::get<sync::TransportError>(finding.problem);
    CHECK(problem.fault == sync::Fault::no_store);
    CHECK(problem.store == sync::folder_address(missing));
}

TEST_CASE("a courier reaches no other folder, and sees all the same whether a stick is plugged in") {
    Laptop laptop;
    const SmallDisk disk("size=1m");
    if (!disk.mounted()) return skipped("only root may mount a disk");
    REQUIRE(::mount(disk.path().c_str(), laptop.stick.path().c_str(), nullptr, MS_BIND, nullptr) == 0);
    laptop.seal("first");
    const auto before = laptop.carry();
    CHECK(::umount2(laptop.stick.path().c_str(), MNT_DETACH) == 0);
    REQUIRE(before);
    CHECK(before->summary.handed_over == 1);
    laptop.seal("second");
    const auto report = laptop.carry();
    REQUIRE(report);
    REQUIRE(report->summary.findings.size() == 1);
    CHECK(std::get<sync::TransportError>(report->summary.findings[0].problem).fault == sync::Fault::no_store);
    CHECK(laptop.on_the_stick() == 0);
    CHECK(report->summary.counts == sync::SyncCounts{1, 1, 0, 0});
}

TEST_CASE(
    "of what goes wrong with more than a thousand files a thousand are told of, and the pass is whole") {
    Laptop laptop;
    const fs::path outbox = laptop.outbox().folder();
    for (int i = 0; i < 1100; ++i) {  // of no study that the device knows
        const std::string content = "too short to tell " + std::to_string(i);
        write(outbox / (sha256_of(content) + ".batch"), content);
    }
    laptop.seal("first");
    const auto report = laptop.carry();
    REQUIRE(report);
    CHECK(report->summary.findings.size() == 1000);
    CHECK(report->summary.handed_over == 1);
}

TEST_CASE("a courier leaves alone the stores that rest, and tells of the others whether they answered") {
    Laptop laptop;
    const auto missing = laptop.stick.path() / "not there";
    laptop.study().stores.push_back({sync::folder_address(missing), {}});
    laptop.save();
    laptop.seal("first");
    laptop.orders.resting = {{study_tag, sync::folder_address(laptop.stick.path())}};
    const auto resting = laptop.carry();
    REQUIRE(resting);
    CHECK(laptop.on_the_stick() == 0);
    CHECK(resting->summary.still_waiting == 1);
    REQUIRE(resting->summary.stores.size() == 2);
    CHECK_FALSE(resting->summary.stores[0].answered);
    CHECK_FALSE(resting->summary.stores[0].problem);
    CHECK(resting->summary.stores[1].problem->fault == sync::Fault::no_store);

    laptop.orders.resting.clear();
    const auto asked = laptop.carry();
    REQUIRE(asked);
    CHECK(laptop.on_the_stick() == 1);
    CHECK(asked->summary.stores[0].answered);
}

TEST_CASE("a pass that must end at once is gone when that is said, wherever it stood") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    std::stop_source at_once;
    laptop.orders.at_once = at_once.get_token();
    laptop.orders.may_forget = [&](const sync::FileHash&) {
        at_once.request_stop();
        return true;
    };
    CHECK(laptop.carry(day(40)).error() == Trouble::gone);
    CHECK(laptop.has(hash));
    laptop.orders.at_once = {};
    REQUIRE(laptop.carry(day(40)));
    CHECK_FALSE(laptop.has(hash));
}

TEST_CASE("a pass that does not end when it must is let go of, and the courier with it") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    std::stop_source let_go;
    laptop.orders.let_go = let_go.get_token();
    pid_t pass = 0;
    laptop.orders.may_forget = [&](const sync::FileHash&) {
        pass = children_of(children_of(::getpid()).front()).front();
        ::kill(pass, SIGSTOP);  // whatever it hangs in
        let_go.request_stop();
        return true;
    };
    CHECK(laptop.carry(day(40)).error() == Trouble::gone);
    CHECK(laptop.has(hash));
    for (int i = 0; i < 500 && ::kill(pass, 0) == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK((::kill(pass, 0) != 0 || status_line(pass, "State").front() == 'Z'));
    CHECK(laptop.carry(day(40)).error() == Trouble::gone);
}

TEST_CASE("an app that may signal no process but its own lets go of a pass that hangs, all the same") {
    if (confinement::landlock_version() < 6)
        return skipped_on_this_machine("this kernel's Landlock is older than version 6");
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    laptop.courier.reset();
    // Somebody else stops the pass, and says so.
    int to_stop[2], stopped[2];
    REQUIRE((::pipe(to_stop) == 0 && ::pipe(stopped) == 0));
    std::thread somebody([&] {
        pid_t pass = 0;
        if (::read(to_stop[0], &pass, sizeof pass) == sizeof pass) ::kill(pass, SIGSTOP);
        (void)!::write(stopped[1], "!", 1);
    });
    const int answer = alone([&] {
        laptop.start();
        if (confinement::confine_files({.reading = confinement::Reading::anywhere,
                                        .read = {},
                                        .change = {laptop.profile.path()},
                                        .devices = {}}) != confinement::Held::yes)
            return 1;
        std::stop_source let_go;
        laptop.orders.let_go = let_go.get_token();
        pid_t pass = 0;
        laptop.orders.may_forget = [&](const sync::FileHash&) {
            pass = children_of(children_of(::getpid()).front()).front();
            char said = 0;
            (void)!::write(to_stop[1], &pass, sizeof pass);
            (void)!::read(stopped[0], &said, 1);
            let_go.request_stop();
            return true;
        };
        if (laptop.carry(day(40)).has_value()) return 2;
        if (fs::exists("/proc/" + std::to_string(pass)) && status_line(pass, "State").front() != 'Z')
            return 3;
        return laptop.has(hash) ? 0 : 4;
    });
    CHECK(answer == 0);
    ::close(to_stop[1]);
    somebody.join();
    for (const int end : {to_stop[0], stopped[0], stopped[1]}) ::close(end);
}

TEST_CASE("a file goes only when the vault agrees, and it is asked where the keys are") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    std::vector<sync::FileHash> asked;
    bool agrees = false;
    laptop.orders.may_forget = [&](const sync::FileHash& file) {
        asked.push_back(file);
        return agrees;
    };
    REQUIRE(laptop.carry(day(2)));
    REQUIRE(laptop.carry(day(40)));
    CHECK(asked == std::vector{hash});
    CHECK(laptop.has(hash));

    agrees = true;
    const auto report = laptop.carry(day(40));
    REQUIRE(report);
    CHECK(report->summary.forgotten == 1);
    CHECK_FALSE(laptop.has(hash));
}

TEST_CASE("without a vault to ask nothing is forgotten") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    REQUIRE(laptop.carry(day(40)));
    CHECK(laptop.has(hash));
}

TEST_CASE("a pass that is stopped ends, and says so") {
    Laptop laptop;
    for (int i = 0; i < 20; ++i) laptop.seal("file " + std::to_string(i));
    std::stop_source stop;
    laptop.orders.stop = stop.get_token();
    laptop.orders.on_progress = [&](const sync::SyncProgress&) { stop.request_stop(); };
    const auto report = laptop.carry();
    REQUIRE(report);
    CHECK(report->summary.cancelled);
    CHECK(report->summary.handed_over < 20);
}

TEST_CASE("settings that can't be read, and an outbox that can't be opened, have names of their own") {
    Laptop laptop;
    write(laptop.profile / "sync.json", "{");
    CHECK(laptop.carry().error() == Trouble::settings_damaged);
    laptop.save();
    write(laptop.profile / "outbox", "a file");
    CHECK(laptop.carry().error() == Trouble::outbox_unusable);
    fs::remove(laptop.profile / "outbox");
    CHECK(laptop.carry().error() == Trouble::outbox_missing);
    CHECK_FALSE(fs::exists(laptop.profile / "outbox"));
}

TEST_CASE("when a pass is killed the app is told, nothing is lost, and the next pass goes on") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    const auto couriers = children_of(::getpid());
    REQUIRE(couriers.size() == 1);
    laptop.orders.may_forget = [&](const sync::FileHash&) {
        for (const pid_t pass : children_of(couriers.front())) ::kill(pass, SIGKILL);
        return true;
    };
    CHECK(laptop.carry(day(40)).error() == Trouble::gone);
    CHECK(laptop.has(hash));
    laptop.orders.may_forget = [](const sync::FileHash&) { return true; };
    REQUIRE(laptop.carry(day(40)));
    CHECK_FALSE(laptop.has(hash));
}

TEST_CASE("a courier that is dead is told, each time") {
    Laptop laptop;
    laptop.seal("first");
    for (const pid_t process : children_of(::getpid())) ::kill(process, SIGKILL);
    CHECK(laptop.carry().error() == Trouble::gone);
    CHECK(laptop.carry().error() == Trouble::gone);
    laptop.start();
    REQUIRE(laptop.carry());
    CHECK(laptop.on_the_stick() == 1);
}

TEST_CASE("a courier never outlives the program, in the middle of a pass either") {
    const Laptop laptop;
    std::array<int, 2> told{};
    REQUIRE(::pipe(told.data()) == 0);
    const pid_t program = ::fork();
    if (program == 0) {
        Laptop own;
        const auto hash = own.seal("first");
        (void)own.carry();
        own.confirmed(hash);
        (void)own.carry(day(2));
        own.orders.may_forget = [&](const sync::FileHash&) {
            const pid_t courier = children_of(::getpid()).front();
            const std::array<pid_t, 2> both{courier, children_of(courier).front()};
            if (::write(told[1], both.data(), sizeof both) != sizeof both) ::_exit(1);
            fs::remove_all(own.profile.path());
            fs::remove_all(own.stick.path());
            ::kill(::getpid(), SIGKILL);
            return false;
        };
        (void)own.carry(day(40));
        ::_exit(1);
    }
    std::array<pid_t, 2> both{};
    REQUIRE(::read(told[0], both.data(), sizeof both) == sizeof both);
    for (const int end : told) ::close(end);
    ::waitpid(program, nullptr, 0);
    for (const pid_t process : both) {
        for (int i = 0; i < 500 && ::kill(process, 0) == 0 && status_line(process, "State").front() != 'Z';
             ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK((::kill(process, 0) != 0 || status_line(process, "State").front() == 'Z'));
    }
}

TEST_CASE("a pass keeps the outbox and its stores; a network, and what that needs, only for a store on one") {
    Laptop laptop;
    const fs::path outbox = laptop.profile / "outbox";
    const auto offline = courier::reach_of_pass(outbox, laptop.config);
    CHECK_FALSE(offline.network);
    CHECK(offline.files.reading == confinement::Reading::where_given);
    CHECK(offline.files.read.empty());
    CHECK(offline.files.change == std::vector{outbox, laptop.stick.path()});

    laptop.study().stores.push_back({"https://drop.example/", {}});
    const auto online = courier::reach_of_pass(outbox, laptop.config);
    CHECK(online.network);
    CHECK(online.files.change == std::vector{outbox, laptop.stick.path()});
    for (const fs::path& place : online.files.read) {
        CAPTURE(place);
        CHECK_FALSE(laptop.profile.path().string().starts_with(place.string() + "/"));
        CHECK(place != "/home");
    }
}

TEST_CASE("a pass has given up the network and has one thread that listens, while it runs") {
    Laptop laptop;
    const auto hash = laptop.seal("first");
    REQUIRE(laptop.carry());
    laptop.confirmed(hash);
    REQUIRE(laptop.carry(day(2)));
    std::string seccomp, privileges;
    laptop.orders.may_forget = [&](const sync::FileHash&) {
        const pid_t pass = children_of(children_of(::getpid()).front()).front();
        seccomp = status_line(pass, "Seccomp");
        privileges = status_line(pass, "NoNewPrivs");
        return false;
    };
    REQUIRE(laptop.carry(day(40)));
    CHECK(seccomp == "2");
    CHECK(privileges == "1");
}

TEST_CASE("a courier that waits does nothing at all, and holds little") {
    Laptop laptop;
    laptop.seal("first");
    REQUIRE(laptop.carry());
    const pid_t waiting = children_of(::getpid()).front();
    // Whoever wakes up, for however little, is counted.
    const auto turns = [&] { return status_line(waiting, "voluntary_ctxt_switches"); };
    for (int i = 0; i < 500 && !children_of(waiting).empty(); ++i)  // the pass may yet be ending
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::string before = turns();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    CHECK(turns() == before);
    CHECK(status_line(waiting, "State").front() == 'S');
#if !defined(__SANITIZE_THREAD__)  // which has one of its own
    CHECK(status_line(waiting, "Threads") == "1");
#endif
    std::istringstream memory(content_of("/proc/" + std::to_string(waiting) + "/smaps_rollup"));
    for (std::string line; std::getline(memory, line);)
        if (line.starts_with("Private_Dirty:")) MESSAGE("of its own: " << line.substr(14));
}
