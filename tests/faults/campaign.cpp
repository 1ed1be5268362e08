#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>

#include "tests/support/fault_run.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t resident_kilobytes() {
    std::istringstream status(content_of("/proc/self/status"));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
    return 0;
}

std::size_t open_files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

}  // namespace

// FIELDFARE_FAULT_RUNS=1000 is the long campaign; FIELDFARE_FAULT_SEED=N begins with the run that failed.
TEST_CASE("whatever goes wrong between a device and its stores, each file comes to be there once") {
    WebDrop* web = web_drop();
    if (!web) return;
    SshDrop* ssh = ssh_drop();  // where there is none the runs are others
    const std::uint64_t runs = number_from("FIELDFARE_FAULT_RUNS", 60);
    const std::uint64_t first = number_from("FIELDFARE_FAULT_SEED", 1);
    // Everyday the campaign ends in time on a machine that does much else.
    const bool everyday = std::getenv("FIELDFARE_FAULT_RUNS") == nullptr;
    constexpr std::size_t fewest = 20;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    FaultFigures figures;
    std::uint64_t settled = 0;
    std::size_t files = 0;
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        CAPTURE(seed);
        INFO("again by FIELDFARE_FAULT_RUNS=1 FIELDFARE_FAULT_SEED=", seed);
        {
            FaultRun run(seed, *web, S3Drop::shared(), ssh);
            run.go(figures);
        }
        // What is allocated once has been after the first tenth of runs; nothing more comes with each further
        // one.
        if (seed == first + std::min<std::uint64_t>(runs / 10, 50)) {
            settled = resident_kilobytes();
            files = open_files();
        }
        if (everyday && figures.runs >= fewest && std::chrono::steady_clock::now() > until) break;
    }
    MESSAGE(figures.text());
    MESSAGE("resident memory: ", settled, " kB after the first runs, ", resident_kilobytes(),
            " kB at the end");
    for (const auto& [fault, times] : figures.faults) CHECK_MESSAGE(all_faults.contains(fault), fault);
    if (runs >= 1000)
        for (const std::string& fault : all_faults) CHECK_MESSAGE(figures.faults.contains(fault), fault);
    CHECK(open_files() <= files);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what is let go
    if (figures.runs >= fewest) CHECK(resident_kilobytes() <= settled + 2 * 1024 + 2 * figures.runs);
#endif
}
