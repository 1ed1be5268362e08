#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace fieldfare::schema {

/// The generator that ODK's engines agree on for randomize(nodeset, seed): Park and Miller's "minimal
/// standard" (multiplier 16807, modulus 2^31 - 1). All arithmetic is exact in a double, as in the JavaScript
/// peers.
class ParkMiller {
  public:
    explicit ParkMiller(double seed) : seed_(std::fmod(std::trunc(seed), modulus)) {
        if (!(seed_ > 0)) seed_ = std::isnan(seed_) ? 1 : seed_ + modulus - 1;
    }

    /// What stands for a whole number that a double may not hold exactly.
    static double seed_of(std::int64_t number) {
        return static_cast<double>(number % static_cast<std::int64_t>(modulus));
    }

    /// In [0, 1).
    double next() {
        seed_ = std::fmod(seed_ * 16807, modulus);
        return (seed_ - 1) / (modulus - 1);
    }

  private:
    static constexpr double modulus = 2147483647;
    double seed_;
};

/// The "inside-out" shuffle of Fisher and Yates, as the ODK XForms specification and the peers have it, so
/// that a seed gives the same order everywhere.
template <typename T>
void shuffle(std::vector<T>& items, double seed) {
    ParkMiller random(seed);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto j = static_cast<std::size_t>(std::floor(random.next() * static_cast<double>(i + 1)));
        std::swap(items[i], items[j]);  // what stood at j goes to the end, the new one takes its place
    }
}

}  // namespace fieldfare::schema
