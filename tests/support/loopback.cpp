#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string_view>

namespace fieldfare::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
    return ntohs(address.sin_port);
}

int bound_socket() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(0);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    return socket;
}

// Without it each exchange through a double waits 40 ms for an acknowledgement.
int at_once(int socket) {
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return socket;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string receive_some(int socket) {
    std::array<char, 16384> buffer{};
    const ssize_t n = ::recv(socket, buffer.data(), buffer.size(), 0);
    return n <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(n));
}

std::string receive(int socket, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t have = 0; have < size;) {
        const ssize_t n = ::recv(socket, bytes.data() + have, size - have, 0);
        if (n <= 0) return {};
        have += static_cast<std::size_t>(n);
    }
    return bytes;
}

bool readable(int socket) {
    pollfd one{socket, POLLIN, 0};
    return ::poll(&one, 1, 100) > 0;
}

}  // namespace

int connect_to(std::uint16_t port, const char* where) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(port);
    if (::inet_pton(AF_INET, where, &address.sin_addr) != 1) std::abort();
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return at_once(socket);
    ::close(socket);
    return -1;
}

Listener::Listener(std::function<void(int)> serve) : Listener(bound_socket(), std::move(serve)) {}

Listener::Listener(int socket, std::function<void(int)> serve) : serve_(std::move(serve)), socket_(socket) {
    if (::listen(socket_, 64) != 0) std::abort();
    port_ = port_of(socket_);
    acceptor_ = std::thread([this] { accept_all(); });
}

