#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// How a number of a spreadsheet is meant.
enum class NumberStyle { number, date };

/// "2026112301", "0.1", "2026-11-23", "2026-11-23T09:30:00", "09:30:00": a cell's stored number as its author
/// would type it. Numbers never in powers of ten, which expressions don't know. `epoch_1904`: the workbook
/// counts days from 1904. Text that is no number comes back as it is.
std::string number_text(std::string_view stored, NumberStyle style, bool epoch_1904);

/// Style of a built-in number format or, when `code` is not empty, of a format that the workbook defines.
NumberStyle style_of_format(std::uint32_t id, std::string_view code);

/// Strings may hold "_x000D_" for what XML can't carry.
std::string unescaped(std::string_view text);

}  // namespace fieldfare::schema::readers
