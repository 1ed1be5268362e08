#pragma once

// A network of its own for a program under test, in which nothing is reached but what the test lets it
// reach, and whatever else tries to leave is counted.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fieldfare::test {

/// A network namespace (network_namespaces(7)) with a route for everything, IPv4 and IPv6, that ends
/// nowhere: what leaks leaves the program, and this machine never. Nothing of the machine's own network is
/// changed. Sockets that the test makes inside are served by the test's threads, outside.
class LonelyNetwork {
  public:
    enum class Way { nowhere, none };  ///< with that route; with nothing but loopback
    /// Null, and a message that the test is skipped, where this user may make none (root may).
    static std::unique_ptr<LonelyNetwork> make(Way way = Way::nowhere);
    LonelyNetwork(const LonelyNetwork&) = delete;
    ~LonelyNetwork();

    /// Whom programs inside ask for names. It knows none, and says so.
    static constexpr const char* name_server = "127.0.0.53";

    /// A TCP socket inside, bound to 127.0.0.1. The caller's.
    int bound_socket(std::uint16_t port) const;
    /// One that is connected to a program inside; -1 when nobody listens there. The caller's.
    int connect_to(std::uint16_t port) const;

    struct Program {
        std::vector<std::string> words;  ///< the first is the program's whole path
        std::vector<std::string> environment = {"PATH=/usr/bin:/bin"};
        std::string hosts = "127.0.0.1 localhost\n";  ///< what it finds as /etc/hosts
    };
    struct End {
        int code = -1;  ///< of its exit; -1: it had to be killed
        std::string said;
    };
    /// Runs it inside until it ends, or is killed for taking too long.
    End run(const Program& program) const { return run_all({program}).front(); }
    /// The same with several at once.
    std::vector<End> run_all(const std::vector<Program>& programs,
                             std::chrono::seconds at_most = std::chrono::seconds(150)) const;
    /// Starts it inside, to end with the test at the latest; what it says goes into the file.
    pid_t start(const Program& program, const std::filesystem::path& said) const;
    /// The words behind which any program that a test starts as it likes (AppWindow::Start) runs inside. It
    /// sees this machine's files, also those that say where names are asked for.
    std::vector<std::string> entrance() const;

    /// What programs inside have sent since the last look, by where it went: "127.0.0.1:9050" and how many
    /// packets. Waits until all of it is counted. Loopback counts, too. What a kernel says to its neighbours
    /// by itself (ARP, ICMPv6 of neighbours and groups) does not.
    using Sent = std::map<std::string, int>;
    Sent sent();

  private:
    LonelyNetwork() = default;
    void inside(const std::function<void()>& work) const;
    void set_up(Way way);
    void count_all();
    void answer_for_names() const;

    int network_ = -1, packets_ = -1, names_ = -1;
    std::mutex mutex_;
    Sent sent_;
    std::jthread counter_, name_server_;
};

/// What did not go to that address and port, and came not from there: names that were asked for ("names"),
/// and everything else ("direct").
struct Leaks {
    int names = 0, direct = 0, by_proxy = 0;
    std::string told;  ///< where it all went
};
Leaks leaks_beside(std::uint16_t proxy_port, const LonelyNetwork::Sent& sent);

}  // namespace fieldfare::test
