#pragma once

#include <string_view>

namespace fieldfare::sync {

// A store is not trusted, and what it lists is taken apart in memory: an element of four bytes costs 64
// there, and so a list that stays below its bound in bytes could fill the machine. An honest one names files
// of ours, and has more than 16 bytes for each "<" or "=", and more than 32 a line. These tell one that has
// not, before it is taken apart; of a short list nothing is said.

/// More elements and attributes than an honest list of that length has.
bool is_crowded_xml(std::string_view xml);

/// More lines than an honest list of that length has.
bool has_crowded_lines(std::string_view list);

}  // namespace fieldfare::sync
