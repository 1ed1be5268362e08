// The profile itself on a medium that can't be written any more, or that is pulled out in the middle of a
// pass; a pass that is killed; and two at once.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sync/sync_run.h"
#include "sync/wordings.h"
#include "tests/support/skip.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::OutboxError;
using Kind = sync::SyncFinding::Kind;

namespace {

std::vector<Kind> kinds(const sync::SyncSummary& summary) {
    std::vector<Kind> found;
    for (const auto& finding : summary.findings) found.push_back(finding.kind);
    return found;
}

/// Carries on in another process, which says by its exit code whether all was as it should be.
template <typename Act>
int in_another_process(const Act& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE(
    "a profile whose medium is pulled out in the middle of a pass loses nothing, and no count is made up") {
    OutboxDevice device;
    std::vector<sync::FileHash> hashes;
    for (int i = 0; i < 4; ++i) hashes.push_back(device.seal(std::to_string(i)));
    const fs::path here = device.profile / "outbox", away = device.profile / "pulled out";
    bool in_the_middle = false;
    SUBCASE("between two files") {}
    SUBCASE("in the middle of one") {
        in_the_middle = true;
    }
    device.options.on_progress = [&](const sync::SyncProgress& now) {
        if (fs::exists(here) && (in_the_middle ? now.bytes_done > 0 : now.file == 1)) fs::rename(here, away);
    };
    sync::SyncSummary summary;
    {
        auto box = device.outbox();
        summary = sync::sync_once(box, device.config, device.options);
    }
    CHECK_FALSE(summary.counted);
    CHECK(summary.handed_over == 1);
    CHECK(summary.still_waiting == 3);
    CHECK(kinds(summary) == std::vector<Kind>(in_the_middle ? 2 : 1, Kind::own_file));
    CHECK(sync::sentence(summary.findings.back()) ==
          "The outbox (outbox) is not there (No such file or directory).");

    fs::rename(away, here);
    device.options.on_progress = {};
    const auto again = device.sync();
    CHECK(again.findings.empty());
    CHECK(again.counted);
    CHECK(again.counts == sync::SyncCounts{0, 4, 0, 0});
    CHECK(device.a->files.size() == 4);
    for (const auto& hash : hashes) CHECK(device.has(hash));
}

TEST_CASE("an outbox that is not there at all is told, and no store is asked") {
    OutboxDevice device;
    device.seal("x");
    auto box = device.outbox();
    fs::rename(device.profile / "outbox", device.profile / "pulled out");
    const auto summary = sync::sync_once(box, device.config, device.options);
    CHECK_FALSE(summary.counted);
    CHECK(kinds(summary) == std::vector{Kind::own_file});
    CHECK(device.a->puts + device.a->gets == 0);
}

TEST_CASE("from a profile that can't be written sealed files go all the same, once, and it is told") {
    SmallDisk disk("size=1m");
    if (!disk.mounted()) return skipped("only root may mount a disk");
    OutboxDevice device;
    fs::create_directory(disk / "profile");
    const auto open = [&] { return sync::Outbox::open(disk / "profile" / "outbox"); };
    for (const char* content : {"1", "2"}) {
        auto box = open();
        REQUIRE(box);
        REQUIRE(box->finish_open(sync::Outbox::open_name(study_tag, "1"), crypto::bytes_of(content), day(1)));
    }
    const auto pass = [&] {
        auto box = open();
        REQUIRE(box);
        return sync::sync_once(*box, device.config, device.options);
    };
    REQUIRE(::mount("none", disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    const auto summary = pass();
    CHECK(summary.handed_over == 2);
    CHECK(kinds(summary) == std::vector{Kind::own_file, Kind::own_file});
    CHECK(std::get<OutboxError>(summary.findings[0].problem).kind == OutboxError::Kind::read_only);
    CHECK(summary.still_waiting == 0);
    CHECK(summary.counts == sync::SyncCounts{0, 2, 0, 0});  // noted or not

    REQUIRE(::mount("none", disk.path().c_str(), nullptr, MS_REMOUNT, nullptr) == 0);
    const auto again = pass();
    CHECK(again.findings.empty());
    CHECK(again.counts == sync::SyncCounts{0, 2, 0, 0});
    CHECK(device.a->files.size() == 2);
}

TEST_CASE("a file that no note can be written of counts by its study's copies, which its header tells") {
    SmallDisk disk("size=1m");
    if (!disk.mounted()) return skipped("only root may mount a disk");
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.study().copies = 2;
    const auto tag = sync::routing_tag(study_tag);
    const std::string batch = std::string(16, 'h') + std::string(tag.begin(), tag.end()) + "sealed";
    fs::create_directory(disk / "profile");
    auto box = sync::Outbox::open(disk / "profile" / "outbox");
    REQUIRE(box);
    const auto hash =
        box->finish_open(sync::Outbox::open_name(study_tag, "1"), crypto::bytes_of(batch), day(1));
    REQUIRE(hash);
    fs::remove(box->folder() / (*hash + ".json"));
    REQUIRE(::mount("none", disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    device.b->fails_with = sync::Fault::busy;
    auto summary = sync::sync_once(*box, device.config, device.options);
    CHECK(summary.handed_over == 1);
    CHECK(summary.still_waiting == 1);
    CHECK(summary.counts == sync::SyncCounts{1, 0, 0, 0});
    device.b->fails_with = {};
    summary = sync::sync_once(*box, device.config, device.options);
    CHECK(summary.still_waiting == 0);
    CHECK(summary.counts == sync::SyncCounts{0, 1, 0, 0});
}

TEST_CASE("receipts that can't be read keep no file back, and let none go") {
    OutboxDevice device;
    device.study().hold_days = 0;
    const auto confirmed = device.seal("confirmed");
    device.sync();
    device.options.vault_agrees = {};
    device.answer(1, confirmed);
    device.answer(2, confirmed);
    CHECK(device.sync().counts.confirmed == 1);
    device.options.vault_agrees = [](const sync::SealedFile&) { return true; };
    device.seal("new");
    const fs::path folder = device.profile / "outbox/receipts", aside = device.profile / "aside";
    fs::rename(folder, aside);
    write(folder, "something else");
    const auto summary = device.sync(day(60));
    CHECK(summary.handed_over == 1);
    CHECK(summary.still_waiting == 0);
    CHECK(summary.forgotten == 0);
    CHECK(summary.receipts == 0);
    CHECK(summary.silent_days == 0);  // nobody could have been heard
    CHECK_FALSE(summary.counted);     // and nobody knows what is confirmed
    CHECK(kinds(summary) == std::vector{Kind::own_file});
    fs::remove(folder);
    fs::rename(aside, folder);
    CHECK(device.sync(day(60)).forgotten == 1);
}

TEST_CASE("wherever a pass is killed, the next one ends it, and each file is in the store once") {
    for (int at = 1; at <= 8; ++at) {
        CAPTURE(at);
        TemporaryFolder stick;
        OutboxDevice device({{sync::folder_address(stick.path()), {}}});
        device.options.open = {};
        for (int i = 1; i <= 3; ++i)
            device.seal(std::string(static_cast<std::size_t>(i) * 50'000, static_cast<char>('a' + i)));
        const int status = in_another_process([&] {
            int reports = 0;
            device.options.on_progress = [&](const sync::SyncProgress&) {
                if (++reports == at) ::kill(::getpid(), SIGKILL);
            };
            device.sync();
            return true;
        });
        CHECK((status == 128 + SIGKILL || status == 0));
        const auto summary = device.sync();
        CHECK(summary.findings.empty());
        CHECK(summary.counts == sync::SyncCounts{0, 3, 0, 0});
        std::size_t batches = 0;
        for (const auto& name : names_in(stick.path())) batches += name.ends_with(".batch") ? 1 : 0;
        CHECK(batches == 3);
        CHECK(device.sync().handed_over == 0);
    }
}

TEST_CASE("two passes at once hand each file over to each store once, and say nothing that is not so") {
    TemporaryFolder one, two;
    OutboxDevice device({{sync::folder_address(one.path()), {}}, {sync::folder_address(two.path()), {}}});
    device.options.open = {};
    device.options.pick = {};
    device.study().copies = 2;
    for (int i = 0; i < 20; ++i) device.seal(std::to_string(i) + std::string(1000, 'x'));
    const auto good = [&] { return device.sync().findings.empty(); };
    const pid_t other = ::fork();
    if (other == 0) ::_exit(good() ? 0 : 1);
    CHECK(good());
    int status = 0;
    REQUIRE(::waitpid(other, &status, 0) == other);
    CHECK(status == 0);
    for (const auto* store : {&one, &two}) CHECK(names_in(store->path()).size() == 20);
    const auto summary = device.sync();
    CHECK(summary.still_waiting == 0);
    CHECK(summary.findings.empty());
    CHECK(summary.counts == sync::SyncCounts{0, 20, 0, 0});
    for (const auto* store : {&one, &two}) CHECK(names_in(store->path()).size() == 20);
}

TEST_CASE("what another pass lets go meanwhile is neither missed nor waited for") {
    OutboxDevice device;
    device.study().hold_days = 0;
    device.seal("1");
    const auto let_go = device.seal("another");
    device.answer(1, let_go);
    device.answer(2, let_go);
    OutboxDevice& beside = device;
    sync::SyncOptions locked = device.options;
    locked.vault_agrees = {};
    bool passed = false;
    locked.on_progress = [&](const sync::SyncProgress&) {
        if (!std::exchange(passed, true)) CHECK(beside.sync().forgotten == 1);
    };
    auto box = device.outbox();
    const auto summary = sync::sync_once(box, device.config, locked);
    CHECK_FALSE(device.has(let_go));
    CHECK(summary.findings.empty());
    CHECK(summary.still_waiting == 0);
    CHECK(summary.counts == sync::SyncCounts{0, 1, 0, 1});
}

TEST_CASE("nor is what another pass lets go between one store and the next") {
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.study().copies = 2;
    const auto hash = device.seal("interviews");
    device.b->on_put = [&] { REQUIRE(device.outbox().forget(hash)); };
    const auto summary = device.sync();
    CHECK(device.a->files.size() == 1);
    CHECK(summary.findings.empty());
    CHECK(summary.still_waiting == 0);
}
