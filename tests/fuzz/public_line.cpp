// A researcher's public key as a line, and the bytes of one with the check that it has to have.

#include <algorithm>

#include "crypto/base32.h"
#include "crypto/hash.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;

namespace {

void read(std::string_view line) {
    const auto recipient = crypto::from_line(line);
    if (!recipient) return;
    const auto again = crypto::to_line(*recipient);
    fuzz::must(again.has_value(), "a key that was read can be written");
    const auto begin = line.find_first_not_of(" \t\r\n");
    const auto end = line.find_last_not_of(" \t\r\n");
    fuzz::must(*again == line.substr(begin, end - begin + 1), "a key has one way to be written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    read(fuzz::text_of(data, size));
    crypto::Bytes body(data, data + size);
    const auto check = crypto::hash<16>("FFP1 line check ", {body});
    body.insert(body.end(), check.begin(), check.begin() + 8);
    read("ffpub1" + crypto::to_base32(body));
    return 0;
}
