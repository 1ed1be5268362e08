#pragma once

#include <tl/expected.hpp>

namespace fieldfare::crypto {

/// Why something here did not work. Bare on purpose: nothing of a key or an answer can ride on it. Sentences
/// for people are made by the programs.
enum class Error {
    // The machine.
    no_randomness,  ///< libsodium could not start, or the system gives no random bytes
    out_of_memory,  ///< not enough memory: for guarded pages, or for Argon2id at the cost that a file asks
                    ///< for
    not_found,      ///< the file is not there
    already_there,  ///< a file stands where a new one should be made; it was left as it is
    not_readable,   ///< the file is there and can't be read
    not_writable,   ///< the file could not be written durably; what stood before still stands or is repaired

    // The caller: a bug of ours, or a file that must not be used in this way.
    bad_argument,  ///< outside the ranges that the header states
    wrong_state,   ///< not now: see the function
    wrong_kind,    ///< a root key where a researcher's is needed, or the other way round
    same_passphrase,  ///< two passphrases that must differ are one

    // A file or a line of text that was read.
    wrong_format,      ///< not a file of this kind: its first bytes are others
    unsupported,       ///< of this kind, but of a version, suite or type that this program does not know
    damaged,           ///< cut short, altered or rotten: checksum, length or authentication fails
    not_canonical,     ///< well-formed, but not the one allowed way to write it
    weak_key,          ///< a public key with which nothing can be kept secret (small order, not on the curve)
    cost_refused,      ///< Argon2id parameters below the floor or above the cap; they were not used
    wrong_passphrase,  ///< intact, and this passphrase does not open it
    too_large,         ///< beyond a limit of the format

    // A batch.
    not_openable,    ///< sealed to none of our keys
    psk_missing,     ///< sealed with a study's pre-shared key, and none of those given is it
    too_few_shares,  ///< sealed to custodians together, and not enough of their shares fit it
    forged,          ///< opens, but the signature is not the device's, or the device signed what it may not
    unknown_dictionary,  ///< authentic, but its compression dictionary was not given
    bad_content,         ///< authentic, but a record does not decompress to what it declares
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace fieldfare::crypto
