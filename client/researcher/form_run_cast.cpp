#include "client/researcher/form_run_cast.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "schema/answer_check.h"
#include "schema/date_text.h"
#include "schema/number_text.h"

namespace fieldfare::researcher {
namespace {

using schema::DataType;

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(blank), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

// Numbers as JavaScript reads them: exponents and a plus count.
double number_in(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size())
        return std::numeric_limits<double>::quiet_NaN();
    return number;
}

std::string cast_integer(std::string_view text) {
    const double number = std::trunc(number_in(text));
    if (!(number >= -2147483648.0 && number <= 2147483647.0)) return {};
    return schema::number_to_text(number);
}

std::string cast_decimal(std::string_view text) {
    const double number = number_in(text);
    return std::isfinite(number) ? schema::number_to_text(number) : std::string{};
}

bool has_seconds(std::string_view time) {
    const auto digit = [&](std::size_t i) { return i < time.size() && time[i] >= '0' && time[i] <= '9'; };
    return digit(0) && digit(1) && time[2] == ':' && digit(3) && digit(4) && time.size() > 5 &&
           time[5] == ':' && digit(6) && digit(7);
}

std::string cast_day(std::string_view text) {
    const std::size_t time = text.find('T');
    if (time != std::string_view::npos) {
        const auto moment = schema::parse_moment(text);
        if (!moment || moment->offset_minutes) return {};
    }
    const std::string_view day = text.substr(0, time);
    return schema::parse_day(day) ? std::string(day) : std::string{};
}

// Offsets are those that exist: at most fourteen hours.
bool offset_exists(const schema::Moment& moment) {
    return !moment.offset_minutes || std::abs(*moment.offset_minutes) < 15 * 60;
}

std::string cast_time(std::string_view text) {
    const auto moment = schema::parse_time(text);
    const bool fits = moment && has_seconds(text) && offset_exists(*moment) && moment->hour < 24;
    return fits ? std::string(text) : std::string{};
}

std::string cast_moment(std::string_view text) {
    const auto moment = schema::parse_moment(text);
    const bool fits = moment && moment->has_time &&
                      has_seconds(text.substr(std::min(text.size(), text.find('T') + 1))) &&
                      offset_exists(*moment) && moment->hour < 24;
    return fits ? std::string(text) : std::string{};
}

std::vector<double> numbers_of(std::string_view place) {
    std::vector<double> numbers;
    for (std::size_t at = 0; (at = place.find_first_not_of(blank, at)) != std::string_view::npos;) {
        const std::size_t end = std::min(place.find_first_of(blank, at), place.size());
        numbers.push_back(number_in(place.substr(at, end - at)));
        at = end;
    }
    return numbers;
}

// Zero north, zero east is what devices give that know no place.
bool is_place(const std::vector<double>& numbers) {
    return numbers.size() >= 2 &&
           std::none_of(numbers.begin(), numbers.end(), [](double each) { return std::isnan(each); }) &&
           std::abs(numbers[0]) <= 90 && std::abs(numbers[1]) <= 180 && (numbers[0] != 0 || numbers[1] != 0);
}

std::string cast_places(DataType type, std::string_view text) {
    std::vector<std::vector<double>> places;
    text = trimmed(text);
    if (text.ends_with(';') && type != DataType::geopoint) text.remove_suffix(1);
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end =
            type == DataType::geopoint ? text.size() : std::min(text.find(';', at), text.size());
        places.push_back(numbers_of(text.substr(at, end - at)));
        if (!is_place(places.back())) return {};
        at = end + 1;
    }
    const bool closed = std::equal(places.front().begin(), places.front().begin() + 2, places.back().begin());
    if (type == DataType::geotrace && (places.size() < 2 || closed)) return {};
    if (type == DataType::geoshape && (places.size() < 3 || !closed)) return {};
    std::string result;
    for (std::vector<double>& place : places) {
        if (!result.empty()) result += ';';
        place.resize(std::min<std::size_t>(place.size(), 4));
        for (std::size_t i = 0; i < place.size(); ++i)
            result += (i > 0 ? " " : "") + schema::number_to_text(place[i]);
    }
    return result;
}

double bound(const schema::Item& range, const std::string& name, double otherwise) {
    const auto found = range.parameters.find(name);
    const double number = found == range.parameters.end() ? otherwise : number_in(found->second);
    return std::isnan(number) ? otherwise : number;
}

bool in_range(const schema::Item& range, std::string_view text) {
    const double number = number_in(text);
    const double start = bound(range, "start", 1), end = bound(range, "end", 10);
    return number >= std::min(start, end) && number <= std::max(start, end);
}

}  // namespace

std::string cast(const schema::Item& question, std::string_view text) {
    const DataType type = schema::data_type_of(question);
    if (question.type == schema::QuestionType::range && !in_range(question, text)) return {};
    switch (type) {
        case DataType::integer:
            return cast_integer(text);
        case DataType::decimal:
            return cast_decimal(text);
        case DataType::date:
            return cast_day(text);
        case DataType::time:
            return cast_time(text);
        case DataType::date_time:
            return cast_moment(text);
        case DataType::geopoint:
        case DataType::geotrace:
        case DataType::geoshape:
            return cast_places(type, text);
        case DataType::usual:
        case DataType::string:
        case DataType::boolean:
        case DataType::binary:
        case DataType::barcode:
        case DataType::intent:
            break;
    }
    return std::string(text);
}

}  // namespace fieldfare::researcher
