#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "crypto/base32.h"
#include "crypto/keyslots.h"
#include "tests/support/crypto_key_forger.h"

// Key files, keyslots and public keys of someone who knows what it takes to make them, and makes others than
// we would: each is refused by its rule, not by luck.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::uint8_t of_a_researcher = 1, of_a_root = 2;

/// A key file in which everything is right, to be made wrong.
struct KeyFile {
    KeyForger forger{"right"};
    Bytes header = KeyForger::key_file_header(of_a_researcher);
    Bytes secrets = [] {
        Bytes bytes(192);
        std::fill_n(bytes.begin(), 64, std::uint8_t{9});
        bytes[64] = 5;
        std::ranges::copy(bytes_of("label"), bytes.begin() + 65);
        return bytes;
    }();

    std::optional<Error> opening() const { return opening(forger.key_file(header, secrets)); }
    static std::optional<Error> opening(const Bytes& file) {
        return error_of(Identity::from_file_bytes(file, passphrase("right")));
    }
    std::optional<Error> with_header(std::size_t offset, std::uint8_t byte) const {
        KeyFile changed = *this;
        changed.header[offset] = byte;
        return changed.opening();
    }
    std::optional<Error> with_secret(std::size_t offset, std::uint8_t byte) const {
        KeyFile changed = *this;
        changed.secrets[offset] = byte;
        return changed.opening();
    }
};

/// Keyslots with one slot, to be made wrong.
struct Keyslots {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("keyslots-" + to_hex(must(random_id())));
    KeyForger forger{"right"};
    Bytes head = KeyForger::keyslots_head();
    Bytes content = [] {
        Bytes bytes(56);
        bytes[0] = 1;
        std::fill_n(bytes.begin() + 8, 32, std::uint8_t{9});
        return bytes;
    }();
    std::size_t slot = 0;

    ~Keyslots() { std::filesystem::remove(path); }

    Bytes file() const { return forger.keyslots(head, slot, content); }
    std::optional<Error> unlocking() const { return unlocking(file()); }
    std::optional<Error> unlocking(const Bytes& bytes) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        auto opened = KeyslotsFile::open(path);
        if (!opened) return opened.error();
        return error_of(opened->unlock(passphrase("right")));
    }
    std::optional<Error> with_content(std::size_t offset, std::uint8_t byte) {
        const std::uint8_t before = std::exchange(content[offset], byte);
        const auto error = unlocking();
        content[offset] = before;
        return error;
    }
};

/// The line of these bytes, with its check.
std::string public_line(Bytes body) {
    const auto check = hash<16>("FFP1 line check ", {body});
    body.insert(body.end(), check.begin(), check.begin() + 8);
    return "ffpub1" + to_base32(body);
}

}  // namespace

TEST_CASE("what a key file holds is held to its rules, even when the right passphrase has sealed it") {
    const KeyFile right;
    CHECK_FALSE(right.opening());
    CHECK(right.with_header(8, 0) == Error::unsupported);
    CHECK(right.with_header(8, 2) == Error::unsupported);
    CHECK(right.with_header(9, 0) == Error::unsupported);
    CHECK(right.with_header(9, 3) == Error::unsupported);
    CHECK(right.with_header(9, of_a_root) == Error::not_canonical);  // a root has no box key
    for (const std::size_t zero : {10U, 11U, 20U, 23U})
        CHECK(right.with_header(zero, 1) == Error::not_canonical);
    CHECK(right.with_secret(64, 65) == Error::not_canonical);    // a label longer than labels are
    CHECK(right.with_secret(64, 255) == Error::not_canonical);   // and than there is room
    CHECK(right.with_secret(64, 4) == Error::not_canonical);     // its last letter stands behind it
    CHECK(right.with_secret(191, 1) == Error::not_canonical);    // as does this
    CHECK(right.with_secret(65, '\n') == Error::not_canonical);  // control characters
    CHECK(right.with_secret(65, 0xff) == Error::not_canonical);  // no UTF-8
    KeyFile root = right;
    root.header = KeyForger::key_file_header(of_a_root);
    std::fill_n(root.secrets.begin(), 32, std::uint8_t{0});
    CHECK_FALSE(root.opening());
}

TEST_CASE("a key file whose commitment holds and whose seal does not is damaged, not a wrong passphrase") {
    const KeyFile right;
    Bytes file = right.forger.key_file(right.header, right.secrets);
    file[64 + 32 + 100] ^= 1;
    const auto sum = hash<16>("FFK1 checksum   ", {ByteView(file).first(file.size() - 16)});
    std::ranges::copy(sum, file.end() - 16);
    CHECK(KeyFile::opening(file) == Error::damaged);
}

