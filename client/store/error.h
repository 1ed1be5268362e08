#pragma once

#include <string_view>
#include <tl/expected.hpp>

namespace fieldfare::store {

/// Everything that can go wrong with a profile. Holds no text of the person's and no secret, so it may be
/// shown and logged. Where nothing else is said, whatever was there before the failed call is still there.
enum class Error {
    // --- the person's: do something else and try again ---
    wrong_passphrase,
    passphrase_too_long,           ///< over what a keyslot takes
    passphrase_unknown_character,  ///< has one that this program's Unicode does not know
    same_passphrase,               ///< the one that destroys must be another than the one that opens
    wrong_answer,                  ///< recovery: a file that does not answer this request
    already_a_vault,               ///< create: this folder holds one
    no_vault,                      ///< unlock: this folder holds none
    in_use,                        ///< another running program has this profile open
    other_root,                    ///< import: the study is known, signed by another root key
    older_package,                 ///< import: this study is already here in a newer version
    changed_package,               ///< import: the same study and version with other bytes
    unusable_package,              ///< import: signed, but its keys or settings can't be used to seal
    interviewer_vault,             ///< import: for unattended machines, and this vault is an interviewer's
    unattended_vault,  ///< import: for interviewers, and this vault is of an unattended machine; any call for
                       ///< a draft there
    empty_file,        ///< a file to be attached holds nothing
    file_too_large,    ///< a file to be attached is over schema::max_media_bytes
    // --- the machine's ---
    out_of_memory,  ///< for Argon2id or for locked pages; never to be shown as a wrong passphrase
    disk_full,
    not_writable,  ///< permissions, a read-only medium
    not_ours,      ///< the profile's folder belongs to another user of the machine
    disk_failed,   ///< the medium or the file system reports an error
    being_sealed,  ///< a draft that a failing disk may have sealed already: it is sealed once more as it was
    no_randomness,
    no_encryption,  ///< the database library is not SQLCipher: nothing has been written
    // --- the profile's ---
    keyslots_damaged,   ///< or missing beside a database
    database_missing,   ///< keyslots are there, the database is not
    plain_database,     ///< the file is an ordinary SQLite database, not ours
    foreign_database,   ///< encrypted under another key, or no database at all
    database_damaged,   ///< bytes that do not verify, or a truncated file; or its log is (database_log.h)
    study_unreadable,   ///< rescue: the study file of a draft stood on damaged pages; it has to come in again
    newer_program,      ///< written by a later version of Fieldfare
    settings_damaged,   ///< sync.json can't be read
    change_unfinished,  ///< the last change of passphrase waits for room on the disk and an unlock after it
    change_undecided,   ///< the disk failed in the middle of one: the new passphrase or the old one counts
    destroying_undecided,  ///< the same of setting or removing the passphrase that destroys
    // --- ours: a caller's mistake ---
    unknown_study,
    unknown_draft,
    unknown_attachment,
    payload_too_large,  ///< over crypto's limit for a record
    locked,             ///< the vault has been locked
    internal,           ///< a bug; an SQL text that SQLite refuses, a broken constraint
};

template <typename T>
using Result = tl::expected<T, Error>;

/// A stable key for translated texts: "store.wrong_passphrase".
std::string_view key_of(Error error);

/// One or two English sentences for a person: what happened, whose fault it is, what to do.
std::string_view sentence(Error error);

}  // namespace fieldfare::store
