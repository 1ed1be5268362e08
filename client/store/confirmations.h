#pragma once

#include <chrono>

#include "client/store/database.h"
#include "client/store/study_record.h"
#include "sync/outbox.h"

namespace fieldfare::store {

/// How many interviews of a study stand where; each is counted once.
struct Counts {
    int drafts = 0;
    int sealed = 0;       ///< on this device only
    int handed_over = 0;  ///< a store has the file; no receipt of enough researchers yet
    int confirmed = 0;    ///< enough researchers have opened it

    bool operator==(const Counts&) const = default;
};

// What the outbox and the receipts say, held against what the vault itself knows of its batches. The vault's
// own copy of the signers and the quorum counts here, not sync.json. Used through Vault.

Result<Counts> count_interviews(Database& database, const sync::Outbox& outbox, const StudyId& study);

/// True when the file is one that this vault has recorded, enough researchers have accepted it, and the hold
/// has passed.
Result<bool> may_forget(Database& database, const sync::Outbox& outbox, const sync::SealedFile& file,
                        std::chrono::sys_days today);

}  // namespace fieldfare::store
