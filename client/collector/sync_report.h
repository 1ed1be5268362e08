#pragma once

#include <vector>

#include "client/app/state.h"
#include "sync/sync_run.h"

namespace fieldfare::collector {

// What the sync screen shows of a pass.

/// The files that wait to be handed over, in the order in which a pass takes them.
std::vector<app::SyncFile> waiting_files(const sync::Outbox& outbox);

/// Brings the list up to a progress report: those before are done, this one is on its way.
void show_progress(std::vector<app::SyncFile>& files, const sync::SyncProgress& progress);

/// Brings the list to the end of the pass: what the outbox says was handed over, and why the rest was not.
void show_end(std::vector<app::SyncFile>& files, const sync::Outbox& outbox,
              const sync::SyncSummary& summary);

/// What went wrong with a file or a store, in a sentence.
app::Message message_of(const sync::SyncFinding& finding);

/// The pass in one sentence; `failed` when a person must do something before the next one can do better.
struct SyncVerdict {
    app::Message message;
    bool failed = false;
};
SyncVerdict verdict_of(const sync::SyncSummary& summary, bool has_store);

}  // namespace fieldfare::collector
