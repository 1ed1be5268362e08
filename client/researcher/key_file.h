#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/researcher/console.h"
#include "crypto/identity.h"

namespace fieldfare::researcher {

/// A .ffkey, opened with the passphrase that the console is asked for; a file that is missing, too long or a
/// public key is refused before that.
Result<crypto::Identity> read_key(const std::filesystem::path& file, Console& console);

/// The same of bytes that were read from there already.
Result<crypto::Identity> key_from(const std::filesystem::path& file, const std::string& bytes,
                                  Console& console);

inline constexpr std::size_t key_limit = 64 * 1024;  ///< far above any .ffkey or .ffpub

/// The name of a key's file: NAME with this ending, in the place of .ffkey or .ffpub where NAME has one.
std::filesystem::path key_path(const std::filesystem::path& name, std::string_view ending);

/// Several, of researchers, in the order given.
Result<std::vector<crypto::Identity>> read_keys(std::span<const std::filesystem::path> files,
                                                Console& console);

/// A root's .ffkey; a researcher's is refused.
Result<crypto::Identity> read_root_key(const std::filesystem::path& file, Console& console);

/// A .ffpub.
Result<crypto::Recipient> read_public_key(const std::filesystem::path& file);

/// What a person compares: "01234 56789 …".
std::string fingerprint_text(const crypto::Recipient& recipient);

}  // namespace fieldfare::researcher
