#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sync/http_settings.h"
#include "sync/sftp_address.h"

namespace fieldfare::sync {

/// What an SFTP store needs beside its address. The members are named as the settings are. Of `password` and
/// `key` exactly one is there. These are credentials: they go to the server that shows one of `host_key`, and
/// nowhere else.
struct SftpSettings {
    using KeyHash = std::array<std::uint8_t, 32>;

    std::string user;
    std::string password;
    std::string key;  ///< of Ed25519, as `ssh-keygen` writes it, without a passphrase. It comes as the base64
                      ///< between its first and last line (a study file's texts have one line)
    std::vector<KeyHash> host_key;  ///< SHA-256 of the server's key, "SHA256:…;SHA256:…": it is one of these
    std::optional<SocksProxy> proxy;

    bool operator==(const SftpSettings&) const = default;
};

/// Refuses, with the reason as half a sentence that holds no value: a name that is not above, a value that
/// can't be meant, a missing user or host key (whoever stands there first is never believed), no or two ways
/// to be let in, and .onion without a proxy. `persons_proxy`, when it is not empty, stands in the place of
/// the study's.
tl::expected<SftpSettings, std::string> parse_sftp_settings(
    const SftpAddress& address, const std::map<std::string, std::string>& settings,
    std::string_view persons_proxy = {});

}  // namespace fieldfare::sync
