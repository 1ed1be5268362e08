#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/store/database.h"
#include "client/store/drafts.h"
#include "crypto/byte_source.h"
#include "sync/outbox.h"

namespace fieldfare::store {

/// Of a file that comes in; what is read back goes through memory in pieces of this size, too.
inline constexpr std::size_t attachment_piece = 1024 * 1024;

/// Photos, recordings and other files of drafts. They live in the database as everything of a draft does, in
/// pieces, so that a large one is never in memory as a whole. An answer names its file, and so the file goes
/// with the answer: a repeat's instances may be counted anew without touching it.
///
/// A file goes when its draft goes, and when no answer names it any more. In the same transaction it stops
/// being the draft's; its pieces go afterwards, one a transaction, since overwriting 256 MiB in one would
/// need as much room again. sweep() does it, at once and, where that was cut short, at the next occasion.
///
/// One file comes in at a time. Used through Vault.
class Attachments {
  public:
    Attachments(Database& database, sync::Outbox& outbox) : database_(&database), outbox_(&outbox) {}

    /// A file that had been begun and not ended is dropped. unknown_draft; internal when the draft has a file
    /// of this name.
    Result<void> begin(const DraftId& draft, std::string_view name);

    /// The next bytes, as many as there are. file_too_large beyond schema::max_media_bytes; internal when
    /// none was begun. After an error the file is dropped.
    Result<void> add(crypto::ByteView bytes);

    /// It is whole: the draft has it, and answers how large it is. empty_file: dropped. Unless an answer
    /// names it, it goes when the draft is loaded anew.
    Result<std::uint64_t> end();

    /// What was begun and not ended is dropped. Fine when there is nothing.
    void drop();

    /// Whole files, in the order in which they came.
    Result<std::vector<Attachment>> list(const DraftId& draft);

    /// Files that no answer names are no longer the draft's. Not while the draft may turn out to be sealed.
    Result<void> leave_unnamed(const DraftId& draft);

    /// Files that come in when the vault is opened were cut short.
    Result<void> leave_unfinished();

    /// Overwrites what is no draft's any more, and throws away parts that had been sealed of it.
    Result<void> sweep();

    /// Throws away the parts that were sealed of a file: nobody's without the interview.
    Result<void> discard_parts(std::int64_t attachment);

  private:
    struct Incoming {
        Incoming();
        Incoming(const Incoming&) = delete;
        Incoming& operator=(const Incoming&) = delete;
        ~Incoming();  ///< wipes

        std::int64_t id = 0;
        std::uint64_t size = 0;
        std::int64_t pieces = 0;
        crypto::Bytes piece;  ///< what is not written yet
    };
    Result<void> write_piece();

    Database* database_;
    sync::Outbox* outbox_;
    std::optional<Incoming> incoming_;
};

/// The bytes of a whole file. Keeps the piece that was read last and wipes it at its end. Does not outlive
/// the database; only for reading in the order of the bytes, more or less.
class AttachedBytes {
  public:
    AttachedBytes(Database& database, std::int64_t attachment, std::uint64_t size)
        : database_(&database), attachment_(attachment), size_(size) {}
    AttachedBytes(const AttachedBytes&) = delete;
    AttachedBytes& operator=(const AttachedBytes&) = delete;
    ~AttachedBytes();

    /// Does not outlive this. `not_readable`: fault() says why.
    crypto::ByteSource source();
    std::optional<Error> fault() const { return fault_; }

  private:
    crypto::Result<void> read(std::uint64_t at, std::span<std::uint8_t> into);
    Result<void> fetch(std::int64_t number);

    Database* database_;
    std::int64_t attachment_;
    std::uint64_t size_;
    std::optional<std::int64_t> fetched_;
    crypto::Bytes piece_;
    std::optional<Error> fault_;
};

}  // namespace fieldfare::store
