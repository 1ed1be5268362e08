#include "sync/http_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>

namespace fieldfare::sync {

namespace {

using Refused = tl::unexpected<std::string>;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_visible_ascii(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// 32 bytes in base64, in the one way to write them: the last digit before "=" has two bits to spare.
bool is_base64_of_32_bytes(std::string_view text) {
    if (text.size() != 44 || text.back() != '=') return false;
    text.remove_suffix(1);
    if (!std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; }))
        return false;
    return std::string_view("AEIMQUYcgkosw048").find(text.back()) != std::string_view::npos;
}

bool is_pin(std::string_view text) {
    constexpr std::string_view start = "sha256//";
    std::set<std::string_view> seen;
    for (;;) {
        const auto one = text.substr(0, text.find(';'));
        if (!one.starts_with(start) || !is_base64_of_32_bytes(one.substr(start.size()))) return false;
        if (!seen.insert(one).second || seen.size() > 8) return false;
        if (one.size() == text.size()) return true;
        text.remove_prefix(one.size() + 1);
    }
}

bool is_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
}

// DER in base64, several with ";" between, as PEM blocks of that kind (RFC 7468); empty when it is none. What
// is in them is the TLS library's to judge.
std::string as_pem(std::string_view text, std::string_view kind) {
    constexpr std::size_t line = 64;
    std::string pem;
    for (;;) {
        const auto one = text.substr(0, text.find(';'));
        if (!is_base64(one)) return {};
        pem.append("-----BEGIN ").append(kind).append("-----\n");
        for (std::size_t at = 0; at < one.size(); at += line) pem.append(one.substr(at, line)).append("\n");
        pem.append("-----END ").append(kind).append("-----\n");
        if (one.size() == text.size()) return pem;
        text.remove_prefix(one.size() + 1);
    }
}

constexpr std::string_view certificate_kind = "CERTIFICATE", key_kind = "PRIVATE KEY";

// A header whose name is a token (RFC 9110, 5.6.2) and that no request of ours has already.
bool is_free_header(std::string_view name) {
    constexpr std::array ours{"authorization",
                              "connection",
                              "content-length",
                              "content-type",
                              "cookie",
                              "depth",
                              "expect",
                              "host",
                              "if-none-match",
                              "range",
                              "content-range",
                              "te",
                              "transfer-encoding",
                              "upgrade"};
    std::string small(name);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return !name.empty() && name.size() <= 64 && std::ranges::find(ours, small) == ours.end() &&
           std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_query(std::string_view text) {
    return !text.empty() && text.front() != '?' && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("-._~!$&'()*+,;=:@/?%").find(c) != std::string_view::npos;
    });
}

// A name that a person can find again; anything else may be a credential that slipped.
std::string quoted(const std::string& name) {
    const bool plain = name.size() <= 32 &&
                       std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    return plain ? "the setting \"" + name + "\"" : "a setting";
}

// Half a sentence when the value is none for its name; empty when it is.
std::string fault_in(const std::string& name, const std::string& value) {
    if (name == "user")
        return value.empty() || has_control_characters(value) || value.find(':') != std::string::npos
                   ? "user must have letters, and no colon"
                   : "";
    if (name == "password")
        return value.empty() || has_control_characters(value) ? "password must be one line of text" : "";
    if (name == "token") return is_visible_ascii(value) ? "" : "token must be one word";
    if (name == "token_header")
        return is_free_header(value) ? "" : "token_header must be a header's name, and none that is in use";
    if (name == "query")
        return is_query(value) ? "" : "query must be what follows the \"?\" of an address, without it";
    if (name == "pin")
        return is_pin(value) ? ""
                             : "pin must be sha256//… with 44 digits of base64, or several with ; between";
    if (name == "certificate" || name == "client_certificate")
        return as_pem(value, certificate_kind).empty()
                   ? name + " must be DER in base64, or several with ; between"
                   : "";
    if (name == "client_key")
        return is_base64(value) ? "" : "client_key must be a key as PKCS #8 without a passphrase, in base64";
    if (name == "proxy") {
        const auto proxy = parse_proxy(value);
        return proxy ? "" : proxy.error();
    }
    return quoted(name) + " is not known to this version";
}

