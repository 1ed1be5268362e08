#pragma once

#include "client/store/error.h"
#include "crypto/error.h"
#include "sync/outbox.h"
#include "sync/sync_config.h"

namespace fieldfare::store {

// What the folders below report, in the words of this one.

/// A system call's errno.
Error from_errno(int number);
/// For sealing and the device's keys.
Error from_crypto(crypto::Error error);
Error from_keyslots(crypto::Error error);
Error from_outbox(const sync::OutboxError& error);
Error from_sync_config(sync::SyncConfigError error);

}  // namespace fieldfare::store
