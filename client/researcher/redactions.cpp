#include "client/researcher/redactions.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "client/researcher/folder_lock.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t limit = 64 * 1024 * 1024;
constexpr std::size_t hash_digits = 64;

std::filesystem::path file_in(const std::filesystem::path& inbox) {
    return inbox / "redacted";
}

std::optional<crypto::Id> id_from(std::string_view digits) {
    const auto bytes = crypto::from_hex(digits);
    crypto::Id id;
    if (!bytes || bytes->size() != id.size()) return std::nullopt;
    std::ranges::copy(*bytes, id.begin());
    return id;
}

bool is_hash(std::string_view digits) {
    return digits.size() == hash_digits && crypto::from_hex(digits).has_value();
}

}  // namespace

Result<Redactions> Redactions::read(const std::filesystem::path& inbox) {
    Redactions redactions;
    const std::filesystem::path file = file_in(inbox);
    std::error_code error;
    if (std::filesystem::symlink_status(file, error).type() == std::filesystem::file_type::not_found)
        return redactions;
    const auto text = read_file(file, limit);
    if (!text) return tl::unexpected(text.error());
    std::istringstream lines(*text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream words(line);
        std::string device, submission, withdrawal, more;
        words >> device >> submission >> withdrawal >> more;
        const auto device_id = id_from(device), submission_id = id_from(submission);
        const bool codeless = withdrawal == "-";
        if (!device_id || !submission_id || !(codeless || is_hash(withdrawal)) || !more.empty())
            return could_not("Line " + std::to_string(number) + " of " + shown(file) +
                             " is damaged, so it is not certain what was redacted here. Put that line right, "
                             "or take the file from a backup; nothing was done.");
        redactions.add(*device_id, *submission_id, codeless ? "" : withdrawal);
    }
    return redactions;
}

bool Redactions::add(const crypto::Id& device, const crypto::Id& submission, std::string_view withdrawal) {
    if (!withdrawal.empty()) hashes_.emplace(withdrawal);
    return entries_.insert({device, submission, std::string(withdrawal)}).second;
}

bool Redactions::covers(const crypto::Id& device, const crypto::Id& submission) const {
    const auto found = entries_.lower_bound({device, submission, ""});
    return found != entries_.end() && found->device == device && found->submission == submission;
}

bool Redactions::covers_code(std::string_view hash) const {
    return hashes_.find(hash) != hashes_.end();
}

Result<void> Redactions::add_to(const std::filesystem::path& inbox) const {
    const FolderLock alone(inbox);
    auto all = read(inbox);
    if (!all) return tl::unexpected(all.error());
    for (const Entry& entry : entries_) all->add(entry.device, entry.submission, entry.withdrawal);
    std::string text;
    for (const Entry& entry : all->entries_)
        text += crypto::to_hex(entry.device) + " " + crypto::to_hex(entry.submission) + " " +
                (entry.withdrawal.empty() ? "-" : entry.withdrawal) + "\n";
    return write_file(file_in(inbox), text, Overwrite::yes);
}

}  // namespace fieldfare::researcher