bool is_address(int family, const std::string& number) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(family, number.c_str(), bytes.data()) == 1;
}

// What this machine reaches without asking anybody for a name; libcurl knows localhost by itself.
bool needs_no_look_up(const std::string& host) {
    if (host.starts_with('[')) return is_address(AF_INET6, host.substr(1, host.size() - 2));
    return host == "localhost" || is_address(AF_INET, host);
}

}  // namespace

std::string SocksProxy::text() const {
    return "socks5h://" + host + ":" + std::to_string(port);
}

tl::expected<SocksProxy, std::string> parse_proxy(std::string_view text) {
    constexpr std::string_view start = "socks5h://";
    const auto refuse = [](const char* why) { return Refused(why); };
    if (!text.starts_with(start))
        return refuse(
            "a proxy must begin with socks5h://; with others this machine would ask for the store's name in "
            "the open");
    text.remove_prefix(start.size());
    if (text.find('@') != std::string_view::npos)
        return refuse("a proxy takes no user and password: each upload has its own");
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse("a proxy must end with a port, such as :9050");
    SocksProxy proxy{std::string(text.substr(0, colon)), parse_port(text.substr(colon + 1))};
    if (!is_host(proxy.host) || proxy.port == 0)
        return refuse("a proxy must be socks5h://host:port and nothing else");
    if (!needs_no_look_up(proxy.host))
        return refuse(
            "a proxy must be named by its number or as localhost, such as socks5h://127.0.0.1:9050; this "
            "machine "
            "would ask for any other name in the open");
    return proxy;
}

tl::expected<HttpSettings, std::string> parse_http_settings(
    const HttpAddress& address, const std::map<std::string, std::string>& settings,
    std::string_view persons_proxy) {
    const auto refuse = [](std::string why) { return Refused(std::move(why)); };
    for (const auto& [name, value] : settings)
        if (std::string fault = fault_in(name, value); !fault.empty()) return refuse(std::move(fault));
    const auto value = [&](const char* name) {
        const auto found = settings.find(name);
        return found == settings.end() ? std::string() : found->second;
    };
    HttpSettings read{
        value("user"),       value("password"), value("token"),       value("token_header"),
        value("query"),      value("pin"),      value("certificate"), value("client_certificate"),
        value("client_key"), std::nullopt};
    if (!read.certificate.empty()) read.certificate = as_pem(read.certificate, certificate_kind);
    if (!read.client_certificate.empty())
        read.client_certificate = as_pem(read.client_certificate, certificate_kind);
    if (!read.client_key.empty()) read.client_key = as_pem(read.client_key, key_kind);
    if (read.user.empty() != read.password.empty()) return refuse("user and password belong together");
    if (read.client_certificate.empty() != read.client_key.empty())
        return refuse("client_certificate and client_key belong together");
    if (!read.token_header.empty() && read.token.empty()) return refuse("token_header wants a token");
    const int ways = int{!read.user.empty()} + int{!read.token.empty()} + int{!read.query.empty()};
    if (ways > 1) return refuse("only one of user, token and query can be given");
    if (!address.secure && !(read.pin.empty() && read.certificate.empty() && read.client_certificate.empty()))
        return refuse("pins and certificates are for https:// addresses");
    const std::string proxy = persons_proxy.empty() ? value("proxy") : std::string(persons_proxy);
    if (!proxy.empty()) {
        auto parsed = parse_proxy(proxy);
        if (!parsed) return tl::unexpected(parsed.error());
        read.proxy = std::move(*parsed);
    }
    if (address.is_onion() && !read.proxy)
        return refuse(
            ".onion addresses are reached through Tor alone: give the proxy, such as "
            "socks5h://127.0.0.1:9050");
    return read;
}

}  // namespace fieldfare::sync
