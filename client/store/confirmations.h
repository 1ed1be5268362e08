#pragma once

#include <chrono>

#include "client/store/database.h"
#include "client/store/study_record.h"
#include "sync/outbox.h"

namespace fieldfare::store {

/// How many interviews of a study stand where; each is counted once.
struct Counts {
    int drafts = 0;
    int sealed = 0;       ///< the file is not in as many stores as the study asks for
    int handed_over = 0;  ///< it is in as many; no receipt of enough researchers yet
    int confirmed = 0;    ///< enough researchers have opened it
    int missing = 0;      ///< its file is not in the outbox any more, and nothing here says who has it
    /// The same of files: of batches in which something is, and of parts of media files. Lost by the disk, or
    /// left behind where a vault was restored without its outbox.
    int missing_files = 0;

    bool operator==(const Counts&) const = default;
};

// What the outbox and the receipts say, held against what the vault itself knows of its batches, and of the
// parts of its media files, which are held and let go in the same way. The vault's own copy of the signers
// and the quorum counts here, not sync.json. Used through Vault.

/// Where receipts can't be read, what is confirmed counts as handed over; what was let go stays confirmed.
Result<Counts> count_interviews(Database& database, const sync::Outbox& outbox, const StudyId& study);

/// Notes, by the vault's own days (own_days.h), since when it has had enough receipts for each file, and
/// takes the note back where they are enough no more: a researcher has thought again, the receipts are lost,
/// or the newest study file no longer has a signer's key. Of a file that was let go the note stays: nothing
/// else says any more who has it. To be called whenever receipts may have come.
Result<void> note_confirmations(Database& database, const sync::Outbox& outbox, std::chrono::sys_days today);

/// True when the file is one that this vault has recorded, enough researchers have accepted what is in it,
/// and the hold has passed: by the days of the receipts' files and the clock, and by the vault's own days
/// since it has noted them. So neither the clock nor who can write to the outbox shortens the hold.
Result<bool> may_forget(Database& database, const sync::Outbox& outbox, const sync::SealedFile& file,
                        std::chrono::sys_days today);

}  // namespace fieldfare::store
