#include "schema/problem.h"

namespace fieldfare::schema {

std::string to_string(const Problem& problem) {
    std::string place;
    const auto add = [&place](const std::string& part) {
        if (part.empty()) return;
        if (!place.empty()) place += ", ";
        place += part;
    };
    add(problem.place.file);
    add(problem.place.sheet);
    if (problem.place.row > 0) add("row " + std::to_string(problem.place.row));
    if (!problem.place.column.empty()) add("column " + problem.place.column);
    return place.empty() ? problem.message : place + ": " + problem.message;
}

}  // namespace fieldfare::schema
