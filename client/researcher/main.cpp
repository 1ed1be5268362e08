#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string_view>

#include "client/confinement/devices.h"
#include "client/confinement/environment.h"
#include "client/confinement/files.h"
#include "client/confinement/system_calls.h"
#include "client/researcher/command_line.h"
#include "client/researcher/working_memory.h"
#include "client/residue/report.h"
#include "crypto/process.h"
#include "sync/curl_request.h"

namespace {

using Variable = fieldfare::confinement::KeptVariable;
constexpr std::array<Variable, 6> kept_variables{{{"HOME", Variable::Value::any},
                                                  {"LANG"},
                                                  {"LANGUAGE"},
                                                  {"LC_*"},
                                                  {"TZ", Variable::Value::zone},
                                                  {"TERM"}}};

/// A page for each key and passphrase that is open at once; few commands have more than some dozens.
constexpr std::uint64_t lock_bytes_needed = 1 << 20;

/// Batches, rosters and forms come from strangers: whoever takes this program over by one of them can read
/// what its owner can, and change nothing beside the folders of this command.
void confine(const fieldfare::researcher::Reach& reach) {
    using namespace fieldfare::confinement;
    using fieldfare::researcher::Reach;
    if (reach.files == Reach::Files::only_named)
        (void)confine_files(
            {.reading = Reading::where_given, .read = {}, .change = reach.changes, .devices = {}});
    else
        (void)confine_files(
            {.reading = Reading::anywhere, .read = {}, .change = reach.changes, .devices = plain_devices()});
    if (reach.network == Reach::Network::none) (void)forbid_network();
    if (reach.network == Reach::Network::accepts) (void)forbid_all_but_accepting();
}

}  // namespace

int main(int argc, char** argv) {
    using namespace fieldfare::researcher;
    fieldfare::crypto::shut_in();
    keep_working_memory();
    fieldfare::confinement::keep_variables(kept_variables);
    (void)fieldfare::confinement::forbid_system_calls();
    fieldfare::sync::start_network();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not a death with files half-written
    try {
        const ExitCode code =
            run_command_line(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr,
                             ::isatty(STDERR_FILENO) == 1, &confine,
                             [] { return fieldfare::residue::keys_may_be_swapped("/", lock_bytes_needed); });
        if (!std::cout.flush()) {
            std::cerr
                << "fieldfare-cli: Standard output can't be written; is its disk full or its reader gone?\n";
            return static_cast<int>(ExitCode::could_not);
        }
        return static_cast<int>(code);
    } catch (const std::exception&) {  // not what(): it may quote what it choked on
        std::cerr
            << "fieldfare-cli: Out of memory, or a fault of this program; nothing was left half-written. "
               "Close other programs and run this again; if it ends so again, report it to the makers.\n";
        return static_cast<int>(ExitCode::could_not);
    }
}
