#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/bytes.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

/// What the outbox's own folder refused. `path` is inside the profile; `detail` has the system's words.
struct OutboxError {
    enum class Kind {
        no_space,       ///< the disk is full: nothing was written, what stood there before still stands
        not_permitted,  ///< folder or file may not be written
        read_only,      ///< the file system is mounted read-only
        missing,        ///< the folder or the file named is not there
        bad_name,       ///< a name that is none of ours
        not_a_folder,   ///< something else stands where a folder of ours belongs: a file, a link
        failed,         ///< anything else
    };
    Kind kind = Kind::failed;
    std::string path;
    std::string detail;

    bool operator==(const OutboxError&) const = default;
};

template <typename T>
using OutboxResult = tl::expected<T, OutboxError>;

/// The error for a failed system call; `path` as a person may see it.
OutboxError outbox_error(int error_number, std::string path);

/// Where a sealed file was handed over: the store said that it has it. Accepted is not delivered.
struct HandOver {
    std::string store;                             ///< Transport::address()
    std::string name;                              ///< the object name there
    std::optional<std::chrono::sys_days> day{};    ///< on which it last said so; none in notes of before
    std::uint32_t times = 1;                       ///< that it has said so
    std::optional<std::chrono::sys_days> first{};  ///< of several times the first; none in notes of before
    bool unlisted = false;  ///< the store has listed since, and this not, or in another size

    /// On which it said so first; none where nobody knows any more.
    std::optional<std::chrono::sys_days> first_day() const { return first || times > 1 ? first : day; }

    bool operator==(const HandOver&) const = default;
};

/// A final file of the outbox, as its name, its times and the note beside it tell.
struct SealedFile {
    FileHash hash;
    std::uint64_t size = 0;
    std::chrono::sys_days day;  ///< on which it was sealed; from the note, else from the file's time
    std::string study_tag;      ///< empty when the note is lost and the study can't be told
    std::vector<HandOver> handed_over;
    bool held = false;  ///< its interview is not sealed yet: nobody hands it over
    bool earlier =
        false;  ///< of a device key that the profile has no more: no receipt of it can be read here

    bool operator==(const SealedFile&) const = default;
};

/// Whether any store has said that it has the file, and has not shown since that it has not. Whether that is
/// enough, the study says: file_copies.h.
bool is_in_a_store(const SealedFile& file);

/// The day on which a store first said that it has the file; none where nobody knows.
std::optional<std::chrono::sys_days> first_handed_over(const SealedFile& file);

/// A sealed file that comes piece by piece and is final at once: part of a media file. Until publish() it has
/// a temporary name; when it goes before, or the program ends, the file goes too. From publish() on it is
/// held, until release(): an interview that is never sealed sends nothing ahead.
class NewSealedFile {
  public:
    NewSealedFile(NewSealedFile&&) noexcept;
    NewSealedFile& operator=(NewSealedFile&&) noexcept;
    ~NewSealedFile();

    OutboxResult<void> write(crypto::ByteView bytes);

    /// The whole file's hash, which its writer knows, becomes its name. Durable when the call returns; call
    /// it once. Bytes that are already final are fine.
    OutboxResult<void> publish(const FileHash& hash);

  private:
    friend class Outbox;
    struct State;
    explicit NewSealedFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// The device's folder of sealed files, opaque to everything here.
///
///     outbox/open/<study tag>-<more>      the open batch of a study, form and policy: a complete, valid file
///     outbox/<sha256>.batch               final
///     outbox/<sha256>.json                note: study, day, where it was handed over
///     outbox/receipts/                    see receipt_book.h
///
/// The files are the truth: a lost or damaged note loses nothing (the file is handed over again, to a store
/// that answers "already there"). All times are set to midnight UTC of the day given. Every write is
/// temporary file, fsync, rename, fsync of the folder; it is durable when the call returns. Nothing outside
/// the folder is touched and links in it are not followed.
///
/// One thread at a time per object. Two processes may work on one folder (a sync beside the app), except that
/// only one of them may write open batches and adopt leftovers.
class Outbox {
  public:
    /// Opens `folder`, making it (but not its parent) and its parts where they are missing, and removes
    /// temporary files that a crash has left and nobody holds. Fails where the folder, or `open` in it, can't
    /// be made or read. Whoever reads receipts meets what is the matter with `receipts`.
    static OutboxResult<Outbox> open(const std::filesystem::path& folder);

    /// The same where there must be one: `folder` is not made. Kind::missing, with its name as `path`, where
    /// it is not there; an empty one in its place would hide that.
    static OutboxResult<Outbox> open_existing(const std::filesystem::path& folder);

