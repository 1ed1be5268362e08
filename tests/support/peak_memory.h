#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace fieldfare::tests {

/// What this process had in memory at most since forget_peak(), in megabytes.
inline double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

inline void forget_peak() {
    std::ofstream clear("/proc/self/clear_refs");
    clear << "5" << std::flush;
    CHECK(clear.good());
}

}  // namespace fieldfare::tests
