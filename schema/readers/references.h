#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/readers/columns.h"

namespace fieldfare::schema::readers {

// ${name} in the cells of a form, by pyxform's rules.

/// One ${…} of a cell; `name` is empty where what stands inside is no name.
struct Reference {
    std::string name;
    bool last_saved = false;            ///< ${last-saved#name}
    std::size_t begin = 0, length = 0;  ///< of the whole ${…}
    bool closed = true;                 ///< false: no "}" follows anywhere
};

std::vector<Reference> references_in(std::string_view cell);

/// The name when the cell is one sound ${name} and nothing else; "" otherwise.
std::string only_reference(std::string_view cell);

/// True when there is a sound ${name} in the cell.
bool has_reference(std::string_view cell);

/// How often each name stands on the survey sheet.
using NameCounts = std::unordered_map<std::string, int>;

/// Each ${name} in a cell of the table that the rules of its sheet look at must be the name of one row of
/// the survey. Faults: what is no name, names that no row or several rows have.
void check_references(const Table& table, SheetKind kind, const NameCounts& names, Faults& faults);

/// True for a default that is calculated: pyxform looks for operators, function calls and references.
bool is_dynamic_default(std::string_view value, std::string_view type);

}  // namespace fieldfare::schema::readers
