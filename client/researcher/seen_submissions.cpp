#include "client/researcher/seen_submissions.h"

#include <algorithm>
#include <cstring>

#include "crypto/hash.h"

namespace fieldfare::researcher {

std::size_t SeenSubmissions::Hash::operator()(const crypto::Id& id) const {
    std::size_t value = 0;  // ids are random UUIDs
    std::memcpy(&value, id.data() + id.size() - sizeof value, sizeof value);
    return value;
}

SeenSubmissions::Kind SeenSubmissions::add(const crypto::Id& id, crypto::ByteView payload) {
    const crypto::Digest whole = crypto::sha256(payload);
    crypto::Id digest;
    std::ranges::copy_n(whole.begin(), static_cast<std::ptrdiff_t>(digest.size()), digest.begin());
    const auto [place, fresh] = digests_.emplace(id, digest);
    if (fresh) return Kind::fresh;
    return place->second == digest ? Kind::repeated : Kind::contradicting;
}

}  // namespace fieldfare::researcher
