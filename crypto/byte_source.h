#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

// Files that are larger than one wants to hold in memory: read at any place, as often as it takes, and
// written from beginning to end. What durable means (temporary name, fsync, rename) is the caller's.

/// `read` fills all of `into` from the byte `at` on, or fails (`not_readable`; `damaged` beyond the end).
/// The bytes may change between two reads: whoever reads twice must verify twice.
struct ByteSource {
    std::uint64_t size = 0;
    std::function<Result<void>(std::uint64_t at, std::span<std::uint8_t> into)> read;
};

/// Takes the next bytes, or fails (`not_writable`): then nothing more is given to it.
using ByteSink = std::function<Result<void>(ByteView)>;

/// Bytes in memory, which must outlive the source.
ByteSource source_of(ByteView bytes);

}  // namespace fieldfare::crypto
