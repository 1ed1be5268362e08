#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "sync/outbox.h"
#include "sync/receipt.h"
#include "sync/sync_config.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// Under how many further names (batch_name()) a file goes to a store that has filled the first with
/// something else.
inline constexpr int most_resends = 9;

struct SyncProgress {
    std::size_t file = 0;                           ///< how many files are done
    std::size_t files = 0;                          ///< of how many that wait
    std::uint64_t bytes_done = 0, bytes_total = 0;  ///< of the file on its way
    FileHash hash = {};               ///< of the file on its way, or done just now; empty before the first
    std::size_t taken = 0;            ///< files that a store has taken in this pass
    std::uint64_t bytes_sent = 0;     ///< of all files, and never fewer than before; sent is not yet taken
    std::uint64_t bytes_waiting = 0;  ///< of all files, each once for every copy that it lacked
};

/// A store by the study that it is of: two studies may have one address, with settings of their own.
struct StoreName {
    std::string study_tag, address;

    auto operator<=>(const StoreName&) const = default;
};

/// What a pass has found of a store. Neither answered nor a problem: it was not asked, or has only been asked
/// for receipts, and gave none: that is no trouble for files.
struct StoreNews {
    StoreName store;
    bool answered = false;                  ///< at least once, as a store does
    std::optional<TransportError> problem;  ///< for which it was left alone from then on, or in part
};

struct SyncOptions {
    /// UTC day of the caller's clock: the hold is counted with it.
    std::chrono::sys_days today;

    /// The unlocked vault's own word on a file that enough receipts would let go: it checks against its
    /// heads. Without it (vault locked) nothing is forgotten.
    std::function<bool(const SealedFile&)> vault_agrees;

    /// At most so many files are forgotten in one pass: a mistake, or a stolen key, can't empty a device at
    /// once.
    std::size_t most_forgotten = 50;

    /// A number from 0 to `below` - 1, for the order of stores; none: the system's randomness.
    std::function<std::size_t(std::size_t below)> pick;

    /// These are not asked: they have failed before this pass and rest. What has no other store waits on.
    std::set<StoreName> resting;

    /// The proxy by which this person goes to stores of the network, in the place of the study's; see
    /// open_store().
    std::string proxy;

    /// How long a store may take for its list, and for the receipts that are read in a pass. Without an end
    /// it would hold up all others: what a store takes is bounded by no time, what it gives is.
    std::chrono::milliseconds longest_reading = std::chrono::minutes(5);

    /// How long a store may take in all over files that it then does not take, under whatever name, before it
    /// gets no more of them in this pass.
    std::chrono::milliseconds longest_refusing = std::chrono::minutes(5);

    /// By which that is measured; none: the system's.
    std::function<std::chrono::steady_clock::time_point()> clock;

    /// How a store becomes a transport; none: open_store().
    std::function<TransportResult<std::unique_ptr<Transport>>(const Store&)> open;

    std::function<void(const SyncProgress&)> on_progress;  ///< on the calling thread
    std::stop_token stop;
};

/// Something that did not go well, and did not stop the rest.
struct SyncFinding {
    enum class Kind {
        store,     ///< a store (`problem` is a TransportError); it was left alone for the rest of the pass,
                   ///< but for receipts where it takes no files, and for all else where its list is too slow
        file,      ///< one file could not be handed over to one store, under none of its names
        own_file,  ///< the outbox's own file or note (`problem` is an OutboxError)
        rotten,    ///< the disk has changed a file: it goes on under the name of what it is now
        unknown_study,  ///< the study of a file is none of sync.json's
        lost,           ///< a store did not have files that it had taken; they go out again
        other_content,  ///< a store holds something else under our name; the file went under a further one
        receipt,        ///< a receipt file that is no certified word for us (`problem` is a ReceiptError), or
                        ///< one that could not be read in the store (a TransportError); Fault::not_permitted:
                        ///< none of them may be read there
        replayed,       ///< a receipt older than one seen before
        unguarded,      ///< a store took a file, and can't promise that nobody replaces it
        too_many,       ///< more files may be forgotten than one pass forgets
    };
    Kind kind = Kind::file;
    FileHash file;      ///< empty when no single file is meant
    std::string store;  ///< empty when no store is meant
    std::variant<std::monostate, TransportError, OutboxError, ReceiptError> problem;
};

/// Files of the outbox as they stand, also those whose study is not known, each in exactly one of the first
/// three; those that are held are part of a draft, and in none.
struct SyncCounts {
    std::size_t sealed = 0;       ///< not in as many stores as its study asks for, as far as is known
    std::size_t handed_over = 0;  ///< in as many, noted or not (is_handed_over()); not confirmed
    std::size_t confirmed = 0;    ///< enough researchers say that they have opened it
    std::uint64_t forgotten = 0;  ///< confirmed long enough ago, and no longer on the device
    std::size_t earlier = 0;      ///< of the first two: SealedFile::earlier, and so confirmed never

    bool operator==(const SyncCounts&) const = default;
};

struct SyncSummary {
    std::size_t handed_over = 0;    ///< hand-overs of this pass; a store that had the file already counts
    std::size_t receipts = 0;       ///< new receipts
    std::size_t forgotten = 0;      ///< files deleted in this pass
    std::size_t still_waiting = 0;  ///< files that lack a copy yet
    std::size_t studies = 0;        ///< that this device has
    bool cancelled = false;
    int silent_days = 0;  ///< since the first hand-over of a file of which no receipt says anything, as far
                          ///< as receipts are signed in its study and can be read here
    std::vector<SyncFinding> findings;
    std::vector<StoreNews> stores;  ///< each store of each study, by study and address
    bool counted = false;  ///< false: the outbox could not be read at the end, or receipts could not, and
                           ///< `counts` say nothing
    SyncCounts counts;
};

/// One pass over all studies: hands over what waits, to its stores in random order until StudySync::copies
/// have it (again where the study no longer has the store, or that no longer lists one that nobody has
/// confirmed, or researchers have accepted much later ones and say nothing of this one); reads new receipts
/// by name; forgets what may be forgotten. Needs no passphrase. A file or a store that fails never stops the
/// others; a store with a fault of its own is not asked again in this pass (one that takes no file is asked
/// for receipts), and one that rests not at all. Whatever was done is remembered at once, so that a pass can
/// be cut off anywhere.
SyncSummary sync_once(Outbox& outbox, const SyncConfig& config, const SyncOptions& options);

}  // namespace fieldfare::sync
