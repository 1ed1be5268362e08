#include "sync/list_bounds.h"

#include <algorithm>
#include <cstddef>

namespace fieldfare::sync {

namespace {

constexpr std::size_t free_of_charge = 64 * 1024;  // whatever a folder has besides our files
constexpr std::size_t bytes_a_sign = 16;
constexpr std::size_t bytes_a_line = 32;

}  // namespace

bool is_crowded_xml(std::string_view xml) {
    const auto signs = std::ranges::count_if(xml, [](char c) { return c == '<' || c == '='; });
    return static_cast<std::size_t>(signs) > free_of_charge + xml.size() / bytes_a_sign;
}

bool has_crowded_lines(std::string_view list) {
    const auto lines = std::ranges::count(list, '\n');
    return static_cast<std::size_t>(lines) > free_of_charge + list.size() / bytes_a_line;
}

}  // namespace fieldfare::sync
