#include "client/store/faults.h"

#include <cerrno>

namespace fieldfare::store {

Error from_errno(int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return Error::disk_full;
        case EACCES:
        case EPERM:
        case EROFS:
            return Error::not_writable;
        case ENOMEM:
            return Error::out_of_memory;
        default:
            return Error::disk_failed;
    }
}

Error from_crypto(crypto::Error error) {
    switch (error) {
        case crypto::Error::no_randomness:
            return Error::no_randomness;
        case crypto::Error::out_of_memory:
            return Error::out_of_memory;
        case crypto::Error::too_large:
            return Error::payload_too_large;
        case crypto::Error::not_writable:
            return Error::not_writable;
        case crypto::Error::weak_key:
        case crypto::Error::not_canonical:
            return Error::unusable_package;
        case crypto::Error::not_found:
        case crypto::Error::already_there:
        case crypto::Error::not_readable:
        case crypto::Error::bad_argument:
        case crypto::Error::wrong_state:
        case crypto::Error::wrong_kind:
        case crypto::Error::same_passphrase:
        case crypto::Error::wrong_format:
        case crypto::Error::unsupported:
        case crypto::Error::damaged:
        case crypto::Error::cost_refused:
        case crypto::Error::wrong_passphrase:
        case crypto::Error::not_openable:
        case crypto::Error::psk_missing:
        case crypto::Error::too_few_shares:
        case crypto::Error::forged:
        case crypto::Error::unknown_dictionary:
        case crypto::Error::bad_content:
            return Error::internal;
    }
    return Error::internal;
}

Error from_keyslots(crypto::Error error) {
    switch (error) {
        case crypto::Error::wrong_passphrase:
            return Error::wrong_passphrase;
        case crypto::Error::same_passphrase:
            return Error::same_passphrase;
        case crypto::Error::too_large:
            return Error::passphrase_too_long;
        case crypto::Error::not_found:
        case crypto::Error::wrong_format:
        case crypto::Error::damaged:
        case crypto::Error::not_canonical:
        case crypto::Error::cost_refused:
            return Error::keyslots_damaged;
        case crypto::Error::unsupported:
            return Error::newer_program;
        case crypto::Error::not_readable:
            return Error::disk_failed;
        case crypto::Error::already_there:
            return Error::already_a_vault;
        case crypto::Error::wrong_state:  // of a change, or of the passphrase that destroys
            return Error::change_unfinished;
        default:
            return from_crypto(error);
    }
}

Error from_outbox(const sync::OutboxError& error) {
    switch (error.kind) {
        case sync::OutboxError::Kind::no_space:
            return Error::disk_full;
        case sync::OutboxError::Kind::not_permitted:
        case sync::OutboxError::Kind::read_only:
        case sync::OutboxError::Kind::not_a_folder:
            return Error::not_writable;
        case sync::OutboxError::Kind::missing:
        case sync::OutboxError::Kind::failed:
            return Error::disk_failed;
        case sync::OutboxError::Kind::bad_name:
            return Error::internal;
    }
    return Error::internal;
}

Error from_sync_config(sync::SyncConfigError error) {
    switch (error) {
        case sync::SyncConfigError::not_writable:
            return Error::not_writable;
        case sync::SyncConfigError::out_of_memory:
            return Error::out_of_memory;
        case sync::SyncConfigError::missing:
        case sync::SyncConfigError::not_readable:
        case sync::SyncConfigError::unknown_version:
        case sync::SyncConfigError::damaged:
            return Error::settings_damaged;
    }
    return Error::internal;
}

}  // namespace fieldfare::store
