#pragma once

#include <filesystem>

#include "client/store/error.h"
#include "crypto/keyslots.h"

namespace fieldfare::store {

// What a passphrase that destroys does to a profile's files once the master key is gone. Every file is
// overwritten where it stands before its name goes, as far as the medium lets anyone overwrite
// (crypto/KEYS.md says how far). Each step can be cut short anywhere and done again from its beginning.

/// Overwrites vault.db and leaves one page of noise in its place, also where there was none, so that the
/// profile never looks as if a part of it was missing; overwrites and removes what stands beside it: the log,
/// a copy that was being made. Goes on past a file that can't be written, and answers the first fault.
Result<void> overwrite_database(const std::filesystem::path& profile);

/// Overwrites and removes sync.json, a request for recovery, unfinished files that a crash has left, and what
/// the outbox notes of sealed files: where each was handed over and when, and receipts. Where they are to go,
/// the sealed files go with it; where they stay, so does the note of one that is held. Goes on past a file
/// that can't be written, and answers the first fault.
Result<void> overwrite_residue(const std::filesystem::path& profile, crypto::SealedFiles sealed);

/// The same for what a program that was killed has left of a file that it was writing in the profile's own
/// folder: sync.json has the stores' credentials in clear. Under the profile's lock.
Result<void> overwrite_unfinished(const std::filesystem::path& profile);

/// The same for a damaged database that was set aside (profile.h): it holds interviews as they were when they
/// were drafts. One that is not there is fine.
Result<void> overwrite_damaged_database(const std::filesystem::path& profile);

/// The same for a database that was to take another's place and never did; but a fault only where its name
/// is still there, since one that could not be overwritten is in nobody's way.
Result<void> overwrite_new_database(const std::filesystem::path& profile);

}  // namespace fieldfare::store
