#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "client/researcher/exit_code.h"
#include "crypto/withdrawal.h"

namespace fieldfare::researcher {

// INBOX/withdrawn: the codes of respondents who have withdrawn, a line each as people write them, in no order
// that tells of anything. It travels with the inbox, and whoever opens the batches elsewhere needs it there.
// Why the codes stand there as they are and nothing is signed: crypto/BATCH_FORMAT.md, Withdrawal.

/// Codes that are known, by the hash that submissions carry.
class Withdrawals {
  public:
    /// Those noted in an inbox; none when nothing was. A line that is no code fails the whole: whoever
    /// withdrew must not come back because a file was damaged.
    static Result<Withdrawals> read(const std::filesystem::path& inbox);

    /// Whether it is new.
    bool add(const crypto::WithdrawalCode& code);

    /// Whether a submission with this hash (64 hexadecimal digits, or nothing) was withdrawn.
    bool covers(std::string_view hash) const;

    /// Notes them in the inbox, all or none, beside those that stand there by now: another command may have
    /// noted some since these were read.
    Result<void> add_to(const std::filesystem::path& inbox) const;

    const std::map<std::string, crypto::WithdrawalCode, std::less<>>& by_hash() const { return codes_; }

  private:
    std::map<std::string, crypto::WithdrawalCode, std::less<>> codes_;
};

}  // namespace fieldfare::researcher
