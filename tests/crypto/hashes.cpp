#include <doctest/doctest.h>
#include <sodium.h>

#include "crypto/fingerprint.h"
#include "crypto/hmac.h"
#include "crypto/sealing.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

TEST_CASE("SHA-256 is the one of FIPS 180-4, at once or piece by piece") {
    const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(to_hex(sha256(bytes("abc"))) == expected);
    Sha256 pieces;
    pieces.update(bytes("a"));
    pieces.update(bytes("bc"));
    CHECK(to_hex(pieces.finish()) == expected);
}

TEST_CASE("HMAC-SHA256 is the one of RFC 4231, under keys of any length") {
    const auto mac = [](const std::string& key, const std::string& message) {
        return to_hex(hmac_sha256(bytes(key), bytes(message)));
    };
    CHECK(mac(std::string(20, '\x0b'), "Hi There") ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(mac("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("the same bytes hash differently for another use, and under a key") {
    const Bytes message = bytes("message");
    const std::array<std::uint8_t, 32> key{};
    CHECK(hash("one use         ", {message}) != hash("another use     ", {message}));
    CHECK(hash("one use         ", {message}) != keyed_hash(key, "one use         ", {message}));
}

TEST_CASE("equal compares lengths and every byte") {
    CHECK(equal(bytes("same"), bytes("same")));
    CHECK_FALSE(equal(bytes("same"), bytes("sane")));
    CHECK_FALSE(equal(bytes("same"), bytes("sam")));
}

TEST_CASE("hexadecimal has one way to be written") {
    CHECK(to_hex(bytes("\x01\xab")) == "01ab");
    CHECK(must(from_hex("01ab")) == bytes("\x01\xab"));
    for (const char* wrong : {"1", "0G", "AB", " 01", "0x"})
        CHECK(error_of(from_hex(wrong)) == Error::not_canonical);
}

TEST_CASE("a signature holds for its key, its use and its message only") {
    const SigningKey key = must(SigningKey::generate());
    const Signature signature = key.sign("one use         ", {bytes("mess"), bytes("age")});
    CHECK(verify(key.verify_key(), "one use         ", {bytes("message")}, signature));
    CHECK_FALSE(verify(key.verify_key(), "another use     ", {bytes("message")}, signature));
    CHECK_FALSE(verify(key.verify_key(), "one use         ", {bytes("massage")}, signature));
    CHECK_FALSE(
        verify(must(SigningKey::generate()).verify_key(), "one use         ", {bytes("message")}, signature));
    Signature flipped = signature;
    flipped[63] ^= 1;
    CHECK_FALSE(verify(key.verify_key(), "one use         ", {bytes("message")}, flipped));
}

TEST_CASE("a signing key comes back from its seed") {
    const SigningKey key = must(SigningKey::generate());
    CHECK(must(SigningKey::from_seed(key.expose_seed())).verify_key() == key.verify_key());
}

TEST_CASE("the identity element and other weak points are no verify keys") {
    VerifyKey identity;
    identity.bytes[0] = 1;
    CHECK(error_of(check(identity)) == Error::weak_key);
    CHECK(error_of(check(VerifyKey{})) == Error::weak_key);
    CHECK(check(must(SigningKey::generate()).verify_key()));
}

TEST_CASE("a small file is sealed for one key, one use and one context") {
    const auto key = must(ReceiptKey::random());
    const Bytes sealed = must(seal(key.expose(), "one use         ", bytes("context"), bytes("content")));
    CHECK(must(unseal(key.expose(), "one use         ", bytes("context"), sealed)) == bytes("content"));
    CHECK(error_of(unseal(key.expose(), "another use     ", bytes("context"), sealed)) == Error::damaged);
    CHECK(error_of(unseal(key.expose(), "one use         ", bytes("other"), sealed)) == Error::damaged);
    CHECK(error_of(unseal(must(ReceiptKey::random()).expose(), "one use         ", bytes("context"),
                          sealed)) == Error::damaged);
    CHECK(must(seal(key.expose(), "one use         ", bytes("context"), bytes("content"))) != sealed);
}

TEST_CASE("a sealed small file with any bit flipped, or cut anywhere, is refused") {
    const auto key = must(ReceiptKey::random());
    const Bytes sealed = must(seal(key.expose(), "one use         ", {}, bytes("content")));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes changed = sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        CHECK(error_of(unseal(key.expose(), "one use         ", {}, changed)) == Error::damaged);
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        CHECK(error_of(unseal(key.expose(), "one use         ", {}, ByteView(sealed).first(size))) ==
              Error::damaged);
}

TEST_CASE("a fingerprint is 30 digits in six groups of five, and people may type it as they like") {
    const Fingerprint fingerprint = fingerprint_of("test fingerprint", {bytes("key")});
    const std::string text = to_string(fingerprint);
    CHECK(text.size() == 35);
    CHECK(must(parse_fingerprint(text)) == fingerprint);
    std::string typed = " " + text + "\n";
    std::ranges::replace(typed, ' ', '-');
    CHECK(must(parse_fingerprint(typed)) == fingerprint);
    CHECK(must(parse_fingerprint(fingerprint.digits)) == fingerprint);
    CHECK(error_of(parse_fingerprint(text.substr(1))) == Error::wrong_format);
    CHECK(error_of(parse_fingerprint(text + "1")) == Error::wrong_format);
    CHECK(error_of(parse_fingerprint("l" + text.substr(1))) == Error::wrong_format);
}

TEST_CASE("a fingerprint tells where one part ends and the next begins") {
    CHECK(fingerprint_of("test fingerprint", {bytes("ab"), bytes("c")}) !=
          fingerprint_of("test fingerprint", {bytes("a"), bytes("bc")}));
}

TEST_CASE("a box key is refused exactly when libsodium makes nothing but zeros of it") {
    const std::array<std::uint8_t, 32> scalar{8};
    for (const std::string_view hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                                       "0100000000000000000000000000000000000000000000000000000000000000",
                                       "0200000000000000000000000000000000000000000000000000000000000000",
                                       "0900000000000000000000000000000000000000000000000000000000000000",
                                       "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                       "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                                       "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        CAPTURE(hex);
        BoxKey key;
        std::ranges::copy(must(from_hex(hex)), key.bytes.begin());
        std::array<std::uint8_t, 32> product;
        const bool zeros = crypto_scalarmult(product.data(), scalar.data(), key.bytes.data()) != 0;
        CHECK(error_of(check(key)) == (zeros ? std::optional(Error::weak_key) : std::nullopt));
    }
    for (const std::string_view hex : {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                       "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                       "0900000000000000000000000000000000000000000000000000000000000080"}) {
        BoxKey key;
        std::ranges::copy(must(from_hex(hex)), key.bytes.begin());
        CHECK(error_of(check(key)) == Error::not_canonical);
    }
}
