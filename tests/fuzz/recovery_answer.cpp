// An answer to a request for recovery as it comes; with the checksum that it has to have; and what is in it
// (64 bytes of the input), sealed to the request's one-time key.

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/recovery.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::Bytes;
using crypto::ByteView;

namespace {

constexpr std::size_t head_size = 12, content_size = 64, checksum_size = 16;

crypto::Digest hash_of(const crypto::RecoveryRequest& request) {
    return crypto::hash("FFR1 request    ", {ByteView(request.file())});
}

Bytes with_checksum(Bytes file) {
    const auto sum = crypto::hash<checksum_size>("FFR1 checksum   ", {ByteView(file)});
    file.insert(file.end(), sum.begin(), sum.end());
    return file;
}

Bytes sealed(const crypto::RecoveryRequest& request, ByteView content) {
    Bytes file{0x89, 'F', 'F', 'R', 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 0, 0};
    Bytes box(content_size + crypto_box_SEALBYTES);
    fuzz::must(
        crypto_box_seal(box.data(), content.data(), content.size(), request.file().data() + head_size) == 0,
        "a one-time key can be sealed to");
    file.insert(file.end(), box.begin(), box.end());
    return with_checksum(std::move(file));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    const auto request = crypto::RecoveryRequest::begin(Bytes(128));
    fuzz::must(request.has_value(), "a request can be made of any slot");
    const ByteView input(data, size);
    fuzz::must(!request->open(input), "what nobody has sealed to the one-time key is no answer");
    if (size > checksum_size)
        fuzz::must(!request->open(with_checksum({input.begin(), input.end() - checksum_size})),
                   "nor is it one with a checksum that fits");
    Bytes content(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(std::min(size, content_size)));
    content.resize(content_size);
    const auto digest = hash_of(*request);
    const bool names_it = std::ranges::equal(ByteView(content).last(32), digest);
    fuzz::must(request->open(sealed(*request, content)).has_value() == names_it,
               "an answer has to name its request");
    std::ranges::copy(digest, content.begin() + 32);
    const auto master = request->open(sealed(*request, content));
    fuzz::must(master.has_value() && std::ranges::equal(master->expose(), ByteView(content).first(32)),
               "and then gives the key that is in it");
    return 0;
}
