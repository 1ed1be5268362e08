#include "client/confinement/stop_signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace fieldfare::confinement {
namespace {

std::atomic<int> wakes_the_one_there_is = -1;
std::array<std::pair<int, struct sigaction>, 3> as_before;
static_assert(std::atomic<int>::is_always_lock_free);  // it is read in a signal handler

void wake(int descriptor) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(descriptor, &one, sizeof one);
}

// What asks for a stop runs whatever was registered for it, which a handler may not do: it only wakes the
// thread that does.
void on_signal(int) {
    const int kept = errno;
    for (const auto& [number, action] : as_before) ::sigaction(number, &action, nullptr);
    wake(wakes_the_one_there_is);
    errno = kept;
}

}  // namespace

StopSignals::StopSignals() : wakes_(::eventfd(0, EFD_CLOEXEC)) {
    if (wakes_ < 0) return;  // then a signal does what it did before
    waits_ = std::jthread([this] {
        std::uint64_t count = 0;
        while (::read(wakes_, &count, sizeof count) < 0)
            if (errno != EINTR) return;
        if (!ended_) source_.request_stop();
    });
    wakes_the_one_there_is = wakes_;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int number : signals) ::sigaddset(&action.sa_mask, number);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        ::sigaction(signals[i], nullptr, &before_[i]);
        as_before[i] = {signals[i], before_[i]};
    }
    for (std::size_t i = 0; i < signals.size(); ++i)
        if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals[i], &action, nullptr);
}

StopSignals::~StopSignals() {
    if (wakes_ < 0) return;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
    ended_ = true;
    wake(wakes_);
    waits_.join();
    wakes_the_one_there_is = -1;
    ::close(wakes_);
}

}  // namespace fieldfare::confinement
