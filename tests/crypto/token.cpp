#include "crypto/token.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/keyslots.h"
#include "crypto/keyslots_layout.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

/// A folder of its own, gone at the end, with two token files and keyslots that want the first.
struct TokenFolder {
    std::filesystem::path folder, mine, other, keyslots;

    TokenFolder() {
        folder = std::filesystem::temp_directory_path() / ("token-" + to_hex(must(random_id())));
        std::filesystem::create_directory(folder);
        mine = folder / "mine.fftoken";
        other = folder / "other.fftoken";
        keyslots = folder / "keyslots";
        must(create_token_file(mine));
        must(create_token_file(other));
        const TokenKey token = key();
        must(KeyslotsFile::create(keyslots, {passphrase("first"), &token}, cost_floor));
    }
    ~TokenFolder() { std::filesystem::remove_all(folder); }

    static Bytes read(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    TokenKey key() const { return must(read_token_file(read(mine))); }
    TokenKey other_key() const { return must(read_token_file(read(other))); }
    KeyslotsFile open() const { return must(KeyslotsFile::open(keyslots)); }
    std::optional<Error> unlocking(std::string_view words, const TokenKey* token) const {
        return error_of(open().unlock({passphrase(words), token}));
    }
    MasterKeys keys(std::string_view words, const TokenKey* token) const {
        KeyslotsFile slots = open();
        return std::get<MasterKeys>(must(slots.unlock({passphrase(words), token})));
    }
    void change(std::string_view from, const TokenKey* before, std::string_view to,
                const TokenKey* after) const {
        KeyslotsFile slots = open();
        must(slots.change_passphrase({passphrase(from), before}, {passphrase(to), after}, cost_floor));
        must(slots.forget_previous());
    }
};

Bytes master_of(const MasterKeys& keys) {
    return {keys.current.expose().begin(), keys.current.expose().end()};
}

std::optional<Error> reading(Bytes file) {
    return error_of(read_token_file(std::move(file)));
}

/// With its checksum made right again.
Bytes mended(Bytes file) {
    const auto sum = hash<16>("FFT1 checksum   ", {ByteView(file).first(file.size() - 16)});
    std::ranges::copy(sum, file.end() - 16);
    return file;
}

}  // namespace

TEST_CASE("with a token neither half opens alone, and no other token does") {
    const TokenFolder vault;
    const TokenKey token = vault.key(), other = vault.other_key();
    CHECK(master_of(vault.keys("first", &token)) == master_of(vault.keys("first", &token)));
    CHECK(vault.keys("first", &token).token_needed);
    CHECK(vault.unlocking("first", nullptr) == Error::wrong_passphrase);
    CHECK(vault.unlocking("first", &other) == Error::wrong_passphrase);
    CHECK(vault.unlocking("second", &token) == Error::wrong_passphrase);
}

TEST_CASE("a change of passphrase takes a token in, out, or another in its place") {
    const TokenFolder vault;
    const TokenKey token = vault.key(), other = vault.other_key();
    KeyslotsFile slots = vault.open();
    CHECK(error_of(slots.change_passphrase(passphrase("first"), passphrase("new"), cost_floor)) ==
          Error::wrong_passphrase);

    vault.change("first", &token, "second", &other);
    CHECK(vault.unlocking("second", &token) == Error::wrong_passphrase);
    CHECK(vault.keys("second", &other).token_needed);

    vault.change("second", &other, "third", nullptr);
    CHECK_FALSE(vault.keys("third", nullptr).token_needed);
    CHECK_FALSE(vault.keys("third", &token).token_needed);  // one too many hurts nobody

    vault.change("third", nullptr, "third", &token);
    CHECK(vault.unlocking("third", nullptr) == Error::wrong_passphrase);
}

TEST_CASE("a change that was cut short is found again with the new passphrase and the new token") {
    const TokenFolder vault;
    const TokenKey token = vault.key(), other = vault.other_key();
    const Bytes before = master_of(vault.keys("first", &token));
    must(vault.open().change_passphrase({passphrase("first"), &token}, {passphrase("second"), &other},
                                        cost_floor));
    const MasterKeys found = vault.keys("second", &other);
    REQUIRE(found.previous);
    CHECK(Bytes(found.previous->expose().begin(), found.previous->expose().end()) == before);
    CHECK(vault.unlocking("second", nullptr) == Error::wrong_passphrase);
}

