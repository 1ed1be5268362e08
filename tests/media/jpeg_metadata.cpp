#include "client/media/jpeg_metadata.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

// What a photo tells beside its picture does not leave the device.

using namespace fieldfare;
using crypto::Bytes;
using crypto::Error;

namespace {

using namespace std::string_literals;

std::string segment(int marker, const std::string& content) {
    const std::size_t length = content.size() + 2;
    return "\xff"s + static_cast<char>(marker) + static_cast<char>(length >> 8) +
           static_cast<char>(length & 255) + content;
}
const std::string start = "\xff\xd8"s, end = "\xff\xd9"s;
const std::string jfif = segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
const std::string tables =
    segment(0xdb, std::string(65, '\1')) + segment(0xc0, "frame"s) + segment(0xc4, "huffman"s);
const std::string scan = segment(0xda, "scan header") + "coded\xff\0picture\xff\xd0more\xff\xd7"s;

/// EXIF as cameras write it: an orientation, the place of a directory with GPS, and the directory.
std::string exif(bool little, int orientation, const std::string& secret) {
    const auto number = [&](std::uint64_t value, int size) {
        std::string bytes;
        for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * (little ? i : size - 1 - i)));
        return bytes;
    };
    std::string tiff = (little ? "II" : "MM") + number(42, 2) + number(8, 4) + number(3, 2);
    tiff += number(0x010f, 2) + number(2, 2) + number(8, 4) + number(50, 4);
    tiff += number(0x0112, 2) + number(3, 2) + number(1, 4) +
            number(static_cast<std::uint64_t>(orientation), 2) + number(0, 2);
    tiff += number(0x8825, 2) + number(4, 2) + number(1, 4) + number(50, 4);
    tiff += number(0, 4) + secret;
    return segment(0xe1, "Exif\0\0"s + tiff);
}
std::string exif_with(int orientation) {
    return "\xff\xe1\0\x22"s + "Exif\0\0MM\0\x2a\0\0\0\x8\0\1\1\x12\0\3\0\0\0\1\0"s +
           static_cast<char>(orientation) + "\0\0\0\0\0\0"s;
}

crypto::Result<std::string> stripped(const std::string& jpeg) {
    std::string out;
    const auto done =
        media::drop_jpeg_metadata(crypto::source_of(crypto::bytes_of(jpeg)), [&](crypto::ByteView bytes) {
            out.append(bytes.begin(), bytes.end());
            return crypto::Result<void>();
        });
    if (!done) return tl::unexpected(done.error());
    return out;
}
void comes_out(const std::string& jpeg, const std::string& expected) {
    const auto out = stripped(jpeg);
    REQUIRE(out.has_value());
    CHECK((*out == expected));
    CHECK((stripped(*out) == *out));  // and stays so
}
void refused(const std::string& jpeg, Error error) {
    const auto out = stripped(jpeg);
    REQUIRE_FALSE(out.has_value());
    CHECK((out.error() == error));
}

}  // namespace

TEST_CASE("place, time, camera and preview of a photo are dropped, and the picture is not touched") {
    const std::string told = exif(false, 1, "N 50 27 E 30 31, 2026:11:23 14:02") +
                             segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>maria"s) +
                             segment(0xed, "Photoshop 3.0\0maria"s) +
                             segment(0xe2, "ICC_PROFILE\0maria's screen"s) + segment(0xe2, "MPF\0maria"s) +
                             segment(0xe0, "JFXX\0preview"s) + segment(0xef, "maria") +
                             segment(0xfe, "taken by maria");
    comes_out(start + jfif + told + tables + scan + end, start + jfif + tables + scan + end);
    comes_out(start + told + tables + told + scan + told + scan + told + end,
              start + tables + scan + scan + end);
}

TEST_CASE("a preview in the mark of JFIF is dropped, and the mark of Adobe stays") {
    const std::string adobe = segment(0xee, "Adobe\0\x64\0\0\0\0\1"s);
    comes_out(start + segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\2\2"s + std::string(12, 'p')) + adobe + tables +
                  scan + end,
              start + jfif + adobe + tables + scan + end);
    comes_out(start + segment(0xee, "Adobe\0\x64\0\0\0\0\1maria"s) + tables + scan + end,
              start + tables + scan + end);
}

