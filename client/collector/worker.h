#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "client/app/action.h"

namespace fieldfare::collector {

/// The thread on which everything slow or durable happens: carries out jobs in the order in which they were
/// asked for, and keeps the actions that come back until the main thread takes them.
class Worker {
  public:
    using Job = std::function<void()>;

    /// `wake` is called after each action that came back; from whichever thread posted it.
    explicit Worker(std::function<void()> wake);

    ~Worker() { end(); }

    /// Finishes what was asked for before, then ends: saves and the lock are never lost by closing the
    /// window. What is asked for afterwards is not done.
    void end();

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void ask(Job job);       ///< never waits for the work itself; from any thread
    app::Actions take();     ///< what has come back since the last call
    void wait_until_idle();  ///< until nothing is asked for any more

    /// Sends an action to the main thread; from any thread, any number of times for one effect.
    void post(app::Action action);

  private:
    void work();

    std::function<void()> wake_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> asked_;
    app::Actions done_;
    bool busy_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace fieldfare::collector
