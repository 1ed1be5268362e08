#include "client/researcher/synthetic_media.h"

#include <algorithm>
#include <string>

#include "client/media/jpeg_metadata.h"
#include "client/researcher/dice.h"
#include "crypto/media.h"

namespace fieldfare::researcher {
namespace {

using namespace std::string_literals;

void append(crypto::Bytes& bytes, std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
}

void append_noise(crypto::Bytes& bytes, std::size_t size, Dice& dice) {
    for (const std::size_t end = bytes.size() + size; bytes.size() < end;) {
        std::uint64_t word = dice.next();
        for (int i = 0; i < 8 && bytes.size() < end; ++i, word >>= 8)
            bytes.push_back(static_cast<std::uint8_t>(word));
    }
}

void append_segment(crypto::Bytes& bytes, std::uint8_t marker, std::string_view content) {
    const std::size_t length = content.size() + 2;
    bytes.insert(bytes.end(), {0xff, marker, static_cast<std::uint8_t>(length >> 8),
                               static_cast<std::uint8_t>(length & 0xff)});
    append(bytes, content);
}

/// No picture, but a whole JPEG as far as its segments go, with what a camera tells of itself.
crypto::Bytes photo(std::size_t size, Dice& dice) {
    crypto::Bytes bytes = {0xff, 0xd8};
    append_segment(bytes, 0xe1, "Exif\0\0MM\0*\0\0\0\0 GPS N50 27 E30 31, 2026:11:23 14:02"s);
    append_segment(bytes, 0xfe, "taken by me");
    append_segment(bytes, 0xc0, "a frame");
    append_segment(bytes, 0xda, "a scan");
    const std::size_t begin = bytes.size();
    append_noise(bytes, size, dice);
    std::replace(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end(), std::uint8_t{0xff},
                 std::uint8_t{0xfe});
    append(bytes,
           "\xff\xd9"
           " film of the moment before");
    return bytes;
}

/// What follows the beginning of a file.
std::uint64_t noise_size(std::string_view name, Dice& dice) {
    if (name.ends_with(".jpg")) return 30'000 + dice.below(400'000);
    if (name.ends_with(".mp4"))
        return (dice.chance(0.3) ? crypto::media_part_size : 200'000) + dice.below(2'000'000);
    return 2'000 + dice.below(200'000);
}

std::string beginning(std::string_view name) {
    if (name.ends_with(".mp4"))
        return "\0\0\0\x18"
               "ftypmp42"s;
    return name.ends_with(".m4a") ? "\0\0\0\x18"
                                    "ftypM4A "s
                                  : "%PDF-1.4\n"s;
}

constexpr std::uint64_t photo_without_noise = 25;  ///< bytes of what is left of its segments

}  // namespace

crypto::Bytes synthetic_media(std::string_view name, std::uint64_t seed) {
    Dice dice(seed);
    const auto size = static_cast<std::size_t>(noise_size(name, dice));
    crypto::Bytes bytes;
    if (!name.ends_with(".jpg")) {
        append(bytes, beginning(name));
        append_noise(bytes, size, dice);
        return bytes;
    }
    const crypto::Bytes taken = photo(size, dice);
    const auto dropped = media::drop_jpeg_metadata(crypto::source_of(taken), [&](crypto::ByteView more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return crypto::Result<void>();
    });
    if (!dropped) bytes.clear();  // can't be; an empty file is refused by whoever seals it
    return bytes;
}

std::uint64_t synthetic_media_size(std::string_view name, std::uint64_t seed) {
    Dice dice(seed);
    const std::uint64_t noise = noise_size(name, dice);
    return noise + (name.ends_with(".jpg") ? photo_without_noise : beginning(name).size());
}

}  // namespace fieldfare::researcher
