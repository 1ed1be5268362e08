#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "crypto/bytes.h"

namespace fieldfare::crypto {

/// The byte order of all our formats, in one place. Inside this folder only.

template <class Number>
void put_number(Bytes& out, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> (8 * i)));
}
inline void put_u8(Bytes& out, std::uint8_t number) {
    out.push_back(number);
}
inline void put_u16(Bytes& out, std::uint16_t number) {
    put_number(out, number);
}
inline void put_u32(Bytes& out, std::uint32_t number) {
    put_number(out, number);
}
inline void put_u64(Bytes& out, std::uint64_t number) {
    put_number(out, number);
}
inline void put(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Reads fields one after the other and never beyond the end: after the first field that does not fit, all
/// are zero and `whole` is false. Check `whole` (and `left`, where nothing may follow) before using what was
/// read.
class FieldReader {
  public:
    explicit FieldReader(ByteView bytes) : bytes_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }

    template <std::size_t N>
    std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        const ByteView from = take(N);
        std::copy(from.begin(), from.end(), out.begin());
        return out;
    }

    ByteView take(std::size_t size) {
        if (size > bytes_.size()) {
            whole_ = false;
            bytes_ = {};
            return {};
        }
        const ByteView taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }

    bool whole() const { return whole_; }
    std::size_t left() const { return bytes_.size(); }

  private:
    std::uint64_t number(std::size_t size) {
        const ByteView from = take(size);
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < from.size(); ++i)
            number |= static_cast<std::uint64_t>(from[i]) << (8 * i);
        return number;
    }

    ByteView bytes_;
    bool whole_ = true;
};

inline bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace fieldfare::crypto
