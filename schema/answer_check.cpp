#include "schema/answer_check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "schema/date_text.h"
#include "schema/unicode_text.h"
#include "schema/value.h"

namespace fieldfare::schema {
namespace {

// As ODK's engines: whole numbers of 32 bits; decimals of as many digits as name a double (their text is kept
// as it was given).
constexpr std::string_view greatest_integer = "2147483647";
constexpr std::size_t max_decimal_digits = 17;

using Checked = tl::expected<std::string, AnswerError>;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

Checked checked_text(std::string_view value, const Item& item) {
    if (value.size() > max_value_bytes) return tl::unexpected(AnswerError::too_long);
    const bool control = std::any_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    });
    if (control || !valid_utf8(value)) return tl::unexpected(AnswerError::not_text);
    if (item.max_length && count_code_points(value) > static_cast<std::size_t>(*item.max_length))
        return tl::unexpected(AnswerError::too_long);
    return std::string(value);
}

// One spelling for each number: no leading zeros, no minus before zero.
Checked checked_integer(std::string_view value) {
    const bool negative = value.starts_with('-');
    std::string_view digits = value.substr(negative ? 1 : 0);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
        return tl::unexpected(AnswerError::not_a_number);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    if (digits.size() > greatest_integer.size() ||
        (digits.size() == greatest_integer.size() && digits > greatest_integer))
        return tl::unexpected(AnswerError::out_of_range);
    return (negative && digits != "0" ? "-" : "") + std::string(digits);
}

Checked checked_decimal(std::string_view value) {
    std::size_t digits = 0, points = 0;
    for (std::size_t i = value.starts_with('-') ? 1 : 0; i < value.size(); ++i) {
        if (is_digit(value[i]))
            ++digits;
        else if (value[i] != '.' || ++points > 1)
            return tl::unexpected(AnswerError::not_a_number);
    }
    if (digits == 0 || value.ends_with('.')) return tl::unexpected(AnswerError::not_a_number);
    if (digits > max_decimal_digits) return tl::unexpected(AnswerError::out_of_range);
    return std::string(value);
}

// ODK XForms, data types: "latitude longitude [altitude [accuracy]]", several separated by semicolons. A
// trace has at least two of them, a shape three and its first again.
Checked checked_places(QuestionType type, std::string_view value) {
    std::vector<std::string> places;
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find(';', at), value.size());
        const std::string_view place = trimmed(value.substr(at, end - at));
        if (!place.empty()) places.emplace_back(place);
        at = end + 1;
    }
    for (const std::string& place : places) {
        std::vector<double> numbers;
        for (std::size_t at = 0; at < place.size();) {
            const std::size_t end = std::min(place.find(' ', at), place.size());
            if (end > at) numbers.push_back(number_of_text(place.substr(at, end - at)));
            at = end + 1;
        }
        const auto within = [](double number, double limit) { return number >= -limit && number <= limit; };
        if (numbers.size() < 2 || numbers.size() > 4 || !within(numbers[0], 90) || !within(numbers[1], 180))
            return tl::unexpected(AnswerError::not_a_place);
        if (std::any_of(numbers.begin(), numbers.end(), [](double number) { return std::isnan(number); }))
            return tl::unexpected(AnswerError::not_a_place);
    }
    const bool enough = type == QuestionType::geopoint ? places.size() == 1
                        : type == QuestionType::geotrace
                            ? places.size() >= 2
                            : places.size() >= 4 && places.front() == places.back();
    if (!enough) return tl::unexpected(AnswerError::not_a_place);
    return std::string(value);
}

std::vector<std::string_view> names_in(std::string_view value) {
    std::vector<std::string_view> names;
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find(' ', at), value.size());
        if (end > at) names.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    return names;
}

std::string joined(const std::vector<const Choice*>& choices) {
    std::string value;
    for (const Choice* choice : choices) (value += value.empty() ? "" : " ") += choice->name;
    return value;
}

