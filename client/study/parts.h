#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"

namespace fieldfare::study {

// How the signed files of this folder (package, roster) write values: integers little-endian, texts and parts
// behind their length, lists behind their count. There is one way to write each value.

class PartWriter {
  public:
    void number(std::uint64_t value, int size);
    void raw(crypto::ByteView bytes);
    void text(std::string_view text);   ///< u16 length
    void part(crypto::ByteView bytes);  ///< u32 length
    const crypto::Bytes& bytes() const { return bytes_; }

  private:
    crypto::Bytes bytes_;
};

/// Takes values off the front of bytes. After the first that is not there, or not as it must be, everything
/// read is empty or zero and good() stays false: the caller asks once, at the end.
class PartReader {
  public:
    explicit PartReader(crypto::ByteView bytes) : bytes_(bytes) {}

    std::uint64_t number(std::size_t size, std::uint64_t least, std::uint64_t most);
    template <std::size_t N>
    std::array<std::uint8_t, N> raw() {
        std::array<std::uint8_t, N> field{};
        const auto bytes = take(N);
        if (good_) std::copy(bytes.begin(), bytes.end(), field.begin());
        return field;
    }
    /// A text that is_plain_text() accepts, of `least` to `most` bytes.
    std::string text(std::size_t least, std::size_t most);
    crypto::ByteView part();

    void refuse() { good_ = false; }
    bool good() const { return good_; }
    bool at_end() const { return bytes_.empty(); }
    /// Good, and nothing is left over.
    bool complete() const { return good_ && bytes_.empty(); }

  private:
    crypto::ByteView take(std::size_t size);
    crypto::ByteView bytes_;
    bool good_ = true;
};

/// UTF-8 without control characters, line ends, and the marks that turn the direction of a line: a title must
/// show what was signed.
bool is_plain_text(std::string_view text);

}  // namespace fieldfare::study
