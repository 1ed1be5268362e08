#include "crypto/fingerprint.h"

#include "crypto/little_endian.h"

namespace fieldfare::crypto {

namespace {

constexpr std::size_t groups = 6;
constexpr std::size_t group_digits = 5;

}  // namespace

Fingerprint fingerprint_of(const Label& label, Parts parts) {
    Bytes message;
    for (const ByteView part : parts) {
        put_u64(message, part.size());
        put(message, part);
    }
    const Digest digest = hash(label, {message});
    // Five bytes a group: 2^40 is so much above 10^5 that the remainder is as good as uniform.
    Fingerprint fingerprint;
    for (std::size_t group = 0; group < groups; ++group) {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < 5; ++i) number = number << 8 | digest[group * 5 + i];
        std::string text = std::to_string(number % 100000);
        fingerprint.digits += std::string(group_digits - text.size(), '0') + text;
    }
    return fingerprint;
}

std::string to_string(const Fingerprint& fingerprint) {
    std::string text;
    for (std::size_t i = 0; i < fingerprint.digits.size(); ++i) {
        if (i > 0 && i % group_digits == 0) text += ' ';
        text += fingerprint.digits[i];
    }
    return text;
}

Result<Fingerprint> parse_fingerprint(std::string_view typed) {
    constexpr std::string_view between = " \t\r\n.-";
    Fingerprint fingerprint;
    for (const char c : typed) {
        if (between.find(c) != std::string_view::npos) continue;
        if (c < '0' || c > '9') return tl::unexpected(Error::wrong_format);
        fingerprint.digits += c;
    }
    if (fingerprint.digits.size() != groups * group_digits) return tl::unexpected(Error::wrong_format);
    return fingerprint;
}

}  // namespace fieldfare::crypto
