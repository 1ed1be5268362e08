#include "sync/transport.h"

namespace fieldfare::sync {

bool is_about_the_store(Fault fault) {
    switch (fault) {
        case Fault::unreachable:
        case Fault::no_store:
        case Fault::not_permitted:
        case Fault::read_only:
        case Fault::no_space:
        case Fault::not_a_store:
        case Fault::wrong_clock:
        case Fault::busy:
        case Fault::bad_name:  // of its address or a setting: our names of files are good
            return true;
        case Fault::cancelled:
        case Fault::too_large:
        case Fault::not_found:
        case Fault::unreadable:
        case Fault::failed:
            return false;
    }
    return false;
}

TransportResult<crypto::Bytes> get_bytes(Transport& transport, std::string_view name, std::uint64_t max_size,
                                         const Watch& watch) {
    crypto::Bytes bytes;
    const Sink keep = [&](crypto::ByteView piece) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return true;
    };
    if (auto got = transport.get(name, max_size, keep, watch); !got) return tl::unexpected(got.error());
    return bytes;
}

}  // namespace fieldfare::sync
