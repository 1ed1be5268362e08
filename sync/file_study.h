#pragma once

#include "sync/outbox.h"
#include "sync/sync_config.h"

namespace fieldfare::sync {

/// The study that a file of the outbox belongs to, as its note says; where that is lost, by the routing tag
/// in the file's header. Null when it is none of `config`.
const StudySync* study_of(const SealedFile& file, const Outbox& outbox, const SyncConfig& config);

}  // namespace fieldfare::sync
