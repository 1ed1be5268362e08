#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

// Compression dictionaries for the records of batches (BATCH_FORMAT.md, "Records and cells"). One is made
// once for a form and shipped to all devices; it must never be made from anyone's answers, since it holds
// pieces of its samples.

/// Bytes of a dictionary that a study may ship; zstd passes over shorter ones without a word.
inline constexpr std::size_t min_dictionary = 8, max_dictionary = 128 * 1024;

/// A dictionary of at most `size` bytes for texts like these samples; the same samples give the same bytes
/// with the same version of zstd. `bad_argument`: too few samples, or too much alike, to learn anything from
/// (zstd wants some dozens), or a size beyond max_dictionary.
Result<Bytes> train_dictionary(std::span<const std::string> samples, std::size_t size);

/// Whether batches can be sealed and opened with it: of a fitting length and, where it begins like one of
/// zstd's, whole. The empty dictionary, which means none, is usable.
bool is_usable_dictionary(ByteView dictionary);

}  // namespace fieldfare::crypto
