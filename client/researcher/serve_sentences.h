#pragma once

#include <string>

#include "sync/transport.h"

namespace fieldfare::researcher {

/// What whoever sits at a receiver is told of its folder, and what to do: one sentence.
std::string sentence_for_receiver(const sync::TransportError& error);

}  // namespace fieldfare::researcher
