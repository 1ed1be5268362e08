#include <doctest/doctest.h>

#include <set>

#include "crypto/withdrawal.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

WithdrawalCode example() {
    WithdrawalCode code;
    for (std::size_t i = 0; i < code.bytes.size(); ++i) code.bytes[i] = static_cast<std::uint8_t>(i * 17 + 3);
    return code;
}

}  // namespace

TEST_CASE("a withdrawal code is written as the document's example") {
    CHECK(to_string(example()) == "0CA2-ADJ7-B1MQ-N2WW-RSG3");
    CHECK(to_hex(withdrawal_hash(example())) ==
          "6e52c5f64c90d71d24b644ae781576402a0d1b8b07ce841f74b76d3dd607b208");
}

TEST_CASE("what is written down is read again, however it is typed") {
    for (int i = 0; i < 200; ++i) {
        const WithdrawalCode code = must(new_withdrawal_code());
        CHECK(must(parse_withdrawal_code(to_string(code))) == code);
    }
    WithdrawalCode code;
    code.bytes = {0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF};
    std::string typed = to_string(code);
    REQUIRE(typed.find('0') != std::string::npos);
    REQUIRE(typed.find('1') != std::string::npos);
    for (char& c : typed)
        c = c == '0' ? 'O' : c == '1' ? 'l' : c == '-' ? ' ' : static_cast<char>(std::tolower(c));
    CHECK(must(parse_withdrawal_code("  " + typed + "\n")) == code);
}

TEST_CASE("one mistyped character of a code is noticed, and two that changed places") {
    for (int round = 0; round < 20; ++round) {
        const std::string text = to_string(must(new_withdrawal_code()));
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '-') continue;
            for (const char c : alphabet) {
                std::string typed = text;
                typed[i] = c;
                if (typed != text) CHECK(error_of(parse_withdrawal_code(typed)) == Error::damaged);
            }
            for (std::size_t j = 0; j < i; ++j) {
                std::string typed = text;
                std::swap(typed[i], typed[j]);
                if (typed[i] != '-' && typed != text && text[j] != '-')
                    CHECK(error_of(parse_withdrawal_code(typed)) == Error::damaged);
            }
        }
    }
}

TEST_CASE("up to four mistyped characters of a code are noticed") {
    std::uint32_t noise = 7;
    const auto dice = [&noise](std::size_t sides) {
        noise = noise * 1664525 + 1013904223;
        return (noise >> 8) % sides;
    };
    for (int round = 0; round < 20000; ++round) {
        const std::string text = to_string(example());
        std::string typed = text;
        for (int fault = 0; fault < 4; ++fault) {
            const std::size_t at = dice(typed.size());
            if (typed[at] != '-') typed[at] = alphabet[dice(alphabet.size())];
        }
        if (typed != text) CHECK(error_of(parse_withdrawal_code(typed)) == Error::damaged);
    }
}

TEST_CASE("what is no code at all is told from a mistyped one") {
    const std::string text = to_string(example());
    for (const std::string& typed : {std::string(), text.substr(1), text + "0", text.substr(0, 23) + "U",
                                     text.substr(0, 23) + "\xc3\xa9"})
        CHECK(error_of(parse_withdrawal_code(typed)) == Error::wrong_format);
    CHECK(error_of(parse_withdrawal_code("0000-0000-0000-0000-0000")) == Error::damaged);
}

TEST_CASE("a WITHDRAW record holds ten bytes and nothing else") {
    CHECK(must(withdrawal_code_in(example().bytes)) == example());
    CHECK(error_of(withdrawal_code_in(Bytes(9))) == Error::wrong_format);
    CHECK(error_of(withdrawal_code_in(Bytes(11))) == Error::wrong_format);
}

TEST_CASE("codes do not repeat") {
    std::set<std::string> codes;
    for (int i = 0; i < 1000; ++i) CHECK(codes.insert(to_string(must(new_withdrawal_code()))).second);
}
