#include "schema/readers/cell_text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace fieldfare::schema::readers {
namespace {

constexpr std::string_view ascii_space = " \t\n\r\v\f";
constexpr std::array<std::string_view, 4> wide_spaces = {"\u00a0", "\u202f", "\u2007", "\u3000"};
constexpr std::array<std::string_view, 4> zero_width = {"\u200b", "\ufeff", "\u2060", "\u00ad"};

// Length of the space that stands at the front or the back, 0 for none.
template <typename Matches>
std::size_t space_length(Matches matches) {
    for (std::string_view space : wide_spaces)
        if (matches(space)) return space.size();
    for (std::string_view space : zero_width)
        if (matches(space)) return space.size();
    return 0;
}

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

std::size_t leading_space(std::string_view text) {
    if (is_ascii(text.front())) return ascii_space.find(text.front()) != std::string_view::npos ? 1 : 0;
    return space_length([&](std::string_view space) { return text.starts_with(space); });
}

std::size_t trailing_space(std::string_view text) {
    if (is_ascii(text.back())) return ascii_space.find(text.back()) != std::string_view::npos ? 1 : 0;
    return space_length([&](std::string_view space) { return text.ends_with(space); });
}

// Bytes of the well-formed character at the front, 0 when there is none (Unicode 15, table 3-7).
std::size_t character_length(std::string_view text) {
    auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!follows(1) || !follows(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;
        if (first == 0xED && byte(1) > 0x9F) return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!follows(1) || !follows(2) || !follows(3)) return 0;
        if (first == 0xF0 && byte(1) < 0x90) return 0;
        if (first == 0xF4 && byte(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
    while (!text.empty()) {
        // Most bytes of most files.
        const auto plain = std::find_if(text.begin(), text.end(), [](char c) { return c < 0x20 || c == 0x7F; });
        text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
        if (text.empty()) return true;
        const auto first = static_cast<unsigned char>(text.front());
        if (first < 0x20 && first != '\t' && first != '\n' && first != '\r') return false;
        if (first == 0x7F) return false;
        const std::size_t length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view trimmed_part(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = leading_space(text);
        if (length == 0) break;
        text.remove_prefix(length);
    }
    while (!text.empty()) {
        const std::size_t length = trailing_space(text);
        if (length == 0) break;
        text.remove_suffix(length);
    }
    return text;
}

std::string trimmed(std::string_view text) {
    text = trimmed_part(text);
    if (text.find('\r') == text.npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            out += text[i];
        } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
            out += '\n';
        }
    }
    return out;
}

std::string plain(std::string_view text) {
    const std::string inside = trimmed(text);
    if (std::none_of(inside.begin(), inside.end(), [](char c) { return static_cast<signed char>(c) < 0; }))
        return inside;
    std::string out;
    std::string_view rest = inside;
    while (!rest.empty()) {
        auto at = [&](std::string_view what) { return rest.starts_with(what); };
        std::size_t length = 1;
        if (static_cast<unsigned char>(rest.front()) < 0x80) {
            out += rest.front();
        } else if (auto space = std::find_if(wide_spaces.begin(), wide_spaces.end(), at);
                   space != wide_spaces.end()) {
            out += ' ';
            length = space->size();
        } else if (auto nothing = std::find_if(zero_width.begin(), zero_width.end(), at);
                   nothing != zero_width.end()) {
            length = nothing->size();
        } else if (at("\u2018") || at("\u2019")) {
            out += '\'';
            length = 3;
        } else if (at("\u201c") || at("\u201d")) {
            out += '"';
            length = 3;
        } else {
            length = std::max<std::size_t>(1, character_length(rest));
            out += rest.substr(0, length);
        }
        rest.remove_prefix(length);
    }
    return out;
}

std::string collapsed(std::string_view text) {
    std::string out;
    for (char c : plain(text)) {
        const bool space = ascii_space.find(c) != std::string_view::npos;
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string shown(std::string_view text) {
    constexpr int most_characters = 60;
    std::string out = "'";
    int characters = 0;
    while (!text.empty()) {
        if (characters++ == most_characters) return out + "…'";
        const std::size_t length = std::max<std::size_t>(1, character_length(text));
        const char c = text.front();
        if (length > 1) {
            out += text.substr(0, length);
        } else {
            out +=
                static_cast<unsigned char>(c) < 0x20 ? ' ' : (static_cast<unsigned char>(c) < 0x80 ? c : '?');
        }
        text.remove_prefix(length);
    }
    return out + "'";
}

int distance(std::string_view a, std::string_view b) {
    if (a.size() > 40 || b.size() > 40) return 1000;
    std::vector<int> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

}  // namespace fieldfare::schema::readers
