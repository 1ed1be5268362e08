// The two copies of a vault's keyslots, as they are and with checksums that fit. Nothing is opened with a
// passphrase.

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/keyslots.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::KeyslotsFile;

namespace {

constexpr std::size_t copy_size = KeyslotsFile::file_size / 2, checksum_at = copy_size - 32;

void read(crypto::ByteView file) {
    const auto newest = KeyslotsFile::newest_copy(file);
    if (!newest) return;
    fuzz::must(file.size() == KeyslotsFile::file_size, "keyslots have one size");
    fuzz::must(std::ranges::equal(*newest, file.first(copy_size)) ||
                   std::ranges::equal(*newest, file.last(copy_size)),
               "the newest copy is one of the two");
    crypto::Bytes repaired = *newest;
    repaired.insert(repaired.end(), newest->begin(), newest->end());
    fuzz::must(KeyslotsFile::newest_copy(repaired) == *newest, "a repaired file has the same newest copy");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    read({data, size});
    crypto::Bytes file(data, data + std::min(size, KeyslotsFile::file_size));
    file.resize(KeyslotsFile::file_size);
    for (const std::size_t copy : {std::size_t{0}, copy_size}) {
        const auto sum =
            crypto::hash("FFV0 checksum   ", {crypto::ByteView(file).subspan(copy, checksum_at)});
        std::ranges::copy(sum, file.begin() + static_cast<std::ptrdiff_t>(copy + checksum_at));
        read(file);  // once with one of them, once with both
    }
    return 0;
}
