#include "client/researcher/roster_file.h"

#include <algorithm>

#include "client/researcher/output_file.h"
#include "client/researcher/study_file.h"
#include "client/study/enrolment.h"
#include "client/study/wordings.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t roster_limit = 16 * 1024 * 1024;

}  // namespace

Result<std::optional<study::OpenedRoster>> read_roster(const std::filesystem::path& file,
                                                       const study::StudyPackage& study) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::optional<study::OpenedRoster>();
    const auto bytes = read_file(file, roster_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    auto roster = study::open_roster(crypto::bytes_of(*bytes), study.root(), study.policy().study_id);
    if (!roster) return could_not(shown(file) + ": " + study::sentence(roster.error()));
    return std::move(*roster);
}

Result<void> add_to_roster(const std::filesystem::path& file, const study::StudyPackage& study,
                           const crypto::Identity& root, std::span<const study::RosterDevice> devices) {
    if (root.recipient().signing_key != study.root())
        return could_not(
            "The root key given is not the one that signed the study file; a roster signed by it would be "
            "refused.");
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
    const auto bytes = study::sign_roster(*next, root);
    if (!bytes) return could_not(study::sentence(bytes.error()));
    return write_file(file, {reinterpret_cast<const char*>(bytes->data()), bytes->size()}, Overwrite::yes);
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

std::string enrolment_digits(const study::StudyPackage& study, const crypto::BatchOpen& open) {
    crypto::Digest package = study.digest();
    for (const study::Predecessor& before : study.policy().predecessors)
        if (before.policy_digest == open.policy_digest) package = before.package_digest;
    return crypto::to_string(
        study::enrolment_number(study.policy().study_id, study.root(), package, open.device_key));
}

std::optional<Reason> roster_objection(const study::Roster& roster, const study::StudyPackage& study,
                                       const crypto::OpenedBatch& batch,
                                       std::span<const crypto::BatchId> accepted_lineage) {
    const study::RosterDevice* entry = roster.find(batch.open.device_key);
    if (!entry)
        return Reason{"unknown_device",
                      "This comes from a device that is not in the roster. If the person who has it reads "
                      "you these digits from its "
                      "screen, take it in with \"roster add\" and open again: " +
                          enrolment_digits(study, batch.open) + "."};
    if (!entry->revoked) return std::nullopt;
    const std::vector<crypto::BatchId> versions = crypto::provisional_ids(batch);
    const bool before = std::ranges::any_of(accepted_lineage, [&](const crypto::BatchId& id) {
        return id == batch.id || std::ranges::find(versions, id) != versions.end();
    });
    if (before) return std::nullopt;
    return Reason{
        "revoked",
        "This comes from " + device_name(roster, batch.close.device) +
            ", which was revoked, and is not among the batches accepted before that; whoever has the device "
            "may have made it up."};
}

}  // namespace fieldfare::researcher
