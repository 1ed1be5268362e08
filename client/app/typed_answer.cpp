#include "client/app/typed_answer.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "schema/number_range.h"

namespace fieldfare::app {

using schema::AnswerError;
using schema::QuestionType;

namespace {

using Value = std::optional<std::string>;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

std::string trimmed(std::string_view text) {
    const auto first = std::ranges::find_if_not(text, is_blank);
    const auto last = std::find_if_not(text.rbegin(), std::make_reverse_iterator(first), is_blank).base();
    return {first, last};
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

// "5.3.2024" and "05.03.2024" as people write them here, beside 2024-03-05. Anything else is passed on as it
// is.
std::string as_iso_date(const std::string& text) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string::npos ? first : text.find('.', first + 1);
    if (second == std::string::npos) {
        return text;
    }
    std::string day = text.substr(0, first);
    std::string month = text.substr(first + 1, second - first - 1);
    const std::string year = text.substr(second + 1);
    if (!all_digits(day) || !all_digits(month) || !all_digits(year) || day.size() > 2 || month.size() > 2 ||
        year.size() != 4) {
        return text;
    }
    day.insert(0, 2 - day.size(), '0');
    month.insert(0, 2 - month.size(), '0');
    return year + '-' + month + '-' + day;
}

// Reads a text from its front.
class Front {
  public:
    explicit Front(std::string_view text) : rest_(text) {}

    std::string digits(std::size_t at_most) {
        std::size_t count = 0;
        while (count < std::min(at_most, rest_.size()) && is_digit(rest_[count])) ++count;
        const std::string found(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return found;
    }
    bool one_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool word(std::string_view lower_case) {
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
        if (rest_.size() < lower_case.size() ||
            !std::equal(lower_case.begin(), lower_case.end(), rest_.begin(),
                        [&](char b, char a) { return same(a, b); }))
            return false;
        rest_.remove_prefix(lower_case.size());
        return true;
    }
    void blanks() {
        while (one_of(" \t")) {
        }
    }
    std::string rest() const { return std::string(rest_); }

  private:
    std::string_view rest_;
};

// "9:05", "21.05", "2105", "9:05 pm", "21:05:30", each with or without an offset ("+04:00", "+4", "Z"), as
// "21:05:00.000". That minutes are below 60 is left to the interview.
Value as_iso_time(std::string_view text) {
    Front front(text);
    std::string hour = front.digits(4), minute, second = "00", fraction;
    if (hour.size() > 2) {
        minute = hour.substr(hour.size() - 2);
        hour.resize(hour.size() - 2);
    } else if (front.one_of(":.")) {
        minute = front.digits(2);
        if (minute.size() != 2) return std::nullopt;
        if (front.one_of(":.")) {
            second = front.digits(2);
            if (second.size() != 2) return std::nullopt;
            if (front.one_of(".,") && (fraction = front.digits(9)).empty()) return std::nullopt;
        }
    }
    if (hour.empty()) return std::nullopt;
    fraction.resize(3, '0');
    front.blanks();
    const bool morning = front.word("am") || front.word("a.m.");
    const bool evening = !morning && (front.word("pm") || front.word("p.m."));
    int hours = std::stoi(hour);
    if (morning || evening) {
        if (hours < 1 || hours > 12) return std::nullopt;
        hours = hours % 12 + (evening ? 12 : 0);
        if (minute.empty()) minute = "00";
    }
    if (minute.empty() || hours > 23) return std::nullopt;
    front.blanks();
    std::string zone = front.rest();
    if (zone == "z") zone = "Z";
    if (zone.size() == 2 && !is_digit(zone[0])) zone.insert(1, "0");
    if (zone.size() == 3) zone += ":00";
    hour = std::to_string(hours);
    hour.insert(0, 2 - hour.size(), '0');
    return hour + ':' + minute + ':' + second + '.' + fraction + zone;
}

// A date as_iso_date knows, a blank, a comma or a T, and a time.
Value as_iso_date_time(const std::string& text) {
    const std::size_t end = text.find_first_of(" \t,T");
    if (end == std::string::npos) return std::nullopt;
    const std::size_t begin = text.find_first_not_of(" \t,T", end);
    if (begin == std::string::npos) return std::nullopt;
    const auto time = as_iso_time(std::string_view(text).substr(begin));
    return time ? Value(as_iso_date(text.substr(0, end)) + 'T' + *time) : std::nullopt;
}

// "55.75 37.62", "55.75, 37.62", "55,75 37,62", "55.75°, −37.62°": two to four numbers, a blank between two.
Value as_place(std::string text) {
    replace_all(text, "\xe2\x88\x92", "-");  // the minus sign of typographers
    replace_all(text, "\xc2\xb0", " ");      // degrees
    const bool points = text.find('.') != std::string::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ';' || text[i] == '\t') text[i] = ' ';
        if (text[i] != ',') continue;
        const bool between =
            points || i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]);
        text[i] = between ? ' ' : '.';
    }
    std::string place;
    int numbers = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        std::string number = text.substr(at, end - at);
        at = end + 1;
        if (number.empty()) continue;
        if (number.front() == '+') number.erase(0, 1);
        if (number.ends_with('.')) number.pop_back();
        const std::size_t sign = number.starts_with('-') ? 1 : 0;
        if (number.size() > sign && number[sign] == '.') number.insert(sign, 1, '0');
        if (!schema::is_decimal(number)) return std::nullopt;
        (place += place.empty() ? "" : " ") += number;
        ++numbers;
    }
    return numbers >= 2 && numbers <= 4 ? Value(place) : std::nullopt;
}

