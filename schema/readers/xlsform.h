#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// A form as read, with what its author should know though it does not stop the form.
struct ReadForm {
    Form form;
    std::vector<Problem> warnings;
    std::vector<Problem> not_for_studies =
        {};  ///< valid, but not what a study may hold; study_rules.h has more
};

/// Reads an XLSForm: an .xlsx, .xls, .csv or .md file, or a folder with survey, choices and settings as .csv
/// or .tsv (UTF-8). Files that the form names are read where they lie beside it. Finds all faults in one run.
/// A form is refused where pyxform refuses it, and where no program could know what is meant; what is not
/// read is named in the warnings. Expressions are only copied; CompiledForm checks them.
/// Files over 64 MiB, over 1,000,000 rows or that unpack to over 256 MiB are refused before memory is taken.
Result<ReadForm> read_xlsform(const std::filesystem::path& path);

/// What `form check` knows of a form.
struct FormCheck {
    Findings findings;                     ///< of a form with errors nothing else is filled in
    std::vector<Problem> not_for_studies;  ///< why a study can't be built with it, though it is valid
    std::optional<Form> form;
};

/// Reads, compiles and lints: everything that can be said of the form.
FormCheck check_form(const std::filesystem::path& path);

/// The same as one list, as `form check` prints it: what is not for studies stands among the warnings, and
/// says so.
Findings check_xlsform(const std::filesystem::path& path);

}  // namespace fieldfare::schema
