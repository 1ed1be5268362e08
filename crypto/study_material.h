#pragma once

#include <memory>
#include <span>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

namespace batch {
class DecodingDictionary;
}

/// A secret that a study's devices and researchers share, mixed into each content key (BATCH_FORMAT.md,
/// "Keys"): whoever has the sealed files alone does not open them, not even with what one day
/// breaks X25519.
using PreSharedKey = Secret<32, struct PreSharedKeyTag>;
using SharedPreSharedKey = std::shared_ptr<const PreSharedKey>;  ///< null: none

/// What study packages give for opening batches, beside the keys of their recipients: dictionaries, hashed
/// and taken apart once, and pre-shared keys. Those of all versions of a study together: each batch takes
/// what it was sealed with. Copies share them, and so may threads.
class StudyMaterial {
  public:
    StudyMaterial() = default;
    StudyMaterial(std::span<const Bytes> dictionaries);
    StudyMaterial(const std::vector<Bytes>& dictionaries) : StudyMaterial(std::span(dictionaries)) {}
    StudyMaterial(const Bytes& dictionary) : StudyMaterial(std::span(&dictionary, 1)) {}

    void add(const Bytes& dictionary);
    void add(SharedPreSharedKey key);  ///< null adds nothing

    /// That with this hash, as batches name it, or null.
    const batch::DecodingDictionary* dictionary(const Digest& hash) const;

    std::span<const SharedPreSharedKey> pre_shared_keys() const { return keys_; }

  private:
    struct Entry {
        Digest hash{};
        std::shared_ptr<const batch::DecodingDictionary> dictionary;
    };
    std::vector<Entry> dictionaries_;
    std::vector<SharedPreSharedKey> keys_;
};

}  // namespace fieldfare::crypto
