#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "schema/form.h"
#include "schema/readers/type_table.h"

namespace fieldfare::schema::readers {

// What a cell of the column type can say.
struct PlainRow {
    const PlainType* type = nullptr;
};
enum class ChoicesFrom { sheet, file, question, external_sheet };
struct SelectRow {
    QuestionType type = QuestionType::select_one;
    ChoicesFrom from = ChoicesFrom::sheet;
    std::string command;  ///< the words before the list, as written
    std::string list;     ///< a list, a file's name or ${question}
    bool or_other = false;
};
struct BeginRow {
    ItemKind kind = ItemKind::group;
    bool loop = false;
    std::string list;  ///< of a loop
};
struct EndRow {
    ItemKind kind = ItemKind::group;
    bool loop = false;
};
/// csv-external, xml-external: the row's name is that of a file beside the form.
struct ExternalRow {
    std::string extension;
};
struct AuditRow {};
struct OsmRow {
    std::string list;
};
/// A setting that stands on the survey sheet, its value in the column name.
struct SettingRow {
    std::string key;
};
struct RefusedRow {
    std::string sentence;  ///< why, and what to do
};
using TypeCell = std::variant<PlainRow, SelectRow, BeginRow, EndRow, ExternalRow, AuditRow, OsmRow,
                              SettingRow, RefusedRow>;

/// Understands the type as pyxform does, with its aliases: "select one from yn", "begin_group", "int".
TypeCell parse_type(std::string_view cell);

}  // namespace fieldfare::schema::readers
