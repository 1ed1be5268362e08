#pragma once

#include <cstdint>
#include <span>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/secret.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto {

// A batch is sealed once and for ever to the recipients of its day. So that it can still be opened after one
// of their keys is destroyed, whoever can open it now seals its content key anew, to an archive key, in a
// small file beside it (.ffwrap; KEYS.md has its bytes). The batch itself is not touched: what the device
// signed stays as it was. A sealed part of a media file (media.h) is a batch here, and its id that of the
// part.

inline constexpr std::size_t wrap_size = 220;

/// A batch's content key out of a `.ffwrap`. It opens that version of that batch and nothing else
/// (batch_reader.h).
struct ArchivedKey {
    Digest header_tag{};
    BatchId batch{};
    Secret<32, struct ArchivedKeyTag> key;
};

/// The bytes of a `.ffwrap`. The batch is verified whole first, as by inspect_batch, with its errors; one of
/// which records rotted or were redacted, as by inspect_damaged_batch.
/// `wrong_kind` for a batch that several custodians open together, since an archive key would open it alone,
/// and for an archive key that is a root.
Result<Bytes> wrap_for_archive(ByteView batch, std::span<const Identity> identities, const Recipient& archive,
                               const StudyMaterial& material = {});

/// The same with the key out of another wrap, so that one archive key gives way to the next when no slot can
/// be opened any more.
Result<Bytes> wrap_for_archive(ByteView batch, const ArchivedKey& key, const Recipient& archive);

/// `wrong_format`, `unsupported`, `damaged` (length), `not_openable` (sealed to somebody else), `forged` (it
/// was put together by somebody who did not have the key, or altered).
Result<ArchivedKey> open_wrap(ByteView wrap, std::span<const Identity> identities);

}  // namespace fieldfare::crypto
