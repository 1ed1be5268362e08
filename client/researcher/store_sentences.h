#pragma once

#include <string>

#include "sync/transport.h"

namespace fieldfare::researcher {

/// What a store must take to take every sealed file: "96 MiB".
std::string largest_file();

/// What went wrong with a store, whose fault it is, and what to do.
std::string sentence_for(const sync::TransportError& error);

}  // namespace fieldfare::researcher
