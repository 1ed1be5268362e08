#include "client/store/error.h"

namespace fieldfare::store {

namespace {

struct Words {
    std::string_view key, sentence;
};

Words words(Error error) {
    switch (error) {
        case Error::wrong_passphrase:
            return {"store.wrong_passphrase",
                    "This passphrase does not open the profile. Check the keyboard language and try again."};
        case Error::passphrase_too_long:
            return {"store.passphrase_too_long", "This passphrase is too long. Choose a shorter one."};
        case Error::passphrase_unknown_character:
            return {"store.passphrase_unknown_character",
                    "This passphrase has a character that this Fieldfare does not know, such as a new emoji. "
                    "Use other characters."};
        case Error::same_passphrase:
            return {"store.same_passphrase",
                    "The passphrase that destroys must be another than the one that opens. Nothing was "
                    "changed. Choose another one."};
        case Error::wrong_answer:
            return {"store.wrong_answer",
                    "This file does not answer the request that is out now. Nothing was changed. "
                    "Choose the answer to that one, or write a new request and have it answered."};
        case Error::already_a_vault:
            return {"store.already_a_vault",
                    "This folder already holds a profile. Unlock it, or choose another folder."};
        case Error::no_vault:
            return {"store.no_vault", "This folder holds no profile yet. Create one first."};
        case Error::in_use:
            return {"store.in_use",
                    "Another running Fieldfare has this profile open. Close it there, then try again."};
        case Error::other_root:
            return {
                "store.other_root",
                "This study file is signed by another root key than the study on this device. Nothing was "
                "changed. Ask the researchers, by another way than the one the file came by, whether it is "
                "theirs."};
        case Error::older_package:
            return {"store.older_package",
                    "This device already has a newer version of the study. Nothing was changed. Ask the "
                    "researchers for their newest study file."};
        case Error::changed_package:
            return {
                "store.changed_package",
                "This study file has the same version number as the one on this device but other content. "
                "Nothing was changed. The researchers must give each file its own version number."};
        case Error::unusable_package:
            return {"store.unusable_package",
                    "The study file is signed, but its keys or settings can't be used to seal interviews. "
                    "Nothing was changed. The researchers must build it again."};
        case Error::interviewer_vault:
            return {"store.interviewer_vault",
                    "This study is for unattended machines, and this machine keeps an interviewer's drafts: "
                    "set the study up under another user of the machine, or on another one."};
        case Error::unattended_vault:
            return {"store.unattended_vault",
                    "This study is for interviewers, and this is an unattended machine, which keeps no "
                    "drafts: set the study up under another user of the machine, or on another one."};
        case Error::empty_file:
            return {"store.empty_file",
                    "This file is empty, so there is nothing to attach. Choose another one."};
        case Error::file_too_large:
            return {"store.file_too_large",
                    "This file is larger than 256 MiB and can't be attached. Record a shorter one, or choose "
                    "another."};
        case Error::out_of_memory:
            return {"store.out_of_memory",
                    "There is not enough free memory; the last step was not done. Close other programs and "
                    "try again."};
        case Error::disk_full:
            return {"store.disk_full",
                    "There is no room left on the disk. What was saved before is safe; the last step was not "
                    "done. Free some space and try again."};
        case Error::not_writable:
            return {
                "store.not_writable",
                "The profile's folder can't be written to. Check its permissions and that the medium is not "
                "write-protected, then try again."};
        case Error::not_ours:
            return {"store.not_ours",
                    "The profile's folder belongs to another user of this machine, who could read and change "
                    "what is kept there. Nothing was written. Use a folder of your own, or have its owner "
                    "set right with chown."};
        case Error::disk_failed:
            return {"store.disk_failed",
                    "The disk reported an error. What was saved before is kept. Copy the profile's folder to "
                    "another medium, and send the outbox from there."};
        case Error::being_sealed:
            return {
                "store.being_sealed",
                "This interview was being sealed when the disk failed. It can't be changed any more: it is "
                "sealed as it was as soon as the disk allows it."};
        case Error::no_randomness:
            return {
                "store.no_randomness",
                "The system gives no random numbers, so nothing can be sealed. The interview stays a draft. "
                "Restart the machine and try again."};
        case Error::no_encryption:
            return {"store.no_encryption",
                    "The database library on this machine can't encrypt (SQLCipher 4.6 or newer is needed). "
                    "Nothing was written. Reinstall Fieldfare."};
        case Error::keyslots_damaged:
            return {
                "store.keyslots_damaged",
                "The file 'keyslots' of this profile is missing or damaged, so no passphrase can open it. "
                "Sealed interviews in the outbox are not affected and can be sent. Put the file back from a "
                "copy, if there is one."};
        case Error::database_missing:
            return {"store.database_missing",
                    "The file 'vault.db' of this profile is missing. Sealed interviews in the outbox are not "
                    "affected and can be sent. Put the file back from a copy, or begin in another folder."};
        case Error::plain_database:
            return {
                "store.plain_database",
                "The file 'vault.db' is an unencrypted database of another program. It was not touched. Move "
                "it away, or choose another folder."};
        case Error::foreign_database:
            return {
                "store.foreign_database",
                "The file 'vault.db' does not belong to this profile's 'keyslots'. Neither was touched. Put "
                "back the two files that belong together."};
        case Error::database_damaged:
            return {"store.database_damaged",
                    "The file 'vault.db' or its log 'vault.db-wal' is damaged. Neither was changed. Sealed "
                    "interviews in the outbox are not affected and can be sent. Copy the whole folder away "
                    "before anything else. Then rescue what can be read of it."};
        case Error::study_unreadable:
            return {"store.study_unreadable",
                    "The study file inside this profile stands on damaged places of the disk. Nothing was "
                    "changed. Get the study file, and try again with it: the interviews can be read then."};
        case Error::newer_program:
            return {
                "store.newer_program",
                "This profile was written by a newer Fieldfare. It was not changed. Use the newer program."};
        case Error::settings_damaged:
            return {
                "store.settings_damaged",
                "The file 'sync.json' of this profile can't be read. Put it back from a copy, or import the "
                "study again."};
        case Error::change_unfinished:
            return {
                "store.change_unfinished",
                "What was typed now was not taken, since the last change of the passphrase has not come to "
                "its end. The passphrase with which the profile was unlocked still counts. Free some "
                "space, lock, and unlock; then try again."};
        case Error::change_undecided:
            return {"store.change_undecided",
                    "The disk failed while the passphrase was changed: either may count. Try the new one "
                    "first."};
        case Error::destroying_undecided:
            return {"store.destroying_undecided",
                    "The disk failed while the passphrase that destroys was set or removed: it may be as it "
                    "was before, or as you wanted it. Type neither an old nor a new one. Copy the profile's "
                    "folder to another disk, and set or remove it there again."};
        case Error::unknown_study:
            return {"store.unknown_study", "This study is not on this device. Import its study file first."};
        case Error::unknown_draft:
            return {"store.unknown_draft", "This draft is no longer there: it was finalised or deleted."};
        case Error::unknown_attachment:
            return {"store.unknown_attachment",
                    "A file that was attached to this interview is no longer there. The interview stays a "
                    "draft. Remove the file's answer and attach it again."};
        case Error::payload_too_large:
            return {"store.payload_too_large",
                    "The interview is too large to be sealed (over 1 MiB). It stays a draft. Shorten long "
                    "texts."};
        case Error::locked:
            return {"store.locked", "The profile is locked. Unlock it and try again."};
        case Error::internal:
            return {
                "store.internal",
                "Fieldfare has a fault in its own program. What was saved before is kept. Please report it."};
    }
    return {"store.internal", "Fieldfare has a fault in its own program."};
}

}  // namespace

std::string_view key_of(Error error) {
    return words(error).key;
}
std::string_view sentence(Error error) {
    return words(error).sentence;
}

}  // namespace fieldfare::store
