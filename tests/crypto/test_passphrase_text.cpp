#include <doctest/doctest.h>

#include <string>

#include "crypto/passphrase_text.h"

using namespace fieldfare::crypto;

TEST_CASE("the same passphrase typed composed or decomposed is the same") {
    const auto composed = passphrase_from("caf\u00e9 \u0439");
    const auto decomposed = passphrase_from("cafe\u0301 \u0438\u0306");
    REQUIRE(composed);
    REQUIRE(decomposed);
    CHECK(composed->expose() == decomposed->expose());
}

TEST_CASE("full-width letters count as the letters that they look like") {
    CHECK(passphrase_from("\uff21\uff42\uff11")->expose() == "Ab1");
}

TEST_CASE("a character that Unicode has not settled yet is refused, as its normal form may still change") {
    CHECK(passphrase_from("horse \u0378").error() == Error::unsupported);
    CHECK(passphrase_from("horse \U0001fae8"));  // Unicode 15, which the library must know at least
}

TEST_CASE("a passphrase that is empty, not UTF-8 or too long is refused") {
    CHECK(passphrase_from("").error() == Error::bad_argument);
    CHECK(passphrase_from("\xff\xfe").error() == Error::bad_argument);
    CHECK(passphrase_from(std::string(SecretText::max_size + 1, 'a')).error() == Error::too_large);
}
