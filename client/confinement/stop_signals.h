#pragma once

#include <signal.h>

#include <array>
#include <atomic>
#include <stop_token>
#include <thread>

namespace fieldfare::confinement {

/// While it lives, the first Ctrl-C (or SIGTERM, SIGHUP) asks for a tidy end by token(), and the second of
/// any of them ends the program as it would have. A signal that whoever started the program has it ignore
/// stays ignored. One at a time in a process; made after what else is in this folder, since it starts a
/// thread.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    std::stop_token token() const { return source_.get_token(); }

  private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
    std::array<struct sigaction, signals.size()> before_{};
    std::stop_source source_;
    std::atomic<bool> ended_ = false;
    int wakes_ = -1;  ///< eventfd(2)
    std::jthread waits_;
};

}  // namespace fieldfare::confinement
