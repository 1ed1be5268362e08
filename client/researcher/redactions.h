#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "client/researcher/exit_code.h"
#include "crypto/bytes.h"

namespace fieldfare::researcher {

// INBOX/redacted: what `archive redact` has cut out there, a line each: device and submission, and the hash
// of the submission's withdrawal code or "-", in hexadecimal digits. The same interview may come again: in a
// longer version of its batch, or on a stick. It travels with the inbox, as `withdrawn` does (withdrawals.h).
// By device and submission: else a device could have erased what others said, by the uuid of it.

/// Submissions that were cut out of the batches of an inbox.
class Redactions {
  public:
    /// Those noted in an inbox; none when nothing was. A line that is none fails the whole: what came back
    /// would not be noticed.
    static Result<Redactions> read(const std::filesystem::path& inbox);

    /// Whether it is new. `withdrawal`: 64 hexadecimal digits, or nothing.
    bool add(const crypto::Id& device, const crypto::Id& submission, std::string_view withdrawal);

    bool covers(const crypto::Id& device, const crypto::Id& submission) const;

    /// Whether one of them carried this hash.
    bool covers_code(std::string_view hash) const;

    /// Notes them in the inbox, all or none, beside those that stand there by now.
    Result<void> add_to(const std::filesystem::path& inbox) const;

  private:
    struct Entry {
        crypto::Id device{}, submission{};
        std::string withdrawal;

        auto operator<=>(const Entry&) const = default;
    };
    std::set<Entry> entries_;
    std::set<std::string, std::less<>> hashes_;
};

}  // namespace fieldfare::researcher
