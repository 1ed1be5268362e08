#include "schema/readers/names.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fieldfare::schema::readers {
namespace {

struct Range {
    std::uint32_t first, last;
};

// XML 1.0, fifth edition, productions 4 and 4a, without the colon.
constexpr std::array<Range, 15> start = {{{'A', 'Z'},
                                          {'_', '_'},
                                          {'a', 'z'},
                                          {0xC0, 0xD6},
                                          {0xD8, 0xF6},
                                          {0xF8, 0x2FF},
                                          {0x370, 0x37D},
                                          {0x37F, 0x1FFF},
                                          {0x200C, 0x200D},
                                          {0x2070, 0x218F},
                                          {0x2C00, 0x2FEF},
                                          {0x3001, 0xD7FF},
                                          {0xF900, 0xFDCF},
                                          {0xFDF0, 0xFFFD},
                                          {0x10000, 0xEFFFF}}};
constexpr std::array<Range, 6> further = {
    {{'-', '-'}, {'.', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}};

template <std::size_t count>
bool within(const std::array<Range, count>& ranges, std::uint32_t character) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](Range range) { return character >= range.first && character <= range.last; });
}

}  // namespace

bool is_name(std::string_view text) {
    if (text.empty()) return false;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t at) {
            return at < text.size() ? static_cast<unsigned char>(text[at]) : std::uint32_t{0};
        };
        const std::uint32_t first = byte(i);
        const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        std::uint32_t character = length == 1 ? first : first & (0x7Fu >> length);
        for (std::size_t k = 1; k < length; ++k) character = character << 6 | (byte(i + k) & 0x3Fu);
        if (!within(start, character) && (i == 0 || !within(further, character))) return false;
        i += length;
    }
    return true;
}

}  // namespace fieldfare::schema::readers
