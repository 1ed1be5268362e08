// A stick that is pulled out, a share that is gone: what the kernel says then comes from no folder of a test.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "sync/wordings.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

// The medium goes at the read, the write or the sync with this number (0: never), and stays away.
std::atomic<int> calls = 0, gone_at = 0, says = EIO;
thread_local bool watched = false;  // other threads write to their own lines
thread_local bool reads_watched = false;

bool is_gone() {
    if (!watched || gone_at == 0 || ++calls < gone_at) return false;
    errno = says;
    return true;
}

}  // namespace

extern "C" {
ssize_t __real_write(int file, const void* bytes, size_t size);
ssize_t __wrap_write(int file, const void* bytes, size_t size);
ssize_t __wrap_write(int file, const void* bytes, size_t size) {
    return is_gone() ? -1 : __real_write(file, bytes, size);
}
ssize_t __real_read(int file, void* bytes, size_t size);
ssize_t __wrap_read(int file, void* bytes, size_t size);
ssize_t __wrap_read(int file, void* bytes, size_t size) {
    return reads_watched && is_gone() ? -1 : __real_read(file, bytes, size);
}
int __real_fsync(int file);
int __wrap_fsync(int file);
int __wrap_fsync(int file) {
    return is_gone() ? -1 : __real_fsync(file);
}
}

namespace {

/// Puts a file of three pieces, so with four calls at least.
sync::TransportResult<PutOutcome> put_as_it_goes(sync::Transport& store, int at, int error) {
    const std::string content(3 * 64 * 1024, 'x');
    calls = 0;
    gone_at = at;
    says = error;
    watched = true;
    auto outcome = put(store, first_name, content);
    watched = false;
    gone_at = 0;
    return outcome;
}

/// A stick, and the folder on this machine's own disk that it is mounted in, which stays there without it.
class Stick {
  public:
    Stick() { fs::create_directory(place()); }
    Stick(const Stick&) = delete;
    ~Stick() { unplug(); }

    bool plug_in() { return put_in(disk_); }
    bool put_in(const SmallDisk& disk) {
        return disk.mounted() &&
               ::mount(disk.path().c_str(), place().c_str(), nullptr, MS_BIND, nullptr) == 0;
    }
    void unplug() { ::umount2(place().c_str(), MNT_DETACH); }
    /// All that is on it stands in the folder itself from now on.
    void becomes_own_disk() {
        unplug();
        fs::copy(disk_.path(), place(), fs::copy_options::recursive);
    }
    fs::path place() const { return own_disk_ / "STICK"; }

  private:
    TemporaryFolder own_disk_;
    SmallDisk disk_{"size=1m"};
};

std::string sentences_of(const sync::SyncSummary& summary) {
    std::string all;
    for (const auto& finding : summary.findings) all += sync::sentence(finding) + "\n";
    return all;
}

}  // namespace

TEST_CASE(
    "a medium that goes away in the middle of a file is a store that does not answer, and has no half of "
    "it") {
    TemporaryFolder stick;
    sync::FolderStore store(stick.path());
    for (const int error : {EIO, ENODEV, ENXIO, ESTALE}) {
        CAPTURE(error);
        for (int at = 1; at <= 4; ++at) {
            CAPTURE(at);
            const auto outcome = put_as_it_goes(store, at, error);
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().fault == Fault::unreachable);
            CHECK(names_in(stick.path()).empty());
        }
    }
    CHECK(put(store, first_name, "plugged in again") == PutOutcome::stored);
}

TEST_CASE("a medium that goes away while a file is compared has not taken it, nor when ours can't be read") {
    TemporaryFolder stick, outbox;
    sync::FolderStore store(stick.path());
    const std::string content(3 * 64 * 1024, 'x');
    write(outbox / "x", content);
    REQUIRE(put(store, first_name, content) == PutOutcome::stored);
    const auto compare = [&](const sync::Content& ours, int at) {
        calls = 0;
        gone_at = at;
        says = EIO;
        watched = reads_watched = true;
        auto outcome = store.put(first_name, ours, {});
        watched = reads_watched = false;
        gone_at = 0;
        return outcome;
    };
    for (int at = 1; at <= 3; ++at)
        CHECK(fault_of(compare(crypto::bytes_of(content), at)) == Fault::unreachable);
    CHECK(fault_of(compare(outbox / "x", 1)) == Fault::unreadable);
    CHECK(fault_of(compare(outbox / "x", 2)) == Fault::unreachable);
    CHECK(compare(outbox / "x", 0) == PutOutcome::same_content);
}

