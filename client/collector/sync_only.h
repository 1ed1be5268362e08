#pragma once

#include <filesystem>
#include <string>

namespace fieldfare::collector {

struct SyncOnlyOptions {
    std::filesystem::path profile;  ///< absolute
    std::string proxy{};            ///< RunOptions::proxy
    bool json = false;
};

/// `fieldfare --sync-only`: one pass without a window and without a passphrase. What a crash has left in the
/// outbox goes along; nothing is deleted, since only an open vault agrees to that. Says on stdout what was
/// done and how many files there are (with `json` one object), on stderr what went wrong, a sentence each,
/// and on a terminal how far it is. The first Ctrl-C (or SIGTERM, SIGHUP) ends the pass where it stands, and
/// what was handed over until then is noted. 0: nothing is waiting any more; 1: something needs a look, or it
/// was stopped; 3: there was no pass. Confines the process as start_confined() does without a screen.
int sync_only(const SyncOnlyOptions& options);

}  // namespace fieldfare::collector
