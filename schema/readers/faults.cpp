#include "schema/readers/faults.h"

#include <algorithm>
#include <vector>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_told = 1000;

int rank(const std::string& sheet) {
    const std::string name = lower(sheet);
    return name.empty() ? 0 : name == "survey" ? 1 : name == "choices" ? 2 : name == "settings" ? 3 : 4;
}

// False when there are enough already.
bool add(std::vector<Problem>& problems, Problem problem) {
    if (problems.size() >= most_told) return false;
    problems.push_back(std::move(problem));
    return true;
}

void put_in_order(std::vector<Problem>& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        const int rank_a = rank(a.place.sheet), rank_b = rank(b.place.sheet);
        return rank_a != rank_b ? rank_a < rank_b : a.place.row < b.place.row;
    });
}

Problem more_of(const std::string& file) {
    return {{file, "", 0, ""},
            "There is more of this kind. Mend these " + std::to_string(most_told) +
                " first, then check the form again."};
}

}  // namespace

void Faults::error(std::string_view sheet, int row, std::string_view column, std::string message) {
    if (!add(findings_.errors, {{file_, std::string(sheet), row, std::string(column)}, std::move(message)}))
        more_errors_ = true;
}

void Faults::warning(std::string_view sheet, int row, std::string_view column, std::string message) {
    if (!add(findings_.warnings, {{file_, std::string(sheet), row, std::string(column)}, std::move(message)}))
        more_warnings_ = true;
}

void Faults::not_for_studies(std::string_view sheet, int row, std::string_view column, std::string message) {
    if (!add(not_for_studies_, {{file_, std::string(sheet), row, std::string(column)}, std::move(message)}))
        more_not_for_studies_ = true;
}

Findings Faults::take() {
    put_in_order(findings_.errors);
    put_in_order(findings_.warnings);
    if (more_errors_) findings_.errors.push_back(more_of(file_));
    if (more_warnings_) findings_.warnings.push_back(more_of(file_));
    return std::move(findings_);
}

std::vector<Problem> Faults::take_not_for_studies() {
    put_in_order(not_for_studies_);
    if (more_not_for_studies_) not_for_studies_.push_back(more_of(file_));
    return std::move(not_for_studies_);
}

}  // namespace fieldfare::schema::readers
