#include "client/app/passphrase.h"

#include <doctest/doctest.h>

#include <utility>

using namespace fieldfare::app;

TEST_CASE("a passphrase that was moved from holds nothing any more") {
    Passphrase first("gravel lantern otter");
    const Passphrase second = std::move(first);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is the rule
    CHECK(second.expose() == "gravel lantern otter");
}

TEST_CASE("passphrases are the same only when every byte is") {
    CHECK(Passphrase("абв").same_as(Passphrase("абв")));
    CHECK_FALSE(Passphrase("абв").same_as(Passphrase("абг")));
    CHECK_FALSE(Passphrase("абв").same_as(Passphrase("абвг")));
    CHECK_FALSE(Passphrase("абв").same_as(Passphrase("")));
}

TEST_CASE("wiping empties the text and overwrites what it held") {
    std::string text = "an answer that is long enough to lie on the heap";
    const char* bytes = text.data();
    wipe(text);
    CHECK(text.empty());
    CHECK(std::string_view(bytes, 9) == std::string_view("\0\0\0\0\0\0\0\0\0", 9));
}

TEST_CASE("the strength of a passphrase counts characters, not bytes, and nothing for repetition") {
    struct Row {
        const char* passphrase;
        Strength strength;
    };
    const Row rows[] = {
        {"", Strength::too_short},
        {"short", Strength::too_short},
        {"семьбук", Strength::too_short},
        {"aaaaaaaaaaaaaaaaaaaaaa", Strength::weak},
        {"1234567890123456", Strength::weak},
        {"abababababababababab", Strength::weak},
        {"gravel9x", Strength::weak},
        {"gravel lantern", Strength::fair},
        {"гравий фонарь выдра", Strength::fair},
        {"gravel lantern otter wick sodium", Strength::strong},
        {"гравий фонарь выдра свеча поле", Strength::strong},
    };
    for (const Row& row : rows) {
        CAPTURE(row.passphrase);
        CHECK(strength_of(row.passphrase) == row.strength);
    }
}
