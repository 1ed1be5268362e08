#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace fieldfare::sync {

/// The address of a store that speaks SFTP, taken apart: sftp://host[:port]/absolute/path. It is shown to
/// people and stands in notes, so it never holds a credential.
struct SftpAddress {
    std::string host;         ///< lower case: a name, an IPv4 address, or an IPv6 address in brackets
    std::uint16_t port = 22;  ///< when the address says none
    std::string path;         ///< "/a/b": from the root that the server shows, without a slash at its end

    bool is_onion() const;

    /// The one way to write it: port 22 is left out.
    std::string text() const;

    bool operator==(const SftpAddress&) const = default;
};

/// Whether `text` is meant as such an address, right or wrong.
bool looks_like_sftp(std::string_view text);

/// Takes scheme and host in any case, and a slash at the end. Refuses, with the reason as half a sentence
/// that quotes nothing of `text`: a user or password, an address without a folder, parts of the path that are
/// empty, "." or "..", and bytes of it other than letters, digits and - . _ (those that libcurl's commands
/// take as they are; "~" would be a home folder).
tl::expected<SftpAddress, std::string> parse_sftp_address(std::string_view text);

}  // namespace fieldfare::sync
