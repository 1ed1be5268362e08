#include "crypto/byte_source.h"

#include <algorithm>

namespace fieldfare::crypto {

ByteSource source_of(ByteView bytes) {
    return {bytes.size(), [bytes](std::uint64_t at, std::span<std::uint8_t> into) -> Result<void> {
                if (at > bytes.size() || into.size() > bytes.size() - at)
                    return tl::unexpected(Error::damaged);
                std::ranges::copy(bytes.subspan(static_cast<std::size_t>(at), into.size()), into.begin());
                return {};
            }};
}

}  // namespace fieldfare::crypto
