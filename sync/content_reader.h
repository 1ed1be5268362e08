#pragma once

#include <cstdint>
#include <optional>

#include "sync/folder_files.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// Reads what is put from its start, piece by piece, wherever it lies. Used by one thread at a time.
class ContentReader {
  public:
    static constexpr std::size_t piece_size = 64 * 1024;

    /// A path must name a regular file (ENOENT, EINVAL, EACCES…). The bytes of a view must outlive the
    /// reader.
    static SystemResult<ContentReader> open(const Content& content);

    /// As it was when it was opened: what is read may be more or less, when the file changes meanwhile.
    std::uint64_t size() const { return size_; }

    /// The next piece; empty at the end. It is valid until the next call.
    SystemResult<crypto::ByteView> next();

    /// The next bytes into `buffer`: how many, 0 at the end.
    SystemResult<std::size_t> read(std::span<std::uint8_t> buffer);

    /// Back to the start.
    SystemResult<void> rewind();

  private:
    explicit ContentReader(crypto::ByteView bytes);
    ContentReader(Descriptor file, std::uint64_t size);

    std::optional<Descriptor> file_;  // none: the bytes are at hand
    crypto::Bytes buffer_;
    crypto::ByteView bytes_;
    std::uint64_t size_ = 0;
    std::size_t done_ = 0;  // of the bytes at hand
};

}  // namespace fieldfare::sync
