#include "client/researcher/roster_file.h"

#include <algorithm>

#include "client/researcher/folder_lock.h"
#include "client/researcher/output_file.h"
#include "client/researcher/study_file.h"
#include "client/study/enrolment.h"
#include "client/study/wordings.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t roster_limit = 16 * 1024 * 1024;

Result<void> check_root(const study::StudyPackage& study, const crypto::Identity& root) {
    if (root.recipient().signing_key == study.root()) return {};
    return could_not(
        "The root key given is not the one that signed the study file; a roster signed by it would be "
        "refused.");
}

Result<study::OpenedRoster> opened(const std::filesystem::path& file, std::string_view bytes,
                                   const study::StudyPackage& study) {
    auto roster = study::open_roster(crypto::bytes_of(bytes), study.root(), study.policy().study_id);
    if (!roster) return could_not(shown(file) + ": " + study::sentence(roster.error()));
    return std::move(*roster);
}

std::string version_of(const study::Roster& roster) {
    return "Version " + std::to_string(roster.version) + " of " + iso_day(roster.day);
}

}  // namespace

Result<std::optional<study::OpenedRoster>> read_roster(const std::filesystem::path& file,
                                                       const study::StudyPackage& study) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::optional<study::OpenedRoster>();
    const auto bytes = read_file(file, roster_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    auto roster = opened(file, *bytes, study);
    if (!roster) return tl::unexpected(roster.error());
    return std::move(*roster);
}

Result<void> add_to_roster(const std::filesystem::path& file, const study::StudyPackage& study,
                           const crypto::Identity& root, std::span<const study::RosterDevice> devices) {
    if (auto ours = check_root(study, root); !ours) return ours;
    if (devices.empty()) return {};
    const auto current = read_roster(file, study);
    if (!current) return tl::unexpected(current.error());
    auto next = study::add_device(*current, study.policy().study_id, devices.front(), today_utc());
    if (!next) return could_not(study::sentence(next.error()));
    for (const study::RosterDevice& device : devices.subspan(1)) {  // one version for all of them
        if (next->find(device.key)) return could_not(study::sentence(study::RosterError::already_listed));
        next->devices.push_back(device);
        std::ranges::sort(next->devices, {}, &study::RosterDevice::key);
    }
    return write_roster(file, study, root, *next);
}

Result<void> write_roster(const std::filesystem::path& file, const study::StudyPackage& study,
                          const crypto::Identity& root, const study::Roster& next) {
    if (auto ours = check_root(study, root); !ours) return ours;
    const auto bytes = study::sign_roster(next, root);
    if (!bytes) return could_not(study::sentence(bytes.error()));
    return write_file(file, {reinterpret_cast<const char*>(bytes->data()), bytes->size()}, Overwrite::yes);
}

std::filesystem::path seen_roster_file(const std::filesystem::path& inbox, const study::StudyPackage& study) {
    return inbox / ("roster-" + study.policy().study_tag + ".ffroster");
}

Result<RosterGuard> check_not_older(const std::filesystem::path& file,
                                    const std::optional<study::OpenedRoster>& roster,
                                    const std::filesystem::path& inbox, const study::StudyPackage& study,
                                    Console& console) {
    const std::filesystem::path copy = seen_roster_file(inbox, study);
    std::error_code error;
    if (std::filesystem::symlink_status(copy, error).type() == std::filesystem::file_type::not_found)
        return RosterGuard::holds;
    const auto seen = read_roster(copy, study);
    if (!seen || !*seen) {
        console.note("fieldfare-cli: The copy of the newest roster in the inbox can't be read, so an older " +
                     std::string("one would not be noticed") +
                     (roster ? ": see that version " + std::to_string(roster->roster.version) + " of " +
                                   iso_day(roster->roster.day) + " is the newest. "
                             : ": see that there was none yet. ") +
                     (seen ? shown(copy) + " is a link to nothing." : seen.error().sentence));
        return RosterGuard::lost;
    }
    const std::string newest = " " + version_of((*seen)->roster) +
                               " was used with this inbox before; it lies in " + shown(copy) + ".";
    if (!roster) return could_not("There is no roster " + shown(file) + "." + newest);
    const auto later = study::check_later(**seen, *roster);
    if (!later) return could_not(shown(file) + ": " + study::sentence(later.error()) + newest);
    return RosterGuard::holds;
}

