#include "sync/sftp_address.h"

#include <algorithm>

#include "sync/http_address.h"

namespace fieldfare::sync {

namespace {

constexpr std::size_t longest = 1000;  // what a study file holds
constexpr std::string_view scheme = "sftp://";
constexpr std::uint16_t own_port = 22;

// Letters of the alphabet only, whatever the locale.
std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool may_stand_in_path(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

tl::unexpected<std::string> refuse(const char* why) {
    return tl::unexpected<std::string>(why);
}

}  // namespace

bool SftpAddress::is_onion() const {
    return host.ends_with(".onion");
}

std::string SftpAddress::text() const {
    return std::string(scheme) + host + (port == own_port ? "" : ":" + std::to_string(port)) + path;
}

bool looks_like_sftp(std::string_view text) {
    const std::string start = lower(text.substr(0, 5));
    return start == "sftp:" || start == "sftp+";
}

tl::expected<SftpAddress, std::string> parse_sftp_address(std::string_view text) {
    if (text.size() > longest) return refuse("it is too long");
    if (lower(text.substr(0, scheme.size())) != scheme) return refuse("it must begin with sftp://");
    std::string_view rest = text.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    if (text.find('@') != std::string_view::npos)
        return refuse("a user and a password don't belong in an address; write them as settings");

    SftpAddress address;
    const auto bracket = authority.find(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    address.host = lower(authority.substr(0, colon));
    if (!is_host(address.host)) return refuse("its host is none");
    if (colon != std::string_view::npos) address.port = parse_port(authority.substr(colon + 1));
    if (address.port == 0) return refuse("its port must be a number from 1 to 65535");

    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.empty()) return refuse("it names no folder; write sftp://host/folder");
    for (std::string_view left = rest; !left.empty();) {
        left.remove_prefix(1);  // the slash
        const auto part = left.substr(0, left.find('/'));
        left.remove_prefix(part.size());
        if (!std::ranges::all_of(part, may_stand_in_path))
            return refuse("its path may have letters, digits, - . and _ alone");
        if (part.empty() || part == "." || part == "..")
            return refuse("its path has an empty part, \".\" or \"..\"");
    }
    address.path = rest;
    return address;
}

}  // namespace fieldfare::sync
