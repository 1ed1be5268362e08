#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sync/http_address.h"

namespace fieldfare::sync {

/// A SOCKS5 proxy that looks names up itself, such as Tor: nothing of where we go leaves this machine
/// otherwise.
struct SocksProxy {
    std::string host;
    std::uint16_t port = 0;

    std::string text() const;  ///< "socks5h://host:port"
    bool operator==(const SocksProxy&) const = default;
};

/// What an HTTP store needs beside its address. The members are named as the settings are. Of `user`, `token`
/// and `query` at most one is there. These are credentials: they stand in requests and nowhere else.
struct HttpSettings {
    std::string user, password;  ///< HTTP Basic
    std::string token;           ///< sent as "Authorization: Bearer …",
    std::string token_header;    ///< or as the value of this header
    std::string query;           ///< follows "?" in every request: what a pre-signed address ends with
    std::string pin;             ///< "sha256//…;sha256//…": the store's public key is one of these
    std::string certificate;     ///< believed instead of the system's authorities. This and the next two
                                 ///< come as DER in base64 (a study file's texts have one line) and are PEM
    std::string client_certificate;  ///< shown to the store; the first of several is ours,
    std::string client_key;          ///< and this its key, PKCS #8 without a passphrase
    std::optional<SocksProxy> proxy;

    bool operator==(const HttpSettings&) const = default;
};

/// Refuses, with the reason as half a sentence that holds no value: a name that is not above, a value that it
/// can't have (a line break would be a header of somebody else's), what contradicts another setting or the
/// address, and .onion without a proxy. `persons_proxy`, when it is not empty, stands in the place of the
/// study's.
tl::expected<HttpSettings, std::string> parse_http_settings(
    const HttpAddress& address, const std::map<std::string, std::string>& settings,
    std::string_view persons_proxy = {});

/// "socks5h://host:port", where the host is an IPv4 address, an IPv6 address in brackets, or localhost.
/// Refuses everything else: with socks5:// this machine would ask for the store's address by name where
/// everybody on the way can read it, and with a proxy's name for that one.
tl::expected<SocksProxy, std::string> parse_proxy(std::string_view text);

}  // namespace fieldfare::sync