Result<study::OpenedRoster> remember_roster(const std::filesystem::path& file,
                                            const std::filesystem::path& inbox,
                                            const study::StudyPackage& study) {
    const std::filesystem::path copy = seen_roster_file(inbox, study);
    const FolderLock alone(inbox);
    const auto bytes = read_file(file, roster_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto roster = opened(file, *bytes, study);
    if (!roster) return tl::unexpected(roster.error());
    const auto seen = read_roster(copy, study);
    if (seen && *seen && ((*seen)->digest == roster->digest || !study::check_later(**seen, *roster)))
        return **seen;
    if (auto written = write_file(copy, *bytes, Overwrite::yes); !written)
        return tl::unexpected(written.error());
    return *roster;
}

RosterGuard remember_new_roster(const std::filesystem::path& file, const std::filesystem::path& inbox,
                                const study::StudyPackage& study, Console& console) {
    const auto kept = remember_roster(file, inbox, study);
    const auto written = read_roster(file, study);
    if (kept && written && *written && kept->digest == (*written)->digest) return RosterGuard::holds;
    if (kept)
        console.note(
            "fieldfare-cli: The roster was written, and another command was at work with this inbox: " +
            overtaken_by(*kept, inbox, study) +
            " The one that was written now does not follow it; do this again with that one as --roster.");
    else
        console.note(
            "fieldfare-cli: The roster was written, and no copy of it was kept with the inbox, so an older "
            "one "
            "would not be noticed there: " +
            kept.error().sentence);
    return RosterGuard::lost;
}

std::string overtaken_by(const study::OpenedRoster& newest, const std::filesystem::path& inbox,
                         const study::StudyPackage& study) {
    return version_of(newest.roster) + " came into use with it meanwhile; it lies in " +
           shown(seen_roster_file(inbox, study)) + ".";
}

const study::RosterDevice* find_device(const study::Roster& roster, const crypto::Id& device) {
    const auto found = std::ranges::find_if(roster.devices, [&](const study::RosterDevice& entry) {
        return crypto::device_id(entry.key) == device;
    });
    return found == roster.devices.end() ? nullptr : &*found;
}

std::string device_name(const study::Roster& roster, const crypto::Id& device) {
    const std::string id = crypto::to_hex(device).substr(0, 8);
    const study::RosterDevice* entry = find_device(roster, device);
    return entry && !entry->label.empty() ? entry->label + " (" + id + ")" : "device " + id;
}

std::vector<std::string> enrolment_digits(const study::StudyPackage& study, const crypto::BatchOpen& open) {
    std::vector<study::Predecessor> packages = study.policy().predecessors;
    packages.push_back({study.digest(), study.policy_digest()});
    const auto newest = std::find_if(packages.rbegin(), packages.rend(), [&](const study::Predecessor& each) {
        return each.policy_digest == open.policy_digest;
    });
    std::vector<std::string> digits;
    for (auto package = newest == packages.rend() ? packages.rbegin() : newest; package != packages.rend();
         ++package)
        digits.push_back(crypto::to_string(study::enrolment_number(
            study.policy().study_id, study.root(), package->package_digest, open.device_key)));
    return digits;
}

Reason unknown_device(const study::StudyPackage& study, const crypto::BatchOpen& open) {
    const auto digits = enrolment_digits(study, open);
    std::string sentence =
        "This comes from a device that is not in the roster. If the person who has it reads you these "
        "digits from its screen, take it in with \"roster add\" and open again: " +
        digits.front();
    for (std::size_t i = 1; i < digits.size(); ++i)
        sentence += (i == 1 ? "; or, where an earlier study file was its first, " : " or ") + digits[i];
    return {"unknown_device", sentence + "."};
}

std::optional<Reason> roster_objection(const study::Roster& roster, const study::StudyPackage& study,
                                       const crypto::OpenedBatch& batch, const Lineage& lineage) {
    const study::RosterDevice* entry = roster.find(batch.open.device_key);
    if (!entry) return unknown_device(study, batch.open);
    if (!entry->revoked || lineage.has(batch.id, crypto::provisional_ids(batch))) return std::nullopt;
    const std::string device = device_name(roster, batch.close.device);
    if (entry->revoked->last_accepted == crypto::BatchId{})
        return Reason{"revoked", "This comes from " + device +
                                     ", which was revoked, and nothing of it counts; whoever has the device "
                                     "may have made it up."};
    if (lineage.missing && batch.close.batch_sequence < *lineage.missing)
        return Reason{"revoked", "This comes from " + device +
                                     ", which was revoked. It counts if it stands before the "
                                     "last batch that counts, which can't be told while batch " +
                                     std::to_string(*lineage.missing) +
                                     " of that device is missing; fetch from every store, and open again."};
    if (lineage.empty())
        return Reason{
            "revoked",
            "This comes from " + device +
                ", which was revoked. The last of its batches that counts "
                "is not in the inbox, so what stands before it can't be told; fetch from every store, "
                "and open again."};
    return Reason{
        "revoked",
        "This comes from " + device +
            ", which was revoked, and is not among the batches accepted before that; whoever has the device "
            "may have made it up."};
}

}  // namespace fieldfare::researcher
