#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace fieldfare::schema {

/// Where in a form something stands, in the words of the spreadsheet that its author sees.
struct Place {
    std::string file;    ///< file name as given by the caller; empty when the form is not read from a file
    std::string sheet;   ///< "survey", "choices", "settings"; empty when the whole file is meant
    int row = 0;         ///< as a spreadsheet counts: 1 is the header; 0 when no single row is meant
    std::string column;  ///< header text as its author wrote it, e.g. "label::Russian (ru)"; may be empty

    bool operator==(const Place&) const = default;
};

/// One fault of a form, told to its author: what is wrong and what to do, in one sentence or two.
struct Problem {
    Place place;
    std::string message;

    bool operator==(const Problem&) const = default;
};

/// Everything that one run over a form has found; a form with errors is never used.
struct Findings {
    std::vector<Problem> errors;
    std::vector<Problem> warnings;

    bool operator==(const Findings&) const = default;
};

/// "form.xlsx, survey, row 12, column relevant: …", leaving out what is not known.
std::string to_string(const Problem& problem);

/// What this folder returns where it can fail on a form. The findings hold one error at least.
template <typename T>
using Result = tl::expected<T, Findings>;

}  // namespace fieldfare::schema
