#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "crypto/batch.h"
#include "crypto/batch_layout.h"
#include "crypto/bytes.h"
#include "crypto/identity.h"

namespace fieldfare::crypto::batch {

// The header: what is in clear, the content key sealed to each recipient, and the tag that commits to all of
// it. Inside this folder only.

/// The header with its tag, for this content key. The slots of recipients and the decoys come in random
/// order.
Result<Bytes> seal_header(const Id& routing_tag, const BatchOpen& open, const ContentKey& content_key);

struct OpenedHeader {
    ContentKey content_key;
    std::array<std::uint8_t, 24> slot_context;  ///< to be compared with what OPEN says
    std::size_t identity;                       ///< which one opened it
};

/// Tries every slot with every researcher's identity. `not_openable` when none opens; `damaged` when one does
/// and the tag does not agree; `unsupported` when only slots of a later kind open.
Result<OpenedHeader> open_header(ByteView file, const BatchOutline& outline,
                                 std::span<const Identity> identities);

}  // namespace fieldfare::crypto::batch
