#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace fieldfare::store {

/// The instants between which a crash must lose nothing and double nothing.
/// First those of writing a sealed file:
enum class Step {
    announced,     ///< the vault knows the hash of the file that is about to be written
    written,       ///< the file stands in the outbox, durably
    recorded,      ///< the draft is gone from the vault, the head has moved
    checkpointed,  ///< the log of the database keeps no older page
    // before them, where the interview has photos or recordings:
    part_announced,  ///< the vault knows the hash of the part that gets its name now
    part_written,    ///< the part stands in the outbox, durably
    media_sealed,    ///< all parts of all files do

    // of a try of a passphrase
    try_counted,  ///< and the passphrase itself not looked at yet

    // of a creation
    keyslots_made,
    database_made,  ///< under its name, with its first study

    // of a change of passphrase
    new_passphrase,  ///< only the new one counts; it leads to both master keys
    copied,          ///< the database stands beside the old one under the new master key
    replaced,        ///< and has taken its place

    // of the rescue of a damaged database
    rows_copied,  ///< what could be read stands in a new one, which does not count yet
    rescued,      ///< it counts from now on, under whatever name

    // of a passphrase that destroys
    destroy_ordered,       ///< by the passphrase that does; nothing is gone yet
    master_key_destroyed,  ///< no passphrase leads to the old database any more
    database_overwritten,  ///< and there is nothing left for it to open
    residue_overwritten,   ///< sync.json is gone, and the sealed files where they had to go
    emptied,               ///< an empty database stands under its name; the passphrase still destroys
    begun_anew,            ///< it is the passphrase of the empty vault
};

/// What the outside gives a vault.
struct Surroundings {
    std::function<std::chrono::sys_seconds()> now;  ///< UTC
    std::string program_version;  ///< travels sealed in each batch; at most crypto::max_program_version bytes
    std::function<void(Step)> at_step;  ///< called as each step is done; may be empty

    void reached(Step step) const {
        if (at_step) at_step(step);
    }
};

}  // namespace fieldfare::store
