#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "client/researcher/command_line.h"
#include "crypto/process.h"
#include "sync/curl_request.h"

int main(int argc, char** argv) {
    using namespace fieldfare::researcher;
    fieldfare::crypto::shut_in();
    fieldfare::sync::start_network();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not a death with files half-written
    try {
        const ExitCode code = run_command_line(std::vector<std::string>(argv + 1, argv + argc), std::cout,
                                               std::cerr, ::isatty(STDERR_FILENO) == 1);
        if (!std::cout.flush()) {
            std::cerr
                << "fieldfare-cli: Standard output can't be written; is its disk full or its reader gone?\n";
            return static_cast<int>(ExitCode::could_not);
        }
        return static_cast<int>(code);
    } catch (const std::exception&) {  // not what(): it may quote what it choked on
        std::cerr
            << "fieldfare-cli: Out of memory, or a fault of this program; nothing was left half-written.\n";
        return static_cast<int>(ExitCode::could_not);
    }
}
