#include "schema/number_range.h"

#include <algorithm>
#include <cstdlib>

namespace fieldfare::schema {

namespace {

constexpr std::size_t max_digits = 15;
constexpr std::uint64_t longest_row = 11;

std::string_view fraction_of(std::string_view number) {
    const std::size_t point = number.find('.');
    if (point == std::string_view::npos) return {};
    std::string_view fraction = number.substr(point + 1);
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    return fraction;
}

// The number in units of 10^-places; nothing where it is none, or too long to be exact.
std::optional<std::int64_t> in_units(std::string_view number, int places) {
    if (!is_decimal(number)) return std::nullopt;
    const bool negative = number.starts_with('-');
    if (negative) number.remove_prefix(1);
    std::string digits(number.substr(0, number.find('.')));
    std::string fraction(fraction_of(number));
    if (fraction.size() > static_cast<std::size_t>(places)) return std::nullopt;
    fraction.resize(static_cast<std::size_t>(places), '0');
    digits += fraction;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > max_digits) return std::nullopt;
    const std::int64_t units = digits.empty() ? 0 : std::stoll(digits);
    return negative ? -units : units;
}

}  // namespace

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
    const auto points = std::ranges::count(text, '.');
    return digits > 0 && points <= 1 && static_cast<std::size_t>(digits + points) == text.size();
}

std::optional<NumberRange> NumberRange::of(const Item& item) {
    const auto parameter = [&](const char* name, const char* otherwise) {
        const auto found = item.parameters.find(name);
        std::string text = found == item.parameters.end() ? otherwise : found->second;
        if (text.starts_with('+')) text.erase(0, 1);
        return text;
    };
    const std::string texts[] = {parameter("start", "1"), parameter("end", "10"), parameter("step", "1")};
    std::size_t places = 0;
    for (const std::string& text : texts) places = std::max(places, fraction_of(text).size());
    if (places > max_digits) return std::nullopt;
    std::int64_t numbers[3] = {};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto units = in_units(texts[i], static_cast<int>(places));
        if (!units) return std::nullopt;
        numbers[i] = *units;
    }
    if (numbers[2] == 0) return std::nullopt;
    return NumberRange(numbers[0], numbers[1], std::abs(numbers[2]), static_cast<int>(places));
}

std::string NumberRange::text(std::int64_t units) const {
    std::string digits = std::to_string(std::abs(units));
    const auto places = static_cast<std::size_t>(places_);
    if (places > 0) {
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
        while (digits.ends_with('0')) digits.pop_back();
        if (digits.ends_with('.')) digits.pop_back();
    }
    return units < 0 ? '-' + digits : digits;
}

std::string NumberRange::low() const {
    return text(std::min(start_, end_));
}
std::string NumberRange::high() const {
    return text(std::max(start_, end_));
}
std::string NumberRange::step() const {
    return text(step_);
}
bool NumberRange::whole() const {
    return places_ == 0 && step_ == 1;
}

std::optional<std::string> NumberRange::spelled(std::string_view number) const {
    const auto units = in_units(number, places_);
    if (!units || *units < std::min(start_, end_) || *units > std::max(start_, end_) ||
        (*units - start_) % step_ != 0)
        return std::nullopt;
    return text(*units);
}

std::uint64_t NumberRange::count() const {
    return static_cast<std::uint64_t>(std::abs(end_ - start_) / step_) + 1;
}

std::string NumberRange::nth(std::uint64_t index) const {
    const std::int64_t way = static_cast<std::int64_t>(index) * step_;
    return text(end_ < start_ ? start_ - way : start_ + way);
}

std::vector<std::string> NumberRange::row() const {
    std::vector<std::string> numbers;
    if (count() > longest_row) return numbers;
    for (std::uint64_t i = 0; i < count(); ++i) numbers.push_back(nth(i));
    return numbers;
}

}  // namespace fieldfare::schema
