#include "sync/wordings.h"

namespace fieldfare::sync {

namespace {

std::string in_brackets(const std::string& detail) {
    return detail.empty() ? "" : " (" + detail + ")";
}

// Enough of a hash to find the file by.
std::string short_name(const FileHash& hash) {
    return hash.substr(0, 12);
}

}  // namespace

std::string sentence(const TransportError& error) {
    const std::string store = error.store.empty() ? "the store" : error.store;
    const std::string detail = in_brackets(error.detail);
    switch (error.fault) {
        case Fault::cancelled:
            return "Stopped. What was handed over until then stays handed over.";
        case Fault::unreachable:
            return "No answer from " + store + detail +
                   ". Check the network or the medium and sync again; the sealed files wait on this machine.";
        case Fault::no_store:
            return store + " is not there" + detail +
                   ". Plug the medium in, or have the study's folder or bucket made there, and sync again.";
        case Fault::not_permitted:
            return store + " may not be written" + detail +
                   ". Whoever set up the store must give this machine permission.";
        case Fault::read_only:
            return store + " is write-protected" + detail +
                   ". Switch the protection off or use another medium.";
        case Fault::no_space:
            return store + " is full" + detail + ". Make room there or use another medium, and sync again.";
        case Fault::too_large:
            return store + " does not take a file of this size" + detail + ". Use another store or medium.";
        case Fault::not_found:
            return "The file is not in " + store + ".";
        case Fault::not_a_store:
            return store + " is not the store that it should be" + detail +
                   ". Nothing counts as handed over; check the address, and whether the network asks for a "
                   "login "
                   "first.";
        case Fault::wrong_clock:
            return store + " and this machine do not agree on date and time" + detail +
                   ". Set the clock and sync again; if it is right, whoever set up the store must look at "
                   "its "
                   "clock and its certificate.";
        case Fault::busy:
            return store + " asks to come back later" + detail + ". Nothing is lost; sync again later.";
        case Fault::unreadable:
            return "A sealed file on this machine could not be read" + detail +
                   ". The disk may be failing: copy the profile to another one.";
        case Fault::bad_name:
            return store + " can't be used" + detail +
                   ". The address of the store in the study, or a setting, must be corrected.";
        case Fault::failed:
            return store + " failed" + detail + ". The sealed files wait on this machine; sync again later.";
    }
    return store + " failed" + detail + ".";
}

std::string sentence(const OutboxError& error) {
    const std::string what = "The outbox" + (error.path.empty() ? "" : " (" + error.path + ")");
    const std::string detail = in_brackets(error.detail);
    switch (error.kind) {
        case OutboxError::Kind::no_space:
            return "This machine's disk is full" + detail +
                   ". Nothing was lost; free some room and try again.";
        case OutboxError::Kind::not_permitted:
            return what + " may not be written" + detail + ". Give the profile's folder back to its owner.";
        case OutboxError::Kind::read_only:
            return what + " lies on a disk that can't be written" + detail +
                   ". Mount it writable and try again.";
        case OutboxError::Kind::missing:
            return what + " is not there" + detail + ".";
        case OutboxError::Kind::bad_name:
            return what + " was given a name that is none of its own.";
        case OutboxError::Kind::not_a_folder:
            return "Something else stands where " + what + " belongs" + detail +
                   ". Move it away and try again.";
        case OutboxError::Kind::failed:
            return what + " failed" + detail + ". Nothing was deleted; try again.";
    }
    return what + " failed" + detail + ".";
}

std::string sentence(SyncConfigError error) {
    switch (error) {
        case SyncConfigError::missing:
            return "There is nothing to sync with yet. Unlock and import a study first.";
        case SyncConfigError::not_readable:
            return "sync.json can't be read. Give the profile's folder back to its owner.";
        case SyncConfigError::not_writable:
            return "sync.json can't be written: the disk is full, or the profile's folder may not be "
                   "written.";
        case SyncConfigError::unknown_version:
            return "sync.json was written by a newer Fieldfare. Update this one.";
        case SyncConfigError::damaged:
            return "sync.json is damaged. Unlock once: it is written anew from the studies.";
        case SyncConfigError::out_of_memory:
            return "There is not enough memory. Close other programs and try again.";
    }
    return "sync.json can't be used.";
}

std::string sentence(ReceiptError error) {
    switch (error) {
        case ReceiptError::not_a_receipt:
            return "It is not a receipt at all.";
        case ReceiptError::unknown_version:
            return "It was made by a newer Fieldfare.";
        case ReceiptError::not_for_us:
            return "It was made for another device, or damaged on its way.";
        case ReceiptError::malformed:
            return "It is signed, but not as a receipt must be.";
        case ReceiptError::other_study:
            return "It belongs to another study.";
        case ReceiptError::other_device:
            return "It names another device.";
        case ReceiptError::other_policy:
            return "It was made under rules of the study that this device does not know.";
        case ReceiptError::unknown_signer:
            return "It is signed by a key that the study has not certified.";
        case ReceiptError::bad_signature:
            return "Its signature is wrong: somebody made it up or altered it.";
        case ReceiptError::too_large:
            return "It is larger than any receipt may be.";
        case ReceiptError::failed:
            return "It could not be sealed: keys or randomness failed.";
    }
    return "It can't be used.";
}

std::string sentence(const SyncFinding& finding) {
    const std::string file = "Sealed file " + short_name(finding.file);
    switch (finding.kind) {
        case SyncFinding::Kind::rotten:
            return file +
                   " was changed by this machine's disk. It is sent as it is, so that what is left of it can "
                   "be "
                   "saved; the disk may be failing.";
        case SyncFinding::Kind::unknown_study:
            return file +
                   " belongs to a study that is not on this machine. It waits: import that study again, or "
                   "copy the folder outbox to its researchers.";
        case SyncFinding::Kind::lost:
            return finding.store +
                   " had lost sealed files that it had taken. Those that lack a copy are handed over again; "
                   "whoever set up the store should know.";
        case SyncFinding::Kind::other_content:
            return finding.store + " holds something else under the name of sealed file " +
                   short_name(finding.file) +
                   " (an upload was cut, or somebody put it there). It was sent under a further name.";
        case SyncFinding::Kind::receipt: {
            const auto* unread = std::get_if<TransportError>(&finding.problem);
            if (unread && unread->fault == Fault::not_permitted)
                return "Receipts may not be read in " + finding.store + in_brackets(unread->detail) +
                       ", or there are none yet and it does not say so. Files go there all the same, and all "
                       "of them stay on this machine; whoever set up the store must let devices read their "
                       "receipts.";
            if (unread)
                return "A receipt in " + finding.store + " could not be read" + in_brackets(unread->detail) +
                       ". It is asked for again in the next sync.";
            const auto* error = std::get_if<ReceiptError>(&finding.problem);
            return "A receipt in " + finding.store + " does not count." +
                   (error ? " " + sentence(*error) : "");
        }
        case SyncFinding::Kind::replayed:
            return "A receipt in " + finding.store + " is older than one seen before, and does not count.";
        case SyncFinding::Kind::unguarded:
            return finding.store +
                   " does not promise that nobody replaces a file in it. What was handed over is there; "
                   "whoever "
                   "set up the store should let it refuse a name that it has, and try it with \"store "
                   "doctor\".";
        case SyncFinding::Kind::too_many:
            return "More files may be let go than one sync lets go; the rest follow with the next ones.";
        case SyncFinding::Kind::store:
        case SyncFinding::Kind::file:
        case SyncFinding::Kind::own_file:
            break;
    }
    if (const auto* error = std::get_if<TransportError>(&finding.problem)) return sentence(*error);
    if (const auto* error = std::get_if<OutboxError>(&finding.problem)) return sentence(*error);
    return "Something failed; the sealed files wait on this machine.";
}

}  // namespace fieldfare::sync
