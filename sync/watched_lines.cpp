#include "sync/watched_lines.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace fieldfare::sync {

namespace {

constexpr std::uint64_t most_said = 8 * 1024 * 1024;
constexpr std::uint64_t most_said_a_byte = 4;
constexpr std::chrono::milliseconds between_looks{50};

std::optional<std::uint64_t> received_on(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    return info.tcpi_bytes_received;
}

}  // namespace

struct WatchedLines::Counts {
    std::mutex mutex;                     // of all but `taken`
    std::map<int, std::uint64_t> before;  // what had come on each when the step began
    std::atomic<std::uint64_t> taken = 0;
    std::uint64_t unasked = 0;  // beside what came of it, in the steps before
    bool flooded = false;

    std::uint64_t said() const {
        std::uint64_t said = 0;
        for (const auto& [socket, then] : before) said += received_on(socket).value_or(then) - then;
        return said;
    }
    std::uint64_t unasked_until_now() const {
        const std::uint64_t of_use = taken;
        return unasked + std::max(said(), of_use) - of_use;
    }
    bool note_flood() { return flooded = flooded || said() > most_said + most_said_a_byte * taken; }
    void hang_up() const {
        for (const auto& [socket, then] : before) ::shutdown(socket, SHUT_RDWR);
    }
};

/// A thread that ends with it.
class WatchedLines::Watch {
  public:
    explicit Watch(Counts& counts)
        : thread_([&counts](const std::stop_token& ended) { look(counts, ended); }) {}

  private:
    static void look(Counts& counts, const std::stop_token& ended) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any clock;
        while (!ended.stop_requested()) {
            clock.wait_for(lock, ended, between_looks, [] { return false; });
            const std::lock_guard counting(counts.mutex);
            if (counts.note_flood()) counts.hang_up();
        }
    }

    std::jthread thread_;
};

WatchedLines::WatchedLines() : counts_(std::make_unique<Counts>()) {}
WatchedLines::~WatchedLines() = default;

bool WatchedLines::watch() try {
    if (!watch_) watch_ = std::make_unique<Watch>(*counts_);
    return true;
} catch (const std::system_error&) {  // a limit of processes
    return false;
}

void WatchedLines::add(int socket) {
    const std::lock_guard lock(counts_->mutex);
    counts_->before[socket] = 0;
}

std::uint64_t WatchedLines::close(int socket) {
    const std::lock_guard lock(counts_->mutex);  // its number is nobody else's until then
    counts_->note_flood();                       // the other side may have ended it since the last look
    const std::uint64_t received = received_on(socket).value_or(0);
    counts_->before.erase(socket);
    ::close(socket);
    return received;
}

void WatchedLines::hang_up() {
    const std::lock_guard lock(counts_->mutex);
    counts_->hang_up();
}

bool WatchedLines::begin_step() {
    const std::lock_guard lock(counts_->mutex);
    if (counts_->note_flood()) return false;
    counts_->unasked = counts_->unasked_until_now();
    for (auto& [socket, then] : counts_->before) then = received_on(socket).value_or(then);
    counts_->taken = 0;
    return true;
}

void WatchedLines::took(std::size_t size) {
    counts_->taken += size;
}

bool WatchedLines::flooded() {
    const std::lock_guard lock(counts_->mutex);
    return counts_->note_flood();
}

bool WatchedLines::are_worn() {
    const std::lock_guard lock(counts_->mutex);
    return counts_->unasked_until_now() > most_said;
}

void WatchedLines::forget() {
    const std::lock_guard lock(counts_->mutex);
    counts_->before.clear();
    counts_->taken = counts_->unasked = 0;
    counts_->flooded = false;
}

}  // namespace fieldfare::sync
