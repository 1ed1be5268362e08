#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <set>

#include "client/store/database.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

/// The files and folders for which somebody has waited until the disk had them, while there is one.
std::set<std::filesystem::path>* synced = nullptr;

}  // namespace

// Stands before the C library's.
extern "C" int fsync(int file) {
    const auto outcome = static_cast<int>(::syscall(SYS_fsync, file));
    std::error_code none;
    if (outcome == 0 && synced != nullptr)
        synced->insert(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), none));
    return outcome;
}

TEST_CASE("once a profile is made, the disk has its name and those above it, whoever made the folders") {
    const TemporaryProfile place;
    Device device;
    std::filesystem::create_directory(place.path());
    const auto far = std::filesystem::canonical(place.path()) / "far", profile = far / "profile";
    std::filesystem::create_directory(far);
    SUBCASE("it makes its own") {}
    SUBCASE("a run that was killed has made them") {
        std::filesystem::create_directories(profile / "outbox/open");
    }
    std::set<std::filesystem::path> on_disk;
    synced = &on_disk;
    const auto made = store::Vault::create(profile, passphrase(Device::right_passphrase), crypto::cost_floor,
                                           device.surroundings());
    synced = nullptr;
    REQUIRE(made.has_value());
    for (const auto& folder : {far.parent_path(), far, profile, profile / "outbox"}) {
        CAPTURE(folder.string());
        CHECK(on_disk.contains(folder));
    }
}

TEST_CASE(
    "what a run that was killed has left in the log is on the disk before anything is written behind it") {
    const TemporaryProfile place;
    std::filesystem::create_directory(place.path());
    const auto path = std::filesystem::canonical(place.path()) / "vault.db";
    const auto key = store::DatabaseKey::zeroed();
    in_another_process([&] {
        auto database = store::Database::create(path, *key);
        (void)database->set_version(1);
        ::kill(::getpid(), SIGKILL);
    });
    REQUIRE(std::filesystem::file_size(path.string() + "-wal") > 0);
    std::set<std::filesystem::path> on_disk;
    synced = &on_disk;
    const auto opened = store::Database::open(path, *key);
    synced = nullptr;
    REQUIRE(opened.has_value());
    CHECK(on_disk.contains(path.string() + "-wal"));
}
