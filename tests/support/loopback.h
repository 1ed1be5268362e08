#pragma once

// Servers of a few lines on the loopback interface, for what a real one will not do on demand: break a
// connection in the middle, answer as a login page does, and say who came to a proxy.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fieldfare::test {

/// Takes connections on a port of its own and gives each to `serve` on a thread of its own. When it goes,
/// all of them are closed.
class Listener {
  public:
    /// `serve` owns nothing: the socket is closed when it returns.
    explicit Listener(std::function<void(int socket)> serve);
    Listener(const Listener&) = delete;
    ~Listener();

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }

  private:
    void accept_all();

    std::function<void(int)> serve_;
    int socket_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

/// A line on which anything can happen, between a client and a server on this machine.
class ChaosProxy {
  public:
    enum class Does {
        pass,           ///< nothing happens
        delay,          ///< each piece waits a tenth of a second
        cut,            ///< both sides are closed after `after` bytes to the server
        reset,          ///< the same with a TCP reset
        swallow_reply,  ///< what the server says after `after` bytes is lost, and the connection closed
        go_silent,      ///< after `after` bytes nothing goes either way any more
        say_hello,      ///< an HTTP page in the clear, as the network's login page
    };

    explicit ChaosProxy(std::uint16_t server);

    std::uint16_t port() const { return listener_.port(); }
    /// For connections from now on.
    void does(Does what, std::size_t after = 0);
    int connections() const { return listener_.connections(); }

  private:
    void serve(int client);

    std::uint16_t server_;
    std::atomic<Does> does_ = Does::pass;
    std::atomic<std::size_t> after_ = 0;
    Listener listener_;
};

/// A SOCKS5 proxy that notes who asked for what, and leads every connection to one server on this machine.
class SocksDouble {
  public:
    struct Call {
        std::string user, host;
        std::uint16_t port = 0;
        bool by_name = false;  ///< the name came here unresolved
    };

    explicit SocksDouble(std::uint16_t server);

    std::uint16_t port() const { return listener_.port(); }
    std::string address() const { return "socks5h://127.0.0.1:" + std::to_string(port()); }
    std::vector<Call> calls() const;

  private:
    void serve(int client);

    std::uint16_t server_;
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    Listener listener_;
};

/// An HTTP server that answers each request, headers and body, with what `answer` says, byte by byte. It
/// hangs up after "Connection: close", and where there is nothing to say.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::function<std::string(const std::string& request)> answer);

    std::uint16_t port() const { return listener_.port(); }
    /// As they came.
    std::vector<std::string> requests() const;

  private:
    void serve(int client);

    std::function<std::string(const std::string&)> answer_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    Listener listener_;
};

/// A port on which nobody listens.
std::uint16_t unused_port();
/// Whether somebody does.
bool answers(std::uint16_t port);

}  // namespace fieldfare::test
