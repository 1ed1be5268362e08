#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fieldfare::test {

/// A program that runs beside a test and no longer: it ends with this object, and with the test's process
/// however that ends. What it says goes into a file.
class ChildServer {
  public:
    /// The first word is the program's whole path.
    ChildServer(const std::vector<std::string>& words, const std::filesystem::path& log);
    ChildServer(const ChildServer&) = delete;
    ~ChildServer();

    bool running();
    pid_t number() const { return number_; }

  private:
    pid_t number_ = -1;
    bool ended_ = false;
};

/// To all processes that a process has started, and those that they have started.
void signal_below(pid_t process, int signal);
/// SIGKILL to a process and all below it, so that none is left to take its place.
void kill_with_children(pid_t process);

}  // namespace fieldfare::test
