#pragma once

#include <filesystem>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// Half of the key to a vault, kept in a file away from the machine: on a stick, in another pocket. Whoever
/// has the machine and learns the passphrase still can't open the vault without it.
using TokenKey = Secret<32, struct TokenKeyTag>;

/// What somebody opens a vault with, or wants to open it with from now on. Both are the caller's and outlive
/// it.
struct Credentials {
    Credentials(const SecretText& words, const TokenKey* of_file = nullptr)
        : passphrase(words), token(of_file) {}

    const SecretText& passphrase;
    const TokenKey* token;  ///< null: none
};

constexpr std::size_t token_file_size = 60;

/// Makes a token file (`.fftoken`, KEYS.md; mode 0600) with a new random key in it. `already_there`,
/// `not_writable`, `no_randomness`, `out_of_memory`.
Result<void> create_token_file(const std::filesystem::path& path);

/// The key in such a file, which is wiped. `wrong_format`, `unsupported`, `damaged`, `not_canonical`,
/// `out_of_memory`.
Result<TokenKey> read_token_file(Bytes&& file);

}  // namespace fieldfare::crypto
