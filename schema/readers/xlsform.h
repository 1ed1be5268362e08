#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// A form as read, with what its author should know though it does not stop the form.
struct ReadForm {
    Form form;
    std::vector<Problem> warnings;
};

/// Reads an XLSForm: an .xlsx file, or a folder with survey, choices and settings as .csv or .tsv (UTF-8).
/// Finds all faults in one run. What is not supported (row types, columns, appearances that carry meaning) is
/// refused with its place, never ignored. Expressions are only copied; CompiledForm checks them.
/// Files over 64 MiB, over 1,000,000 rows or that unpack to over 256 MiB are refused before memory is taken.
Result<ReadForm> read_xlsform(const std::filesystem::path& path);

/// Reads, compiles and lints, as `form check` does: everything that can be said of the form, errors first.
Findings check_xlsform(const std::filesystem::path& path);

}  // namespace fieldfare::schema
