#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// One address of this machine, and a port.
struct ListenAddress {
    std::string host;  ///< as an address of the web has it: IPv6 in brackets
    std::uint16_t port = 0;

    bool operator==(const ListenAddress&) const = default;
};

/// "192.168.1.5:8443", "[fd00::5]:8443". Usage fault for a name, for an address that stands for all or for
/// many, and without a port.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// A socket that listens there. Fails with a sentence when the port is in use, or the address is none of this
/// machine.
Result<int> listening_socket(const ListenAddress& address);

}  // namespace fieldfare::researcher
