#include "sync/object_name.h"

#include <algorithm>
#include <charconv>

#include "crypto/hash.h"

namespace fieldfare::sync {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

bool all(std::string_view text, bool (*test)(char)) {
    return std::all_of(text.begin(), text.end(), test);
}

}  // namespace

bool is_file_hash(std::string_view text) {
    return text.size() == 64 && all(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_study_tag(std::string_view text) {
    return text.size() >= 8 && text.size() <= 32 && all(text, is_lower_or_digit);
}

crypto::Id routing_tag(std::string_view study_tag) {
    return crypto::hash<16>("FFS1 routing tag", {crypto::bytes_of(study_tag)});
}

bool is_object_name(std::string_view name) {
    if (name.empty() || name.size() > 200) return false;
    int slashes = 0;
    char before = '/';
    for (char c : name) {
        if (before == '/' && !is_lower_or_digit(c)) return false;
        if (c == '/') {
            ++slashes;
        } else if (!is_lower_or_digit(c) && c != '-' && c != '.') {
            return false;
        }
        before = c;
    }
    return before != '/' && slashes >= 1 && slashes <= 2;
}

std::string batch_name(std::string_view study_tag, std::chrono::sys_days day, const FileHash& hash,
                       int resend) {
    std::string name = std::string(study_tag) + '/' + day_text(day) + '-' + hash;
    if (resend > 0) name += '-' + std::to_string(resend);
    return name + ".batch";
}

std::optional<BatchName> parse_batch_name(std::string_view name) {
    BatchName result;
    const auto slash = name.find('/');
    if (slash == std::string_view::npos || !is_study_tag(name.substr(0, slash))) return std::nullopt;
    result.study_tag = name.substr(0, slash);
    std::string_view rest = name.substr(slash + 1);
    if (rest.size() < 8 + 1 + 64 || rest[8] != '-' || !rest.ends_with(".batch")) return std::nullopt;
    const auto day = parse_day(rest.substr(0, 8));
    if (!day || !is_file_hash(rest.substr(9, 64))) return std::nullopt;
    result.day = *day;
    result.hash = rest.substr(9, 64);
    std::string_view suffix = rest.substr(9 + 64);
    suffix.remove_suffix(6);
    if (!suffix.empty()) {
        std::from_chars(suffix.data() + 1, suffix.data() + suffix.size(), result.resend);
    }
    // The one way to write it: "-0", "-01", "-1x" and too large numbers all fail here.
    if (result.resend < 0 || batch_name(result.study_tag, *day, result.hash, result.resend) != name) {
        return std::nullopt;
    }
    return result;
}

std::string receipt_name(std::string_view study_tag, std::string_view device_tag, std::uint32_t n) {
    return std::string(study_tag) + "/receipts/" + std::string(device_tag) + '-' + std::to_string(n) +
           ".receipt";
}

std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    const int number = static_cast<int>(date.year()) * 10000 +
                       static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
                       static_cast<int>(static_cast<unsigned>(date.day()));
    std::string text = std::to_string(std::clamp(number, 0, 99991231));
    return std::string(8 - text.size(), '0') + text;
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    if (text.size() != 8 || !all(text, is_digit)) return std::nullopt;
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    const std::chrono::year_month_day date{std::chrono::year(number / 10000),
                                           std::chrono::month(static_cast<unsigned>(number / 100 % 100)),
                                           std::chrono::day(static_cast<unsigned>(number % 100))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

}  // namespace fieldfare::sync