// Of an exclusive choice and others, what was given last stands: the last name that was not there before, or
// the last of all.
std::string without_excluded(std::vector<const Choice*> chosen, std::string_view before) {
    if (chosen.size() < 2) return joined(chosen);
    const auto old = names_in(before);
    const Choice* latest = chosen.back();
    for (const Choice* choice : chosen)
        if (std::find(old.begin(), old.end(), choice->name) == old.end()) latest = choice;
    if (latest->exclusive) return latest->name;
    std::erase_if(chosen, [](const Choice* choice) { return choice->exclusive; });
    return joined(chosen);
}

}  // namespace

DataType data_type_of(const Item& item) {
    if (item.data_type != DataType::usual) return item.data_type;
    switch (item.type) {
        case QuestionType::integer:
            return DataType::integer;
        case QuestionType::decimal:
        case QuestionType::range:
            return DataType::decimal;
        case QuestionType::date:
            return DataType::date;
        case QuestionType::time:
            return DataType::time;
        case QuestionType::date_time:
            return DataType::date_time;
        case QuestionType::geopoint:
            return DataType::geopoint;
        case QuestionType::geotrace:
            return DataType::geotrace;
        case QuestionType::geoshape:
            return DataType::geoshape;
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return DataType::binary;
        case QuestionType::barcode:
            return DataType::barcode;
        case QuestionType::text:
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
        case QuestionType::note:
        case QuestionType::acknowledge:
        case QuestionType::calculate:
            return DataType::string;
    }
    return DataType::string;
}

Checked checked_choice_names(std::string_view value) {
    if (value.size() > max_value_bytes) return tl::unexpected(AnswerError::too_long);
    if (!valid_utf8(value)) return tl::unexpected(AnswerError::not_text);
    std::string result;
    std::set<std::string_view> seen;
    for (const std::string_view name : names_in(value))
        if (seen.insert(name).second) (result += result.empty() ? "" : " ") += name;
    return result;
}

Checked checked_answer(const Item& item, std::span<const Choice* const> offered, std::string_view value,
                       std::string_view before) {
    if (value.empty()) return std::string{};
    switch (item.type) {
        case QuestionType::text:
        case QuestionType::calculate:
            return checked_text(value, item);
        case QuestionType::integer:
            return checked_integer(trimmed(value));
        case QuestionType::decimal:
            return checked_decimal(trimmed(value));
        case QuestionType::date:
            if (!parse_day(trimmed(value))) return tl::unexpected(AnswerError::not_a_date);
            return std::string(trimmed(value));
        case QuestionType::time:
            if (!parse_time(trimmed(value))) return tl::unexpected(AnswerError::not_a_date);
            return std::string(trimmed(value));
        case QuestionType::date_time:
            if (const auto moment = parse_moment(trimmed(value)); !moment || !moment->has_time)
                return tl::unexpected(AnswerError::not_a_date);
            return std::string(trimmed(value));
        case QuestionType::range:
            return item.data_type == DataType::integer ? checked_integer(trimmed(value))
                                                       : checked_decimal(trimmed(value));
        case QuestionType::acknowledge:
            if (value != "OK") return tl::unexpected(AnswerError::not_a_choice);
            return std::string(value);
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
            return checked_places(item.type, trimmed(value));
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
        case QuestionType::barcode:
            return checked_text(value, item);
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
            break;
        case QuestionType::note:
            return tl::unexpected(AnswerError::not_a_question);
    }
    const auto names = names_in(value);
    if (names.empty() || (item.type == QuestionType::select_one && names.size() != 1))
        return tl::unexpected(AnswerError::not_a_choice);
    std::vector<const Choice*> chosen;
    for (const std::string_view name : names) {
        const auto choice = std::find_if(offered.begin(), offered.end(),
                                         [&](const Choice* each) { return each->name == name; });
        if (choice == offered.end() || std::find(chosen.begin(), chosen.end(), *choice) != chosen.end())
            return tl::unexpected(AnswerError::not_a_choice);
        chosen.push_back(*choice);
    }
    if (item.type == QuestionType::rank) return joined(chosen);
    return without_excluded(std::move(chosen), before);
}

}  // namespace fieldfare::schema