TEST_CASE("the passphrase that destroys needs no token, and is not the user's with the token left out") {
    const TokenFolder vault;
    const TokenKey token = vault.key();
    const auto setting = [&](std::string_view destroying, const TokenKey* with) {
        return error_of(vault.open().set_destroy_passphrase({passphrase("first"), with},
                                                            passphrase(destroying), SealedFiles::stay));
    };
    CHECK(setting("gone", nullptr) == Error::wrong_passphrase);
    CHECK(setting("first", &token) == Error::same_passphrase);
    REQUIRE(setting("gone", &token) == std::nullopt);
    CHECK(vault.keys("first", &token).token_needed);
    CHECK(vault.unlocking("first", nullptr) == Error::wrong_passphrase);
    for (const TokenKey* with : {&token, static_cast<const TokenKey*>(nullptr)}) {
        KeyslotsFile slots = vault.open();
        CHECK(std::holds_alternative<DestroyOrder>(must(slots.unlock({passphrase("gone"), with}))));
    }

    KeyslotsFile slots = vault.open();
    must(slots.unlock({passphrase("gone"), &token}));
    must(slots.destroy_master_key());
    must(slots.begin_anew(must(MasterKey::random())));
    CHECK_FALSE(vault.keys("gone", nullptr).token_needed);
    CHECK(vault.unlocking("first", &token) == Error::wrong_passphrase);
}

TEST_CASE("slots that our writer never puts side by side are refused, whoever has sealed them") {
    const TokenFolder vault;
    const TokenKey token = vault.key();
    const MasterKey master = must(MasterKey::random());
    using namespace keyslots;
    const auto refused = [&](const auto& seal) {
        Bytes copy = must(empty_copy(cost_floor, 9));
        const auto plain = must(key_for(copy, passphrase("first")));
        const auto both = must(with_token(plain, token));
        seal(copy, plain, both);
        copy = finished(std::move(copy), 9);
        std::ofstream(vault.keyslots, std::ios::binary)
            .write(reinterpret_cast<const char*>(copy.data()), static_cast<std::streamsize>(copy.size()))
            .write(reinterpret_cast<const char*>(copy.data()), static_cast<std::streamsize>(copy.size()));
        return vault.unlocking("first", &token);
    };
    CHECK(refused([&](Bytes& copy, const auto&, const auto& both) {
              must(seal_slot(copy, 0, both, SlotType::user, master));
              must(seal_slot(copy, 1, both, SlotType::previous, master));
          }) == std::nullopt);
    CHECK(refused([&](Bytes& copy, const auto& plain, const auto& both) {
              must(seal_slot(copy, 0, both, SlotType::user, master));
              must(seal_slot(copy, 3, plain, SlotType::user, master));
          }) == Error::not_canonical);
    CHECK(refused([&](Bytes& copy, const auto& plain, const auto& both) {
              must(seal_slot(copy, 0, both, SlotType::user, master));
              must(seal_slot(copy, 1, plain, SlotType::previous, master));
          }) == Error::not_canonical);
    CHECK(refused([&](Bytes& copy, const auto&, const auto& both) {
              must(seal_destroy_slot(copy, 4, both, SealedFiles::stay));
          }) == Error::not_canonical);
}

TEST_CASE("keyslots do not say whether they want a token") {
    const TokenFolder vault;
    const TokenKey token = vault.key();
    const auto clear_fields = [&] {
        Bytes file = TokenFolder::read(vault.keyslots);
        file.resize(64);
        std::fill_n(file.begin() + 16, 8, std::uint8_t{0});   // generation
        std::fill_n(file.begin() + 32, 16, std::uint8_t{0});  // salt
        return file;
    };
    const Bytes with = clear_fields();
    vault.change("first", &token, "second", nullptr);
    CHECK(clear_fields() == with);
}

TEST_CASE("a token file is small, its owner's, and never replaces another") {
    const TokenFolder vault;
    struct stat status {};
    REQUIRE(stat(vault.mine.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(status.st_size == static_cast<off_t>(token_file_size));
    const Bytes before = TokenFolder::read(vault.mine);
    CHECK(before != TokenFolder::read(vault.other));
    CHECK(error_of(create_token_file(vault.mine)) == Error::already_there);
    CHECK(TokenFolder::read(vault.mine) == before);
    CHECK(error_of(create_token_file(vault.folder / "none" / "a.fftoken")) == Error::not_writable);
    CHECK(std::distance(std::filesystem::directory_iterator(vault.folder), {}) == 3);
}

TEST_CASE("a token file with any bit flipped, cut or longer is no token") {
    const TokenFolder vault;
    const Bytes whole = TokenFolder::read(vault.mine);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
        CHECK(reading(flipped).has_value());
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(reading(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).has_value());
    Bytes longer = whole;
    longer.push_back(0);
    CHECK(reading(longer) == Error::damaged);
}

TEST_CASE("a token file of another kind or version is told from a damaged one") {
    const TokenFolder vault;
    const Bytes whole = TokenFolder::read(vault.mine);
    CHECK(reading({}) == Error::wrong_format);
    CHECK(reading(bytes("a photograph of a dog, of some size, to be taken for a key file")) ==
          Error::wrong_format);
    Bytes later = whole;
    later[8] = 2;
    CHECK(reading(mended(later)) == Error::unsupported);
    Bytes with_more = whole;
    with_more[11] = 1;
    CHECK(reading(mended(with_more)) == Error::not_canonical);
    Bytes rotten = whole;
    rotten[20] ^= 1;
    CHECK(reading(rotten) == Error::damaged);
}
