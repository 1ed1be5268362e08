#include "sync/random_name.h"

#include <array>

#include "crypto/bytes.h"
#include "crypto/random.h"

namespace fieldfare::sync {

std::string random_name() {
    std::array<std::uint8_t, 16> random{};
    if (!crypto::fill_random(random)) return {};
    return crypto::to_hex(random);
}

}  // namespace fieldfare::sync
