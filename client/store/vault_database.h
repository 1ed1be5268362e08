#pragma once

#include <filesystem>

#include "client/store/database.h"
#include "client/store/error.h"
#include "client/store/rescue.h"
#include "client/store/study_record.h"
#include "client/store/surroundings.h"
#include "crypto/keyslots.h"

namespace fieldfare::store {

// A profile's database file: under which key it is, and how another takes its place. Whoever calls holds the
// profile's lock. Every file is complete and durable before it takes a name that counts, so that a power cut
// anywhere leaves one that opens.

/// Opens vault.db under the key that follows from the master key (crypto/KEYS.md). Errors of Database::open.
Result<Database> open_database(const std::filesystem::path& profile, const crypto::MasterKey& master);

/// Makes a new one, with a study in it where there is a first, and lets it take the place of vault.db.
Result<void> create_database(const std::filesystem::path& profile, const crypto::MasterKey& master,
                             const StudyRecord* first);

/// Writes the database anew under another master key and lets it take the old one's place. The old one is
/// closed in any case; when this fails, it may still be the one in place.
Result<void> rekey_database(const std::filesystem::path& profile, Database old,
                            const crypto::MasterKey& master, const Surroundings& surroundings);

/// disk_full, where a second copy of the database would not fit beside it: before a change of passphrase.
Result<void> check_room_to_rekey(const std::filesystem::path& profile);

struct OpenedDatabase {
    Database database;
    const crypto::MasterKey* under;  ///< one of the keys given
};
/// Opens the database under whichever of the keys it is. Brought to the current one, to which alone the
/// keyslots then lead, as soon as the disk takes them; where it has no room for that, under the one before,
/// until the next time.
Result<OpenedDatabase> open_and_rekey(const std::filesystem::path& profile, crypto::KeyslotsFile& keyslots,
                                      const crypto::MasterKeys& keys, const Surroundings& surroundings);

/// Copies what can be read of a damaged vault.db, under whichever of the keys it is, into a new database
/// (rescue.h), which takes its place; of a damaged log what stands before the damage, unless pages of behind
/// it stand in the database already, and nothing of one that the disk does not give back. The damaged one
/// stays beside it as vault.db.damaged, and its log with it, since somebody who knows disks may read more of
/// them than SQLCipher does. Errors of rescue_rows(): everything is as it was.
Result<Rescued> rescue_database(const std::filesystem::path& profile, const crypto::MasterKeys& keys,
                                const StudyFiles& studies, const Surroundings& surroundings);

}  // namespace fieldfare::store
