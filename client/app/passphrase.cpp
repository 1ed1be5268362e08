#include "client/app/passphrase.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace fieldfare::app {

void wipe(std::string& text) {
    // The small buffer inside the string object is part of its capacity, too.
    text.resize(text.capacity());
    explicit_bzero(text.data(), text.size());
    text.clear();
}

Passphrase::Passphrase(std::string_view typed) {
    bytes_.reserve(max_bytes);  // never grows, so that no copy is left behind
    bytes_.assign(typed.substr(0, max_bytes));
}

Passphrase::Passphrase(Passphrase&& other) noexcept : bytes_(std::move(other.bytes_)) {
    wipe(other.bytes_);
}

Passphrase& Passphrase::operator=(Passphrase&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        wipe(other.bytes_);
    }
    return *this;
}

Passphrase::~Passphrase() {
    wipe(bytes_);
}

bool Passphrase::same_as(const Passphrase& other) const {
    unsigned difference = bytes_.size() == other.bytes_.size() ? 0U : 1U;
    const std::size_t shared = std::min(bytes_.size(), other.bytes_.size());
    for (std::size_t i = 0; i < shared; ++i) {
        difference |= static_cast<unsigned char>(bytes_[i]) ^ static_cast<unsigned char>(other.bytes_[i]);
    }
    return difference == 0;
}

namespace {

// Code points, so that eight Cyrillic letters count as eight; malformed bytes count as one each. In a fixed
// buffer that overwrites itself: no copy of a passphrase is left on the heap.
struct CodePoints {
    std::array<char32_t, Passphrase::max_bytes> points{};
    std::size_t size = 0;

    explicit CodePoints(std::string_view text) {
        for (std::size_t i = 0; i < text.size() && size < points.size();) {
            const auto lead = static_cast<unsigned char>(text[i]);
            const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            for (std::size_t k = i; k < std::min(i + length, text.size()); ++k) {
                points[size] = points[size] << 8U | static_cast<unsigned char>(text[k]);
            }
            ++size;
            i += length;
        }
    }
    ~CodePoints() { explicit_bzero(points.data(), sizeof points); }
    CodePoints(const CodePoints&) = delete;
    CodePoints& operator=(const CodePoints&) = delete;

    char32_t operator[](std::size_t i) const { return points[i]; }
    bool separates(std::size_t i) const { return points[i] == U' ' || points[i] == U'-'; }
};

// Words of three letters and more that are not a repetition of the word before.
std::size_t count_words(const CodePoints& text) {
    std::size_t words = 0;
    std::size_t before = 0;  // where the word before began, and its length
    std::size_t before_length = 0;
    for (std::size_t from = 0; from < text.size;) {
        std::size_t to = from;
        while (to < text.size && !text.separates(to)) ++to;
        const std::size_t length = to - from;
        bool repeats = length == before_length;
        for (std::size_t k = 0; repeats && k < length; ++k) repeats = text[before + k] == text[from + k];
        if (length >= 3 && !repeats) ++words;
        if (length > 0) {
            before = from;
            before_length = length;
        }
        from = to + 1;
    }
    return words;
}

char32_t lower(char32_t point) {
    return point >= U'A' && point <= U'Z' ? point + (U'a' - U'A') : point;
}

}  // namespace

bool too_alike(std::string_view one, std::string_view other) {
    constexpr std::size_t slips = 2;
    const CodePoints a(one);
    const CodePoints b(other);
    std::size_t same = 0;
    while (same < std::min(a.size, b.size) && lower(a[same]) == lower(b[same])) ++same;
    if (same == std::min(a.size, b.size)) return true;
    if (std::max(a.size, b.size) - std::min(a.size, b.size) > slips) return false;
    // Levenshtein's distance, one row of the table at a time; rows of numbers tell nothing of the letters.
    std::array<std::size_t, Passphrase::max_bytes + 1> row{};
    for (std::size_t j = 0; j <= b.size; ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size; ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size; ++j) {
            const std::size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size] <= slips;
}

Strength strength_of(std::string_view passphrase) {
    const CodePoints text(passphrase);
    if (text.size < 8) {
        return Strength::too_short;
    }
    // What repeats or continues the character before it (aaaa, 1234) adds nothing to guess.
    std::size_t worth = 1;
    std::size_t different = 1;
    for (std::size_t i = 1; i < text.size; ++i) {
        const auto step = static_cast<std::int64_t>(text[i]) - static_cast<std::int64_t>(text[i - 1]);
        worth += step >= -1 && step <= 1 ? 0 : 1;
        bool seen = false;
        for (std::size_t k = 0; k < i && !seen; ++k) seen = text[k] == text[i];
        different += seen ? 0 : 1;
    }
    const std::size_t words = count_words(text);
    if (different < 5 || worth < 8) return Strength::weak;
    if (words >= 5 || (worth >= 20 && different >= 9)) return Strength::strong;
    if (words >= 4 || worth >= 12) return Strength::fair;
    return Strength::weak;
}

}  // namespace fieldfare::app
