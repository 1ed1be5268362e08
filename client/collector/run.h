#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "client/gui/widget_tree.h"
#include "crypto/passphrase_cost.h"

namespace fieldfare::collector {

struct RunOptions {
    std::filesystem::path profile;               ///< absolute
    std::filesystem::path package;               ///< a study file to offer; empty: none
    std::optional<crypto::PassphraseCost> cost;  ///< of new passphrases; nothing: measured on this machine
    std::string
        proxy{};  ///< "socks5h://host:port", to stores of the network; empty: the study's, if it has one
};

/// What tests look at; the program itself passes nothing.
struct RunHooks {
    /// Gets the seconds that the frame took, too.
    std::function<void(const gui::WidgetTree&, double seconds)>
        after_frame;                           ///< on the window's thread, once it is on the screen
    std::function<std::int64_t()> ahead_ms{};  ///< by how much the clock that counts idle minutes is ahead
    std::filesystem::path system = "/";        ///< below it /proc and /sys tell of swap and hibernation
};

/// The form app: opens the window and runs until the person closes it. The only thread of the process at
/// first, since it gives up what the app does not need of the machine: variables of the environment, system
/// calls, files beside the profile (only reading is left), the network. 0, or 3 after a sentence on stderr
/// when there is no display, no font or no folder to work in.
int run(const RunOptions& options, const RunHooks& hooks = {});

}  // namespace fieldfare::collector
