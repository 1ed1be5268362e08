#include "crypto/token.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"
#include "crypto/keyslots_file.h"
#include "crypto/little_endian.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {

namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'T', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t version = 1;
constexpr std::size_t head_size = 12;  // magic, version, zeros
constexpr std::size_t checksum_size = 16;
static_assert(token_file_size == head_size + TokenKey::size + checksum_size);

std::array<std::uint8_t, checksum_size> checksum_of(ByteView file) {
    return hash<checksum_size>("FFT1 checksum   ", {file.first(token_file_size - checksum_size)});
}

Result<void> check_file(ByteView file) {
    if (FieldReader(file).array<8>() != magic) return tl::unexpected(Error::wrong_format);
    if (file.size() <= magic.size()) return tl::unexpected(Error::damaged);
    if (file[magic.size()] != version) return tl::unexpected(Error::unsupported);
    if (file.size() != token_file_size) return tl::unexpected(Error::damaged);
    if (!equal(checksum_of(file), file.last(checksum_size))) return tl::unexpected(Error::damaged);
    if (!all_zero(file.subspan(magic.size() + 1, head_size - magic.size() - 1)))
        return tl::unexpected(Error::not_canonical);
    return {};
}

}  // namespace

Result<void> create_token_file(const std::filesystem::path& path) {
    const auto key = TokenKey::random();
    if (!key) return tl::unexpected(key.error());
    Wiped file;
    file.bytes.reserve(token_file_size);  // so that the key never moves and leaves itself behind
    put(file.bytes, magic);
    put_u8(file.bytes, version);
    file.bytes.resize(head_size);
    put(file.bytes, key->expose());
    file.bytes.resize(token_file_size);
    const auto sum = checksum_of(file.bytes);
    std::ranges::copy(sum, file.bytes.end() - checksum_size);
    return keyslots::create_file(path, file.bytes);
}

Result<TokenKey> read_token_file(Bytes&& file) {
    const Wiped whole{std::move(file)};
    if (auto checked = check_file(whole.bytes); !checked) return tl::unexpected(checked.error());
    auto key = TokenKey::zeroed();
    if (!key) return key;
    std::ranges::copy(ByteView(whole.bytes).subspan(head_size, TokenKey::size), key->storage().begin());
    return key;
}

}  // namespace fieldfare::crypto
