#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "client/courier/courier.h"

namespace fieldfare::collector {

/// The first thing that the form app does, with a window or without: gives up the variables of the
/// environment and the system calls that it has no use for, makes the profile's folder (mode 0700) where
/// there is none, starts the courier with what that needs, and then gives up writing anywhere but in the
/// profile. The network is left, for a screen that is on another machine: confinement::forbid_network() once
/// the window is open.
///
/// On the main thread, before there is another. A sentence for people when the system gives no randomness, no
/// folder or no process.
tl::expected<courier::Courier, std::string> start_confined(const std::filesystem::path& profile,
                                                           const std::string& proxy);

}  // namespace fieldfare::collector
