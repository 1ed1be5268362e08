#include "sync/http_address.h"

#include <algorithm>
#include <charconv>

namespace fieldfare::sync {

namespace {

constexpr std::size_t longest = 1000;  // what a study file holds
constexpr std::string_view onion = ".onion";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Letters of the alphabet only, whatever the locale.
std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// RFC 3986, 2.3 and the "sub-delims", ":" and "@" that a part of a path may have.
bool may_stand_in_path(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string::npos;
}

tl::unexpected<std::string> refuse(const char* why) {
    return tl::unexpected<std::string>(why);
}

tl::expected<std::string, std::string> parse_path(std::string_view text) {
    if (text.ends_with('/')) text.remove_suffix(1);
    std::string path;
    while (!text.empty()) {
        text.remove_prefix(1);  // the slash
        const auto part = text.substr(0, text.find('/'));
        text.remove_prefix(part.size());
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (may_stand_in_path(part[i])) continue;
            if (part[i] != '%' || i + 2 >= part.size()) return refuse("its path has bytes that no path has");
            const int high = hex_value(part[i + 1]), low = hex_value(part[i + 2]);
            if (high < 0 || low < 0) return refuse("its path has a % without two digits after it");
            const int byte = high * 16 + low;
            if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\')
                return refuse("its path hides a slash or a control character");
            i += 2;
        }
        const std::string plain = percent_decoded(part);
        if (plain.empty() || plain == "." || plain == "..")
            return refuse("its path has an empty part, \".\" or \"..\"");
        path.append("/").append(part);
    }
    return path;
}

}  // namespace

bool HttpAddress::is_onion() const {
    return host.ends_with(onion);
}

std::string HttpAddress::authority() const {
    const std::uint16_t own = secure ? 443 : 80;
    return port == own ? host : host + ":" + std::to_string(port);
}

std::string HttpAddress::text() const {
    return (secure ? "https://" : "http://") + authority() + path;
}

bool looks_like_http(std::string_view text) {
    const std::string start = lower(text.substr(0, 8));
    return start.starts_with("https:") || start.starts_with("http:");
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                result += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        result += text[i];
    }
    return result;
}

bool is_host(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    if (host.front() == '[') {
        return host.size() > 3 && host.back() == ']' &&
               std::ranges::all_of(host.substr(1, host.size() - 2),
                                   [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
    }
    char before = '.';
    for (char c : host) {
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.') return false;
        if (before == '.' && (c == '.' || c == '-')) return false;
        before = c;
    }
    return before != '.' && before != '-';  // "name." is the same host under another name
}

std::uint16_t parse_port(std::string_view text) {
    std::uint16_t port = 0;
    if (text.empty() || text.front() == '0') return 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

tl::expected<HttpAddress, std::string> parse_http_address(std::string_view text) {
    if (text.size() > longest) return refuse("it is too long");
    HttpAddress address;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return refuse("it must begin with https://");
    const std::string scheme = lower(text.substr(0, colon));
    if (scheme != "https" && scheme != "http") return refuse("it must begin with https://");
    address.secure = scheme == "https";
    std::string_view rest = text.substr(colon + 3);
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    if (authority.find('@') != std::string_view::npos)
        return refuse("a user and a password don't belong in an address; write them as settings");
    if (rest.find_first_of("?#") != std::string_view::npos)
        return refuse(
            "nothing may follow \"?\" or \"#\" in an address; write a signature as the setting query");

    const auto bracket = authority.find(']');
    const auto port_colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    address.host = lower(authority.substr(0, port_colon));
    if (!is_host(address.host)) return refuse("its host is none");
    address.port = address.secure ? 443 : 80;
    if (port_colon != std::string_view::npos) {
        address.port = parse_port(authority.substr(port_colon + 1));
        if (address.port == 0) return refuse("its port must be a number from 1 to 65535");
    }
    if (!address.secure && !address.is_onion())
        return refuse("it must begin with https://; http:// is for .onion addresses alone");
    auto path = parse_path(rest);
    if (!path) return tl::unexpected(path.error());
    address.path = std::move(*path);
    return address;
}

}  // namespace fieldfare::sync
