#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/output_file.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {

struct ServeOptions {
    std::string listen;                          ///< as parse_listen_address() takes it
    std::string host;                            ///< the name that devices know it by; empty: the address
    std::filesystem::path keep;                  ///< folder of key, certificate and store files
    std::string name = "devices";                ///< of the store file
    std::vector<std::filesystem::path> studies;  ///< .ffstudy; none: only the store file is made
    std::filesystem::path folder;                ///< where batches go
    std::uint64_t quota_mb = 10'000;             ///< of the studies' folders
    Output output = Output::text;
};
/// Fine (0) when a signal ended it, and when the store file was made.
ExitCode run_serve(const ServeOptions& options, Console& console);

}  // namespace fieldfare::researcher
