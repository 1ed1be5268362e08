#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/media_layout.h"

namespace fieldfare::crypto::media {

// The one secretstream of a part, cell by cell, with a single cell in memory. Inside this folder only.

/// How many bytes of plaintext a cell holds.
constexpr std::size_t content_of_cell(std::size_t index) {
    return index == 0 ? first_content : cell_content;
}

enum class End : std::uint8_t { no = 0, yes = 3 };  ///< the tags of secretstream that we use

/// A cell's plaintext and its sealed bytes, wiped at the end.
struct CellBuffer {
    std::array<std::uint8_t, cell_content> plaintext{};
    std::array<std::uint8_t, cell_size> sealed{};
    CellBuffer() = default;
    CellBuffer(const CellBuffer&) = delete;
    CellBuffer& operator=(const CellBuffer&) = delete;
    ~CellBuffer() { wipe(plaintext); }
};

/// Seals or opens the cells in their order. The state holds the key of the stream and is wiped.
class CellStream {
  public:
    /// `header`: the stream header, which stands before the chunk in the first cell.
    CellStream(batch::KeyBytes key, std::span<const std::uint8_t, stream_header_size> header);
    CellStream(const CellStream&) = delete;
    CellStream& operator=(const CellStream&) = delete;
    ~CellStream();

    /// `sealed` has room for the chunk: plaintext and overhead.
    void seal(ByteView plaintext, End end, std::span<std::uint8_t> sealed);

    /// The tag of the chunk, which may be any byte: nobody else looks at it. `damaged` when the chunk is not
    /// the next one of this stream.
    Result<std::uint8_t> open(ByteView sealed, std::span<std::uint8_t> plaintext);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace fieldfare::crypto::media
