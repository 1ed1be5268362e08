#pragma once

#include <filesystem>

#include "client/store/error.h"

namespace fieldfare::store {

// The write-ahead log that SQLite keeps beside a database until its pages are moved into that: "vault.db-wal"
// (https://sqlite.org/fileformat2.html#the_write_ahead_log). SQLite takes the first frame that does not
// verify for the end of the log and says nothing, since that is how a power cut leaves the last transaction.
// Damage further up looks the same to it, and takes with it whatever was acknowledged since. Salts,
// checksums and marks of commits stand in clear, so that the two can be told apart without a key.

enum class LogState {
    whole,      ///< or missing, or torn at its end by a crash: nothing that was committed is lost
    damaged,    ///< SQLite would pass over transactions that were complete, or play older pages over newer
    unreadable  ///< the disk does not give it back as far as SQLite would read it
};

/// Of the log beside a database that nobody has open. What a crash has left of the last transaction counts as
/// an end that was torn: damage in it alone is not noticed, unless a page of it stands in the database
/// already. A bad block that takes the end of the transaction before as well, checksum and mark of commit
/// with it, can't be told from that where nothing of ours stands behind it, or where the pages behind it go
/// on in the order of those before. Errors of the system: out_of_memory, not_writable (permissions).
Result<LogState> log_state(const std::filesystem::path& database);

/// How much of what was committed behind the damage in a log stands in the database already: a checkpoint had
/// moved it. Then what stands before the damage, which is all that SQLite plays, takes pages back.
enum class Moved {
    nothing,    ///< or the log is not damaged, or in its header: SQLite plays nothing
    a_part,     ///< the checkpoint was cut short, or more was committed since
    everything  ///< the database alone is what was last committed
};
Moved moved_past_damage(const std::filesystem::path& database);

/// Waits until what stands in the log is on the disk; a missing one is fine. Before anything is written
/// behind it: a run that was killed may have left a whole transaction, and not waited for it, and a power cut
/// that tore that and kept what follows would look like damage.
Result<void> sync_log(const std::filesystem::path& database);

}  // namespace fieldfare::store
