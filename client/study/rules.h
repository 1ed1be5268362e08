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

/// How stores of a network are reached.
enum class NetworkWay {
    as_each_says,  ///< through the proxy of the store or the person, where there is one
    proxy_alone,   ///< never without one, such as Tor
};
NetworkWay network_way(const Policy& policy);
void set_network_way(Policy& policy, NetworkWay way);

/// The store as whoever goes there under this policy must: where a proxy is demanded, one of a network that
/// names none is reached through Tor on the same machine, "socks5h://127.0.0.1:9050". Folders stay as they
/// are. A person's own proxy may stand in its place (sync::open_store); nothing takes it away.
StoreEntry reached_under(const Policy& policy, StoreEntry store);

/// The supervisor to whom each device seals its vault's master key (crypto/recovery.h), or nobody. Of a
/// researcher's kind.
std::optional<crypto::Recipient> supervisor(const Policy& policy);
/// `bad_argument` for a label that a public line can't have, or what `check` says of the key.
crypto::Result<void> set_supervisor(Policy& policy, const crypto::Recipient& supervisor);

}  // namespace fieldfare::study
