#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

/// The digest of the bytes of a text, as bytes. `algorithm` is MD5, SHA-1, SHA-256, SHA-384 or SHA-512, in
/// any case and with or without the hyphen (as in JavaRosa); nothing for others. For what forms compute, such
/// as checksums and seeds: never to protect anything.
std::optional<std::string> digest(std::string_view text, std::string_view algorithm);

}  // namespace fieldfare::schema
