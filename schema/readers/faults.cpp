#include "schema/readers/faults.h"

#include <vector>

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_told = 1000;

void add(std::vector<Problem>& problems, Problem problem) {
    if (problems.size() < most_told) {
        problems.push_back(std::move(problem));
    } else if (problems.size() == most_told) {
        problems.push_back({{problem.place.file, "", 0, ""},
                            "There is more of this kind. Mend these " + std::to_string(most_told) +
                                " first, then check the form again."});
    }
}

}  // namespace

void Faults::error(std::string_view sheet, int row, std::string_view column, std::string message) {
    add(findings_.errors, {{file_, std::string(sheet), row, std::string(column)}, std::move(message)});
}

void Faults::warning(std::string_view sheet, int row, std::string_view column, std::string message) {
    add(findings_.warnings, {{file_, std::string(sheet), row, std::string(column)}, std::move(message)});
}

}  // namespace fieldfare::schema::readers
