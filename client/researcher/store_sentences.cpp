#include "client/researcher/store_sentences.h"

#include "crypto/batch.h"

namespace fieldfare::researcher {
namespace {

std::string what_to_do(sync::Fault fault) {
    using sync::Fault;
    switch (fault) {
        case Fault::cancelled:
            return "was stopped; run this again to go on.";
        case Fault::unreachable:
            return "can't be reached; plug the medium in or check the network, and try again.";
        case Fault::no_store:
            return "is not there: the medium is not plugged in, or the study's folder or bucket was never "
                   "made. Make it, or correct the address with --store.";
        case Fault::not_permitted:
            return "does not let you in; ask whoever runs it for access, and give what lets you in with "
                   "--store.";
        case Fault::read_only:
            return "can't be written to; take the write protection off.";
        case Fault::no_space:
            return "is full; make room in it.";
        case Fault::too_large:
            return "does not take a file of that size, or has one that is too large; ask whoever runs it to "
                   "allow " +
                   largest_file() + ".";
        case Fault::not_found:
            return "no longer has a file that it listed; try again.";
        case Fault::not_a_store:
            return "is no store: a login page, a link or another machine answered. Log in to the network, or "
                   "correct the address.";
        case Fault::wrong_clock:
            return "and this machine do not agree on date and time; set the clock, or have the store's clock "
                   "and certificate looked at.";
        case Fault::busy:
            return "is busy; try again later.";
        case Fault::unreadable:
            return "could not be served because a file on this machine can't be read; see that you may "
                   "read it, and try again.";
        case Fault::bad_name:
            return "can't be used: its address or a setting is wrong. Write folder:/absolute/path, "
                   "https://host/path, or the name of a store file, which S3 and SFTP always need.";
        case Fault::failed:
            break;
    }
    return "failed; try again.";
}

}  // namespace

std::string largest_file() {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    static_assert(crypto::max_batch_file % mebibyte == 0);
    return std::to_string(crypto::max_batch_file / mebibyte) + " MiB";
}

std::string to_do_about(sync::Fault fault, const std::string& otherwise) {
    if (fault == sync::Fault::no_space) return "Make room there, and try again.";
    if (fault == sync::Fault::read_only) return "Take the write protection off, and try again.";
    return otherwise;
}

std::string sentence_for(const sync::TransportError& error) {
    const std::string detail = error.detail.empty() ? "" : " (" + error.detail + ")";
    return "The store " + error.store + " " + what_to_do(error.fault) + detail;
}

}  // namespace fieldfare::researcher
