#include "schema/readers/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace fieldfare::schema::readers {
namespace {

constexpr rlim_t most_seconds = 20;           // of the processor's time
constexpr std::chrono::seconds patience{40};  // by the clock

void bound_this_process() {
    const rlimit time{most_seconds, most_seconds}, core{0, 0};
    setrlimit(RLIMIT_CPU, &time);
    setrlimit(RLIMIT_CORE, &core);
#if !defined(__SANITIZE_ADDRESS__)  // its shadow memory takes more addresses than any bound
    const rlimit memory{rlim_t{1} << 30, rlim_t{1} << 30};
    setrlimit(RLIMIT_AS, &memory);
#endif
}

bool write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(to, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

[[noreturn]] void be_the_child(const std::function<void(const Output&)>& work, int to) {
    bound_this_process();
    signal(SIGPIPE, SIG_DFL);
    std::string waiting;
    bool wanted = true;
    const auto flush = [&] {
        wanted = wanted && write_all(to, waiting);
        waiting.clear();
    };
    try {
        work([&](std::string_view bytes) {
            waiting += bytes;
            if (waiting.size() > 64 * 1024) flush();
            return wanted;
        });
        flush();
    } catch (...) {
        wanted = false;  // out of memory
    }
    _exit(wanted ? 0 : 1);
}

// False when the time is over, the child fell silent or wrote too much.
bool read_all(int from, std::size_t most_bytes, std::string& out) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    char piece[64 * 1024];
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd wait{from, POLLIN, 0};
        if (poll(&wait, 1, static_cast<int>(left.count())) < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        if (wait.revents == 0) continue;
        const ssize_t count = read(from, piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count == 0;
        out.append(piece, static_cast<std::size_t>(count));
        if (out.size() > most_bytes) return false;
    }
}

}  // namespace

std::optional<std::string> run_apart(const std::function<void(const Output&)>& work, std::size_t most_bytes) {
    int ends[2];
    if (pipe(ends) != 0) return std::nullopt;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_the_child(work, ends[1]);
    }
    close(ends[1]);
    std::string out;
    const bool whole = child > 0 && read_all(ends[0], most_bytes, out);
    close(ends[0]);
    if (child < 0) return std::nullopt;
    if (!whole) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!whole || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
    return out;
}

}  // namespace fieldfare::schema::readers
