#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <span>
#include <utility>

#include "crypto/keyslots.h"
#include "tests/support/crypto.h"
#include "tests/support/disk_image.h"
#include "tests/support/whole_file.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;
using fieldfare::tests::DiskChange;
using fieldfare::tests::DiskImage;

// What of the keyslots is on the disk, and what only in the system's memory, where a kill leaves it and a
// power cut does not.

namespace {

namespace fs = std::filesystem;
using Kind = DiskChange::Kind;

std::vector<DiskChange>* recording = nullptr;
bool next_sync_fails = false;

void record(int file, Kind kind, std::string data, std::uint64_t at) {
    if (recording == nullptr) return;
    const auto path = fs::read_symlink("/proc/self/fd/" + std::to_string(file));
    recording->push_back({kind, path.string(), {}, std::move(data), at});
}

/// What this does to the disk.
std::vector<DiskChange> changes_of(const std::function<void()>& run) {
    std::vector<DiskChange> changes;
    recording = &changes;
    run();
    recording = nullptr;
    return changes;
}

std::uint64_t generation_of(const Bytes& copy) {
    return copy[16];  // of the few that a test makes
}

class Profile {
  public:
    Profile() {
        fs::create_directories(folder());
        must(KeyslotsFile::create(file(), passphrase("first"), cost_floor));
    }
    ~Profile() { fs::remove_all(root_); }
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    fs::path folder() const { return root_ / "profile"; }
    fs::path file() const { return folder() / "keyslots"; }
    std::string read() const { return whole_file(file()); }
    void write(const std::string& bytes) const { std::ofstream(file(), std::ios::binary) << bytes; }

    /// Opens the file and gives it another state.
    void work() const {
        KeyslotsFile slots = must(KeyslotsFile::open(file()));
        must(slots.set_recovery_slot(Bytes(128, std::uint8_t{7})));
    }
    /// What the power would leave if it went now; nothing when neither copy is whole.
    std::optional<Bytes> left(const DiskImage& image, DiskImage::Unsynced unsynced,
                              std::mt19937_64& random) const {
        image.write_to(root_ / "after", unsynced, random);
        const auto copy = KeyslotsFile::newest_copy(bytes_of(whole_file(root_ / "after" / "keyslots")));
        return copy ? std::optional(*copy) : std::nullopt;
    }

  private:
    fs::path root_ =
        fs::canonical(fs::temp_directory_path()) / ("keyslots-disk-" + to_hex(must(random_id())));
};

}  // namespace

// They stand before the C library's.
extern "C" ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
    const auto done = static_cast<ssize_t>(::syscall(SYS_pwrite64, file, bytes, size, offset));
    if (done > 0)
        record(file, Kind::write, {static_cast<const char*>(bytes), static_cast<std::size_t>(done)},
               static_cast<std::uint64_t>(offset));
    return done;
}
extern "C" int fsync(int file) {
    if (std::exchange(next_sync_fails, false)) {
        errno = EIO;
        return -1;
    }
    const auto outcome = static_cast<int>(::syscall(SYS_fsync, file));
    if (outcome == 0) record(file, Kind::sync, {}, 0);
    return outcome;
}

TEST_CASE(
    "after a run that was killed anywhere, a power cut in the next one leaves whole keyslots, and none older "
    "than what was on the disk") {
    const Profile profile;
    const std::string before = profile.read();
    const auto first_run = changes_of([&] { profile.work(); });
    REQUIRE(std::ranges::count(first_run, Kind::write, &DiskChange::kind) == 2);
    std::mt19937_64 random(1);
    int cuts = 0;
    for (std::size_t killed = 0; killed <= first_run.size(); ++killed) {
        CAPTURE(killed);
        profile.write(before);
        DiskImage image(profile.folder());
        std::string in_memory = before;
        for (const DiskChange& change : std::span(first_run).first(killed)) {
            image.apply(change);
            if (change.kind == Kind::write) in_memory.replace(change.number, change.data.size(), change.data);
        }
        const auto on_disk = profile.left(image, DiskImage::Unsynced::lost, random);
        REQUIRE(on_disk.has_value());

        profile.write(in_memory);
        const auto second_run = changes_of([&] { profile.work(); });
        for (const DiskChange& change : second_run) {
            image.apply(change);
            for (const auto unsynced :
                 {DiskImage::Unsynced::lost, DiskImage::Unsynced::kept, DiskImage::Unsynced::partly,
                  DiskImage::Unsynced::partly, DiskImage::Unsynced::partly, DiskImage::Unsynced::partly}) {
                const auto left = profile.left(image, unsynced, random);
                REQUIRE(left.has_value());
                CHECK(generation_of(*left) >= generation_of(*on_disk));
                ++cuts;
            }
        }
        const auto left = profile.left(image, DiskImage::Unsynced::lost, random);
        CHECK(left == must(KeyslotsFile::newest_copy(bytes_of(profile.read()))));
    }
    MESSAGE("killed at ", first_run.size() + 1, " moments of a first run; ", cuts,
            " power cuts in the next one");
}

TEST_CASE(
    "a sync of the keyslots that failed is not believed when it is tried again: the bytes are written once "
    "more") {
    const Profile profile;
    KeyslotsFile slots = must(KeyslotsFile::open(profile.file()));
    next_sync_fails = true;
    const auto refused =
        changes_of([&] { CHECK_FALSE(slots.set_recovery_slot(Bytes(128, std::uint8_t{7}))); });
    CHECK(refused.empty());  // the copy that may be the only one on the disk stands
    const auto changes = changes_of([&] { must(slots.set_recovery_slot(Bytes(128, std::uint8_t{7}))); });
    REQUIRE(changes.size() >= 4);
    CHECK(changes[0].kind == Kind::write);
    CHECK(changes[0].number != changes[2].number);  // each copy in its place
    CHECK(changes[1].kind == Kind::sync);
    CHECK(changes[2].kind == Kind::write);
}
