// A content key for an archive: the file as it comes, and its content sealed anew behind the head that came.

#include <sodium.h>

#include <algorithm>

#include "crypto/archive.h"
#include "crypto/hash.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::Bytes;

namespace {

constexpr std::size_t head_size = 108, content_size = 64;

void read(crypto::ByteView file) {
    const auto opened = crypto::open_wrap(file, fuzz::researchers());
    if (!opened) return;
    fuzz::must(file.size() == crypto::wrap_size, "a wrap has one size");
    fuzz::must(std::ranges::equal(opened->header_tag, file.subspan(44, 32)),
               "the header tag is the one in the head");
    fuzz::must(std::ranges::equal(opened->batch, file.subspan(76, 32)), "the batch is the one in the head");
}

/// The head as the input has it, but for the archive's key. The content as it has it or, when its first byte
/// is odd, tied to the head.
Bytes sealed(crypto::ByteView input) {
    const crypto::BoxKey to = fuzz::researchers().front().recipient().box_key;
    Bytes file(input.begin(), input.begin() + head_size);
    std::ranges::copy(to.bytes, file.begin() + 12);
    Bytes content(input.begin() + head_size, input.end());
    if (content.size() == content_size && content.front() % 2 == 1)
        std::ranges::copy(crypto::hash("FFW1 wrap head  ", {file}), content.begin() + 32);
    Bytes box(content.size() + crypto_box_SEALBYTES);
    fuzz::must(crypto_box_seal(box.data(), content.data(), content.size(), to.bytes.data()) == 0,
               "the archive's key can be sealed to");
    file.insert(file.end(), box.begin(), box.end());
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    const crypto::ByteView input(data, size);
    read(input);
    if (size > head_size) read(sealed(input));
    return 0;
}
