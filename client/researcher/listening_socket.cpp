#include "client/researcher/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <variant>

#include "sync/http_address.h"

namespace fieldfare::researcher {
namespace {

constexpr int backlog = 128;

using Address = std::variant<sockaddr_in, sockaddr_in6>;

std::optional<Address> address_of(const ListenAddress& where) {
    sockaddr_in four{};
    if (::inet_pton(AF_INET, where.host.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(where.port);
        return four;
    }
    if (!where.host.starts_with('[') || !where.host.ends_with(']')) return std::nullopt;
    sockaddr_in6 six{};
    if (::inet_pton(AF_INET6, where.host.substr(1, where.host.size() - 2).c_str(), &six.sin6_addr) != 1)
        return std::nullopt;
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(where.port);
    return six;
}

bool is_of_one_machine(const Address& address) {
    if (const auto* four = std::get_if<sockaddr_in>(&address)) {
        const std::uint32_t number = ntohl(four->sin_addr.s_addr);
        return number != INADDR_ANY && number != INADDR_BROADCAST && !IN_MULTICAST(number);
    }
    const in6_addr& six = std::get<sockaddr_in6>(address).sin6_addr;
    return !IN6_IS_ADDR_UNSPECIFIED(&six) && !IN6_IS_ADDR_MULTICAST(&six) && !IN6_IS_ADDR_LINKLOCAL(&six) &&
           !IN6_IS_ADDR_V4MAPPED(&six);
}

tl::unexpected<Failure> not_listening(const ListenAddress& where, int error) {
    const std::string port = std::to_string(where.port);
    switch (error) {
        case EADDRINUSE:
            return could_not("Port " + port + " of " + where.host +
                             " is in use; end the program that has it, or name another port with --listen.");
        case EADDRNOTAVAIL:
            return could_not(where.host +
                             " is no address of this machine; \"ip address\" shows those that it has.");
        case EACCES:
            return could_not("Port " + port +
                             " is kept for the system; name one above 1023, such as 8443, with --listen.");
        default:
            return could_not("Nobody can listen at " + where.host + ":" + port + ": " +
                             std::generic_category().message(error) + ".");
    }
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    ListenAddress where;
    if (colon != text.npos)
        where = {std::string(text.substr(0, colon)), sync::parse_port(text.substr(colon + 1))};
    const auto address = address_of(where);
    if (where.port == 0 || !address)
        return wrong_usage(
            "--listen must be an address of this machine in digits and a port, such as 192.168.1.5:8443.");
    if (!is_of_one_machine(*address))
        return wrong_usage(
            "--listen must be one address of this machine, the one in the training room's network: devices "
            "know the receiver by it.");
    // The one way to write it: it stands in the study file.
    std::array<char, INET6_ADDRSTRLEN> written{};
    if (const auto* six = std::get_if<sockaddr_in6>(&*address)) {
        ::inet_ntop(AF_INET6, &six->sin6_addr, written.data(), written.size());
        where.host = "[" + std::string(written.data()) + "]";
    }
    return where;
}

Result<int> listening_socket(const ListenAddress& where) {
    const auto address = address_of(where);
    if (!address) return wrong_usage("That is no address.");
    return std::visit(
        [&](const auto& one) -> Result<int> {
            const auto* place = reinterpret_cast<const sockaddr*>(&one);
            const int made = ::socket(place->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            if (made < 0) return not_listening(where, errno);
            const int yes = 1;  // a receiver that has just ended leaves its port waiting
            ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
            if (::bind(made, place, sizeof one) == 0 && ::listen(made, backlog) == 0) return made;
            const int error = errno;
            ::close(made);
            return not_listening(where, error);
        },
        *address);
}

}  // namespace fieldfare::researcher
