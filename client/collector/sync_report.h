#pragma once

#include <optional>
#include <vector>

#include "client/app/state.h"
#include "sync/confirmed_files.h"
#include "sync/sync_run.h"

namespace fieldfare::collector {

// What the sync screen shows of a pass.

/// More names than this help nobody, and the window would be busy with them.
inline constexpr std::size_t most_files_shown = 100;

/// The files that wait to be handed over, to as many stores as their study asks for, the first of them as a
/// pass takes them, and what there is in all.
struct SyncList {
    std::vector<app::SyncFile> files;
    app::SyncTotals totals;
};
SyncList waiting_files(const sync::Outbox& outbox, const sync::ConfirmedFiles& confirmed,
                       const sync::SyncConfig& config);

/// Brings the list up to a progress report; false when nobody could see a difference, a hundredth of a file.
bool show_progress(SyncList& list, const sync::SyncProgress& progress);

/// Brings the list to the end of the pass: what the outbox says was handed over, or receipts say has come,
/// and why the rest was not.
void show_end(SyncList& list, const sync::Outbox& outbox, const sync::ConfirmedFiles& confirmed,
              const sync::SyncConfig& config, const sync::SyncSummary& summary);

/// What the next pass is planned by. The courier has said it, who talks to stores: at the worst it has a
/// store rest, or be asked in vain.
app::PassNews news_of(const sync::SyncSummary& summary);

/// What went wrong with a file or a store, in a sentence.
app::Message message_of(const sync::SyncFinding& finding);

/// The pass in one sentence; `failed` when a person must do something before the next one can do better.
struct SyncVerdict {
    app::Message message;
    bool failed = false;
};
/// From 30 days on without a word of a researcher on a file that was handed over, where receipts are signed:
/// that files may not arrive.
std::optional<app::Message> silence_of(const sync::SyncSummary& summary);
SyncVerdict verdict_of(const sync::SyncSummary& summary, bool has_store);

}  // namespace fieldfare::collector
