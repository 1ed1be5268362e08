#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/keyslots.h"
#include "crypto/passphrase_key.h"

namespace fieldfare::crypto::keyslots {

// One copy of the keyslots, as KEYS.md lays it out: everything but files. Inside this folder only.

inline constexpr std::size_t copy_size = 4096;
inline constexpr std::size_t slot_count = 8;
inline constexpr std::size_t slot_size = 128;
inline constexpr std::size_t recovery_place = 7;  ///< the slot that is a sealed box, in every copy

enum class SlotType : std::uint8_t {
    user = 1,
    recovery = 2,  ///< in a sealed box (recovery.h), never under a passphrase
    destroy = 3,   ///< no key at all: whoever types this passphrase wants everything gone
    previous = 4,  ///< the master key before a change that has not come to its end
};

/// A copy without a key in it: fresh salt, random bytes in every slot but that of recovery, which is sealed
/// to a key that nobody has.
Result<Bytes> empty_copy(const PassphraseCost& cost, std::uint64_t generation);

/// The same copy, salt and cost included, with its slots as in an empty one.
Result<Bytes> emptied(Bytes copy);

bool begins_as_keyslots(ByteView file);

/// `wrong_format`, `damaged`, `unsupported`, `cost_refused`, `not_canonical`; in this order.
Result<void> check_copy(ByteView copy);

PassphraseCost cost_of(ByteView copy);
std::uint64_t generation_of(ByteView copy);

/// Changes without a new checksum: `finished` writes it.
Result<void> seal_slot(Bytes& copy, std::size_t index, const PassphraseKey& key, SlotType type,
                       const MasterKey& master);
Result<void> seal_destroy_slot(Bytes& copy, std::size_t index, const PassphraseKey& key, SealedFiles sealed);
Result<void> empty_slot(Bytes& copy, std::size_t index);
Bytes recovery_slot_of(ByteView copy);
void put_recovery_slot(Bytes& copy, ByteView slot);  ///< of slot_size

/// A random one of the places that are neither the user's nor that of the key before a change.
Result<std::size_t> free_place();
Bytes finished(Bytes copy, std::uint64_t generation);

/// The passphrase's key for this copy: its salt, its cost.
Result<PassphraseKey> key_for(ByteView copy, const SecretText& passphrase);
/// The same together with a token.
Result<PassphraseKey> with_token(const PassphraseKey& key, const TokenKey& token);

struct OpenedSlot {
    SlotType type;
    MasterKey master;                        ///< zeros in a slot that destroys
    SealedFiles sealed = SealedFiles::stay;  ///< of a slot that destroys
};

/// `wrong_passphrase` when this slot is not of that key, `damaged` when it is and yet does not open,
/// `unsupported` for a type of a later version.
Result<OpenedSlot> open_slot(ByteView copy, std::size_t index, const PassphraseKey& key);

}  // namespace fieldfare::crypto::keyslots
