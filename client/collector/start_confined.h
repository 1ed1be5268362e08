#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "client/confinement/files.h"
#include "client/courier/courier.h"

namespace fieldfare::collector {

enum class Screen { used, none };

/// The first thing that the form app does, with a window or without: gives up the variables of the
/// environment and the system calls that it has no use for, makes the profile's folder (mode 0700) where
/// there is none, so that its name is durable (but not below a folder that may be written and not read),
/// starts the courier with what that needs, and then gives up writing anywhere but in the profile.
///
/// Where a window follows the network is left, for a screen that is on another machine:
/// confinement::forbid_network() once the window is open. Reading is left for good, and that is decided:
/// - Files to attach and study files lie wherever the person has them, in folders that are made later and on
///   sticks that are plugged in later, too. Landlock takes a list of what may be read, by the folders that
///   are there at the start: a photo in the home folder itself can't be let in without the keys of other
///   programs that lie there, and one that comes later can't be let in at all. A process of its own that
///   opened what the window asks for would open whatever somebody asks who has taken the window over.
/// - Drivers of graphics cards, fonts, keyboards and input methods read where each system keeps them, also at
///   home and under /sys and /run, and a window that does not open keeps no promise.
/// So whoever takes the program over can read what its owner can. They have no network of their own to say it
/// on: only what they seal as a batch, and the courier then carries to a store that they write into
/// sync.json.
///
/// Where none follows nothing is left but the profile: nothing else is read, and there is no network and no
/// new local socket.
///
/// On the main thread, before there is another. A sentence for people when the system gives no randomness, no
/// folder or no process.
tl::expected<courier::Courier, std::string> start_confined(const std::filesystem::path& profile,
                                                           const std::string& proxy, Screen screen);

/// For a command that has neither a window nor a courier: the same, and of the files these are left. What it
/// prints goes where it went before.
void confine_alone(const confinement::FileGrants& files);

}  // namespace fieldfare::collector
