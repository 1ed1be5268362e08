#include "client/collector/worker.h"

#include <utility>

#include "client/collector/wiped_memory.h"

namespace fieldfare::collector {

Worker::Worker(std::function<void()> wake) : wake_(std::move(wake)), thread_([this] { work(); }) {}

void Worker::end() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Worker::ask(Job job) {
    {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::move(job));
    }
    changed_.notify_all();
}

app::Actions Worker::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(done_, {});
}

void Worker::wait_until_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return asked_.empty() && !busy_; });
}

void Worker::post(app::Action action) {
    {
        const std::lock_guard lock(mutex_);
        done_.push_back(std::move(action));
    }
    wake_();
}

void Worker::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !asked_.empty(); });
        if (asked_.empty()) return;  // ending, and nothing left to do
        Job job = std::move(asked_.front());
        asked_.pop_front();
        busy_ = true;
        lock.unlock();
        job();
        job = nullptr;  // what it held (answers, a passphrase) goes now, not with the next job
        wipe_left_stack();
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

}  // namespace fieldfare::collector
