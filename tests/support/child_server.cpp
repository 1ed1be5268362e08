#include "tests/support/child_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace fieldfare::test {

ChildServer::ChildServer(const std::vector<std::string>& words, const std::filesystem::path& log) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    number_ = ::fork();
    if (number_ < 0) std::abort();
    if (number_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

bool ChildServer::running() {
    if (!ended_) ended_ = ::waitpid(number_, nullptr, WNOHANG) == number_;
    return !ended_;
}

ChildServer::~ChildServer() {
    if (!running()) return;
    ::kill(number_, SIGTERM);
    for (int tries = 0; tries < 500; ++tries) {
        if (!running()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(number_, SIGKILL);
    ::waitpid(number_, nullptr, 0);
}

}  // namespace fieldfare::test