TEST_CASE("a photo keeps which way up it is, and nothing else of its EXIF") {
    for (const bool little : {false, true})
        for (int orientation = 2; orientation <= 8; ++orientation)
            comes_out(start + exif(little, orientation, "maria") + tables + scan + end,
                      start + exif_with(orientation) + tables + scan + end);
    for (const int nonsense : {0, 1, 9, 300})
        comes_out(start + exif(true, nonsense, "maria") + tables + scan + end, start + tables + scan + end);
    comes_out(start + exif(true, 6, "maria") + exif(true, 3, "anna") + tables + scan + end,
              start + exif_with(6) + tables + scan + end);
}

TEST_CASE("EXIF of any bytes gives an orientation or nothing") {
    std::mt19937 random(20261128);
    const std::string good = exif(true, 6, "maria");
    for (int i = 0; i < 5000; ++i) {
        std::string bad = good;
        for (int flips = 0; flips < 3; ++flips)
            bad[4 + random() % (bad.size() - 4)] = static_cast<char>(random());
        const auto out = stripped(start + bad + tables + scan + end);
        REQUIRE(out.has_value());
        REQUIRE((out->size() == (start + tables + scan + end).size() || out->find("Exif") == 2 + 4));
        REQUIRE(out->find("maria") == std::string::npos);
    }
}

TEST_CASE(
    "what stands behind the end of a picture is dropped: a film of the moment before, a second picture") {
    comes_out(start + tables + scan + end + "film of maria" + start + tables + scan + end,
              start + tables + scan + end);
}

TEST_CASE("fill bytes before a marker are dropped") {
    comes_out(start + "\xff\xff"s + jfif + "\xff"s + tables + scan + "\xff\xff"s + end,
              start + jfif + tables + scan + end);
}

TEST_CASE("a photo of many megabytes comes through whole") {
    std::string coded;
    std::mt19937 random(7);
    for (int i = 0; i < 3'000'000; ++i) {
        const char c = static_cast<char>(random());
        coded += c;
        if (c == '\xff') coded += '\0';
    }
    const std::string whole = start + jfif + tables + segment(0xda, "scan header") + coded + end;
    comes_out(whole, whole);
}

TEST_CASE("a JPEG that is not whole is refused: nobody knows what it tells") {
    const std::string whole = start + jfif + exif(true, 6, "maria") + tables + scan + end;
    for (std::size_t size = 0; size < whole.size(); ++size)
        refused(whole.substr(0, size), size < 2 ? Error::wrong_format : Error::damaged);
    refused(start + end, Error::damaged);
    refused(start + jfif + tables + end, Error::damaged);
    refused(start + "maria" + tables + scan + end, Error::damaged);
    refused(start + "\xff\xdb\0\1"s + scan + end, Error::damaged);
    for (const int unknown : {0x01, 0x02, 0xbf, 0xc8, 0xd0, 0xd8, 0xf0, 0xfd})
        refused(start + segment(unknown, "?") + tables + scan + end, Error::damaged);
}

TEST_CASE("what is no JPEG is not taken for one") {
    refused("\x89PNG\r\n\x1a\n", Error::wrong_format);
    refused("GIF89a", Error::wrong_format);
    CHECK(media::says_jpeg(crypto::bytes_of(start + jfif)));
    CHECK_FALSE(media::says_jpeg(crypto::bytes_of("\xff\xd8")));
    CHECK_FALSE(media::says_jpeg(crypto::bytes_of("GIF89a")));
}

TEST_CASE("what a source or a sink fails with is what dropping fails with") {
    const std::string whole = start + tables + scan + end;
    const crypto::ByteSource broken{
        whole.size(), [](auto, auto) -> crypto::Result<void> { return tl::unexpected(Error::not_readable); }};
    const auto full = [](crypto::ByteView) -> crypto::Result<void> {
        return tl::unexpected(Error::not_writable);
    };
    const auto fine = [](crypto::ByteView) { return crypto::Result<void>(); };
    CHECK((media::drop_jpeg_metadata(broken, fine).error() == Error::not_readable));
    CHECK((media::drop_jpeg_metadata(crypto::source_of(crypto::bytes_of(whole)), full).error() ==
           Error::not_writable));
}
