#include "client/media/jpeg_metadata.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/secret.h"

namespace fieldfare::media {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;

// ITU-T T.81, table B.1.
constexpr std::uint8_t soi = 0xd8, eoi = 0xd9, sos = 0xda, app0 = 0xe0, app1 = 0xe1, app14 = 0xee,
                       app15 = 0xef, comment = 0xfe, rst0 = 0xd0, rst7 = 0xd7;

tl::unexpected<Error> damaged() {
    return tl::unexpected(Error::damaged);
}

bool belongs_to_picture(std::uint8_t marker) {
    // SOF0…15 with DHT, JPG (c8: reserved, refused) and DAC among them; SOS, DQT, DNL, DRI, DHP, EXP.
    return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8) || (marker >= sos && marker <= 0xdf);
}

bool begins_with(ByteView bytes, std::string_view text) {
    return bytes.size() >= text.size() &&
           std::ranges::equal(bytes.first(text.size()), crypto::bytes_of(text));
}

/// Reads on and on, and copies what was read last where that is wanted.
class Reader {
  public:
    explicit Reader(const crypto::ByteSource& source) : source_(source) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { crypto::wipe(buffer_); }

    /// The next byte; nothing at the end or when the source fails, which `failure` tells apart.
    std::optional<std::uint8_t> next() {
        if (at_ == filled_ && !fill()) return std::nullopt;
        return buffer_[at_++];
    }
    Error failure() const { return failure_; }

  private:
    bool fill() {
        const std::uint64_t left = source_.size - place_;
        if (left == 0) return false;
        at_ = 0;
        filled_ = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
        if (auto read = source_.read(place_, std::span(buffer_).first(filled_)); !read) {
            failure_ = read.error();
            filled_ = 0;
            return false;
        }
        place_ += filled_;
        return true;
    }

    const crypto::ByteSource& source_;
    std::uint64_t place_ = 0;
    std::size_t at_ = 0, filled_ = 0;
    Error failure_ = Error::damaged;
    std::array<std::uint8_t, 16384> buffer_{};
};

/// EXIF's orientation (tag 0x0112 of its first directory), 2…8; nothing when it is upright, or not to be
/// found: EXIF is made by everyone, and nothing is taken from it but one of seven numbers.
std::optional<std::uint8_t> orientation_in(ByteView exif) {
    constexpr std::string_view head("Exif\0\0", 6);
    if (!begins_with(exif, head)) return {};
    const ByteView tiff = exif.subspan(head.size());
    const bool little = begins_with(tiff, "II"), big = begins_with(tiff, "MM");
    if (!little && !big) return {};
    const auto number = [&](std::uint64_t at, std::size_t size) -> std::optional<std::uint32_t> {
        if (at + size > tiff.size()) return {};
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8 | tiff[static_cast<std::size_t>(at) + (little ? size - 1 - i : i)];
        return value;
    };
    const auto directory = number(4, 4);
    if (!directory || number(2, 2) != 42u) return {};
    const auto entries = number(*directory, 2);
    for (std::uint32_t i = 0; entries && i < *entries; ++i) {
        const std::uint64_t at = std::uint64_t{*directory} + 2 + 12 * std::uint64_t{i};
        const auto tag = number(at, 2);
        if (!tag) return {};
        if (*tag != 0x0112) continue;
        const auto value = number(at + 8, 2);
        if (number(at + 2, 2) != 3u || number(at + 4, 4) != 1u || !value || *value < 2 || *value > 8)
            return {};
        return static_cast<std::uint8_t>(*value);
    }
    return {};
}

/// EXIF that holds an orientation and nothing else.
Bytes exif_with(std::uint8_t orientation) {
    return {0xff, app1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,           'M', 'M', 0, 42, 0, 0,
            0,    8,    0, 1,  // one entry: tag, type SHORT, count, value
            1,    0x12, 0, 3,  0,   0,   0,   1,   0, orientation, 0,   0,   0, 0,  0, 0};
}

class Filter {
  public:
    Filter(const crypto::ByteSource& jpeg, const crypto::ByteSink& sink) : reader_(jpeg), sink_(sink) {
        out_.reserve(flush_at + longest_segment);  // one allocation: it is wiped as a whole
        content_.reserve(longest_segment);
    }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter() {
        out_.resize(out_.capacity());
        content_.resize(content_.capacity());
        crypto::wipe(out_);
        crypto::wipe(content_);
    }

