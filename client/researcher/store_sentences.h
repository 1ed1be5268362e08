#pragma once

#include <string>

#include "sync/transport.h"

namespace fieldfare::researcher {

/// What went wrong with a store, whose fault it is, and what to do.
std::string sentence_for(const sync::TransportError& error);

}  // namespace fieldfare::researcher
