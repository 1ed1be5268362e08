#include "client/store/profile.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <utility>

#include "client/store/faults.h"
#include "crypto/keyslots.h"

namespace fieldfare::store {

namespace {

constexpr std::uintmax_t page_bytes = 4096;

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

Result<crypto::Bytes> read_up_to(const std::filesystem::path& path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return tl::unexpected(Error::not_writable);
    crypto::Bytes bytes(limit);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(limit));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

std::optional<Error> keyslots_fault(const std::filesystem::path& file) {
    const auto looked = crypto::KeyslotsFile::look(file);
    if (looked) return std::nullopt;
    return from_keyslots(looked.error());
}

std::optional<Error> database_fault(const std::filesystem::path& file) {
    const auto head = read_up_to(file, 16);
    if (!head) return head.error();
    if (std::string_view(reinterpret_cast<const char*>(head->data()), head->size()) ==
        std::string_view("SQLite format 3\0", 16)) {
        return Error::plain_database;
    }
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size < page_bytes) return Error::database_damaged;
    return std::nullopt;
}

/// Whether an outbox has a sealed file, final or open. A folder that can't be read counts as full.
bool holds_sealed(const std::filesystem::path& profile) {
    for (const auto& folder : {outbox_folder(profile), outbox_folder(profile) / "open"}) {
        if (!is_there(folder)) continue;
        std::error_code error;
        for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
             file.increment(error)) {
            const auto name = file->path().filename().string();
            if (name.ends_with(".batch") || (folder.filename() == "open" && !name.starts_with('.')))
                return true;
        }
        if (error) return true;
    }
    return false;
}

/// Whether who owns a file there says who may change it: not on media that keep no owners, of which the
/// system names the same one for all, nor where another machine or program names them (statfs(2)).
bool keeps_owners(const std::filesystem::path& folder) {
    constexpr std::array<std::uint32_t, 11> without{
        0x4d44,                              // FAT
        0x2011bab0,                          // exFAT
        0x5346544e, 0x7366746e,              // NTFS, by two drivers
        0x65735546,                          // FUSE
        0x517b,     0xff534d42, 0xfe534d42,  // Windows' shares, by three drivers
        0x01021997, 0x786f4256,              // folders of the machine around a virtual one: 9p, VirtualBox
        0x5346414f};                         // AFS
    struct statfs medium {};
    if (::statfs(folder.c_str(), &medium) != 0) return true;
    return std::ranges::find(without, static_cast<std::uint32_t>(medium.f_type)) == without.end();
}

Result<void> unlink_if_there(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return tl::unexpected(from_errno(errno));
    return {};
}

Result<void> rename_if_there(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return tl::unexpected(from_errno(errno));
    return {};
}

}  // namespace

std::filesystem::path keyslots_file(const std::filesystem::path& profile) {
    return profile / "keyslots";
}
std::filesystem::path recovery_request_file(const std::filesystem::path& profile) {
    return profile / "request.ffrecover";
}
std::filesystem::path database_file(const std::filesystem::path& profile) {
    return profile / "vault.db";
}
std::filesystem::path new_database_file(const std::filesystem::path& profile) {
    return profile / "vault.db.new";
}
std::filesystem::path rescued_database_file(const std::filesystem::path& profile) {
    return profile / "vault.db.rescued";
}
std::filesystem::path damaged_database_file(const std::filesystem::path& profile) {
    return profile / "vault.db.damaged";
}
std::filesystem::path outbox_folder(const std::filesystem::path& profile) {
    return profile / "outbox";
}
std::filesystem::path sync_file(const std::filesystem::path& profile) {
    return profile / "sync.json";
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return tl::unexpected(from_errno(errno));
    const int outcome = ::fsync(handle);
    const int number = errno;
    ::close(handle);
    // Some media have no such thing as a sync of a folder.
    if (outcome != 0 && number != EINVAL && number != EOPNOTSUPP) return tl::unexpected(from_errno(number));
    return {};
}

Result<void> sync_names_above(const std::filesystem::path& folder) {
    std::error_code failed;
    auto above = std::filesystem::absolute(folder, failed).parent_path();
    while (!failed && ::access(above.c_str(), R_OK | W_OK) == 0) {
        if (auto synced = sync_folder(above); !synced) return synced;
        if (above == above.parent_path()) break;
        above = above.parent_path();
    }
    return {};
}

ProfileState profile_state(const std::filesystem::path& folder) {
    using Kind = ProfileState::Kind;
    if (!is_there(folder)) return {};
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) return {Kind::damaged, Error::not_writable};

    const bool keyslots = is_there(keyslots_file(folder));
    const auto file =
        is_there(rescued_database_file(folder)) ? rescued_database_file(folder) : database_file(folder);
    const bool database = is_there(file);
    // The outbox is made last, so keyslots without one never had a database.
    const bool was_complete = is_there(outbox_folder(folder));
    if (database) {
        if (const auto fault = database_fault(file)) return {Kind::damaged, fault};
    }
    if (!keyslots) {
        if (database || holds_sealed(folder)) return {Kind::damaged, Error::keyslots_damaged};
        return {};
    }
    if (!database) {
        if (was_complete) return {Kind::damaged, Error::database_missing};
        return {};
    }
    if (const auto fault = keyslots_fault(keyslots_file(folder))) return {Kind::damaged, fault};
    return {Kind::locked, std::nullopt};
}

