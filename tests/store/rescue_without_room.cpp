#include <doctest/doctest.h>
#include <sys/mount.h>

#include <fstream>
#include <map>

#include "client/store/rescue.h"
#include "client/store/vault.h"
#include "tests/support/skip.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;

// The rescue of a damaged vault takes the room of a second one, which a disk may not have.

namespace {

constexpr std::size_t page = 4096;
constexpr int interviews = 3;

/// A device with drafts of some pages each, locked, of whose database the last page is damaged.
struct DamagedDevice : FieldDevice {
    DamagedDevice() {
        for (int draft = 1; draft <= interviews; ++draft)
            start("draft " + std::to_string(draft), std::string(4 * page, static_cast<char>('a' + draft)));
        lock();
        flip_byte(database(), std::filesystem::file_size(database()) - 1000);
        damaged = files();
    }
    std::filesystem::path database() const { return profile.file("vault.db"); }

    store::Result<store::Rescued> rescue() {
        const auto read = [this](crypto::ByteView bytes) -> std::optional<store::StudyRecord> {
            if (std::ranges::equal(record.package, bytes)) return record;
            return std::nullopt;
        };
        return Device::rescue({read, {record}});
    }
    /// What stands in the profile's own folder, but for the notes of who has it open and of tries.
    std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(profile.path()))
            if (entry.is_regular_file() && entry.path().filename() != "lock" &&
                entry.path().filename() != "tries")
                all[entry.path().filename().string()] = bytes_of_file(entry.path());
        return all;
    }
    void is_rescued() {
        REQUIRE(rescue().has_value());
        CHECK(drafts().size() == interviews);
        CHECK(bytes_of_file(profile.file("vault.db.damaged")) == damaged.at("vault.db"));
        relock();
        CHECK(drafts().size() == interviews);
    }

    std::map<std::string, std::string> damaged;
};

}  // namespace

TEST_CASE(
    "a rescue for which there is no room says so and leaves the damaged vault as it was, at whatever point "
    "the room ends, and is done once there is room") {
    DamagedDevice device;
    CHECK(device.unlock().error() == Error::database_damaged);
    int refused = 0;
    for (rlim_t room = 0;; room += 5 * page + 700) {
        CAPTURE(room);
        REQUIRE(room < 64 * device.damaged.at("vault.db").size());
        const FullDisk disk(room);
        const auto rescued = device.rescue();
        if (rescued) break;
        ++refused;
        CHECK(rescued.error() == Error::disk_full);
        CHECK(device.files() == device.damaged);
        CHECK(store::profile_state(device.profile.path()).kind == store::ProfileState::Kind::locked);
    }
    CHECK(refused > 3);
    device.relock();
    CHECK(device.drafts().size() == interviews);
    MESSAGE("refused for want of room ", refused, " times");
}

TEST_CASE("on a disk that others have filled, a rescue is done once some of theirs is gone") {
    DamagedDevice device;
    const auto folder = device.profile.path();
    const auto aside = folder.parent_path() / "aside";
    std::filesystem::rename(folder, aside);
    std::filesystem::create_directory(folder);
    if (::mount("none", folder.c_str(), "tmpfs", 0, "size=4m,mode=0700") != 0) {
        skipped_on_this_machine("no tmpfs may be mounted here");
        return;
    }
    struct Mounted {
        std::filesystem::path folder;
        ~Mounted() { ::umount2(folder.c_str(), MNT_DETACH); }
    };
    const Mounted mounted{folder};
    std::filesystem::copy(aside, folder, std::filesystem::copy_options::recursive);
    const auto ballast = folder / "ballast";
    const auto fill_but_for = [&](std::size_t pages) {
        std::ofstream file(ballast, std::ios::binary);
        const std::string block(page, 'x');
        while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
        file.close();
        std::filesystem::resize_file(ballast, std::filesystem::file_size(ballast) - pages * page);
    };
    for (const std::size_t pages : {std::size_t{0}, std::size_t{1}, std::size_t{10}}) {
        CAPTURE(pages);
        fill_but_for(pages);
        CHECK(device.rescue().error() == Error::disk_full);
        auto files = device.files();
        files.erase("ballast");
        CHECK(files == device.damaged);
    }
    std::filesystem::remove(ballast);
    device.is_rescued();
}
