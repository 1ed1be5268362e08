#pragma once

#include <string>
#include <string_view>

namespace fieldfare::researcher {

// One field of a CSV file as RFC 4180 has it, with LF at the end of a row. UTF-8 goes through as it is.

/// Quoted when it must be: comma, quote, line break, or white space at an end (which some readers strip).
std::string csv_field(std::string_view text);

/// A text that a spreadsheet would run as a formula (it begins with = + - @ tab or carriage return) with an
/// apostrophe before it; one also before = + - @ behind a semicolon, a tab or a line end, where spreadsheets
/// of many countries begin a cell, whatever is quoted. For columns that hold what somebody typed, never for
/// numbers; JSONL has it unaltered.
std::string guarded(std::string_view text);

/// True for -12, 0.5 and the like, which need no guard and are no formula.
bool is_plain_number(std::string_view text);

/// True for numbers alone with a space or semicolon between them, as places have: "-12 3", "1 2; 3 4". No
/// spreadsheet makes a formula of them, and a guard would spoil them.
bool is_plain_numbers(std::string_view text);

}  // namespace fieldfare::researcher
