#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace fieldfare::researcher {

/// As many as pay off on this machine: one a processor, 1 to 4. Each has a batch or two in memory.
inline unsigned usual_workers() {
    const unsigned processors = std::thread::hardware_concurrency();
    return processors == 0 ? 1 : processors > 4 ? 4 : processors;
}

/// `make(i)` for 0 to count - 1, on `workers` threads and in any order; `use(i, result)` on the calling
/// thread, in the order of i. So what `use` writes is the same as with one worker. At most one result a
/// worker waits to be used, besides those being made. `use` returns false to stop: what has begun is brought
/// to its end, nothing further is begun. What `make` or `use` throws comes out here, the first in order. With
/// one worker no thread is started.
template <typename Make, typename Use>
void in_order(std::size_t count, unsigned workers, Make make, Use use) {
    if (workers <= 1 || count <= 1) {
        for (std::size_t i = 0; i < count; ++i)
            if (!use(i, make(i))) return;
        return;
    }
    struct Outcome {
        std::optional<decltype(make(0))> value;
        std::exception_ptr fault;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::size_t, Outcome> done;
    std::size_t next = 0, used = 0;
    bool stopped = false;

    const auto work = [&] {
        for (;;) {
            std::size_t mine = 0;
            {
                std::unique_lock lock(mutex);
                changed.wait(lock, [&] { return stopped || next == count || next < used + 2 * workers; });
                if (stopped || next == count) return;
                mine = next++;
            }
            Outcome outcome;
            try {
                outcome.value.emplace(make(mine));
            } catch (...) {
                outcome.fault = std::current_exception();
            }
            const std::lock_guard lock(mutex);
            done.emplace(mine, std::move(outcome));
            changed.notify_all();
        }
    };
    struct Stop {
        std::mutex& mutex;
        std::condition_variable& changed;
        bool& stopped;
        ~Stop() {
            const std::lock_guard lock(mutex);
            stopped = true;
            changed.notify_all();
        }
    };
    std::vector<std::jthread> threads;  // joined last, after they were told to stop
    const Stop stop{mutex, changed, stopped};
    for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work);
    for (; used < count;) {
        Outcome outcome;
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return done.contains(used); });
            outcome = std::move(done.extract(used).mapped());
        }
        if (outcome.fault) std::rethrow_exception(outcome.fault);
        if (!use(used, std::move(*outcome.value))) return;
        const std::lock_guard lock(mutex);
        ++used;
        changed.notify_all();
    }
}

}  // namespace fieldfare::researcher
