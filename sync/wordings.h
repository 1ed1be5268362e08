#pragma once

#include <string>

#include "sync/outbox.h"
#include "sync/receipt.h"
#include "sync/sync_config.h"
#include "sync/sync_run.h"
#include "sync/transport.h"

namespace fieldfare::sync {

// One English sentence or two for a person: what is wrong, whose fault it is, what to do. Sealed files stay
// where they are in every case; a sentence says so where a person may doubt it.

std::string sentence(const TransportError& error);
std::string sentence(const OutboxError& error);
std::string sentence(SyncConfigError error);
std::string sentence(ReceiptError error);
std::string sentence(const SyncFinding& finding);

}  // namespace fieldfare::sync
