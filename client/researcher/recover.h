#pragma once

#include <filesystem>
#include <string>

#include "client/researcher/verbs.h"

namespace fieldfare::researcher {

struct RecoverOptions {
    std::filesystem::path request;        ///< .ffrecover, from a device whose passphrase is forgotten
    std::string digits;                   ///< as its person reads them out; empty: only show what it asks for
    std::filesystem::path key;            ///< .ffkey of the supervisor whom the study names
    std::filesystem::path study, roster;  ///< what the device is called; either may be left out
    std::filesystem::path out;            ///< .ffanswer
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
/// Shows of which study and device the request is, as the device has sealed it; with the digits, and only
/// when they are those of the request, writes the answer. A device that the roster does not have, or has as
/// revoked, is refused; without a roster it is said that nobody has looked. Without digits and `out`:
/// findings (1), nothing is written.
ExitCode run_recover(const RecoverOptions& options, Console& console);

}  // namespace fieldfare::researcher
