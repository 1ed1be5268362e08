#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// The stores of a study, or those of `addresses` instead when there are any. Touches none of them. Usage
/// fault for an address that this version does not speak.
Result<std::vector<std::unique_ptr<sync::Transport>>> stores_of(const study::StudyPackage& study,
                                                                const std::vector<std::string>& addresses);

/// Without owning them.
std::vector<sync::Transport*> pointers(const std::vector<std::unique_ptr<sync::Transport>>& stores);

}  // namespace fieldfare::researcher
