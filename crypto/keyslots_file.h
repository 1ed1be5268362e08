#pragma once

#include <filesystem>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto::keyslots {

// What the keyslots ask of a file system. Inside this folder only.

struct ReadFile {
    Bytes bytes;
    std::vector<std::size_t> lost;  ///< where parts begin that the disk did not give back: zeros
};
/// All bytes of a file of at most `limit`, part by part. `not_found`; `not_readable`: no part of it;
/// `not_writable`: the permissions; `damaged` when it is longer, or no file.
Result<ReadFile> read_file(const std::filesystem::path& path, std::size_t limit, std::size_t part);

/// A new file (0600) with these bytes, durable with its name, or none: by way of `<path>.new`.
/// `already_there`, `not_writable`.
Result<void> create_file(const std::filesystem::path& path, ByteView bytes);

/// Waits until the disk has the file as it can be read now, and its name. `not_writable`.
Result<void> sync_file(const std::filesystem::path& path);

/// Overwrites in place and waits until the disk has it. Never makes a file longer than it is.
Result<void> overwrite(const std::filesystem::path& path, std::size_t offset, ByteView bytes);

}  // namespace fieldfare::crypto::keyslots
