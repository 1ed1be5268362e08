#include "tests/support/tls_line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace fieldfare::test {

using Clock = std::chrono::steady_clock;

struct TlsLine::Inside {
    int socket = -1;
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* line = nullptr;
    bool good = false;
    std::string heard;

    /// More of what is said; false: the other side has hung up, or nothing came in time.
    bool more(Clock::time_point until, bool& over) {
        std::array<char, 16384> buffer{};
        for (;;) {
            const int n = SSL_read(line, buffer.data(), static_cast<int>(buffer.size()));
            if (n > 0) {
                heard.append(buffer.data(), static_cast<std::size_t>(n));
                return true;
            }
            if (SSL_get_error(line, n) != SSL_ERROR_WANT_READ) return over = false;
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
            pollfd waits{socket, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&waits, 1, static_cast<int>(left.count())) == 0) {
                over = true;
                return false;
            }
        }
    }
};

TlsLine::TlsLine(std::uint16_t port) : inside_(std::make_unique<Inside>()) {
    std::signal(SIGPIPE, SIG_IGN);  // libssl knows no other way
    inside_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(inside_->socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) return;
    inside_->line = SSL_new(inside_->context);
    SSL_set_fd(inside_->line, inside_->socket);
    const timeval patience{5, 0};
    ::setsockopt(inside_->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    inside_->good = SSL_connect(inside_->line) == 1;
    const timeval shortly{0, 1000};
    ::setsockopt(inside_->socket, SOL_SOCKET, SO_RCVTIMEO, &shortly, sizeof shortly);
}

TlsLine::~TlsLine() {
    if (inside_->line != nullptr) SSL_free(inside_->line);
    SSL_CTX_free(inside_->context);
    if (inside_->socket >= 0) ::close(inside_->socket);
}

bool TlsLine::good() const {
    return inside_->good;
}

bool TlsLine::say(const std::string& bytes) {
    return inside_->good && SSL_write(inside_->line, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string TlsLine::hear(std::chrono::milliseconds longest) {
    const auto until = Clock::now() + longest;
    bool over = false;
    while (inside_->good && inside_->heard.find("\r\n\r\n") == std::string::npos)
        if (!inside_->more(until, over)) break;
    return std::exchange(inside_->heard, {});
}

int TlsLine::status(std::chrono::milliseconds longest) {
    const std::string answer = hear(longest);
    return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
}

bool TlsLine::hung_up_within(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    bool over = false;
    if (!inside_->good) return true;
    while (inside_->more(until, over)) {
    }
    return !over;
}

}  // namespace fieldfare::test
