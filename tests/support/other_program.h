#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace fieldfare::tests {

/// Another program on the same display that has copied a text: it owns the clipboard and gives that to
/// whoever asks, until somebody else takes the clipboard or this ends.
class OtherProgram {
  public:
    OtherProgram(const std::string& display, std::string copied);
    ~OtherProgram();
    OtherProgram(const OtherProgram&) = delete;
    OtherProgram& operator=(const OtherProgram&) = delete;

  private:
    void answer();

    void* display_ = nullptr;
    unsigned long window_ = 0;
    std::string copied_;
    std::atomic<bool> ends_ = false;
    std::thread thread_;
};

}  // namespace fieldfare::tests
