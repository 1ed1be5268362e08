#pragma once

#include <filesystem>
#include <string>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// What a receiver is known by.
struct ServeIdentity {
    std::string key_pem, certificate_pem, pin;
};

enum class IfNone { make, fail };

/// The folder in which a receiver keeps key.pem and certificate.pem, and the store files of its devices; all
/// of it readable by its owner alone (0700, 0600). IfNone::make makes what is missing, and never replaces
/// anything: a key without its certificate gets a new one, under the same pin, which devices must be given
/// anew; a certificate without its key gets none. `host` as make_certificate() takes it. Fails where others
/// may read there, and where the certificate is for another host.
Result<ServeIdentity> open_keep(const std::filesystem::path& keep, const std::string& host, IfNone if_none);

/// keep/NAME.ffstore as a whole path. Usage fault for a name that is none.
Result<std::filesystem::path> store_file_name(const std::filesystem::path& keep, const std::string& name);

/// That file, which `study build --store` takes: address, pin, certificate, and a new random token,
/// which stands nowhere else. One that is there for this address and pin stays as it is.
Result<void> make_store_file(const std::filesystem::path& file, const std::string& address,
                             const std::string& pin);

/// Of the tokens that are made: 32 random bytes in hex.
inline constexpr std::size_t serve_token_digits = 64;

}  // namespace fieldfare::researcher
