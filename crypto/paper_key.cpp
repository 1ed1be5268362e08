#include "crypto/paper_key.h"

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/base32.h"
#include "crypto/identity.h"

namespace fieldfare::crypto {
namespace {

constexpr std::size_t line_digits = 32, check_digits = 6;
constexpr std::size_t line_length = line_digits + check_digits;
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view qr_mark = "FFKEY1";

/// The check symbols of BIP 173 and 350 over our own alphabet: a BCH code that is sure to notice up to four
/// wrong symbols in a word of at most 89. The number of the line is a symbol of its word, so that a line in
/// another's place is a wrong symbol.
std::uint32_t polymod(std::span<const std::uint8_t> symbols) {
    constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                     0x2a1462b3};
    std::uint32_t remainder = 1;
    for (const std::uint8_t symbol : symbols) {
        const std::uint32_t top = remainder >> 25;
        remainder = (remainder & 0x1ffffff) << 5 ^ symbol;
        for (std::size_t i = 0; i < generator.size(); ++i)
            if ((top >> i & 1) != 0) remainder ^= generator[i];
    }
    return remainder;
}
constexpr std::uint32_t whole_word = 0x2bc830a3;  // of BIP 350

using Symbols = std::vector<std::uint8_t>;

std::uint8_t symbol_of(char digit) {
    return static_cast<std::uint8_t>(alphabet.find(digit));
}

std::string check_of(std::size_t number, std::string_view digits) {
    Symbols word{static_cast<std::uint8_t>(number)};
    for (const char digit : digits) word.push_back(symbol_of(digit));
    word.insert(word.end(), check_digits, 0);
    const std::uint32_t check = polymod(word) ^ whole_word;
    std::string text;
    for (std::size_t i = 0; i < check_digits; ++i) text += alphabet[check >> 5 * (check_digits - 1 - i) & 31];
    return text;
}

/// The way it is printed; nothing for a character that stands for none.
std::optional<char> digit_of(char typed) {
    const char upper = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
    if (upper == 'O') return '0';
    if (upper == 'I' || upper == 'L') return '1';
    if (upper == '\0' || alphabet.find(upper) == std::string_view::npos) return std::nullopt;
    return upper;
}

bool is_separator(char c) {
    return std::string_view(" \t\r-.:)").find(c) != std::string_view::npos;
}

/// Without separators; nothing when something else stands there.
std::optional<std::string> digits_of(std::string_view typed) {
    std::string digits;
    for (const char c : typed) {
        if (is_separator(c)) continue;
        const auto digit = digit_of(c);
        if (!digit) return std::nullopt;
        digits += *digit;
    }
    return digits;
}

/// "1" or "01" before a line of the right length, then a separator where it is one digit.
std::optional<std::size_t> number_before(std::string_view typed, const std::string& digits) {
    const std::size_t extra = digits.size() - std::min(digits.size(), line_length);
    if (extra != 1 && extra != 2) return std::nullopt;
    std::size_t number = 0;
    for (const char digit : digits.substr(0, extra)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(digit - '0');
    }
    const std::size_t at = typed.find_first_not_of(" \t");
    if (number == 0 || (extra == 1 && !is_separator(typed[at + 1]))) return std::nullopt;
    return number;
}

/// Of one or two digits that stand apart at the beginning; 0 when there are none.
std::size_t size_of_number(std::string_view typed) {
    const std::size_t begin = std::min(typed.find_first_not_of(" \t"), typed.size());
    std::size_t end = begin;
    while (end < typed.size() && !is_separator(typed[end])) ++end;
    const std::string_view word = typed.substr(begin, end - begin);
    return word.size() <= 2 && word.find_first_not_of("0123456789") == std::string_view::npos ? word.size()
                                                                                              : 0;
}

std::string in_lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::vector<std::string_view> lines_of(std::string_view typed) {
    std::vector<std::string_view> lines;
    while (!typed.empty()) {
        const std::size_t end = std::min(typed.find('\n'), typed.size());
        const std::string_view line = typed.substr(0, end);
        const std::size_t text = line.find_first_not_of(" \t\r");
        if (text != std::string_view::npos && line[text] != '#') lines.push_back(line);
        typed.remove_prefix(std::min(end + 1, typed.size()));
    }
    return lines;
}

/// What the QR code says, when that is what was given.
std::optional<tl::expected<Bytes, std::vector<PaperMistake>>> from_qr(std::string_view line) {
    const auto digits = digits_of(line);
    if (!digits || !digits->starts_with(qr_mark)) return std::nullopt;
    const auto bytes = from_base32(in_lower_case(digits->substr(qr_mark.size())));
    if (!bytes || !check_key_file(*bytes))
        return tl::unexpected(std::vector{PaperMistake{PaperFault::whole, 0, 0, 0}});
    return *bytes;
}

}  // namespace

