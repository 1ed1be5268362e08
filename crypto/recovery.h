#pragma once

#include <optional>
#include <span>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/fingerprint.h"
#include "crypto/identity.h"
#include "crypto/keyslots.h"

namespace fieldfare::crypto {

// A vault's master key back from a supervisor when the passphrase is forgotten. The keyslots have it sealed
// to the supervisor's key (the recovery slot); the device asks with a file that has this slot and a one-time
// key in it; the supervisor answers with the master key sealed to the one-time key. The byte formats of the
// three are in KEYS.md. The supervisor's secret key never comes to the device, and the master key never
// stands anywhere in clear.

/// Of which vault a recovery slot is. Sealed inside it, so that nobody can ask for one vault and mean
/// another.
struct VaultName {
    Id study{}, device{};
    bool operator==(const VaultName&) const = default;
};

/// What stands in the recovery slot of keyslots. Without a key: sealed to one that is thrown away, so that
/// every vault has a slot of this shape. `not_canonical` or `weak_key` as of `check`; `out_of_memory`,
/// `no_randomness`.
Result<Bytes> seal_recovery_slot(const MasterKey& master, const VaultName& vault,
                                 const std::optional<BoxKey>& supervisor);

/// The device's side, in memory for as long as it waits: with this object the answer is lost, too.
class RecoveryRequest {
  public:
    /// Of a slot (KeyslotsFile::recovery_slot). `damaged` when it has another size; `out_of_memory`.
    static Result<RecoveryRequest> begin(ByteView slot);

    const Bytes& file() const { return file_; }  ///< what goes to the supervisor; no secret
    /// What the two people compare before the supervisor answers: another file has other digits.
    Fingerprint digits() const;

    /// `wrong_format`, `unsupported`, `damaged`; `forged` when it is no answer to this request.
    Result<MasterKey> open(ByteView answer) const;

  private:
    RecoveryRequest(BoxKey key, BoxSecret secret, Bytes file)
        : key_(key), secret_(std::move(secret)), file_(std::move(file)) {}
    BoxKey key_;
    BoxSecret secret_;
    Bytes file_;
};

/// The supervisor's side.
class OpenedRequest {
  public:
    /// `wrong_format`, `unsupported`, `damaged`, `not_canonical`, `weak_key` (of the one-time key);
    /// `not_openable` when its slot is sealed to none of these identities.
    static Result<OpenedRequest> open(ByteView file, std::span<const Identity> identities);

    const VaultName& vault() const { return vault_; }  ///< as the device has sealed it
    Fingerprint digits() const;

    /// The master key, sealed to the device's one-time key, for this request alone.
    Result<Bytes> answer() const;

  private:
    OpenedRequest(VaultName vault, MasterKey master, BoxKey one_time, Bytes file)
        : vault_(vault), master_(std::move(master)), one_time_(one_time), file_(std::move(file)) {}
    VaultName vault_;
    MasterKey master_;
    BoxKey one_time_;
    Bytes file_;
};

}  // namespace fieldfare::crypto
