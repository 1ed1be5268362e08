#pragma once

#include <map>
#include <optional>
#include <string>

#include "client/study/policy.h"
#include "crypto/identity.h"
#include "crypto/keyslots.h"

namespace fieldfare::study {

// The rules of a policy that this version knows, by name. STUDY_PACKAGE.md has them. What is the default is
// never written, so that there is one way to say it.

/// Whether every rule is known and has a value that it may have. A package with another is refused.
bool all_known(const std::map<std::string, std::string>& rules);

/// What becomes of the sealed files of a device when its passphrase that destroys is typed.
crypto::SealedFiles sealed_when_destroyed(const Policy& policy);
void set_sealed_when_destroyed(Policy& policy, crypto::SealedFiles sealed);

/// The supervisor to whom each device seals its vault's master key (crypto/recovery.h), or nobody. Of a
/// researcher's kind.
std::optional<crypto::Recipient> supervisor(const Policy& policy);
/// `bad_argument` for a label that a public line can't have, or what `check` says of the key.
crypto::Result<void> set_supervisor(Policy& policy, const crypto::Recipient& supervisor);

}  // namespace fieldfare::study
