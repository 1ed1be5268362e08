#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "client/app/action.h"
#include "client/collector/sync_report.h"
#include "client/courier/courier.h"

namespace fieldfare::collector {

/// How a pass ended, as the screen shows it.
struct PassEnd {
    std::vector<app::SyncFile> files;
    SyncVerdict verdict;
    app::Counts counts;  ///< of files
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
    void start(std::chrono::sys_days today);
    void stop();

    /// Stops a pass and waits for its thread; from the main thread, too. No start may follow.
    void end();

  private:
    void carry(std::chrono::sys_days today, const std::stop_token& stop);
    void finish(PassEnd end);
    bool vault_agrees(const sync::FileHash& hash, const std::stop_token& stop);

    Options options_;
    bool runs_ = false;  ///< until the worker's thread knows how it ended
    std::jthread thread_;
};

}  // namespace fieldfare::collector
