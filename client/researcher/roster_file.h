#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"
#include "client/researcher/lineage.h"
#include "client/study/roster.h"
#include "client/study/study_package.h"
#include "crypto/batch_reader.h"
#include "crypto/identity.h"

namespace fieldfare::researcher {

/// A roster whose signature was verified with the study's root; nothing when the file is not there, which is
/// how a study begins: no device counts yet.
Result<std::optional<study::OpenedRoster>> read_roster(const std::filesystem::path& file,
                                                       const study::StudyPackage& study);

/// The next version of the roster with these devices more, written over the one that is there (or made). The
/// caller has compared their enrolment numbers.
Result<void> add_to_roster(const std::filesystem::path& file, const study::StudyPackage& study,
                           const crypto::Identity& root, std::span<const study::RosterDevice> devices);

/// Signs `next` and writes it over the roster that is there (or makes it). Refuses another study's root.
Result<void> write_roster(const std::filesystem::path& file, const study::StudyPackage& study,
                          const crypto::Identity& root, const study::Roster& next);

// A roster proves who signed it, not that it is the newest. So each inbox keeps a copy of the newest one that
// was used with it, `roster-<study tag>.ffroster`, and an older one, or one that goes back on it, is refused
// there. Whoever can write to the inbox can take the copy away; then nothing notices.

/// Where the copy lies.
std::filesystem::path seen_roster_file(const std::filesystem::path& inbox, const study::StudyPackage& study);

enum class RosterGuard {
    holds,  ///< the inbox has seen no later roster, or none at all
    lost,   ///< the copy can't be read or was not made, so that an older roster would not be noticed; noted
};

/// Fails when the inbox has seen a later roster than this one (`none` stands for "no roster yet"), or one of
/// another branch; the sentence says where the newest lies.
Result<RosterGuard> check_not_older(const std::filesystem::path& file,
                                    const std::optional<study::OpenedRoster>& roster,
                                    const std::filesystem::path& inbox, const study::StudyPackage& study,
                                    Console& console);

/// Keeps a copy of the roster file for check_not_older, and returns the newest one of this inbox: another
/// command may have kept a later one meanwhile, or one of another branch, which is left then.
Result<study::OpenedRoster> remember_roster(const std::filesystem::path& file,
                                            const std::filesystem::path& inbox,
                                            const study::StudyPackage& study);

/// "Version 3 of 2026-11-23 came into use with it meanwhile; it lies in …": what remember_roster has returned
/// where that is another one than was used.
std::string overtaken_by(const study::OpenedRoster& newest, const std::filesystem::path& inbox,
                         const study::StudyPackage& study);

/// The same of a version that was written just now: the one before it is not to count in this inbox again.
/// Nothing is undone when it fails, or when another command has kept one that this does not follow: `lost`,
/// and noted.
RosterGuard remember_new_roster(const std::filesystem::path& file, const std::filesystem::path& inbox,
                                const study::StudyPackage& study, Console& console);

/// By its id; null when it is not in the roster.
const study::RosterDevice* find_device(const study::Roster& roster, const crypto::Id& device);

/// "laptop 3 (3fa81b22)", or "device 3fa81b22" without a label.
std::string device_name(const study::Roster& roster, const crypto::Id& device);

/// The digits that the device may show, the likeliest first: those of the package under whose rules it sealed
/// this batch, and of each one before, since a device goes on showing those of the first that it took in.
std::vector<std::string> enrolment_digits(const study::StudyPackage& study, const crypto::BatchOpen& open);

/// Why nothing of a device that is not in the roster is taken; what it sealed says which one it is.
Reason unknown_device(const study::StudyPackage& study, const crypto::BatchOpen& open);

/// Why a verified batch of this device is not taken: it is not in the roster, or was revoked. Nothing when it
/// is. `lineage`: that of the last accepted batch, of a device that was revoked after one; else empty.
std::optional<Reason> roster_objection(const study::Roster& roster, const study::StudyPackage& study,
                                       const crypto::OpenedBatch& batch, const Lineage& lineage);

}  // namespace fieldfare::researcher
