#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/residue/finding.h"

namespace fieldfare::residue {

/// A place to which the system moves pages of memory.
struct SwapArea {
    enum class Kind { compressed_memory, encrypted, in_the_clear, not_known };
    std::string path;
    Kind kind = Kind::not_known;

    bool operator==(const SwapArea&) const = default;
};

/// Nothing when /proc/swaps can't be read.
std::optional<std::vector<SwapArea>> read_swap(const std::filesystem::path& root);

Finding judge_swap(const std::optional<std::vector<SwapArea>>& areas);

struct Hibernation {
    std::string states;                        ///< /sys/power/state; empty: the system can't sleep at all
    std::string ways;                          ///< /sys/power/disk
    std::optional<std::uint64_t> image_bytes;  ///< what the kernel tries to keep the image below
    bool resume_named = false;  ///< by resume= on the kernel's command line, or in /sys/power/resume
    std::optional<std::vector<SwapArea>> swap;

    bool operator==(const Hibernation&) const = default;
};

Hibernation read_hibernation(const std::filesystem::path& root);
Finding judge_hibernation(const Hibernation& hibernation);

}  // namespace fieldfare::residue
