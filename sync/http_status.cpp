#include "sync/http_status.h"

namespace fieldfare::sync {

namespace {

Fault fault_of(int status, Fault not_there) {
    switch (status) {
        case 401:
        case 403:
        case 402:
        case 451:
            return Fault::not_permitted;
        case 404:
        case 410:
            return not_there;
        case 405:  // a web server that is no store
        case 407:  // a proxy that nobody has named
        case 421:
        case 511:  // RFC 6585: the network asks for a login
            return Fault::not_a_store;
        case 409:  // RFC 4918, 9.7.1: the folder above is missing
            return Fault::no_store;
        case 413:
            return Fault::too_large;
        case 408:
        case 502:
        case 504:
            return Fault::unreachable;
        case 425:
        case 429:
        case 500:  // whatever is wrong there is wrong for the next file, too
        case 503:
            return Fault::busy;
        case 507:
            return Fault::no_space;
        default:
            return status < 400 ? Fault::not_a_store : Fault::failed;
    }
}

}  // namespace

HttpFailure fault_of_status(int status, Fault not_there) {
    return {fault_of(status, not_there), "HTTP " + std::to_string(status)};
}

}  // namespace fieldfare::sync