Result<PaperKey> to_paper(ByteView key_file) {
    if (auto sound = check_key_file(key_file); !sound) return tl::unexpected(sound.error());
    std::string digits = to_base32(key_file);
    for (char& c : digits)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    PaperKey paper;
    paper.qr = std::string(qr_mark) + digits;
    for (std::size_t number = 1; number <= paper_lines; ++number) {
        const std::string_view part =
            std::string_view(digits).substr((number - 1) * line_digits, line_digits);
        std::string line = (number < 10 ? "0" : "") + std::to_string(number) + " ";
        for (std::size_t i = 0; i < line_digits; ++i) {
            if (i % 4 == 0) line += ' ';
            line += part[i];
        }
        paper.lines.push_back(line + "  " + check_of(number, part));
    }
    return paper;
}

tl::expected<Bytes, PaperMistake> from_paper_line(std::string_view typed, std::size_t number) {
    const auto mistake = [&](PaperFault fault, std::size_t belongs = 0, std::size_t characters = 0) {
        return tl::unexpected(PaperMistake{fault, number, belongs, characters});
    };
    auto digits = digits_of(typed);
    if (!digits) return mistake(PaperFault::wrong_character);
    const auto written = number_before(typed, *digits);
    if (written) digits->erase(0, digits->size() - line_length);
    if (digits->size() != line_length)
        return mistake(PaperFault::wrong_length, 0, digits->size() - size_of_number(typed));
    const std::string_view part = std::string_view(*digits).substr(0, line_digits),
                           check = std::string_view(*digits).substr(line_digits);
    if (check_of(number, part) != check) {
        for (std::size_t other = 1; other <= paper_lines; ++other)
            if (check_of(other, part) == check) return mistake(PaperFault::misplaced, other);
        return mistake(PaperFault::mistyped);
    }
    if (written && *written != number) return mistake(PaperFault::wrong_number);
    return *from_base32(in_lower_case(std::string(part)));
}

tl::expected<Bytes, std::vector<PaperMistake>> from_paper(std::string_view typed) {
    const auto lines = lines_of(typed);
    if (lines.size() == 1)
        if (auto whole = from_qr(lines.front())) return *whole;
    Bytes bytes;
    std::vector<PaperMistake> mistakes;
    for (std::size_t i = 0; i < std::min(lines.size(), paper_lines); ++i) {
        auto line = from_paper_line(lines[i], i + 1);
        if (!line)
            mistakes.push_back(line.error());
        else
            bytes.insert(bytes.end(), line->begin(), line->end());
    }
    if (lines.size() != paper_lines)
        mistakes.push_back(
            {lines.size() < paper_lines ? PaperFault::too_few_lines : PaperFault::too_many_lines,
             lines.size(), 0, 0});
    if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
    if (!check_key_file(bytes)) return tl::unexpected(std::vector{PaperMistake{PaperFault::whole, 0, 0, 0}});
    return bytes;
}

}  // namespace fieldfare::crypto