TEST_CASE("a pass leaves a medium alone that has gone, and the files wait") {
    TemporaryFolder stick;
    OutboxDevice device({{sync::folder_address(stick.path()), {}}});
    device.options.open = {};
    const auto hash = device.seal(std::string(200'000, 'x'));
    device.seal("another");
    device.options.on_progress = [&](const sync::SyncProgress& progress) {
        if (progress.hash == hash && progress.bytes_done > 0) gone_at = 1;  // the longer one is on its way
    };
    says = EIO;
    watched = true;
    calls = 0;
    const auto summary = device.sync();
    watched = false;
    gone_at = 0;
    CHECK(summary.still_waiting == 1);
    REQUIRE(summary.stores.size() == 1);
    REQUIRE(summary.stores[0].problem);
    CHECK(summary.stores[0].problem->fault == Fault::unreachable);
    device.options.on_progress = {};
    CHECK(device.sync().still_waiting == 0);
}

TEST_CASE("the folder that a medium is mounted in takes nothing while the medium is not there") {
    Stick stick;
    if (!stick.plug_in()) return skipped("only root may mount a disk");
    fs::path store = stick.place();
    SUBCASE("which is the store itself") {}
    SUBCASE("in which there is a folder called as the one on the medium") {
        store /= "field";
        fs::create_directory(store);
        stick.unplug();
        fs::create_directory(store);
        REQUIRE(stick.plug_in());
    }
    OutboxDevice device({{sync::folder_address(store), {}}});
    device.options.open = {};
    device.seal("first");
    CHECK(device.sync().handed_over == 1);

    stick.unplug();
    device.seal("second");
    auto summary = device.sync();
    CHECK(summary.counts == sync::SyncCounts{1, 1, 0, 0});
    CHECK(names_in(stick.place()).empty());
    CHECK(sentences_of(summary).ends_with(
        sync::folder_address(store) +
        " is not there (its folder is there, and the medium is not). Plug the medium in, or have the "
        "study's folder or bucket made there, and sync again.\n"));

    REQUIRE(stick.plug_in());
    summary = device.sync();
    CHECK(sentences_of(summary) == "");
    CHECK(summary.handed_over == 1);
    CHECK(names_in(store).size() == 2);
}

TEST_CASE("a medium is known as one from its first answer, and another one may be in its place") {
    Stick stick;
    if (!stick.plug_in()) return skipped("only root may mount a disk");
    OutboxDevice device({{sync::folder_address(stick.place()), {}}});
    device.options.open = {};
    CHECK(sentences_of(device.sync()) == "");  // only receipts were asked for
    device.seal("x");
    stick.unplug();
    CHECK(device.sync().still_waiting == 1);
    CHECK(names_in(stick.place()).empty());
    const SmallDisk other("size=1m");
    REQUIRE(stick.put_in(other));
    CHECK(device.sync().still_waiting == 0);
    CHECK(names_in(other.path()).size() == 1);
}

TEST_CASE("a folder on the disk of the profile itself is a store like any other, whatever disk that is") {
    Stick home;
    if (!home.plug_in()) return skipped("only root may mount a disk");
    fs::create_directory(home.place() / "synchronised");
    fs::create_directory(home.place() / "profile");
    OutboxDevice device({{sync::folder_address(home.place() / "synchronised"), {}}});
    device.options.open = {};
    const auto hand_over = [&](std::string_view content) {
        auto box = sync::Outbox::open(home.place() / "profile/outbox");
        REQUIRE(box);
        REQUIRE(box->finish_open(sync::Outbox::open_name(study_tag, "1"), crypto::bytes_of(content), day(1)));
        return sync::sync_once(*box, device.config, device.options).handed_over;
    };
    CHECK(hand_over("first") == 1);
    home.becomes_own_disk();
    CHECK(hand_over("second") == 1);
}
