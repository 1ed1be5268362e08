#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "schema/form.h"

namespace fieldfare::schema::readers {

// What a cell of the column type can say.
struct QuestionRow {
    QuestionType type = QuestionType::text;
    std::string list;  ///< of a select
};
struct BeginRow {
    ItemKind kind = ItemKind::group;
};
struct EndRow {
    ItemKind kind = ItemKind::group;
};
/// A type that collects data on the device or the person's doings: start, deviceid, audit, …
struct MetadataRow {
    std::string word;
};
struct RefusedRow {
    std::string sentence;  ///< why, and what to do
};
using TypeCell = std::variant<QuestionRow, BeginRow, EndRow, MetadataRow, RefusedRow>;

/// Understands the type as pyxform does, with its aliases: "select one from yn", "begin_group", "int".
TypeCell parse_type(std::string_view cell);

}  // namespace fieldfare::schema::readers
