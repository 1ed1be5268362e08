#include "crypto/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace fieldfare;

namespace {

/// How a process ends that shuts itself in and then does this.
int shut_in_and(const std::function<int()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        crypto::shut_in();
        ::_exit(work());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

}  // namespace

TEST_CASE("no program writes the memory of one that holds keys to the disk") {
    CHECK(WEXITSTATUS(shut_in_and([] { return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); })) == 0);
}

TEST_CASE("what a program that holds keys makes is its owner's alone") {
    const int left = shut_in_and([] { return static_cast<int>(::umask(0)); });
    CHECK(WEXITSTATUS(left) == 077);
}
