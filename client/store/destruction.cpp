#include "client/store/destruction.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "client/store/faults.h"
#include "client/store/profile.h"
#include "client/store/vault.h"
#include "crypto/random.h"
#include "sync/folder_files.h"
#include "sync/object_name.h"
#include "sync/outbox_note.h"

namespace fieldfare::store {

namespace {

constexpr off_t page_bytes = 4096;

/// Noise over the whole file, on the disk when this returns; the file is as long as before. Goes on past
/// places that a bad disk does not take, and answers the first fault.
Result<void> overwrite(int file, off_t size) {
    Result<void> outcome;
    crypto::Bytes noise(64 * 1024);
    for (off_t at = 0; at < size;) {
        if (auto filled = crypto::fill_random(noise); !filled)
            return tl::unexpected(from_crypto(filled.error()));
        const auto part =
            static_cast<std::size_t>(std::min<off_t>(size - at, static_cast<off_t>(noise.size())));
        const ssize_t written = ::pwrite(file, noise.data(), part, at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0 && outcome) outcome = tl::unexpected(from_errno(errno));
        at += written <= 0 ? static_cast<off_t>(part) : written;
    }
    if (::fsync(file) != 0 && outcome) outcome = tl::unexpected(from_errno(errno));
    return outcome;
}

enum class Afterwards { gone, one_page };

/// A missing file is fine, and made where a page of it is to be there; a link is not followed, only removed.
Result<void> overwrite_file(const std::filesystem::path& path, Afterwards afterwards) {
    Result<void> outcome;
    const int made = afterwards == Afterwards::one_page ? O_CREAT : 0;
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | made, 0600);
    if (file < 0 && errno == ENOENT) return {};
    if (file < 0) outcome = tl::unexpected(from_errno(errno));
    struct stat found {};
    if (file >= 0 && ::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
        const bool keep = afterwards == Afterwards::one_page;
        outcome = overwrite(file, keep ? std::max(found.st_size, page_bytes) : found.st_size);
        if (keep && found.st_size > page_bytes &&
            (::ftruncate(file, page_bytes) != 0 || ::fsync(file) != 0) && outcome)
            outcome = tl::unexpected(from_errno(errno));
    }
    if (file >= 0) ::close(file);
    if (afterwards == Afterwards::gone && ::unlink(path.c_str()) != 0 && errno != ENOENT && outcome)
        outcome = tl::unexpected(from_errno(errno));
    return outcome;
}

/// Files of a folder, such as the profile's own, whose names begin so: `vault.db` finds its log and journal,
/// too.
std::vector<std::filesystem::path> named(const std::filesystem::path& folder, std::string_view beginning) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
         file.increment(error)) {
        if (file->path().filename().string().starts_with(beginning)) found.push_back(file->path());
    }
    return found;
}

void note(Result<void>& outcome, Result<void> done) {
    if (outcome && !done) outcome = std::move(done);
}

/// A file, and all whose names begin as its does.
Result<void> overwrite_named(const std::filesystem::path& profile, const std::filesystem::path& first) {
    Result<void> outcome;
    for (const auto& file : named(profile, first.filename().string()))
        note(outcome, overwrite_file(file, Afterwards::gone));
    return outcome;
}

/// Whether a note says that its file is held: part of a media file, of which no store has heard. As the
/// outbox would read it: a link or a pipe of its name says nothing, and holds nothing up.
bool says_held(const std::filesystem::path& file) {
    const auto folder = sync::open_folder(file.parent_path());
    if (!folder) return false;
    const auto bytes = sync::read_file(*folder, file.filename().string(), sync::max_outbox_note);
    if (!bytes) return false;
    const auto note = sync::outbox_note_from_json(std::string(bytes->begin(), bytes->end()));
    return note && note->held;
}

/// Beside sealed files that stay: where they went to, and when. The files need none of it (sync/SYNC.md), nor
/// can a receipt be read any more. Only what must not go out stays noted as that.
Result<void> overwrite_notes(const std::filesystem::path& outbox) {
    Result<void> outcome;
    for (const auto& file : named(outbox, "")) {
        const bool note_of_file =
            file.extension() == ".json" && sync::is_file_hash(file.stem().string()) && !says_held(file);
        if (note_of_file) note(outcome, overwrite_file(file, Afterwards::gone));
    }
    for (const auto& file : named(outbox / "receipts", ""))
        note(outcome, overwrite_file(file, Afterwards::gone));
    return outcome;
}

}  // namespace

Result<void> overwrite_database(const std::filesystem::path& profile) {
    // The file itself first: the log holds the newest pages, but few of them. In the middle of a rescue there
    // may be none: without a page of that name, the others gone, the profile would look damaged.
    Result<void> outcome = overwrite_file(database_file(profile), Afterwards::one_page);
    note(outcome, sync_folder(profile));
    for (const auto& file : named(profile, database_file(profile).filename().string())) {
        if (file != database_file(profile)) note(outcome, overwrite_file(file, Afterwards::gone));
    }
    return outcome;
}

Result<void> overwrite_damaged_database(const std::filesystem::path& profile) {
    return overwrite_named(profile, damaged_database_file(profile));
}

Result<void> overwrite_new_database(const std::filesystem::path& profile) {
    const auto done = overwrite_named(profile, new_database_file(profile));
    const bool gone = named(profile, new_database_file(profile).filename().string()).empty();
    return gone ? Result<void>() : done;
}

Result<void> overwrite_unfinished(const std::filesystem::path& profile) {
    // Beside keyslots it is a second name of theirs, or of others that nothing was encrypted with.
    const auto second = keyslots_file(profile).string() + ".new";
    Result<void> outcome;
    if (::unlink(second.c_str()) != 0 && errno != ENOENT) outcome = tl::unexpected(from_errno(errno));
    note(outcome, overwrite_named(profile, ".fieldfare-"));  // sync/folder_files.cpp
    return outcome;
}

Result<void> overwrite_residue(const std::filesystem::path& profile, crypto::SealedFiles sealed) {
    Result<void> outcome;
    note(outcome, overwrite_named(profile, recovery_request_file(profile)));  // the old master key, sealed
    note(outcome, overwrite_named(profile, sync_file(profile)));
    note(outcome, overwrite_unfinished(profile));
    if (sealed == crypto::SealedFiles::stay) {
        note(outcome, overwrite_notes(outbox_folder(profile)));
        return outcome;
    }

    std::error_code error;
    std::vector<std::filesystem::path> files, folders;
    if (std::filesystem::is_directory(outbox_folder(profile), error))
        folders.push_back(outbox_folder(profile));
    for (std::filesystem::recursive_directory_iterator entry(outbox_folder(profile), error), end;
         !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const bool folder = entry->symlink_status(ignored).type() == std::filesystem::file_type::directory;
        (folder ? folders : files).push_back(entry->path());
    }
    for (const auto& file : files) note(outcome, overwrite_file(file, Afterwards::gone));
    // Noise that comes back under a sealed file's name after a power cut would be handed over as one.
    for (const auto& folder : folders) note(outcome, sync_folder(folder));
    return outcome;
}

}  // namespace fieldfare::store
