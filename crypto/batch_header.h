#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "crypto/archive.h"
#include "crypto/batch.h"
#include "crypto/batch_layout.h"
#include "crypto/bytes.h"
#include "crypto/custody.h"
#include "crypto/identity.h"

namespace fieldfare::crypto::batch {

// The header: what is in clear, the content key sealed to each recipient, and the tag that commits to all of
// it. Inside this folder only.

/// The fields before the slots, of a file of `file_size` bytes that begins with `start` (prologue_size bytes
/// at least where the file has so many). Gives slots and routing tag. `wrong_format`; `damaged` when the file
/// ends before the header does; `unsupported` for another format, suite, cell size or number of slots.
Result<BatchOutline> decode_prologue(ByteView start, std::uint64_t file_size, std::uint8_t cell_log2);

struct SealedHeader {
    Bytes bytes;  ///< with the tag
    Digest header_tag{};
    ContentKey content_key;  ///< from which everything else follows
};

/// A header for a new content key, mixed with the study's pre-shared key where it has one (null: it has
/// none). The slots of recipients and the decoys come in random order. Of `open` count study, policy digest,
/// recipients and quorum.
Result<SealedHeader> seal_header(const Id& routing_tag, const BatchOpen& open, const PreSharedKey* pre_shared,
                                 std::uint8_t cell_log2 = cell_log2_records);

/// Whose share it was, as it says itself.
struct ShareHolder {
    BoxKey custodian;
    std::uint8_t quorum = 0, of = 0, x = 0;
};

struct OpenedHeader {
    ContentKey content_key;
    SlotContext slot_context;             ///< to be compared with what OPEN says
    std::optional<std::size_t> identity;  ///< which one opened it; nothing: shares did
    std::vector<ShareHolder> holders;     ///< of the shares that were joined
};

/// Tries every slot with every researcher's identity, then the shares that fit this header, those in our own
/// slots among them. `not_openable` when nothing opens; `damaged` when something does and the tag does not
/// agree; `psk_missing` when it is mixed with a pre-shared key that is not there; `too_few_shares` when there
/// are shares, and fewer than it takes; `unsupported` when only slots of a later kind open.
Result<OpenedHeader> open_header(ByteView file, const BatchOutline& outline,
                                 std::span<const Identity> identities, const StudyMaterial& material,
                                 std::span<const ReleasedShare> shares);

/// An archived key takes the place of the slots, whose keys nobody asks for again: whoever wrapped it had
/// them. `header`: header_size bytes at least. `damaged` when the header tag is not that of this key.
Result<ContentKey> archived_content_key(ByteView header, const BatchOutline& outline, const ArchivedKey& key);

/// Whether some slot of the header has the tag of this share.
bool fits(ByteView file, const BatchOutline& outline, const ReleasedShare& released);

/// A slot that holds a share, opened by its custodian. `not_openable`, `wrong_kind` (the slot holds the whole
/// key), `damaged` (the share does not fit its tag: nobody could use it), `unsupported`.
Result<ReleasedShare> open_share(ByteView file, const BatchOutline& outline, const Identity& custodian);

}  // namespace fieldfare::crypto::batch
