#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace fieldfare::sync {

/// The address of a store that speaks HTTP, taken apart: https://host[:port][/path]. It is shown to people
/// and stands in notes, so it never holds a credential.
struct HttpAddress {
    bool secure = true;        ///< https; http is for .onion alone, which has its own encryption and key
    std::string host;          ///< lower case: a name, an IPv4 address, or an IPv6 address in brackets
    std::uint16_t port = 443;  ///< the scheme's own when the address says none
    std::string path;          ///< empty, or "/a/b" without a slash at its end, percent-encoded where need be

    bool is_onion() const;

    /// As the header Host has it: the scheme's own port is left out.
    std::string authority() const;

    /// The one way to write it: the scheme's own port is left out.
    std::string text() const;

    bool operator==(const HttpAddress&) const = default;
};

/// Whether `text` is meant as such an address, right or wrong.
bool looks_like_http(std::string_view text);

/// Takes scheme and host in any case, and a slash at the end. Refuses, with the reason as half a sentence
/// that quotes nothing of `text`: a user or password, "?" and "#", http to anything but .onion, "." and ".."
/// and empty parts of the path, bytes that an address can't hold.
tl::expected<HttpAddress, std::string> parse_http_address(std::string_view text);

/// "%41" as "A"; other bytes as they are. A "%" that no two hex digits follow stays, too.
std::string percent_decoded(std::string_view text);

/// A host as an address and a proxy may name it.
bool is_host(std::string_view host);
/// "443": 1 to 65535 without zeros before it; 0 for anything else.
std::uint16_t parse_port(std::string_view text);

}  // namespace fieldfare::sync
