// What stands behind the cryptography of a batch, piece by piece. The input's first byte says which: OPEN,
// CLOSE, a record (then its key is known and the second byte is the tag of the last cell), or a zstd frame
// (then two bytes say what size it is to have).

#include <sodium.h>

#include <algorithm>

#include "crypto/batch_layout.h"
#include "crypto/cells.h"
#include "crypto/compression.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using namespace fieldfare::crypto;

namespace {

void read_open(ByteView bytes) {
    const auto decoded = batch::decode_open(bytes);
    if (!decoded) return;
    const Bytes again = batch::encode_open(decoded->open, decoded->receipt_key);
    fuzz::must(std::ranges::equal(again, bytes), "OPEN has one way to be written");
}

void read_close(ByteView bytes) {
    const auto decoded = batch::decode_close(bytes);
    if (!decoded) return;
    Bytes again = batch::encode_close(decoded->close);
    fuzz::must(std::ranges::equal(again, decoded->body), "CLOSE has one way to be written");
    again.insert(again.end(), decoded->signature.begin(), decoded->signature.end());
    fuzz::must(std::ranges::equal(again, bytes), "the signature ends CLOSE");
}

void read_record(ByteView plaintext, std::uint8_t last_tag) {
    const std::array<std::uint8_t, 32> key{};
    Bytes cells(24);  // a stream header of zeros
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_secretstream_xchacha20poly1305_init_pull(&state, cells.data(), key.data());
    Bytes filled(plaintext.begin(), plaintext.end());
    std::size_t at = 0, count = 0;
    do {
        const std::size_t part = count == 0 ? batch::first_content : batch::cell_content;
        if (filled.size() < at + part) filled.resize(at + part);
        const bool last = at + part >= plaintext.size();
        Bytes cell(part + crypto_secretstream_xchacha20poly1305_ABYTES);
        crypto_secretstream_xchacha20poly1305_push(&state, cell.data(), nullptr, filled.data() + at, part,
                                                   nullptr, 0, last ? last_tag : std::uint8_t{0});
        cells.insert(cells.end(), cell.begin(), cell.end());
        at += part;
        ++count;
    } while (at < plaintext.size());

    batch::RecordOpener opener;
    const auto opened = opener.open(key, cells);
    if (!opened) return;
    fuzz::must(last_tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL,
               "a record ends with the final tag");
    fuzz::must(opened->cells == count, "a record has all of its cells");
    Bytes again = batch::encode_record(opened->prefix, opened->content);
    fuzz::must(again.size() <= filled.size(), "a record fits into its cells");
    again.resize(filled.size());
    fuzz::must(again == filled, "a record has one way to be written");
}

void read_frame(ByteView frame, std::size_t size) {
    static const Bytes dictionary = [] {
        const std::string_view text =
            "{\"form\":\"household\",\"answers\":{\"age\":\"yes\",\"income\":\"no\",";
        return Bytes(text.begin(), text.end());
    }();
    static const batch::DecodingDictionary decoding(dictionary);
    for (const batch::DecodingDictionary* with :
         {static_cast<const batch::DecodingDictionary*>(nullptr), &decoding}) {
        auto decompressor = batch::Decompressor::with(with);
        fuzz::must(decompressor.has_value(), "a plain dictionary can be used");
        const auto payload = decompressor->decompress(frame, size);
        fuzz::must(!payload || payload->size() == size, "a record decompresses to what it declares");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::must(sodium_init() >= 0, "libsodium begins");
    fuzz::Plan plan(data, size);
    switch (plan.byte() % 4) {
        case 0:
            read_open(plan.rest());
            break;
        case 1:
            read_close(plan.rest());
            break;
        case 2: {
            const std::uint8_t tag = plan.byte();
            if (plan.left() <= 16384) read_record(plan.rest(), tag);
            break;
        }
        default: {
            const std::size_t wanted = plan.number();
            read_frame(plan.rest(), wanted);
        }
    }
    return 0;
}
