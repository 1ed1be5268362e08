#pragma once

// Servers of a few lines on the loopback interface, for what a real one will not do on demand: break a
// connection in the middle, answer as a login page does, and say who came to a proxy.

#include <atomic>
#include <chrono>
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
    /// On a socket that is bound already, such as one of another network namespace. It is closed in the end.
    Listener(int socket, std::function<void(int socket)> serve);
    Listener(const Listener&) = delete;
    ~Listener();

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }
    /// Connections from now on take little more than `serve` has read.
    void holds_little();
    /// Waits until none is open any more, for at most ten seconds; false when one still is.
    bool rests();

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

/// A connection to a port of this machine, the caller's to close; -1 when there is none.
int connect_to(std::uint16_t port, const char* where = "127.0.0.1");

/// A line on which anything can happen, between a client and a server on this machine.
class ChaosProxy {
  public:
    enum class Does {
        pass,           ///< nothing happens
        delay,          ///< each piece waits a tenth of a second
        jitter,         ///< each piece waits up to 20 ms, none as long as the one before
        trickle,        ///< 400,000 bytes a second to the server
        thin,           ///< 50,000, and what was not taken along yet stays with the sender
        cut,            ///< both sides are closed after `after` bytes to the server
        reset,          ///< the same with a TCP reset
        swallow_reply,  ///< what the server says after `after` bytes is lost, and the connection closed
        go_silent,      ///< after `after` bytes nothing goes either way any more
        half_close,  ///< the server hears of an end after `after` bytes, and of nothing more; its word comes
        strike,      ///< after `after` bytes what `strikes()` was given is called, once
        say_hello,   ///< an HTTP page in the clear, as the network's login page
    };

    explicit ChaosProxy(std::uint16_t server);

    std::uint16_t port() const { return listener_.port(); }
    /// For connections from now on.
    void does(Does what, std::size_t after = 0);
    /// The same: another server, on this port, is behind the line.
    void leads_to(std::uint16_t server) { server_ = server; }
    /// On the line's own thread. Not while one is open.
    void strikes(std::function<void()> what) { strike_ = std::move(what); }
    /// How long a swallowed reply must be silent before it counts as over.
    void waits(std::chrono::milliseconds how_long) { wait_ = how_long; }

    int connections() const { return listener_.connections(); }
    bool rests() { return listener_.rests(); }
    int broken() const { return broken_; }                ///< connections that did not end by themselves
    std::uint64_t bytes_up() const { return bytes_up_; }  ///< that clients have sent

  private:
    void serve(int client);
    void hold_up(Does what, std::size_t bytes) const;

    std::atomic<std::uint16_t> server_;
    std::atomic<Does> does_ = Does::pass;
    std::atomic<std::size_t> after_ = 0;
    std::function<void()> strike_;
    std::chrono::milliseconds wait_{1000};
    std::atomic<int> broken_ = 0;
    std::atomic<std::uint64_t> bytes_up_ = 0;
    Listener listener_;
};

/// A SOCKS5 proxy that notes who asked for what, and leads every connection to a server on this machine.
class SocksDouble {
  public:
    struct Call {
        std::string user, host;
        std::uint16_t port = 0;
        bool by_name = false;  ///< the name came here unresolved
    };

    /// The port that a call is led to; 0: the proxy says that it finds no such host.
    using Leads = std::function<std::uint16_t(const Call&)>;

    explicit SocksDouble(std::uint16_t server);
    /// Listens on a socket that is bound already.
    SocksDouble(int socket, Leads leads);

    std::uint16_t port() const { return listener_.port(); }
    std::string address() const { return "socks5h://127.0.0.1:" + std::to_string(port()); }
    std::vector<Call> calls() const;

  private:
    void serve(int client);

    Leads leads_;
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
/// Whether somebody does, at an address of this machine.
bool answers(std::uint16_t port, const char* address = "127.0.0.1");

}  // namespace fieldfare::test
