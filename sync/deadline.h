#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace fieldfare::sync {

/// Stops what is at work when its time is up, or when it is stopped all the same. For what a store gives that
/// never ends and never stands still. A thread of its own waits for the time; it ends with this.
class Deadline {
  public:
    Deadline(std::chrono::milliseconds time, const std::stop_token& other)
        : on_other_(other, [this] { stop_.request_stop(); }),
          clock_([this, time](const std::stop_token& ended) { wait(time, ended); }) {}

    /// Asked to stop in either case.
    std::stop_token token() const { return stop_.get_token(); }
    bool is_over() const { return over_; }

  private:
    void wait(std::chrono::milliseconds time, const std::stop_token& ended) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, ended, time, [] { return false; });
        if (ended.stop_requested()) return;
        over_ = true;
        stop_.request_stop();
    }

    std::stop_source stop_;
    std::atomic<bool> over_ = false;
    std::stop_callback<std::function<void()>> on_other_;
    std::jthread clock_;  // the last, so that it ends before the rest goes
};

}  // namespace fieldfare::sync