    /// The name of an open batch: 1 to 80 of a-z 0-9 -, beginning with the study tag and a hyphen.
    static std::string open_name(std::string_view study_tag, std::string_view rest);

    /// Writes the whole open batch anew: after a crash either the old or the new bytes stand there, complete.
    OutboxResult<void> write_open(std::string_view name, crypto::ByteView bytes, std::chrono::sys_days day);

    /// Makes the open batch final: its last bytes replace it, then it moves to <sha256>.batch. A crash
    /// between leaves one file, either way valid. Answers its hash. Finishing bytes that are already final is
    /// fine.
    OutboxResult<FileHash> finish_open(std::string_view name, crypto::ByteView final_bytes,
                                       std::chrono::sys_days day);

    /// The same with the open batch as it stands. Kind::missing when there is none of that name.
    OutboxResult<FileHash> finish_open(std::string_view name);

    /// Removes an open batch that holds no interview. Fine when it is not there.
    OutboxResult<void> discard_open(std::string_view name);

    /// A final file that is written piece by piece and never was an open batch.
    OutboxResult<NewSealedFile> begin_file(std::string_view study_tag, std::chrono::sys_days day) const;

    struct Leftover {
        std::string open_name;
        tl::expected<FileHash, OutboxError> moved;
    };
    /// Moves every open batch to its final place as it stands: after a crash or a power cut, at the next
    /// start, passphrase or not. Only for the one process that writes open batches, and not while it has one
    /// open. A file that can't be moved is reported and does not stop the others. Names that were taken for
    /// a file which then never came (Publish::reserve) are free again.
    OutboxResult<std::vector<Leftover>> adopt_leftovers();

    /// Whether a write that the vault has announced (DECISIONS, order of finalise) has happened: a file of
    /// this hash stands in open/ or final, whole and durable. Reads the file; the name alone is not believed.
    /// `open_name`: where in open/ it was written, so that no other file there is heeded that can't be read;
    /// empty where that is not known.
    OutboxResult<bool> holds(const FileHash& hash, std::string_view open_name = {}) const;

    /// All final files, by day, then hash. A note that can't be read counts as lost; a file that can't be
    /// read is among them, with size 0.
    /// What is said of a file in `known`, as it was read before, is not read again where the file is still
    /// there.
    OutboxResult<std::vector<SealedFile>> sealed(std::vector<SealedFile> known = {}) const;
    OutboxResult<SealedFile> find(const FileHash& hash) const;
    std::filesystem::path path_of(const FileHash& hash) const;

    /// Remembers that a store has said on a day that it has the file under a name; the rest of `hand_over` is
    /// left aside. Of several times the first and the last day are kept, and how many there were, and what
    /// the store has listed before counts no more.
    OutboxResult<void> record_hand_over(const FileHash& hash, const HandOver& hand_over);

    /// Remembers HandOver::unlisted of a hand-over that is noted, so that the file is offered again also
    /// where the store lets nobody look any more.
    OutboxResult<void> record_listing(const FileHash& hash, const HandOver& hand_over);

    /// For a file whose note is lost: the study that it belongs to.
    OutboxResult<void> record_study(const FileHash& hash, std::string_view study_tag);

    /// The study begins anew on this device, with other keys: all its files that are here are `earlier` ones,
    /// but for those that are held. Where the note of one is lost the study is told by the file. One that
    /// can't be read or noted stops no other; the first such fault is answered.
    OutboxResult<void> record_earlier(std::string_view study_tag);

    /// Reads the file through its hash. When the disk has changed it, the file gets the name of what it now
    /// is (its records may still be salvaged by the researcher), without its hand-overs; the answer is that
    /// name.
    OutboxResult<FileHash> check(const FileHash& hash);

    /// What publish() has made may be handed over from now on. Fine when it may already, or is not there.
    /// Where the note is lost that says it is held, the file goes out, since a lost note loses nothing.
    OutboxResult<void> release(const FileHash& hash);

    /// Deletes a file and its note for ever. Whether that may be is decided by receipt_book.h, not here.
    OutboxResult<void> forget(const FileHash& hash);

    /// The same for a file that is nobody's: part of a media file whose interview was never sealed. Not
    /// counted among the forgotten; fine when it is not there.
    OutboxResult<void> discard(const FileHash& hash);

    /// Files forgotten in this outbox until now; 0 when that note was lost.
    std::uint64_t forgotten() const;

    const std::filesystem::path& folder() const { return folder_; }

  private:
    explicit Outbox(std::filesystem::path folder) : folder_(std::move(folder)) {}
    OutboxResult<FileHash> move_to_final(std::string_view name);

    std::filesystem::path folder_;
};

}  // namespace fieldfare::sync
