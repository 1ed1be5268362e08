#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sync/sync_run.h"

namespace fieldfare::sync {

/// The stores of one pass: each is opened once, one with a fault of its own is left alone from then on, and
/// what each answered is kept for the summary. Two studies may have one address and credentials of their own.
/// What it is made with must outlive it; findings go to `findings`.
class PassStores {
  public:
    PassStores(const SyncConfig& config, const SyncOptions& options, std::vector<SyncFinding>& findings);

    /// Null when the store can't be used, for a reason that is reported once, or rests.
    Transport* transport_of(const Store& store);
    /// The same for a file that it should take.
    Transport* transport_for_files(const Store& store);

    std::vector<const Store*> in_random_order(const StudySync& study) const;

    void has_answered(const Store& store);
    void has_taken(const Store& store);  ///< a file, or it had one

    /// A file could not be handed over (or, `file` empty, a receipt not read): for a fault of the store's own
    /// that is left alone, or gets no more files where it may give receipts all the same.
    /// What one takes too long over, and then not, is a fault of its own in the end.
    void put_failed(const FileHash& file, const Store& store, const TransportError& error,
                    std::chrono::nanoseconds took);
    void failed(const FileHash& file, const Store& store, const TransportError& error);

    void give_up(const Store& store, const TransportError& error);
    /// It is asked on.
    void tell(const Store& store, const TransportError& error);

    /// Each store of each study, by study and address.
    std::vector<StoreNews> news() const;

  private:
    void takes_nothing(const Store& store, const TransportError& error);
    void tell_instead(const Store& store, const TransportError& error);

    const SyncConfig& config_;
    const SyncOptions& options_;
    std::vector<SyncFinding>& findings_;
    std::map<Store, std::unique_ptr<Transport>> transports_;
    std::map<Store, TransportError> problems_;
    std::map<Store, std::chrono::nanoseconds> wasted_;  // on files that it did not take
    std::set<Store> broken_;                            // not asked any more
    std::set<Store> takes_nothing_;                     // not asked to take a file
    std::set<Store> resting_, answered_, took_;
};

}  // namespace fieldfare::sync
