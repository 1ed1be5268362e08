#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/exit_code.h"
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

/// By its id; null when it is not in the roster.
const study::RosterDevice* find_device(const study::Roster& roster, const crypto::Id& device);

/// "laptop 3 (3fa81b22)", or "device 3fa81b22" without a label.
std::string device_name(const study::Roster& roster, const crypto::Id& device);

/// The digits that the device shows, going by the package under whose rules it sealed this batch.
std::string enrolment_digits(const study::StudyPackage& study, const crypto::BatchOpen& open);

/// Why a verified batch of this device is not taken: it is not in the roster, or was revoked. Nothing when it
/// is. `accepted_lineage`: for devices revoked after some batch, the ids of that batch and its ancestors.
std::optional<Reason> roster_objection(const study::Roster& roster, const study::StudyPackage& study,
                                       const crypto::OpenedBatch& batch,
                                       std::span<const crypto::BatchId> accepted_lineage);

}  // namespace fieldfare::researcher
