#include "tests/support/memory_search.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "tests/support/process_memory.h"

namespace fieldfare::tests {
namespace {

// A freed block's first bytes are overwritten by the allocator, so parts of a text count as well.
constexpr std::size_t piece_letters = 8;

std::u32string letters_of(const std::string& text) {
    std::u32string letters;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t letter = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k)
            letter = letter << 6U | (static_cast<unsigned char>(text.at(i + k)) & 0x3FU);
        letters += letter;
        i += length;
    }
    return letters;
}

std::string utf8(const std::u32string& letters) {
    std::string text;
    for (const char32_t c : letters) {
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else {
            text += static_cast<char>(0xC0 | c >> 6);
            text += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
    return text;
}

enum class Order { little, big };

std::string wide(const std::u32string& letters, std::size_t bytes, Order order) {
    std::string text;
    for (const char32_t c : letters) {
        for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t place = order == Order::little ? i : bytes - 1 - i;
            text += static_cast<char>(c >> (8 * place) & 0xFF);
        }
    }
    return text;
}

std::string hex(const std::string& bytes, const char* digits) {
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

/// What is looked for, by the two bytes with which it begins: one walk through the memory looks for
/// everything.
class Search {
  public:
    explicit Search(const std::vector<std::string>& texts) : needles_(1 << 16), strides_(1 << 16) {
        for (const auto& text : texts) {
            const auto letters = letters_of(text);
            for (std::size_t at = 0; at + piece_letters <= letters.size(); at += piece_letters) {
                const auto piece = letters.substr(at, piece_letters);
                for (auto& [name, bytes] : spellings_of(utf8(piece))) {
                    bytes.erase(
                        0, bytes.find_first_not_of('\0'));  // of big-endian letters: zeros are everywhere
                    needles_[key(bytes.data())].push_back({text, name, bytes});
                }
                strides_[piece[0] & 0xFFFF].push_back({text, piece});
            }
            // Short words would be found by chance.
            const auto word = letters.substr(0, letters.find(U' '));
            if (word.size() >= 12) words_.push_back({text, word});
        }
    }

    void in(const std::string& memory, const MemoryRegion& region, std::vector<Sighting>& found) const {
        const Place place{memory.data(), memory.size(), region, found};
        for (std::size_t at = 0; at + 8 <= place.size; ++at) {
            for (const Needle& needle : needles_[key(place.bytes + at)]) for_bytes(place, at, needle);
            if (at % 4 != 0) continue;
            for (const Letters& piece : strides_[key(place.bytes + at)]) for_strides(place, at, piece);
            if (inside(float_at(place, at + 4), 1e5F) && inside(float_at(place, at), 1e5F)) {
                for (const Letters& word : words_) for_glyphs(place, at, word);
            }
        }
    }

  private:
    struct Needle {
        std::string text, spelling, bytes;
    };
    struct Letters {
        std::string text;
        std::u32string letters;
    };
    struct Place {
        const char* bytes;
        std::size_t size;
        const MemoryRegion& region;
        std::vector<Sighting>& found;

        void report(const std::string& text, const std::string& spelling, std::size_t at) const {
            const std::size_t from = at < 24 ? 0 : at - 24;
            std::string around(bytes + from, std::min<std::size_t>(80, size - from));
            for (char& c : around) c = c >= ' ' && c <= '~' ? c : '.';
            found.push_back({text, spelling, region.name, region.from + at, around});
        }
    };

    static std::uint16_t key(const char* bytes) {
        std::uint16_t key = 0;
        ::memcpy(&key, bytes, sizeof key);
        return key;
    }
    static float float_at(const Place& place, std::size_t at) {
        float number = 0;
        ::memcpy(&number, place.bytes + at, sizeof number);
        return number;
    }
    static bool inside(float number, float most) { return number > 1e-6F && number < most; }

    static void for_bytes(const Place& place, std::size_t at, const Needle& needle) {
        if (at + needle.bytes.size() <= place.size &&
            ::memcmp(place.bytes + at, needle.bytes.data(), needle.bytes.size()) == 0)
            place.report(needle.text, needle.spelling, at);
    }

    /// A letter every so many bytes, as in a queue of events; what stands beside a letter may be anything.
    static void for_strides(const Place& place, std::size_t at, const Letters& piece) {
        constexpr std::size_t longest = 128;
        for (std::size_t stride = 8; stride <= longest; stride += 4) {
            if (at + (piece.letters.size() - 1) * stride + 2 > place.size) return;
            std::size_t k = 1;
            while (k < piece.letters.size() &&
                   key(place.bytes + at + k * stride) == (piece.letters[k] & 0xFFFF))
                ++k;
            if (k == piece.letters.size())
                place.report(piece.text, "every " + std::to_string(stride) + " bytes", at);
        }
    }

    /// ImDrawVert is 20 bytes (place, place in the glyphs' picture, colour), a glyph has four. Glyphs look
    /// the same exactly where the letters are the same; a blank has none.
    static void for_glyphs(const Place& place, std::size_t at, const Letters& word) {
        constexpr std::size_t glyph = 4 * 20;
        if (at + word.letters.size() * glyph > place.size) return;
        for (std::size_t i = 0; i < word.letters.size(); ++i) {
            const std::size_t here = at + i * glyph;
            if (!inside(float_at(place, here + 8), 1) || !inside(float_at(place, here + 12), 1)) return;
            if (i > 0 && float_at(place, here) <= float_at(place, here - glyph)) return;
            for (std::size_t j = 0; j < i; ++j) {
                const bool same = ::memcmp(place.bytes + here + 8, place.bytes + at + j * glyph + 8, 8) == 0;
                if (same != (word.letters[i] == word.letters[j])) return;
            }
        }
        place.report(word.text, "drawn", at);
    }

    std::vector<std::vector<Needle>> needles_;
    std::vector<std::vector<Letters>> strides_;
    std::vector<Letters> words_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> spellings_of(const std::string& text) {
    const auto letters = letters_of(text);
    return {{"UTF-8", text},
            {"UTF-16LE", wide(letters, 2, Order::little)},
            {"UTF-16BE", wide(letters, 2, Order::big)},
            {"UTF-32LE", wide(letters, 4, Order::little)},
            {"UTF-32BE", wide(letters, 4, Order::big)},
            {"hex", hex(text, "0123456789abcdef")},
            {"HEX", hex(text, "0123456789ABCDEF")}};
}

std::string why_not_searchable(pid_t process) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)process;
    return "sanitizers keep what is freed, and more memory than can be searched";
#else
    const int memory = ::open(("/proc/" + std::to_string(process) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return "the memory of the program can't be read here; run this as root";
    ::close(memory);
    return {};
#endif
}

std::vector<Sighting> search_memory(pid_t process, const std::vector<std::string>& texts) {
    const ProcessMemory memory(process);
    const Search search(texts);
    std::vector<Sighting> found;
    std::uint64_t searched = 0;
    for (const MemoryRegion& region : own_memory_of(process)) {
        const std::string bytes = memory.read(region);
        searched += bytes.size();
        search.in(bytes, region, found);
    }
    if (searched < 1 << 20) throw std::runtime_error("hardly any memory of the process could be read");
    return found;
}

std::string told(const std::vector<Sighting>& sightings) {
    std::string text;
    constexpr std::size_t most = 60;
    for (const auto& one : sightings) {
        if (&one == sightings.data() + most)
            return text + "\n  … " + std::to_string(sightings.size()) + " in all";
        char address[32];
        std::snprintf(address, sizeof address, "%#llx", static_cast<unsigned long long>(one.address));
        text += "\n  \"" + one.text + "\" in " + one.spelling + " at " + address + ", " + one.region + ": " +
                one.around;
    }
    return text;
}

}  // namespace fieldfare::tests
