#pragma once

// The vocabulary of the tests of client/confinement. What a process may not do any more it may never do
// again: so each try is made in a process of its own.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>

namespace fieldfare::test {

/// What a forked process answers (0 to 99) that does this; 100 and more: it was killed.
inline int alone(const std::function<int()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(work());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/// 0, or the errno of what failed: the answer of a try.
inline int outcome(long returned) {
    return returned < 0 ? errno : 0;
}

inline int try_to_open(const std::filesystem::path& path, int how) {
    const int file = ::open(path.c_str(), how | O_CLOEXEC, 0600);
    const int answer = outcome(file);
    if (file >= 0) ::close(file);
    return answer;
}

}  // namespace fieldfare::test
