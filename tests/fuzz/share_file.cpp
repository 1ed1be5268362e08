// A file of shares as it comes, and its entries sealed and signed anew.

#include <sodium.h>

#include <algorithm>

#include "crypto/batch.h"
#include "crypto/custody.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::Bytes;

namespace {

constexpr std::size_t head_size = 112, entry_size = 92;

void read(crypto::ByteView file) {
    const auto opened = crypto::open_shares(file, fuzz::researchers());
    if (!opened) return;
    fuzz::must(!opened->shares.empty(), "a file of shares holds some");
    for (const crypto::ReleasedShare& share : opened->shares) {
        fuzz::must(share.quorum >= 2 && share.quorum <= share.of && share.of <= crypto::max_recipients,
                   "k and n of a share have bounds");
        fuzz::must(share.share.x >= 1 && share.share.x <= share.of, "a share has a place");
        fuzz::must(share.custodian == opened->custodian, "all shares of a file are of its custodian");
    }
}

/// The head as the input has it, but for number, analyst and signer; what follows becomes the entries.
Bytes signed_and_sealed(crypto::ByteView input) {
    const crypto::Identity& analyst = fuzz::researchers().front();
    Bytes file(input.begin(), input.begin() + head_size);
    const crypto::ByteView entries = input.subspan(head_size);
    const std::size_t count = entries.size() / entry_size;
    for (std::size_t i = 0; i < 4; ++i) file[12 + i] = static_cast<std::uint8_t>(count >> (8 * i));
    std::ranges::copy(fuzz::signing_key(1).verify_key().bytes, file.begin() + 48);
    std::ranges::copy(analyst.recipient().box_key.bytes, file.begin() + 80);
    Bytes sealed(entries.size() + crypto_box_SEALBYTES);
    fuzz::must(crypto_box_seal(sealed.data(), entries.data(), entries.size(),
                               analyst.recipient().box_key.bytes.data()) == 0,
               "the analyst's key can be sealed to");
    const auto signature = fuzz::signing_key(1).sign("FFH1 share file ", {file, sealed});
    file.insert(file.end(), signature.begin(), signature.end());
    file.insert(file.end(), sealed.begin(), sealed.end());
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    const crypto::ByteView input(data, size);
    read(input);
    if (size >= head_size) read(signed_and_sealed(input));
    return 0;
}
