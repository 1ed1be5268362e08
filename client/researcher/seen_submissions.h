#pragma once

#include <cstdint>
#include <unordered_map>

#include "crypto/bytes.h"

namespace fieldfare::researcher {

/// Which submissions are written already, so that one that arrives twice (a longer version of its batch, a
/// restored device, a file copied by hand) is counted once. Keeps about 60 bytes a submission and nothing of
/// its answers.
class SeenSubmissions {
  public:
    enum class Kind {
        fresh,
        repeated,       ///< the same bytes under the same id: leave it out
        contradicting,  ///< other bytes under the same id: the first one stands, and somebody must look
    };
    Kind add(const crypto::Id& id, crypto::ByteView payload);

  private:
    struct Hash {
        std::size_t operator()(const crypto::Id& id) const;
    };
    std::unordered_map<crypto::Id, crypto::Id, Hash> digests_;
};

}  // namespace fieldfare::researcher
