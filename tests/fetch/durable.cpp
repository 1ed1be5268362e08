#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/fetch.h"

using namespace fieldfare::tests;

namespace {

constexpr std::size_t at_a_time = 256;  // files that get their names together

// What the disk does and sees: on a thread of its own, beside those that fetch.
std::function<void()> on_sync;
std::atomic<std::size_t> syncs = 0, fails_at = 0;

/// A disk that keeps nothing at the n-th sync (0: never), and tells of each.
class Disk {
  public:
    explicit Disk(std::size_t fails, std::function<void()> tells = {}) {
        syncs = 0;
        fails_at = fails;
        on_sync = std::move(tells);
    }
    Disk(const Disk&) = delete;
    ~Disk() {
        fails_at = 0;
        on_sync = {};
    }
};

}  // namespace

extern "C" {
int __real_syncfs(int descriptor);
int __wrap_syncfs(int descriptor);
int __wrap_syncfs(int descriptor) {
    const std::size_t number = ++syncs;
    if (on_sync) on_sync();
    if (number != fails_at) return __real_syncfs(descriptor);
    errno = EIO;
    return -1;
}
}

TEST_CASE("no file has its name before its bytes are on the disk, and none has where the disk fails") {
    FakeStore store;
    store.put_many(100);
    Inbox inbox;
    std::size_t named_at_sync = 0;
    std::size_t fails = 0;
    SUBCASE("a good disk") {}
    SUBCASE("a bad one") {
        fails = 1;
    }
    const Disk disk(fails, [&] { named_at_sync = files_in(inbox.path).size(); });
    inbox.fetch(store);
    if (fails == 0) {
        CHECK(inbox.has_all_of(store));
    } else {
        CHECK(inbox.failure);
        CHECK(files_in(inbox.path).empty());
    }
    CHECK(syncs == 1);
    CHECK(named_at_sync == 0);
}

TEST_CASE("a disk that fails on the way, or at the last files, is told of, and what had its name keeps it") {
    FakeStore store;
    store.put_many(3 * at_a_time);
    Inbox inbox;
    std::size_t fails = 0;
    SUBCASE("on the way") {
        fails = 2;
    }
    SUBCASE("at the last") {
        fails = 3;
    }
    const Disk disk(fails);
    inbox.fetch(store);
    CHECK(inbox.failure);
    CHECK(files_in(inbox.path).size() == (fails - 1) * at_a_time);
}

TEST_CASE("the next files come while those before wait for the disk") {
    FakeStore store;
    store.put_many(2 * at_a_time);
    Inbox inbox;
    std::size_t asked_for = 0;
    const Disk disk(0, [&] {
        if (syncs != 1) return;
        std::unique_lock lock(store.mutex);
        store.changed.wait_for(lock, std::chrono::seconds(20), [&] { return store.gets > at_a_time; });
        asked_for = store.gets;
    });
    inbox.fetch(store);
    CHECK(inbox.has_all_of(store));
    CHECK(asked_for > at_a_time);
}
