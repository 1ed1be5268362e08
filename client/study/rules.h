#pragma once

#include <map>
#include <string>

#include "client/study/policy.h"
#include "crypto/keyslots.h"

namespace fieldfare::study {

// The rules of a policy that this version knows, by name. STUDY_PACKAGE.md has them. What is the default is
// never written, so that there is one way to say it.

/// Whether every rule is known and has a value that it may have. A package with another is refused.
bool all_known(const std::map<std::string, std::string>& rules);

/// What becomes of the sealed files of a device when its passphrase that destroys is typed.
crypto::SealedFiles sealed_when_destroyed(const Policy& policy);
void set_sealed_when_destroyed(Policy& policy, crypto::SealedFiles sealed);

}  // namespace fieldfare::study
