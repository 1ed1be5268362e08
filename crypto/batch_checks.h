#pragma once

#include <span>

#include "crypto/batch.h"
#include "crypto/batch_header.h"
#include "crypto/bytes.h"
#include "crypto/cells.h"
#include "crypto/compression.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto::batch {

// What the reader of whole batches and that of damaged ones hold a batch to in the same words. Inside this
// folder only.

/// The prefix of OPEN and CLOSE says nothing but the kind.
bool plain(const RecordPrefix& prefix);

/// Sealed to whoever opened it by the device, not passed on by someone to whom it was sealed, by as many
/// together as the device says, and under this header. Else `forged`.
Result<void> check_sealed_to(ByteView file, const BatchOutline& outline, const OpenedHeader& header,
                             const BatchOpen& open, std::span<const Identity> identities);

/// The one that OPEN names, null where it names none; `unknown_dictionary` when it is not among these.
Result<const DecodingDictionary*> dictionary_of(const BatchOpen& open, const StudyMaterial& material);

/// What the device sealed, out of a record's content. `bad_content`.
Result<Bytes> payload_of(Decompressor& decompressor, const RecordPrefix& prefix, ByteView content);

}  // namespace fieldfare::crypto::batch
