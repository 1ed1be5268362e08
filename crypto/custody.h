#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/secret_sharing.h"

namespace fieldfare::crypto {

// k of n: a study can demand that any k of its recipients, then called custodians, co-operate. Each batch's
// content key is then split among them (BATCH_FORMAT.md, slots of type 2); no key that lasts longer than a
// batch is ever put together. A sealed part of a media file (media.h) is a batch here. A custodian extracts
// the shares of the batches that are to be opened and seals them to the analyst; the analyst opens the
// batches with k custodians' shares (batch_reader.h).

using SlotContext = std::array<std::uint8_t, 24>;  ///< ties a slot to its file, study and policy

/// What a custodian releases of one batch. Nothing else opens with it.
struct ReleasedShare {
    Digest header_tag{};              ///< of the batch
    std::uint8_t quorum = 0, of = 0;  ///< k and n
    BoxKey custodian;
    SlotContext slot_context{};
    Share share;
    bool mixed = false;  ///< it takes the study's pre-shared key besides
};

/// Fails only as guarded memory does. Who keeps the shares of many batches gives the pages for them.
Result<ReleasedShare> copy_of(const ReleasedShare& share);
Result<ReleasedShare> copy_of(const ReleasedShare& share, GuardedPages& pages);

/// The custodian's share of this batch, whose tag in the header it fits. Says nothing of the rest of the
/// file: that is the analyst's to verify. As outline_of, and of part of a media file as
/// media_outline_of_damaged; `not_openable` (no slot is the custodian's), `wrong_kind` (each recipient opens
/// this batch alone), `damaged` (what the slot holds is not the share that its tag speaks of), `unsupported`.
Result<ReleasedShare> extract_share(ByteView file, const Identity& custodian);

/// Whether the share is the one that the device put into this batch for some custodian: a forged one, or one
/// of another batch, is none.
bool fits(const ReleasedShare& share, ByteView file);

/// Whether the batch belongs to this study and policy, as far as its custodian can know before it is opened.
bool belongs_to(const ReleasedShare& share, ByteView file, const Id& study, const Digest& policy_digest);

// --- the file in which shares travel (.ffshare): KEYS.md has its bytes

inline constexpr std::size_t max_shares_in_file = 100'000;

/// Shares of one custodian, sealed to the analyst and signed. `bad_argument` for none, too many, or a share
/// of another custodian; `wrong_kind` for a root.
Result<Bytes> seal_shares(std::span<const ReleasedShare> shares, const Identity& custodian,
                          const Recipient& analyst);

struct ShareFile {
    BoxKey custodian;
    VerifyKey signer;  ///< the custodian's signing key, as the file has it; whose it is the caller must know
    std::vector<ReleasedShare> shares;
};

/// `wrong_format`, `unsupported`, `damaged` (length, content); `forged` (the signature is not
/// the signer's, or it was sealed to another than the signer meant); `not_openable` (sealed to somebody
/// else).
Result<ShareFile> open_shares(ByteView file, std::span<const Identity> identities);

}  // namespace fieldfare::crypto