Adopted adopt_leftovers(const std::filesystem::path& folder) {
    if (!is_there(outbox_folder(folder))) return {};
    const auto lock = ProfileLock::take(folder);
    if (!lock) return {0, lock.error()};
    auto outbox = sync::Outbox::open(outbox_folder(folder));
    if (!outbox) return {0, from_outbox(outbox.error())};
    const auto leftovers = outbox->adopt_leftovers();
    if (!leftovers) return {0, from_outbox(leftovers.error())};
    Adopted adopted;
    for (const auto& leftover : *leftovers) {
        if (leftover.moved)
            ++adopted.files;
        else if (!adopted.fault)
            adopted.fault = from_outbox(leftover.moved.error());
    }
    return adopted;
}

Result<void> make_private_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return tl::unexpected(from_errno(errno));
    struct stat found {};
    if (::lstat(folder.c_str(), &found) != 0) return tl::unexpected(from_errno(errno));
    if (!S_ISDIR(found.st_mode)) return tl::unexpected(Error::not_writable);
    // Root's program, too: its owner could exchange what root keeps there.
    if (found.st_uid != ::geteuid() && keeps_owners(folder)) return tl::unexpected(Error::not_ours);
    // A medium without permissions (FAT) refuses; there is nothing to close there.
    if ((found.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0 && errno != EPERM) {
        return tl::unexpected(from_errno(errno));
    }
    return {};
}

Result<void> remove_database(const std::filesystem::path& file) {
    for (const char* ending : {"-wal", "-journal", ""}) {
        if (auto gone = unlink_if_there(file.string() + ending); !gone) return gone;
    }
    return {};
}

Result<void> replace_database(const std::filesystem::path& profile) {
    const auto log = database_file(profile).string() + "-wal";
    std::error_code error;
    const auto size = std::filesystem::file_size(log, error);
    // A log under the old key would be played back into the new file.
    if (!error && size != 0) return tl::unexpected(Error::internal);
    if (auto gone = unlink_if_there(log); !gone) return gone;
    if (auto gone = unlink_if_there(new_database_file(profile).string() + "-wal"); !gone) return gone;
    if (::rename(new_database_file(profile).c_str(), database_file(profile).c_str()) != 0) {
        return tl::unexpected(from_errno(errno));
    }
    return sync_folder(profile);
}

Result<void> keep_rescued(const std::filesystem::path& profile) {
    if (auto gone = unlink_if_there(new_database_file(profile).string() + "-wal"); !gone) return gone;
    if (auto named = rename_if_there(new_database_file(profile), rescued_database_file(profile)); !named)
        return named;
    return sync_folder(profile);
}

Result<void> finish_rescue(const std::filesystem::path& profile) {
    if (!is_there(rescued_database_file(profile))) return {};
    // The log first, and durably: beside the rescued file it would be played into it.
    // An earlier one may hold more: it is not taken the place of.
    auto aside = damaged_database_file(profile);
    for (int number = 2; is_there(aside); ++number)
        aside = damaged_database_file(profile).string() + "." + std::to_string(number);
    if (auto moved = rename_if_there(database_file(profile).string() + "-wal", aside.string() + "-wal");
        !moved)
        return moved;
    if (auto synced = sync_folder(profile); !synced) return synced;
    if (auto moved = rename_if_there(database_file(profile), aside); !moved) return moved;
    if (auto synced = sync_folder(profile); !synced) return synced;
    if (auto moved = rename_if_there(rescued_database_file(profile), database_file(profile)); !moved)
        return moved;
    return sync_folder(profile);
}

Result<void> clear_for_creation(const std::filesystem::path& profile) {
    if (auto gone = remove_database(new_database_file(profile)); !gone) return gone;
    return unlink_if_there(keyslots_file(profile));
}

void take_back_creation(const std::filesystem::path& profile) {
    // In an order in which profile_state never finds a part without what it needs: cut short anywhere, the
    // profile can still be opened, or be created anew.
    std::error_code ignored;  // remove() takes away a folder only when it is empty
    for (const char* part : {"open", "receipts", ""})
        std::filesystem::remove(outbox_folder(profile) / part, ignored);
    std::filesystem::remove(sync_file(profile), ignored);
    if (!remove_database(database_file(profile))) return;  // with its keyslots it still opens
    (void)clear_for_creation(profile);
}

Result<ProfileLock> ProfileLock::take(const std::filesystem::path& profile) {
    const int file = ::open((profile / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return tl::unexpected(from_errno(errno));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        const int number = errno;
        ::close(file);
        return tl::unexpected(number == EWOULDBLOCK ? Error::in_use : from_errno(number));
    }
    return ProfileLock(file);
}

ProfileLock::ProfileLock(ProfileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ProfileLock::~ProfileLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace fieldfare::store
