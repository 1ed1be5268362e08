#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>

#include "sync/sync_run.h"

namespace fieldfare::courier {

/// Why there was no pass, or no end of it.
enum class Trouble {
    settings_damaged,  ///< sync.json can't be read
    outbox_missing,    ///< there is no outbox, which every profile has
    outbox_unusable,   ///< the outbox can't be opened
    gone,  ///< the courier's process ended; what was handed over until then is noted in the outbox
};

struct PassReport {
    sync::SyncSummary summary;
    bool has_store = false;  ///< at all, of any study
};

/// Carries sealed files to their stores in a process of its own: everything that speaks to a network or to a
/// stranger's folder runs there and not beside the keys of an open vault. That process is made while the
/// program is still empty, and for each pass reads sync.json, keeps the outbox, the stores that are folders
/// and (if a store is on one) the network, and gives up the rest of the machine (client/confinement).
///
/// It can't outlive the program, leaves Ctrl-C and the end of a service to it, and when it dies a pass ends
/// in Trouble::gone and the next tries again.
class Courier {
  public:
    struct Options {
        std::filesystem::path profile;  ///< absolute; need not be there yet
        std::string proxy;              ///< SyncOptions::proxy
    };
    /// Forks, so: before there is a second thread, from the main thread, before anything is open. Nothing
    /// when the system gives no process.
    static std::optional<Courier> start(Options options);

    Courier(Courier&&) noexcept;
    Courier& operator=(Courier&&) noexcept;
    ~Courier();  ///< ends the process; not during a pass

    struct Orders {
        std::chrono::sys_days today;             ///< SyncOptions::today
        std::set<sync::StoreName> resting = {};  ///< SyncOptions::resting
        /// As SyncOptions::vault_agrees; called on the thread of carry().
        std::function<bool(const sync::FileHash&)> may_forget;
        std::function<void(const sync::SyncProgress&)> on_progress;  ///< on the thread of carry()
        std::stop_token stop;
        std::stop_token at_once = {};  ///< the pass ends now, wherever it stands, in Trouble::gone
        /// It has not, and is waited for no longer: the courier kills it, ends, and carries nothing any more.
        std::stop_token let_go = {};
    };
    /// One pass (sync::sync_once); returns at its end. From any thread, one at a time. A pass that is stopped
    /// ends as soon as the transport notices; one that is ended at once has left its process when this
    /// returns, so that nothing is written any more.
    tl::expected<PassReport, Trouble> carry(const Orders& orders);

  private:
    struct Process;
    explicit Courier(std::unique_ptr<Process> process);
    std::unique_ptr<Process> process_;
};

}  // namespace fieldfare::courier
