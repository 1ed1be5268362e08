#pragma once

#include <sys/types.h>

#include "client/confinement/files.h"
#include "client/courier/courier.h"
#include "client/courier/packet_socket.h"
#include "sync/sync_config.h"

namespace fieldfare::courier {

/// What a pass keeps of the machine.
struct Reach {
    confinement::FileGrants files;
    bool network = false;
};
Reach reach_of_pass(const std::filesystem::path& outbox, const sync::SyncConfig& config);

/// The courier's own process: waits for orders on `line` and makes a process for each pass, until nobody is
/// at the other end or the process `parent` is dead; a pass that still runs then is killed. Inside this
/// folder only.
[[noreturn]] void wait_for_orders(PacketSocket line, pid_t parent, const Courier::Options& options);

}  // namespace fieldfare::courier