Listener::~Listener() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    acceptor_.join();
    ::close(socket_);
    {
        const std::lock_guard lock(mutex_);
        for (const int one : open_) ::shutdown(one, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
}

void Listener::holds_little() {
    const int size = 16'384;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool Listener::rests() {
    for (int tries = 0; tries < 10'000; ++tries) {
        {
            const std::lock_guard lock(mutex_);
            if (open_.empty()) return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

void Listener::accept_all() {
    for (;;) {
        const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0 || stopping_) {
            if (client >= 0) ::close(client);
            return;
        }
        ++connections_;
        at_once(client);
        const std::lock_guard lock(mutex_);
        open_.push_back(client);
        threads_.emplace_back([this, client] {
            serve_(client);
            const std::lock_guard closing(mutex_);
            std::erase(open_, client);
            ::close(client);
        });
    }
}

ChaosProxy::ChaosProxy(std::uint16_t server)
    : server_(server), listener_([this](int client) { serve(client); }) {}

void ChaosProxy::does(Does what, std::size_t after) {
    does_ = what;
    after_ = after;
    if (what == Does::thin) listener_.holds_little();
}

void ChaosProxy::hold_up(Does what, std::size_t bytes) const {
    static std::atomic<unsigned> turn = 0;
    if (what == Does::delay) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (what == Does::jitter) std::this_thread::sleep_for(std::chrono::milliseconds(turn++ * 7 % 21));
    if (what == Does::trickle) std::this_thread::sleep_for(std::chrono::microseconds(bytes * 10 / 4));
    if (what == Does::thin) std::this_thread::sleep_for(std::chrono::microseconds(bytes * 20));
}

void ChaosProxy::serve(int client) {
    const Does what = does_;
    const std::size_t after = after_;
    if (what == Does::say_hello) {
        ++broken_;
        bytes_up_ += receive_some(client).size();
        send_all(client,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<h1>Log in</h1");
        return;
    }
    const int server = connect_to(server_);
    if (server < 0) {
        ++broken_;
        return;
    }
    bool swallowed =
        false;  // TLS tickets may be, before the answer: only when nothing more comes it has been
    bool ended = false, struck = false;
    for (std::size_t up = 0;;) {
        std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
        if (::poll(both.data(), both.size(), swallowed ? static_cast<int>(wait_.count()) : -1) <= 0) break;
        const bool late = up >= after;
        if (both[0].revents != 0) {
            std::string bytes = receive_some(client);
            if (bytes.empty()) break;
            bytes_up_ += bytes.size();
            hold_up(what, bytes.size());
            const bool reached = up + bytes.size() >= after;
            const bool ends = (what == Does::cut || what == Does::reset) && reached;
            const bool half = what == Does::half_close && reached;
            if ((ends || half) && !ended) bytes.resize(after - up);
            up += bytes.size();
            if (ended || (what == Does::go_silent && late)) continue;
            if (!send_all(server, bytes)) break;
            if (half) ::shutdown(server, SHUT_WR);
            ended = ended || half;
            if (what == Does::strike && reached && !struck) strike_();
            struck = struck || reached;
            if (ends) {
                if (what == Does::reset) {
                    const linger at_once{1, 0};
                    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
                    ::setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
                }
                ended = true;
                break;
            }
        }
        if (both[1].revents != 0) {
            const std::string bytes = receive_some(server);
            if (bytes.empty()) break;
            swallowed = swallowed || (what == Does::swallow_reply && late);
            if (swallowed || (what == Does::go_silent && late)) continue;
            if (!send_all(client, bytes)) break;
        }
    }
    if (ended || swallowed || (what == Does::strike && struck) || what == Does::go_silent) ++broken_;
    ::close(server);
}

SocksDouble::SocksDouble(std::uint16_t server)
    : SocksDouble(bound_socket(), [server](const Call&) { return server; }) {}

SocksDouble::SocksDouble(int socket, Leads leads)
    : leads_(std::move(leads)), listener_(socket, [this](int client) { serve(client); }) {}

std::vector<SocksDouble::Call> SocksDouble::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

void SocksDouble::serve(int client) {
    const auto number = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
    const auto part = [&] {
        const std::string size = receive(client, 1);
        return size.empty() ? std::string() : receive(client, number(size[0]));
    };
    Call call;
    receive(client, 1);
    const std::string ways = part();
    if (ways.find('\2') != std::string::npos) {  // RFC 1929
        send_all(client, std::string_view("\5\2", 2));
        receive(client, 1);
        call.user = part();
        part();
        send_all(client, std::string_view("\1\0", 2));
    } else {
        send_all(client, std::string_view("\5\0", 2));
    }
    const std::string head = receive(client, 4);
    if (head.size() != 4) return;
    call.by_name = head[3] == 3;
    call.host = call.by_name ? part() : receive(client, head[3] == 1 ? 4 : 16);
    const std::string port = receive(client, 2);
    if (port.size() != 2) return;
    call.port = static_cast<std::uint16_t>(number(port[0]) << 8 | number(port[1]));
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
    }
    const std::uint16_t to = leads_(call);
    const int server = to == 0 ? -1 : connect_to(to);
    if (server < 0) {
        send_all(client, std::string_view(to == 0 ? "\5\4\0\1\0\0\0\0\0\0" : "\5\5\0\1\0\0\0\0\0\0", 10));
        return;
    }
    send_all(client, std::string_view("\5\0\0\1\0\0\0\0\0\0", 10));
    for (;;) {
        std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
        if (::poll(both.data(), both.size(), -1) <= 0) break;
        const bool up = both[0].revents != 0;
        const std::string bytes = receive_some(up ? client : server);
        if (bytes.empty() || !send_all(up ? server : client, bytes)) break;
    }
    ::close(server);
}

ScriptedServer::ScriptedServer(std::function<std::string(const std::string&)> answer)
    : answer_(std::move(answer)), listener_([this](int client) { serve(client); }) {}

std::vector<std::string> ScriptedServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void ScriptedServer::serve(int client) {
    for (std::string request;;) {
        std::size_t end = std::string::npos;
        while ((end = request.find("\r\n\r\n")) == std::string::npos) {
            const std::string more = receive_some(client);
            if (more.empty()) return;
            request += more;
        }
        std::size_t length = 0;
        if (const auto at = request.find("Content-Length: "); at < end)
            length = std::strtoul(request.c_str() + at + 16, nullptr, 10);
        // Who waits for "100 Continue" has its answer from the headers alone.
        const bool waits = request.find("Expect: 100-continue") < end;
        while (!waits && request.size() < end + 4 + length) {
            const std::string more = receive_some(client);
            if (more.empty()) return;
            request += more;
        }
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        const std::string answer = answer_(request);
        const bool hangs_up = answer.empty() || answer.find("Connection: close") != std::string::npos;
        if (!send_all(client, answer) || hangs_up) return;
        if (waits) {
            while (readable(client) && !receive_some(client).empty()) {
            }
            return;
        }
        request.clear();
    }
}

std::uint16_t unused_port() {
    const int socket = bound_socket();
    const std::uint16_t port = port_of(socket);
    ::close(socket);
    return port;
}

bool answers(std::uint16_t port, const char* address) {
    const int socket = connect_to(port, address);
    if (socket < 0) return false;
    ::close(socket);
    return true;
}

}  // namespace fieldfare::test
