#include "client/app/passphrase.h"

#include <string.h>

#include <algorithm>
#include <cstdint>
#include <set>
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

// Code points, so that eight Cyrillic letters count as eight. Malformed bytes count as one each.
std::u32string code_points(std::string_view text) {
    std::u32string points;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = 0;
        for (std::size_t k = i; k < std::min(i + length, text.size()); ++k) {
            point = point << 8U | static_cast<unsigned char>(text[k]);
        }
        points.push_back(point);
        i += length;
    }
    return points;
}

}  // namespace

Strength strength_of(std::string_view passphrase) {
    const std::u32string points = code_points(passphrase);
    if (points.size() < 8) {
        return Strength::too_short;
    }
    // What repeats or continues the character before it (aaaa, 1234) adds nothing to guess.
    std::size_t worth = 1;
    for (std::size_t i = 1; i < points.size(); ++i) {
        const auto step = static_cast<std::int64_t>(points[i]) - static_cast<std::int64_t>(points[i - 1]);
        worth += step >= -1 && step <= 1 ? 0 : 1;
    }
    std::set<std::u32string> words;
    std::u32string word;
    for (const char32_t point : points) {
        if (point == U' ' || point == U'-') {
            if (word.size() >= 3) words.insert(word);
            word.clear();
        } else {
            word.push_back(point);
        }
    }
    if (word.size() >= 3) words.insert(word);
    const std::size_t different = std::set<char32_t>(points.begin(), points.end()).size();
    if (different < 5 || worth < 8) return Strength::weak;
    if (words.size() >= 5 || (worth >= 20 && different >= 9)) return Strength::strong;
    if (words.size() >= 4 || worth >= 12) return Strength::fair;
    return Strength::weak;
}

}  // namespace fieldfare::app
