#include "client/researcher/true_names.h"

#include "crypto/batch.h"
#include "crypto/hash.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {

sync::TransportResult<bool> TrueNames::holds(std::string_view name) {
    if (known_.contains(name)) return true;
    const auto batch = sync::parse_batch_name(name);
    if (!batch) return false;
    crypto::Sha256 hash;
    const auto read = store_.get(name, crypto::max_batch_file,
                                 [&](crypto::ByteView piece) {
                                     hash.update(piece);
                                     return true;
                                 },
                                 {});
    // Longer than any sealed file; a folder, a link.
    if (!read &&
        (read.error().fault == sync::Fault::too_large || read.error().fault == sync::Fault::not_a_store))
        return false;
    if (!read) return tl::unexpected(read.error());
    if (crypto::to_hex(hash.finish()) != batch->hash) return false;
    add(name);
    return true;
}

}  // namespace fieldfare::researcher