TEST_CASE("what a keyslot holds is held to its rules, even when the right passphrase has sealed it") {
    Keyslots right;
    CHECK_FALSE(right.unlocking());
    for (const std::uint8_t type : Bytes{0, 2, 5, 255})
        CHECK(right.with_content(0, type) == Error::unsupported);
    for (const std::size_t zero : {1U, 7U, 40U, 55U})
        CHECK(right.with_content(zero, 1) == Error::not_canonical);
    CHECK(right.with_content(0, 4) ==
          Error::wrong_passphrase);  // the key before a change, and no key after it
}

TEST_CASE("a slot that destroys has no key and one of two words in it") {
    Keyslots right;
    CHECK(right.with_content(0, 3) == Error::not_canonical);  // with a key
    std::ranges::fill(right.content, std::uint8_t{0});
    right.content[0] = 3;
    CHECK_FALSE(right.unlocking());
    CHECK_FALSE(right.with_content(40, 1));
    CHECK(right.with_content(40, 2) == Error::unsupported);
    for (const std::size_t zero : {1U, 7U, 8U, 39U, 41U, 55U})
        CHECK(right.with_content(zero, 1) == Error::not_canonical);
}

TEST_CASE("a passphrase that opens and destroys at once does neither") {
    Keyslots right;
    Bytes destroying(56);
    destroying[0] = 3;
    Bytes both = right.file();
    const Bytes other = right.forger.keyslots(right.head, 3, destroying);
    for (const std::size_t copy : {std::size_t{0}, std::size_t{4096}}) {
        const auto at = static_cast<std::ptrdiff_t>(copy + 64 + 128 * 3);
        std::copy(other.begin() + at, other.begin() + at + 128, both.begin() + at);
        std::ranges::copy(hash("FFV0 checksum   ", {ByteView(both).subspan(copy, 4096 - 32)}),
                          both.begin() + static_cast<std::ptrdiff_t>(copy + 4096 - 32));
    }
    CHECK(right.unlocking(both) == Error::not_canonical);
}

TEST_CASE("a keyslot opens in its own place and under its own head only") {
    Keyslots right;
    Bytes moved = right.file();
    for (const std::size_t copy : {std::size_t{0}, std::size_t{4096}}) {
        const auto at = [&](std::size_t offset) {
            return moved.begin() + static_cast<std::ptrdiff_t>(copy + offset);
        };
        std::swap_ranges(at(64), at(64 + 128), at(64 + 128));
        std::ranges::copy(hash("FFV0 checksum   ", {ByteView(moved).subspan(copy, 4096 - 32)}),
                          at(4096 - 32));
    }
    CHECK(right.unlocking(moved) == Error::wrong_passphrase);
    right.slot = 1;
    CHECK_FALSE(right.unlocking());
}

TEST_CASE("each zero of the keyslots is checked") {
    Keyslots right;
    for (const std::size_t zero : {10U, 15U, 48U, 63U}) {
        Bytes head = right.head;
        head[zero] = 1;
        CHECK(right.unlocking(right.forger.keyslots(head, 0, right.content)) == Error::not_canonical);
    }
}

TEST_CASE("a public line is held to its rules, even when its check is right") {
    const Recipient recipient = researcher("ab").recipient();
    Bytes body{of_a_researcher};
    const auto append = [&](ByteView more) { body.insert(body.end(), more.begin(), more.end()); };
    append(recipient.box_key.bytes);
    append(recipient.signing_key.bytes);
    append(Bytes{2, 'a', 'b'});
    REQUIRE(must(from_line(public_line(body))) == recipient);
    const auto with = [&](std::size_t offset, std::uint8_t byte) {
        Bytes changed = body;
        changed[offset] = byte;
        return error_of(from_line(public_line(changed)));
    };
    CHECK(with(0, 0) == Error::unsupported);
    CHECK(with(0, 3) == Error::unsupported);
    CHECK(with(32, 0xff) == Error::not_canonical);  // the box key: not below 2^255 - 19
    CHECK(with(65, 1) == Error::not_canonical);     // something behind the label
    CHECK(with(65, 3) == Error::not_canonical);     // cut off within it
    CHECK(with(66, '\n') == Error::not_canonical);
    CHECK(with(66, 0xff) == Error::not_canonical);
    Bytes weak = body;
    std::fill_n(weak.begin() + 1, 32, std::uint8_t{0});
    CHECK(error_of(from_line(public_line(weak))) == Error::weak_key);
    weak = body;
    std::fill_n(weak.begin() + 33, 32, std::uint8_t{0});
    CHECK(error_of(from_line(public_line(weak))) == Error::weak_key);
    Bytes cut(body.begin(), body.begin() + 40);
    CHECK(error_of(from_line(public_line(cut))) == Error::not_canonical);
    Bytes long_label = body;
    long_label[65] = 65;
    long_label.resize(66);
    long_label.insert(long_label.end(), 65, 'a');
    CHECK(error_of(from_line(public_line(long_label))) == Error::not_canonical);
    CHECK(error_of(from_line(public_line(body) + std::string(300, '0'))) == Error::too_large);
}
