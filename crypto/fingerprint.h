#pragma once

#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"

namespace fieldfare::crypto {

/// 30 digits that two people read to each other: the same in every language, 99 bits.
struct Fingerprint {
    std::string digits;  ///< 30 of '0'…'9'
    bool operator==(const Fingerprint&) const = default;
};

/// Of label || each part behind its length. The label says what is compared (a key, an enrolment, a package),
/// so that the number of one thing is never that of another.
Fingerprint fingerprint_of(const Label& label, Parts parts);

/// "01234 56789 …": six groups of five.
std::string to_string(const Fingerprint& fingerprint);

/// What a person types: blanks, line ends, dots and dashes between the digits do not matter. `wrong_format`
/// when something else stands there or there are not 30 digits.
Result<Fingerprint> parse_fingerprint(std::string_view typed);

}  // namespace fieldfare::crypto
