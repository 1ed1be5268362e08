#include "client/researcher/serve_sentences.h"

namespace fieldfare::researcher {
namespace {

std::string what_to_do(sync::Fault fault) {
    using sync::Fault;
    switch (fault) {
        case Fault::no_space:
            return "is full; make room in it, or give it more with --quota if its disk has more";
        case Fault::read_only:
            return "can't be written to; take the write protection off, and start this again";
        case Fault::no_store:
        case Fault::unreachable:
            return "is not there; put the medium back, and start this again";
        case Fault::not_permitted:
        case Fault::not_a_store:
            return "was exchanged, or its permissions were changed, since this started; put that right, and "
                   "start this again";
        default:
            return "can't be used; look at its disk, and start this again";
    }
}

}  // namespace

std::string sentence_for_receiver(const sync::TransportError& error) {
    return error.store + " " + what_to_do(error.fault) +
           (error.detail.empty() ? "" : " (" + error.detail + ")") + ".";
}

}  // namespace fieldfare::researcher
