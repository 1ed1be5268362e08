#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sync/known_media.h"
#include "sync/sync_run.h"

namespace fieldfare::sync {

/// The stores of one pass: each is opened once, one with a fault of its own is left alone from then on, and
/// what each answered is kept for the summary. Two studies may have one address and credentials of their own,
/// or share a store altogether: then what is the matter with the folder of one is not the other's trouble. So
/// each `store` that is given must be one of the config's own. What it is made with must outlive it; findings
/// go to `findings`.
class PassStores {
  public:
    PassStores(const Outbox& outbox, const SyncConfig& config, const SyncOptions& options,
               std::vector<SyncFinding>& findings);

    /// Null when the store can't be used, for a reason that is reported once, or rests.
    Transport* transport_of(const Store& store);
    /// The same for a file that it should take.
    Transport* transport_for_files(const Store& store);

    std::vector<const Store*> in_random_order(const StudySync& study) const;

    void has_answered(const Store& store);
    void has_taken(const Store& store);  ///< a file, or it had one, and that is noted

    /// A file could not be handed over. With a fault of its own the store is left alone, or gets no more
    /// files where it may give receipts all the same.
    void put_failed(const FileHash& file, const Store& store, const TransportError& error);
    /// A receipt could not be read. The store is left alone where it could take no file, either; else that is
    /// no trouble of the store, and it is asked to take them all the same.
    void get_failed(const Store& store, const TransportError& error);

    /// So long a store was busy with a file, or with one name of it, and has then not taken it. False once
    /// that is longer than SyncOptions::longest_refusing in all: it gets no more files.
    bool may_go_on(const Store& store, std::chrono::nanoseconds in_vain);

    void give_up(const Store& store, const TransportError& error);
    /// It is asked on.
    void tell(const Store& store, const TransportError& error);

    /// Each store of each study, by study and address.
    std::vector<StoreNews> news() const;

  private:
    /// The store itself, and with a fault that is not of its study's folder those of the others that are the
    /// same one.
    std::vector<const Store*> meant_by(const Store& store, const TransportError& error) const;
    /// Of the store itself or by another study that has it.
    bool is_told(const Store& store, const TransportError& error) const;
    void takes_nothing(const Store& store, const TransportError& error);
    void tell_instead(const Store& store, const TransportError& error);

    const SyncConfig& config_;
    const SyncOptions& options_;
    std::vector<SyncFinding>& findings_;
    KnownMedia media_;
    std::map<Store, std::unique_ptr<Transport>> transports_;
    std::map<Store, std::chrono::nanoseconds> wasted_;  // on files that it did not take
    // By study and store, so by the config's own:
    std::map<const Store*, TransportError> problems_;
    std::set<const Store*> broken_;         // not asked any more
    std::set<const Store*> takes_nothing_;  // not asked to take a file
    std::set<const Store*> resting_, answered_, took_;
};

}  // namespace fieldfare::sync
