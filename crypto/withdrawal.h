#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

/// What a respondent writes down in order to withdraw later: 80 random bits that nobody else has. The
/// submission carries their hash, a WITHDRAW record or `fieldfare-cli withdraw` the code itself: who shows it
/// is who was asked. See "Withdrawal" in BATCH_FORMAT.md.
struct WithdrawalCode {
    std::array<std::uint8_t, 10> bytes{};

    auto operator<=>(const WithdrawalCode&) const = default;
};

/// `no_randomness`.
Result<WithdrawalCode> new_withdrawal_code();

/// "0123-4567-89AB-CDEF-GHJK": the code in 16 letters and digits, then 4 that check them.
std::string to_string(const WithdrawalCode& code);

/// What a person types: capitals or not, with blanks and dashes anywhere, O for 0, I and L for 1.
/// `wrong_format` when something else stands there or it is not 20 long; `damaged` when it is no code: up to
/// four mistyped characters are always noticed, more nearly always.
Result<WithdrawalCode> parse_withdrawal_code(std::string_view typed);

/// The content of a WITHDRAW record. `wrong_format` when it is not of 10 bytes.
Result<WithdrawalCode> withdrawal_code_in(ByteView content);

/// What the submission carries.
Digest withdrawal_hash(const WithdrawalCode& code);

}  // namespace fieldfare::crypto
