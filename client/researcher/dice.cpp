#include "client/researcher/dice.h"

#include <bit>

namespace fieldfare::researcher {
namespace {

std::uint64_t finalised(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

}  // namespace

std::uint64_t mixed(std::uint64_t seed, std::uint64_t index) {
    return finalised(finalised(seed + golden) ^ finalised(index + 2 * golden));
}

Dice::Dice(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = finalised(seed += golden);
}

std::uint64_t Dice::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Dice::below(std::uint64_t bound) {
    return next() % bound;
}

bool Dice::chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1p-53 < probability;
}

}  // namespace fieldfare::researcher
