#include "client/app/uuid.h"

#include <array>
#include <string_view>

namespace fieldfare::app {

// RFC 9562, section 5.4: 122 random bits, version 4, variant 10.
std::string random_uuid(const std::function<std::uint64_t()>& random) {
    std::array<std::uint64_t, 2> bits{random(), random()};
    bits[0] = (bits[0] & ~std::uint64_t{0xF000}) | 0x4000;
    bits[1] = (bits[1] & ~(std::uint64_t{3} << 62U)) | (std::uint64_t{2} << 62U);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        text += digits[bits[i / 16] >> (60U - 4U * (i % 16)) & 0xFU];
    }
    return text;
}

}  // namespace fieldfare::app
