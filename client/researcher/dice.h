#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace fieldfare::researcher {

/// A seed for the `index`-th thing of a run, as unlike its neighbours as any two numbers. Neighbouring seeds
/// fed straight into a generator give respondents who answer alike; hence the mixing (SplitMix64's finaliser,
/// Steele, Lea and Flood 2014).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t index);

/// Reproducible randomness for simulated people: the same on every machine, compiler and version, unlike
/// <random>'s distributions. Never for keys. Xoshiro256** (Blackman and Vigna 2018).
class Dice {
  public:
    explicit Dice(std::uint64_t seed);

    std::uint64_t next();                      ///< uniform 64 bits
    std::uint64_t below(std::uint64_t bound);  ///< 0 … bound-1, bound > 0; bias below 2^-32 for small bounds
    bool chance(double probability);

    template <typename T>
    const T& one_of(std::span<const T> things) {
        return things[static_cast<std::size_t>(below(things.size()))];
    }

  private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace fieldfare::researcher
