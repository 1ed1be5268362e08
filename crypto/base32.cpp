#include "crypto/base32.h"

namespace fieldfare::crypto {

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::string to_base32(ByteView bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8 | byte) & 0xfff;
        for (held += 8; held >= 5; held -= 5) text += alphabet[bits >> (held - 5) & 31];
    }
    if (held > 0) text += alphabet[bits << (5 - held) & 31];
    return text;
}

Result<Bytes> from_base32(std::string_view text) {
    Bytes bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos) return tl::unexpected(Error::not_canonical);
        bits = (bits << 5 | static_cast<std::uint32_t>(digit)) & 0xfff;
        held += 5;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> held));
        }
    }
    // What is left over is less than a digit and zero.
    if (held >= 5 || (bits & ((1U << held) - 1)) != 0) return tl::unexpected(Error::not_canonical);
    return bytes;
}

}  // namespace fieldfare::crypto
