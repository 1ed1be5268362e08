#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/identity.h"
#include "tests/fuzz/promise.h"

// Keys that everyone knows, so that a fuzzer's bytes get behind seals and signatures: the targets sign and
// seal them anew.
namespace fieldfare::fuzz {

/// Of tests/data: researchers to whom golden files and vectors are sealed, and a root.
const std::vector<crypto::Identity>& researchers();
const crypto::Identity& root();

/// A signing key that is the same in every run; its number is below 256.
const crypto::SigningKey& signing_key(std::uint8_t number);

/// From here on libsodium's randomness is the same in every run: what an input does then follows from the
/// input.
void begin_the_same_randomness();

/// Bytes of the input from the front; zeros when there are no more.
class Plan {
  public:
    Plan(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    std::size_t left() const { return left_.size(); }
    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    std::size_t number() {
        const std::size_t low = byte();
        return low | std::size_t{byte()} << 8;
    }
    crypto::ByteView rest() const { return left_; }

  private:
    crypto::ByteView left_;
};

}  // namespace fieldfare::fuzz