// "21:05" of "21:05:00.000"; seconds stay where somebody has given them, an offset too.
std::string short_time(std::string_view time) {
    Front front(time);
    const std::string hour = front.digits(2);
    if (!front.one_of(":")) return std::string(time);
    const std::string minute = front.digits(2);
    if (!front.one_of(":")) return std::string(time);
    const std::string second = front.digits(2);
    const std::string fraction = front.one_of(".") ? front.digits(9) : std::string();
    if (fraction.find_first_not_of('0') != std::string::npos) return std::string(time);
    return hour + ':' + minute + (second == "00" ? "" : ':' + second) + front.rest();
}

tl::expected<std::string, AnswerError> or_error(Value value, AnswerError error) {
    if (!value) return tl::unexpected(error);
    return *std::move(value);
}

}  // namespace

Taken taken(QuestionType type) {
    switch (type) {
        case QuestionType::text:
        case QuestionType::barcode:
            return Taken::at_once;
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::range:
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::geopoint:
            return Taken::when_left;
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
        case QuestionType::acknowledge:
        case QuestionType::note:
        case QuestionType::calculate:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return Taken::never;
    }
    return Taken::never;
}

tl::expected<std::string, AnswerError> value_of_typed(const schema::Item& item, const std::string& text) {
    std::string value = trimmed(text);
    if (value.empty()) return value;
    switch (item.type) {
        case QuestionType::decimal:
            // A point in decimals, whatever the keyboard's language.
            std::ranges::replace(value, ',', '.');
            return value;
        case QuestionType::range: {
            std::ranges::replace(value, ',', '.');
            const auto range = schema::NumberRange::of(item);
            if (!range) return value;
            if (!schema::is_decimal(value)) return tl::unexpected(AnswerError::not_a_number);
            return or_error(range->spelled(value), AnswerError::out_of_range);
        }
        case QuestionType::date:
            return as_iso_date(value);
        case QuestionType::time:
            return or_error(as_iso_time(value), AnswerError::not_a_date);
        case QuestionType::date_time:
            return or_error(as_iso_date_time(value), AnswerError::not_a_date);
        case QuestionType::geopoint:
            return or_error(as_place(std::move(value)), AnswerError::not_a_place);
        default:
            return value;
    }
}

std::string typed_of_value(const schema::Item& item, std::string_view value) {
    if (item.type == QuestionType::time) return short_time(value);
    const std::size_t middle = value.find('T');
    if (item.type != QuestionType::date_time || middle == std::string_view::npos) return std::string(value);
    return std::string(value.substr(0, middle)) + ' ' + short_time(value.substr(middle + 1));
}

}  // namespace fieldfare::app
