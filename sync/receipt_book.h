#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sync/object_name.h"
#include "sync/outbox.h"
#include "sync/receipt.h"

namespace fieldfare::sync {

/// How far the researchers have confirmed a file.
struct Confirmation {
    std::size_t signers = 0;  ///< distinct ones whose latest word is "accepted"
    std::optional<std::chrono::sys_days>
        enough_since;  ///< day on which the device had enough of them; the hold's start

    bool operator==(const Confirmation&) const = default;
};

/// Why a receipt that opened is not kept.
enum class Refusal {
    not_ours,    ///< open_receipt() refused it; see `error`
    known,       ///< kept already: the same file from another store, or again
    replayed,    ///< its signer has signed one with the same or a higher counter before
    not_stored,  ///< the outbox could not write it
};

struct ReceiptRefusal {
    Refusal why = Refusal::not_ours;
    std::optional<ReceiptError> error;

    bool operator==(const ReceiptRefusal&) const = default;
};

/// How far the receipts of a store have been read.
struct ReceiptPlace {
    std::uint32_t next = 1;  ///< the number of the receipt to ask for
    std::string last = {};   ///< which file stood under the one before: what its reader notes of it

    bool operator==(const ReceiptPlace&) const = default;
};

/// The receipts of one study that a device has seen, kept as they came in outbox/receipts/<sha256>.receipt
/// and verified anew whenever the book is loaded. The day on which one was first seen is its file's time:
/// where that is lost, the hold begins again. What stands there without being a certified signer's word
/// counts for nothing.
class ReceiptBook {
  public:
    /// `study` must outlive the book.
    static OutboxResult<ReceiptBook> load(const Outbox& outbox, const StudySync& study);

    /// In the place of one that can't be read: it knows of no receipt.
    static ReceiptBook empty(const Outbox& outbox, const StudySync& study);

    /// Verifies, keeps and counts a receipt fetched on `today`.
    tl::expected<Receipt, ReceiptRefusal> take(crypto::ByteView file, std::chrono::sys_days today);

    /// `meant`: who knows which batch the file holds counts no acceptance that names another.
    Confirmation confirmation(const FileHash& hash,
                              const std::optional<crypto::Digest>& meant = std::nullopt) const;

    /// Enough signers, and the hold has passed. A clock that has gone back lengthens the hold, and one that
    /// stood in the past when the receipts came does not shorten it: no receipt is older than its file, nor
    /// than the day on which a store first had it.
    bool may_forget(const SealedFile& file, std::chrono::sys_days today) const;

    /// Whether any signer has said anything of a file.
    bool knows(const FileHash& hash) const;

    /// The last day on which a file was handed over that a signer has accepted since, as far as
    /// note_confirmed() was told of it: after that day researchers have looked at what stood in the stores.
    /// None that is after `today`. What a clock that was ahead has noted gives way to what is noted next.
    std::optional<std::chrono::sys_days> confirmed_of(std::chrono::sys_days today) const;
    /// Remembers it beyond the file's end and this program's, as long as the signers and policies stay.
    OutboxResult<void> note_confirmed(const SealedFile& file, std::chrono::sys_days today);

    /// How far a store has been read, and how to remember it. From 1 again once the study's signers or
    /// policies are others: what could not be believed before may count now. `last` is empty where the note
    /// was written by a program that kept none.
    ReceiptPlace place_in(const std::string& store_address) const;
    OutboxResult<void> set_place(const std::string& store_address, ReceiptPlace place);

  private:
    struct Word {
        std::uint64_t counter = 0;
        std::chrono::sys_days first_seen;
        crypto::Digest batch_id{};
        Verdict verdict = Verdict::quarantined;
    };

    ReceiptBook(std::filesystem::path folder, const StudySync& study)
        : folder_(std::move(folder)), study_(&study) {}
    void count(const Receipt& receipt, std::chrono::sys_days first_seen);
    OutboxResult<void> remember();

    std::filesystem::path folder_;
    const StudySync* study_;
    std::map<crypto::VerifyKey, std::uint64_t> highest_counter_;
    std::map<crypto::Digest, std::map<crypto::VerifyKey, std::vector<Word>>> words_;  ///< by file and signer
    std::set<FileHash> kept_;
    std::map<std::string, ReceiptPlace> places_;  ///< by the store's address
    std::optional<std::chrono::sys_days> confirmed_of_;
};

}  // namespace fieldfare::sync
