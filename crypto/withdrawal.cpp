#include "crypto/withdrawal.h"

#include <algorithm>

#include "crypto/base32.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace fieldfare::crypto {

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t data_size = 16, check_size = 4, group_size = 4;

// GF(32) with x^5 + x^2 + 1, elements as numbers of five bits.
constexpr std::uint8_t times(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0;
    for (unsigned bit = 0; bit < 5; ++bit)
        if (b >> bit & 1) product ^= static_cast<unsigned>(a) << bit;
    for (unsigned bit = 8; bit >= 5; --bit)
        if (product >> bit & 1) product ^= 0x25U << (bit - 5);
    return static_cast<std::uint8_t>(product);
}

/// (z - a)(z - a^2)(z - a^3)(z - a^4) for a = x, from z^3 down; its z^4 is 1.
constexpr std::array<std::uint8_t, check_size> generator() {
    std::array<std::uint8_t, check_size + 1> product{0, 0, 0, 0, 1};  // from z^4 down: 1 to begin with
    std::uint8_t root = 1;
    for (std::size_t i = 0; i < check_size; ++i) {
        root = times(root, 2);
        for (std::size_t power = 0; power < check_size; ++power)  // times z, minus root times itself
            product[power] = static_cast<std::uint8_t>(product[power + 1] ^ times(product[power], root));
        product[check_size] = times(product[check_size], root);
    }
    return {product[1], product[2], product[3], product[4]};
}

/// A Reed-Solomon code of distance 5: the remainder of 1, then the digits, then four zeros.
std::array<std::uint8_t, check_size> check_digits(std::string_view digits) {
    constexpr auto divisor = generator();
    std::array<std::uint8_t, check_size> rest{0, 0, 0, 1};  // so that a row of zeros is no code
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto digit = static_cast<std::uint8_t>(alphabet.find(digits[i]));
        const auto first = rest[0];
        for (std::size_t k = 0; k < check_size; ++k)
            rest[k] = static_cast<std::uint8_t>(times(first, divisor[k]) ^
                                                (k + 1 < check_size ? rest[k + 1] : digit));
    }
    for (std::size_t i = 0; i < check_size; ++i) {
        const auto first = rest[0];
        for (std::size_t k = 0; k < check_size; ++k)
            rest[k] =
                static_cast<std::uint8_t>(times(first, divisor[k]) ^ (k + 1 < check_size ? rest[k + 1] : 0));
    }
    return rest;
}

std::string with_check(const WithdrawalCode& code) {
    std::string text = to_base32(code.bytes);
    for (const std::uint8_t digit : check_digits(text)) text += alphabet[digit];
    return text;
}

}  // namespace

Result<WithdrawalCode> new_withdrawal_code() {
    WithdrawalCode code;
    if (auto filled = fill_random(code.bytes); !filled) return tl::unexpected(filled.error());
    return code;
}

std::string to_string(const WithdrawalCode& code) {
    std::string text;
    for (const char c : with_check(code)) {
        if (text.size() % (group_size + 1) == group_size) text += '-';
        text += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

Result<WithdrawalCode> parse_withdrawal_code(std::string_view typed) {
    constexpr std::string_view between = " \t\r\n.-";
    std::string text;
    for (char c : typed) {
        if (between.find(c) != std::string_view::npos) continue;
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == 'o') c = '0';
        if (c == 'i' || c == 'l') c = '1';
        if (alphabet.find(c) == std::string_view::npos) return tl::unexpected(Error::wrong_format);
        text += c;
    }
    if (text.size() != data_size + check_size) return tl::unexpected(Error::wrong_format);
    const auto bytes = from_base32(text.substr(0, data_size));
    if (!bytes) return tl::unexpected(bytes.error());
    const auto code = withdrawal_code_in(*bytes);
    if (!code || with_check(*code) != text) return tl::unexpected(Error::damaged);
    return code;
}

Result<WithdrawalCode> withdrawal_code_in(ByteView content) {
    WithdrawalCode code;
    if (content.size() != code.bytes.size()) return tl::unexpected(Error::wrong_format);
    std::ranges::copy(content, code.bytes.begin());
    return code;
}

Digest withdrawal_hash(const WithdrawalCode& code) {
    return hash("FFB1 withdraw   ", {code.bytes});
}

}  // namespace fieldfare::crypto
