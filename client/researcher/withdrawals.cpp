#include "client/researcher/withdrawals.h"

#include <sstream>

#include "client/researcher/folder_lock.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t limit = 64 * 1024 * 1024;

std::filesystem::path file_in(const std::filesystem::path& inbox) {
    return inbox / "withdrawn";
}

}  // namespace

Result<Withdrawals> Withdrawals::read(const std::filesystem::path& inbox) {
    Withdrawals withdrawals;
    const std::filesystem::path file = file_in(inbox);
    std::error_code error;
    const auto status = std::filesystem::symlink_status(file, error);
    if (status.type() == std::filesystem::file_type::not_found) return withdrawals;
    const auto text = read_file(file, limit);
    if (!text) return tl::unexpected(text.error());
    std::istringstream lines(*text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto code = crypto::parse_withdrawal_code(line);
        if (!code)
            return could_not("Line " + std::to_string(number) + " of " + shown(file) +
                             " is no withdrawal code, so it is not certain who has withdrawn. Put that line "
                             "right, or take the file from a backup; nothing was opened.");
        withdrawals.add(*code);
    }
    return withdrawals;
}

bool Withdrawals::add(const crypto::WithdrawalCode& code) {
    return codes_.emplace(crypto::to_hex(crypto::withdrawal_hash(code)), code).second;
}

bool Withdrawals::covers(std::string_view hash) const {
    return codes_.find(hash) != codes_.end();
}

Result<void> Withdrawals::add_to(const std::filesystem::path& inbox) const {
    const FolderLock alone(inbox);
    auto all = read(inbox);
    if (!all) return tl::unexpected(all.error());
    for (const auto& [hash, code] : codes_) all->add(code);
    std::string text;
    for (const auto& [hash, code] : all->codes_) text += crypto::to_string(code) + "\n";  // ordered by hash
    return write_file(file_in(inbox), text, Overwrite::yes);
}

}  // namespace fieldfare::researcher
