#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "client/app/action.h"
#include "client/collector/sync_report.h"
#include "client/courier/courier.h"

namespace fieldfare::collector {

/// How a pass ended, as the screen shows it and the next one is planned by it.
struct PassEnd {
    SyncList list;
    SyncVerdict verdict;
    app::Counts counts;  ///< of files; they say nothing where PassNews::counted is false
    app::PassNews news;
};

/// The thread on which a pass over the stores goes on, so that a slow store never holds up the saving of an
/// answer, the lock or an unlock. One pass at a time. Made, used and destroyed on the worker's thread, except
/// where a call says otherwise.
class PassThread {
  public:
    struct Options {
        std::filesystem::path profile;
        courier::Courier* courier = nullptr;  ///< without one a pass says that it can't be
        std::function<void(app::Action)> post;
        /// Runs a job later on the worker's thread.
        std::function<void(std::function<void()>)> schedule;
        std::function<bool(const sync::FileHash&)> may_forget;  ///< on the worker's thread
        std::function<void(PassEnd)> ended;                     ///< the same
    };
    explicit PassThread(Options options);
    ~PassThread() { end(); }

    bool runs() const { return runs_; }
    void start(std::chrono::sys_days today, std::set<sync::StoreName> resting);
    void stop();  ///< the second time: at once

    /// Ends a pass wherever it stands, and waits for its process: nothing of it writes any more. One that has
    /// not ended after `patience` is killed by the courier, which ends, and this program carries no further
    /// one.
    void end_at_once();

    /// Stops a pass and waits for its thread, a store that does not let go of it for `patience` at most; from
    /// the main thread, too. No start may follow.
    void end();
    static constexpr std::chrono::seconds patience{3};

  private:
    struct Stops {
        std::stop_token stop, at_once, let_go;
    };
    void carry(std::chrono::sys_days today, std::set<sync::StoreName> resting, const Stops& stops);
    void finish(PassEnd end);
    bool vault_agrees(const sync::FileHash& hash, const std::stop_token& stop);

    Options options_;
    bool runs_ = false;  ///< until the worker's thread knows how it ended
    std::stop_source at_once_, let_go_;
    std::future<void> carried_;
    std::jthread thread_;
};

}  // namespace fieldfare::collector
