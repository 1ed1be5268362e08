#pragma once

#include <string>

// A JPEG as far as the form app looks into one, with EXIF and a comment that tell where it was taken.
namespace fieldfare::test {

inline std::string jpeg_segment(int marker, const std::string& content) {
    const std::size_t length = content.size() + 2;
    return std::string("\xff") + static_cast<char>(marker) + static_cast<char>(length >> 8) +
           static_cast<char>(length & 255) + content;
}

/// What is coded of the picture holds no 0xff of its own.
inline std::string photo_of(const std::string& coded, const std::string& told) {
    using namespace std::string_literals;
    std::string jpeg = "\xff\xd8"s + jpeg_segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
    if (!told.empty())
        jpeg += jpeg_segment(0xe1, "Exif\0\0MM\0*\0\0\0\x8\0\0"s + told) + jpeg_segment(0xfe, told);
    jpeg += jpeg_segment(0xdb, std::string(65, '\1')) + jpeg_segment(0xc0, "frame") +
            jpeg_segment(0xc4, "huffman");
    return jpeg + jpeg_segment(0xda, "scan header") + coded + "\xff\xd9";
}

}  // namespace fieldfare::test
