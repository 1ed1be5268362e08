#include "tests/support/child_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace fieldfare::test {
namespace {

pid_t parent_of(const std::string& number) {
    std::ifstream file("/proc/" + number + "/stat");  // "12 (sshd) S 7 …"
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    std::istringstream words(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string state;
    pid_t parent = 0;
    words >> state >> parent;
    return parent;
}

std::vector<pid_t> children_of(pid_t process) {
    std::vector<pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos && parent_of(name) == process)
            children.push_back(static_cast<pid_t>(std::stol(name)));
    }
    return children;
}

}  // namespace

void signal_below(pid_t process, int signal) {
    for (const pid_t child : children_of(process)) {
        signal_below(child, signal);
        ::kill(child, signal);
    }
}

void kill_with_children(pid_t process) {
    ::kill(process, SIGSTOP);  // it starts no other in the place of one that goes
    signal_below(process, SIGKILL);
    ::kill(process, SIGKILL);
}

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
