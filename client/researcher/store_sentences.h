#pragma once

#include <string>

#include "sync/transport.h"

namespace fieldfare::researcher {

/// What a store must take to take every sealed file: "96 MiB".
std::string largest_file();

/// What went wrong with a store, whose fault it is, and what to do.
std::string sentence_for(const sync::TransportError& error);

/// What to do about a store that has not taken a file: what its fault says, or else `otherwise`.
std::string to_do_about(sync::Fault fault, const std::string& otherwise);

}  // namespace fieldfare::researcher
