#pragma once

#include <string_view>

#include "sync/outbox.h"
#include "sync/sync_config.h"

namespace fieldfare::sync {

/// The study that a file of the outbox belongs to, as its note says; where that is lost, by the routing tag
/// in the file's header. Null when it is none of `config`; an error where the header can't be read.
OutboxResult<const StudySync*> study_of(const SealedFile& file, const Outbox& outbox,
                                        const SyncConfig& config);

/// The same question for one study.
OutboxResult<bool> is_of_study(const SealedFile& file, const Outbox& outbox, std::string_view study_tag);

}  // namespace fieldfare::sync
