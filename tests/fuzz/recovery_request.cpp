// A request for recovery as it comes; with the checksum that it has to have; and its one-time key and slot
// (32 + 80 bytes of the input), the slot sealed to a supervisor whom everyone knows.

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/recovery.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::Bytes;
using crypto::ByteView;

namespace {

constexpr std::size_t head_size = 12, content_size = 80, slot_size = 128, checksum_size = 16;

void read(ByteView file) {
    const auto opened = crypto::OpenedRequest::open(file, fuzz::researchers());
    if (!opened) return;
    fuzz::must(file.size() == head_size + 32 + slot_size + checksum_size, "a request has one size");
    const auto answer = opened->answer();
    fuzz::must(answer.has_value(), "what was opened can be answered");
    fuzz::must(!crypto::OpenedRequest::open(*answer, fuzz::researchers()), "an answer is no request");
}

Bytes with_checksum(Bytes file) {
    const auto sum = crypto::hash<checksum_size>("FFR1 checksum   ", {ByteView(file)});
    file.insert(file.end(), sum.begin(), sum.end());
    return file;
}

Bytes sealed(ByteView one_time_key, ByteView content) {
    Bytes file{0x89, 'F', 'F', 'R', 0x0d, 0x0a, 0x1a, 0x0a, 1, 1, 0, 0};
    file.insert(file.end(), one_time_key.begin(), one_time_key.end());
    Bytes slot(slot_size);
    fuzz::must(crypto_box_seal(slot.data(), content.data(), content.size(),
                               fuzz::researchers().front().recipient().box_key.bytes.data()) == 0,
               "a supervisor's key can be sealed to");
    file.insert(file.end(), slot.begin(), slot.end());
    return with_checksum(std::move(file));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    const ByteView input(data, size);
    read(input);
    if (size > checksum_size) read(with_checksum({input.begin(), input.end() - checksum_size}));
    if (size < 32) return 0;
    Bytes content(input.begin() + 32,
                  input.begin() + static_cast<std::ptrdiff_t>(std::min(size, 32 + content_size)));
    content.resize(content_size);
    read(sealed(input.first(32), content));
    return 0;
}
