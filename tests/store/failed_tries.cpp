#include "client/store/failed_tries.h"

#include <doctest/doctest.h>

#include "client/store/vault.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;

namespace {

struct LockedDevice : Device {
    LockedDevice() {
        REQUIRE(create().has_value());
        lock();
    }
    int failed() const { return store::failed_tries(profile.path()); }
};

}  // namespace

TEST_CASE("wrong passphrases in a row are counted beyond the end of the program, and a right one ends it") {
    LockedDevice device;
    CHECK(device.failed() == 0);
    for (int tries = 1; tries <= 4; ++tries) {
        CHECK(device.unlock("wrong").error() == Error::wrong_passphrase);
        CHECK(device.failed() == tries);
    }
    REQUIRE(device.unlock().has_value());
    CHECK(device.failed() == 0);
    CHECK_FALSE(std::filesystem::exists(device.profile.file("tries")));
}

TEST_CASE("a try counts that was killed before it was answered") {
    LockedDevice device;
    const auto status = in_another_process([&] {
        (void)device.unlock("wrong", [](store::Step step) {
            if (step == store::Step::try_counted) ::raise(SIGKILL);
        });
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(device.failed() == 1);
}

TEST_CASE("the waits grow from the third wrong passphrase on, up to a minute, and stay there") {
    std::vector<int> waits;
    for (int failed = 0; failed <= 9; ++failed) waits.push_back(store::seconds_to_wait(failed));
    CHECK(waits == std::vector<int>{0, 0, 0, 5, 10, 20, 40, 60, 60, 60});
    CHECK(store::seconds_to_wait(999) == 60);
}

TEST_CASE(
    "a passphrase that was not tried, since memory was short or another program was there, is not counted") {
    LockedDevice device;
    REQUIRE(device.unlock().has_value());
    in_another_process([&] {
        (void)store::Vault::unlock(device.profile.path(), passphrase("wrong"), device.surroundings());
    });
    CHECK(device.failed() == 0);
}

TEST_CASE("a count that can't be read or written keeps nobody out and wipes nothing") {
    LockedDevice device;
    for (const char* text : {"", "x", "-3\n", "12 monkeys\n", "99999999999999999999\n"}) {
        INFO(text);
        write_file(device.profile.file("tries"), text);
        CHECK(device.failed() == 0);
    }
    write_file(device.profile.file("tries"), "123456\n");
    CHECK(device.failed() == 999);
    std::filesystem::remove(device.profile.file("tries"));
    std::filesystem::create_directory(device.profile.file("tries"));
    CHECK(device.unlock("wrong").error() == Error::wrong_passphrase);
    CHECK(device.unlock().has_value());
}

TEST_CASE("the passphrase that destroys ends the count like any that is known") {
    FieldDevice device;
    REQUIRE(device.vault()
                .set_destroy_passphrase(passphrase(Device::right_passphrase), passphrase("all of it"),
                                        crypto::SealedFiles::stay)
                .has_value());
    device.lock();
    CHECK(device.unlock("wrong").error() == Error::wrong_passphrase);
    REQUIRE(device.unlock("all of it").has_value());
    CHECK(store::failed_tries(device.profile.path()) == 0);
}

TEST_CASE("a full disk takes nothing away from what was counted") {
    LockedDevice device;
    for (int tries = 1; tries <= 4; ++tries) (void)device.unlock("wrong");
    const FullDisk full(0);
    CHECK(device.unlock("wrong").error() == Error::wrong_passphrase);
    CHECK(device.failed() == 4);
}

TEST_CASE("a count of an earlier version is read and goes on") {
    LockedDevice device;
    write_file(device.profile.file("tries"), "4\n");
    CHECK(device.failed() == 4);
    (void)device.unlock("wrong");
    CHECK(device.failed() == 5);
    write_file(device.profile.file("tries"), "123456\n");
    (void)device.unlock("wrong");
    CHECK(device.failed() == 999);
}
