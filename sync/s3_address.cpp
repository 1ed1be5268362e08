#include "sync/s3_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace fieldfare::sync {

namespace {

constexpr std::string_view scheme = "s3+";

bool is_small_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "Bucket naming rules" of Amazon S3, which other servers don't go beyond in a way that all clients know.
bool is_bucket(std::string_view text) {
    return text.size() >= 3 && text.size() <= 63 && is_small_letter_or_digit(text.front()) &&
           is_small_letter_or_digit(text.back()) && text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text,
                               [](char c) { return is_small_letter_or_digit(c) || c == '-' || c == '.'; });
}

// RFC 3986, 2.3 "unreserved": what every signer leaves as it is.
bool is_unreserved(char c) {
    return is_small_letter_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

// "127", "0x7f": what a part of a number of IPv4 is to libcurl.
bool is_number(std::string_view part) {
    if (part.starts_with("0x"))
        return part.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
    return part.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_canonical(int family, const std::string& number) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_pton(family, number.c_str(), bytes.data()) == 1 &&
           ::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr && number == text.data();
}

// libcurl writes a number in its usual way ("127.1" as "127.0.0.1") before it says it as Host, which is
// signed.
bool stays_as_it_is(const std::string& host) {
    if (host.front() == '[') return is_canonical(AF_INET6, host.substr(1, host.size() - 2));
    for (std::string_view rest = host;;) {
        const auto dot = rest.find('.');
        if (!is_number(rest.substr(0, dot))) return true;
        if (dot == std::string_view::npos) return is_canonical(AF_INET, host);
        rest.remove_prefix(dot + 1);
    }
}

tl::unexpected<std::string> refuse(const char* why) {
    return tl::unexpected<std::string>(why);
}

}  // namespace

std::string S3Address::text() const {
    std::string text = std::string(scheme).append(server.text()).append("/").append(bucket);
    return folder.empty() ? text : text.append("/").append(folder);
}

bool looks_like_s3(std::string_view text) {
    return text.size() > 2 && (text[0] == 's' || text[0] == 'S') && text[1] == '3' &&
           (text[2] == '+' || text[2] == ':');
}

tl::expected<S3Address, std::string> parse_s3_address(std::string_view text) {
    if (!looks_like_s3(text) || text[2] == ':')
        return refuse("it must begin with s3+https://, the server and the bucket");
    auto http = parse_http_address(text.substr(scheme.size()));
    if (!http) return tl::unexpected(http.error());
    S3Address address;
    if (!stays_as_it_is(http->host))
        return refuse("a number as its host must be written as usual, such as 127.0.0.1 or [::1]");
    std::string_view path = http->path;
    if (path.empty()) return refuse("it names no bucket; write s3+https://host/bucket");
    path.remove_prefix(1);
    address.bucket = path.substr(0, path.find('/'));
    if (!is_bucket(address.bucket))
        return refuse("its bucket has a name that no bucket has: 3 to 63 small letters, digits, - and .");
    if (address.bucket.size() < path.size()) address.folder = path.substr(address.bucket.size() + 1);
    if (!std::ranges::all_of(address.folder, [](char c) { return is_unreserved(c) || c == '/'; }))
        return refuse("the folder in its bucket may have letters, digits, - . _ and ~ alone");
    address.server = std::move(*http);
    address.server.path.clear();
    return address;
}

}  // namespace fieldfare::sync
