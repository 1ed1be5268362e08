#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/signing.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto {

namespace batch {
class Compressor;
}

/// How hard records are compressed: one interview at a time by a person's device, which has two milliseconds,
/// or very many by a program.
enum class Effort { thorough, quick };

/// What a device must know to begin a batch. Everything but the routing tag and the slots travels sealed.
struct BatchContext {
    Id routing_tag{};  ///< in clear in the header: random, or what the study says; never derived from a name
    BatchOpen open;    ///< recipients in any order: they are sorted here; dictionary_hash is computed here
    Bytes dictionary;  ///< for zstd, from the study package; empty for none
    Effort effort = Effort::thorough;
    SharedPreSharedKey pre_shared = nullptr;  ///< of the study, where it has one
};

/// A whole batch file, as it should stand on the disk now.
struct SealedBatch {
    Bytes file;
    Digest sha256{};  ///< of the file: its name in a store, nothing else
    BatchId id{};
    std::uint32_t count = 0;                 ///< records in it
    std::uint64_t next_record_sequence = 0;  ///< of the record after the last one in it
    Digest last_leaf{};                      ///< of the last record (of OPEN, when there is none)
};

/// Seals records into one batch which this device can't open again: the content key is wiped at once, and
/// each record's key as soon as `commit` says that the record is safe. Keys stand only in guarded memory;
/// losing the object (lock, crash) ends the batch, whose last file is complete as it stands. One thread at a
/// time.
///
/// The order of a finalise: `append`, write the file durably, the vault's own commit, `commit`. When anything
/// between fails, throw the writer away and begin another batch: the record is still in its draft, and the
/// file on the disk, old or new, is complete.
class BatchWriter {
  public:
    /// Draws the content key, seals it to the recipients, wipes it, and seals OPEN. `bad_argument`: no or too
    /// many recipients, the same one twice, a previous batch that is zeros although the sequence is not (or
    /// the other way round), sequences above 2^62, a program version that is too long, a key that is not
    /// `device`'s. `not_canonical` or `weak_key` for a recipient's key; `no_randomness`, `out_of_memory`.
    static Result<BatchWriter> begin(BatchContext context, const SigningKey& device,
                                     const ReceiptKey& receipt_key);

    /// The file with this record in it, closed as provisional. The payload (1…max_payload bytes) is
    /// compressed and its copy here is wiped; the caller's stays the caller's. Nothing moves on before
    /// `commit`. `wrong_state` while a record waits for `commit` or after `finish`; `bad_argument` for a key
    /// that did not begin this batch or an empty payload; `too_large` beyond a limit of the format (close,
    /// begin another).
    Result<SealedBatch> append(const SigningKey& device, RecordType type, const Id& uuid, ByteView payload);

    /// The record of the last `append` is safe: its key and the way to it are wiped. From here on nothing in
    /// this process opens it. Does nothing when no record waits.
    void commit();

    /// The final file, closed for good: nothing can be added, and all keys are wiped. With no record in it, a
    /// batch says "I am here" (a heartbeat). `wrong_state` while a record waits for `commit`, or a second
    /// time.
    enum class Last { No, Yes };  ///< whether the device will send no more for this study
    Result<SealedBatch> finish(const SigningKey& device, Last last = Last::No);

    /// The file as it stands, closed as provisional, without another record. As `finish` otherwise.
    Result<SealedBatch> current(const SigningKey& device) const;

    /// Committed records, and what they and OPEN take, without header, CLOSE and padding.
    std::uint32_t count() const { return static_cast<std::uint32_t>(leaves_.size()) - 1; }
    std::size_t sealed_bytes() const { return cells_.size(); }
    const Digest& header_tag() const { return header_tag_; }

    BatchWriter(BatchWriter&&) noexcept;
    BatchWriter& operator=(BatchWriter&&) noexcept;
    ~BatchWriter();

  private:
    struct Keys;
    struct Pending;
    enum class Provisional { No, Yes };

    explicit BatchWriter(BatchContext context);
    Result<Pending> seal_next(ByteView record, std::size_t payload_size);
    void take(Pending&& pending);
    Result<SealedBatch> closed(const SigningKey& device, const Pending* pending, Last last,
                               Provisional provisional) const;

    BatchContext context_;
    Bytes header_;  ///< with its tag
    Digest header_tag_{};
    Bytes cells_;               ///< sealed records, OPEN first
    std::vector<Leaf> leaves_;  ///< of the same
    Sha256 sha256_;             ///< of header and cells: only what follows is hashed anew each time
    std::size_t payload_total_ = 0;
    std::unique_ptr<batch::Compressor> compressor_;
    std::unique_ptr<Keys> keys_;        ///< nothing once it is finished
    std::unique_ptr<Pending> pending_;  ///< the record that waits for `commit`
};

}  // namespace fieldfare::crypto
