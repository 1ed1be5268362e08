#pragma once

#include <chrono>
#include <cstdint>

#include "crypto/error.h"

namespace fieldfare::crypto {

/// What one guess at a passphrase costs: parameters of Argon2id with one lane. They stand in clear in the
/// files and are checked before they are used, so that a file can ask neither for too little protection nor
/// for all memory of the machine.
struct PassphraseCost {
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    bool operator==(const PassphraseCost&) const = default;
};

inline constexpr PassphraseCost cost_floor{64 * 1024,
                                           3};  ///< RFC 9106's second choice; about 65 ms. Tests use it
inline constexpr PassphraseCost cost_cap{1024 * 1024, 16};

/// `cost_refused` when either number is below the floor or above the cap.
Result<void> check(const PassphraseCost& cost);

/// As many passes as take about 0.7 s, and no more, where those of `measured` took so long; within floor and
/// cap.
std::uint32_t calibrated_passes(const PassphraseCost& measured, std::chrono::duration<double> taken);

/// The cost for this machine: 256 MiB, or 64 MiB when it has under 2 GiB or can't give 256 now; as many
/// passes as take 0.5 to 1 second, going by the fastest of five trials, since load only ever makes a trial
/// slower. Takes a few seconds: not on the thread that draws. `out_of_memory` when not even 64 MiB can be
/// had.
Result<PassphraseCost> calibrate_cost();

}  // namespace fieldfare::crypto
