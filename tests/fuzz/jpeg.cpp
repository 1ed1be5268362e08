// A photo as a person attaches it, from whatever made it: what is left tells nothing beside the picture.

#include <optional>
#include <string>

#include "client/media/jpeg_metadata.h"
#include "tests/fuzz/promise.h"

using namespace fieldfare;

namespace {

std::optional<crypto::Bytes> dropped(crypto::ByteView jpeg) {
    crypto::Bytes out;
    const auto done = media::drop_jpeg_metadata(crypto::source_of(jpeg), [&](crypto::ByteView more) {
        out.insert(out.end(), more.begin(), more.end());
        return crypto::Result<void>();
    });
    if (!done) return std::nullopt;
    return out;
}

/// Before the first scan: the segments that may be there, and each no longer than it must be.
void check_segments(crypto::ByteView jpeg) {
    for (std::size_t at = 2; at + 4 <= jpeg.size();) {
        fuzz::must(jpeg[at] == 0xff, "segments follow one another");
        const std::uint8_t marker = jpeg[at + 1];
        const std::size_t length = std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
        if (marker == 0xda || marker == 0xd9) return;
        fuzz::must(marker != 0xfe && (marker & 0xf0) != 0xf0, "no comment is left");
        if ((marker & 0xf0) == 0xe0) {
            const bool jfif = marker == 0xe0 && length == 16, orientation = marker == 0xe1 && length == 34,
                       adobe = marker == 0xee && length == 14;
            fuzz::must(jfif || orientation || adobe, "no other segment of an application is left");
        }
        at += 2 + length;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const crypto::ByteView input(data, size);
    const auto out = dropped(input);
    if (!out) return 0;
    // EXIF of an orientation alone may be longer than what stood there: 36 bytes at most.
    fuzz::must(out->size() <= size + 36, "nothing is added");
    check_segments(*out);
    const auto again = dropped(*out);
    fuzz::must(again && *again == *out, "there is nothing more to drop");
    return 0;
}