    Result<void> run() {
        if (reader_.next() != 0xff || reader_.next() != soi)
            return tl::unexpected(reader_.failure() == Error::damaged ? Error::wrong_format
                                                                      : reader_.failure());
        if (auto put = copy(Bytes{0xff, soi}); !put) return put;
        auto marker = next_marker();
        while (marker) {
            if (*marker == eoi) {
                if (!seen_scan_) return damaged();
                if (auto put = copy(Bytes{0xff, eoi}); !put) return put;
                return flush();
            }
            if (auto done = segment(*marker); !done) return done;
            marker = *marker == sos ? scan() : next_marker();
        }
        return tl::unexpected(marker.error());
    }

  private:
    static constexpr std::size_t flush_at = 65536, longest_segment = 65536;

    /// Fill bytes may stand before any marker.
    Result<std::uint8_t> next_marker() {
        if (reader_.next() != 0xff) return tl::unexpected(reader_.failure());
        auto byte = reader_.next();
        while (byte == 0xff) byte = reader_.next();
        if (!byte) return tl::unexpected(reader_.failure());
        return *byte;
    }

    Result<void> segment(std::uint8_t marker) {
        const bool dropped = (marker >= app0 && marker <= app15) || marker == comment;
        if (!dropped && !belongs_to_picture(marker)) return damaged();
        const auto high = reader_.next(), low = reader_.next();
        if (!high || !low) return tl::unexpected(reader_.failure());
        const std::size_t length = std::size_t{*high} << 8 | *low;
        if (length < 2) return damaged();
        content_.resize(length - 2);
        for (std::uint8_t& byte : content_) {
            const auto next = reader_.next();
            if (!next) return tl::unexpected(reader_.failure());
            byte = *next;
        }
        if (dropped) return keep_of(marker, content_);
        seen_scan_ = seen_scan_ || marker == sos;
        if (auto put = copy(Bytes{0xff, marker, *high, *low}); !put) return put;
        return copy(content_);
    }

    /// What is needed of the segments that else are dropped.
    Result<void> keep_of(std::uint8_t marker, ByteView content) {
        if (marker == app0 && begins_with(content, std::string_view("JFIF\0", 5)) && content.size() >= 14) {
            Bytes jfif = {0xff, app0, 0, 16};
            jfif.insert(jfif.end(), content.begin(), content.begin() + 12);
            jfif.insert(jfif.end(), {0, 0});  // a preview of no size
            return copy(jfif);
        }
        if (marker == app14 && begins_with(content, "Adobe") && content.size() == 12) {
            Bytes adobe = {0xff, app14, 0, 14};
            adobe.insert(adobe.end(), content.begin(), content.end());
            return copy(adobe);
        }
        if (marker == app1 && !oriented_)
            if (const auto orientation = orientation_in(content)) {
                oriented_ = true;
                return copy(exif_with(*orientation));
            }
        return {};
    }

    /// The coded picture behind SOS, and the marker that ends it.
    Result<std::uint8_t> scan() {
        for (;;) {
            auto byte = reader_.next();
            if (!byte) return tl::unexpected(reader_.failure());
            if (*byte != 0xff) {
                if (auto put = copy(*byte); !put) return tl::unexpected(put.error());
                continue;
            }
            do byte = reader_.next();
            while (byte == 0xff);
            if (!byte) return tl::unexpected(reader_.failure());
            if (*byte != 0 && (*byte < rst0 || *byte > rst7)) return *byte;
            if (auto put = copy(Bytes{0xff, *byte}); !put) return tl::unexpected(put.error());
        }
    }

    Result<void> copy(std::uint8_t byte) {
        out_.push_back(byte);
        return out_.size() < flush_at ? Result<void>() : flush();
    }
    Result<void> copy(ByteView bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return out_.size() < flush_at ? Result<void>() : flush();
    }
    Result<void> flush() {
        auto put = sink_(out_);
        out_.clear();
        return put;
    }

    Reader reader_;
    const crypto::ByteSink& sink_;
    Bytes out_, content_;
    bool seen_scan_ = false, oriented_ = false;
};

}  // namespace

bool says_jpeg(ByteView first_bytes) {
    return first_bytes.size() >= 3 && first_bytes[0] == 0xff && first_bytes[1] == soi &&
           first_bytes[2] == 0xff;
}

Result<void> drop_jpeg_metadata(const crypto::ByteSource& jpeg, const crypto::ByteSink& sink) {
    return Filter(jpeg, sink).run();
}

}  // namespace fieldfare::media
