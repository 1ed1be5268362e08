#pragma once

#include <string_view>

#include "crypto/secret.h"

namespace fieldfare::crypto {

/// A passphrase as keyslots and key files take it: Unicode NFKC of what was typed, so that the same
/// characters give the same key whatever keyboard or system they come from. `bad_argument` when it is empty
/// or not UTF-8, `unsupported` when it has a code point that the library's Unicode does not assign (how it
/// will be normalised is only settled once it is assigned; from then on for ever, by Unicode's stability
/// policy, so a passphrase that was taken gives the same bytes in every later version), `too_large` when it
/// is over SecretText::max_size bytes. The source stays the caller's to wipe; the intermediate copy is wiped
/// here.
Result<SecretText> passphrase_from(std::string_view typed);

}  // namespace fieldfare::crypto
