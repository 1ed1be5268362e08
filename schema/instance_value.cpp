#include "schema/instance_value.h"

#include <cmath>

#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

std::string with_point(std::string_view value) {
    const double number = number_from_text(value);
    if (!std::isfinite(number)) return std::string(value);
    std::string text = number_to_text(number);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

// Every number of "latitude longitude altitude accuracy; …", one blank between two of them, and nothing but a
// semicolon between two places.
std::string places_with_points(std::string_view value) {
    std::string result;
    bool next_place = false;
    for (std::size_t at = 0; (at = value.find_first_not_of(' ', at)) != std::string_view::npos;) {
        const bool mark = value[at] == ';';
        const std::size_t end = mark ? at + 1 : std::min(value.find_first_of(" ;", at), value.size());
        if (!mark) {
            if (!result.empty()) result += next_place ? ';' : ' ';
            result += with_point(value.substr(at, end - at));
        }
        next_place = mark;
        at = end;
    }
    return result;
}

}  // namespace

std::string instance_value(DataType type, std::string_view value) {
    switch (type) {
        case DataType::decimal:
            return value.empty() ? std::string{} : with_point(value);
        case DataType::geopoint:
        case DataType::geotrace:
        case DataType::geoshape:
            return places_with_points(value);
        case DataType::usual:
        case DataType::string:
        case DataType::integer:
        case DataType::boolean:
        case DataType::date:
        case DataType::time:
        case DataType::date_time:
        case DataType::binary:
        case DataType::barcode:
        case DataType::intent:
            return std::string(value);
    }
    return std::string(value);
}

}  // namespace fieldfare::schema
