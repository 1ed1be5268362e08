#include "sync/sftp_settings.h"

#include <algorithm>

namespace fieldfare::sync {

namespace {

constexpr std::size_t most_host_keys = 8;

// How every private key of Ed25519 begins that ssh-keygen writes without a passphrase (PROTOCOL.key of
// OpenSSH: "openssh-key-v1", cipher and derivation "none", one key, "ssh-ed25519"). Others are of no use
// here: libssh2 1.10 signs with RSA by SHA-1 alone, which servers have refused since OpenSSH 8.8.
constexpr std::string_view beginning_of_keys =
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUx";

int value_of_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

bool is_base64(std::string_view text) {
    if (text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::ranges::all_of(text, [](char c) { return value_of_digit(c) >= 0; });
}

bool is_one_line(std::string_view text) {
    return !text.empty() && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

// "SHA256:" and 43 digits, as ssh-keygen -l prints it: 32 bytes, two bits to spare that are 0.
std::optional<SftpSettings::KeyHash> parse_key_hash(std::string_view text) {
    constexpr std::string_view start = "SHA256:";
    if (!text.starts_with(start)) return std::nullopt;
    text.remove_prefix(start.size());
    if (text.size() != 43) return std::nullopt;
    SftpSettings::KeyHash hash{};
    unsigned bits = 0, waiting = 0;
    std::size_t done = 0;
    for (const char c : text) {
        const int digit = value_of_digit(c);
        if (digit < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffff;
        waiting += 6;
        if (waiting < 8) continue;
        waiting -= 8;
        hash[done++] = static_cast<std::uint8_t>(bits >> waiting);
    }
    if ((bits & ((1U << waiting) - 1)) != 0) return std::nullopt;
    return hash;
}

// Empty when one of them is none.
std::vector<SftpSettings::KeyHash> parse_key_hashes(std::string_view text) {
    std::vector<SftpSettings::KeyHash> hashes;
    for (;;) {
        const auto one = text.substr(0, text.find(';'));
        const auto hash = parse_key_hash(one);
        if (!hash || hashes.size() == most_host_keys || std::ranges::find(hashes, *hash) != hashes.end())
            return {};
        hashes.push_back(*hash);
        if (one.size() == text.size()) return hashes;
        text.remove_prefix(one.size() + 1);
    }
}

std::string as_key_file(std::string_view base64) {
    constexpr std::size_t line = 70;
    std::string file = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    for (std::size_t at = 0; at < base64.size(); at += line)
        file.append(base64.substr(at, line)).append("\n");
    return file.append("-----END OPENSSH PRIVATE KEY-----\n");
}

}  // namespace

tl::expected<SftpSettings, std::string> parse_sftp_settings(
    const SftpAddress& address, const std::map<std::string, std::string>& settings,
    std::string_view persons_proxy) {
    const auto refuse = [](std::string why) { return tl::unexpected(std::move(why)); };
    SftpSettings read;
    std::string proxy;
    for (const auto& [name, value] : settings) {
        if (name == "user") {
            if (!is_one_line(value)) return refuse("user must be one line of text");
            read.user = value;
        } else if (name == "password") {
            if (!is_one_line(value)) return refuse("password must be one line of text");
            read.password = value;
        } else if (name == "key") {
            if (!is_base64(value) || !value.starts_with(beginning_of_keys))
                return refuse(
                    "key must be a private key of Ed25519 without a passphrase, as ssh-keygen -t ed25519 "
                    "makes it");
            read.key = as_key_file(value);
        } else if (name == "host_key") {
            read.host_key = parse_key_hashes(value);
            if (read.host_key.empty())
                return refuse(
                    "host_key must be SHA256:… as ssh-keygen -l prints it, or several with ; between");
        } else if (name == "proxy") {
            proxy = value;
            if (const auto parsed = parse_proxy(value); !parsed) return refuse(parsed.error());
        } else {
            return refuse("an SFTP store knows user, password or key, host_key and proxy alone");
        }
    }
    if (read.user.empty()) return refuse("an SFTP store wants a user");
    if (read.password.empty() == read.key.empty())
        return refuse("an SFTP store lets in by a password or a key; give one of them");
    if (read.host_key.empty())
        return refuse(
            "host_key is missing: nobody can tell the store from another machine without it; ssh-keygen -l "
            "prints it there");
    if (!persons_proxy.empty()) proxy = persons_proxy;
    if (!proxy.empty()) {
        auto parsed = parse_proxy(proxy);
        if (!parsed) return refuse(parsed.error());
        read.proxy = std::move(*parsed);
    }
    if (address.is_onion() && !read.proxy)
        return refuse(
            ".onion addresses are reached through Tor alone: give the proxy, such as "
            "socks5h://127.0.0.1:9050");
    return read;
}

}  // namespace fieldfare::sync
