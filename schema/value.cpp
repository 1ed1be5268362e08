#include "schema/value.h"

#include <cmath>

#include "schema/date_text.h"
#include "schema/number_text.h"

namespace fieldfare::schema {

double number_of_text(std::string_view text) {
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-')
        if (const auto moment = parse_moment(text)) return decimal_days(*moment);
    return number_from_text(text);
}

bool boolean_of_number(double value) {
    return value != 0 && !std::isnan(value);
}

}  // namespace fieldfare::schema
