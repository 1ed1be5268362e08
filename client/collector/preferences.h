#pragma once

#include <filesystem>

#include "client/app/effect.h"

namespace fieldfare::collector {

/// `preferences` of a profile: lines of text in clear, since they are needed before the passphrase. Tells the
/// language and size of the interface, whether sealed files are handed over without being asked, and nothing
/// else. What can't be read counts as the default.
app::Preferences read_preferences(const std::filesystem::path& profile);

/// Whole or not at all. False when it could not be written: then the choice holds until the program ends;
/// one not to hand over unasked holds after that, too, since the file is removed.
bool write_preferences(const std::filesystem::path& profile, const app::Preferences& preferences);

}  // namespace fieldfare::collector
