// A stick that is pulled out, a share that is gone: what the kernel says then comes from no folder of a test.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

// The medium goes at the write or the sync with this number (0: never), and stays away.
std::atomic<int> calls = 0, gone_at = 0, says = EIO;
thread_local bool watched = false;  // other threads write to their own lines

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

TEST_CASE("a pass leaves a medium alone that has gone, and the files wait") {
    TemporaryFolder stick;
    Device device({{sync::folder_address(stick.path()), {}}});
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
