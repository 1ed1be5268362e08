#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"
#include "sync/sync_config.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// A store as a person of this study goes there: through a proxy, where the study demands one.
sync::Store reached_in(const study::StudyPackage& study, sync::Store store);

/// What a study says of its stores, as they are reached in it, or a person of those that they have `given`
/// instead when there are any (as read_store() takes them).
Result<std::vector<sync::Store>> store_entries(const study::StudyPackage& study,
                                               const std::vector<std::string>& given);

/// The stores of a study, or those that a person has `given` instead (see read_store()) when there are any.
/// The way to those of the network is `proxy`, when it is not empty. Touches none of them. Usage fault for
/// one that this version does not speak.
Result<std::vector<std::unique_ptr<sync::Transport>>> stores_of(const study::StudyPackage& study,
                                                                const std::vector<std::string>& given,
                                                                const std::string& proxy = {});

/// Several objects for one store, since one is used by one thread at a time: never none.
using Connections = std::vector<std::unique_ptr<sync::Transport>>;

/// stores_of(), with `count` connections (1 or more) to each.
Result<std::vector<Connections>> connections_to(const study::StudyPackage& study,
                                                const std::vector<std::string>& given,
                                                const std::string& proxy, unsigned count);

/// What a verb needs that hands files to these stores, or takes files from them.
Reach reach_of(const std::vector<sync::Transport*>& stores);

/// Without owning them.
std::vector<sync::Transport*> pointers(const std::vector<std::unique_ptr<sync::Transport>>& stores);

}  // namespace fieldfare::researcher
