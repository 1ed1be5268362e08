#include "client/study/wordings.h"

namespace fieldfare::study {

std::string sentence(PackageError error) {
    switch (error) {
        case PackageError::not_a_package:
            return "This is not a Fieldfare study file. Choose the file that ends in .ffstudy.";
        case PackageError::too_large:
            return "This file is larger than any study file may be (256 MiB). Ask the researchers for a new "
                   "copy.";
        case PackageError::unknown_version:
            return "This study file was made by a newer Fieldfare. Update Fieldfare on this machine, then "
                   "try again.";
        case PackageError::unknown_rule:
            return "This study file has a rule that this Fieldfare does not know. Update Fieldfare on this "
                   "machine, then try again.";
        case PackageError::truncated:
            return "This study file was cut off while it was copied. Copy it again from where it came.";
        case PackageError::bad_signature:
            return "This study file was damaged or altered after the researchers signed it. Do not use it; "
                   "get a new copy, and tell the researchers if that one is refused too.";
        case PackageError::other_root:
            return "This study file is not signed by the study root that was expected. Do not use it; ask "
                   "the researchers which file is theirs.";
        case PackageError::trailing_bytes:
        case PackageError::malformed_package:
            return "This study file is signed, but put together wrongly. The program that made it is at "
                   "fault: the researchers must build it again.";
        case PackageError::malformed_policy:
            return "The rules in this study file are not as they must be (tag, title, wave, quorum or "
                   "hold). The researchers must correct them and build it again.";
        case PackageError::malformed_recipients:
            return "The keys of the people who may open the answers are not valid: one is weak, stands "
                   "twice, or there "
                   "are more than 16. The researchers must correct them and build the study again.";
        case PackageError::no_recipients:
            return "This study names nobody who could open the answers. The researchers must build it with "
                   "one recipient at least.";
        case PackageError::malformed_receipt_keys:
            return "The keys that sign receipts are not valid, or fewer than the receipts that the study "
                   "asks for. The "
                   "researchers must correct them and build the study again.";
        case PackageError::malformed_stores:
            return "The stores in this study file are not valid: an address is empty or stands twice, or "
                   "more copies are "
                   "asked for than there are stores. The researchers must correct them and build the study "
                   "again.";
        case PackageError::malformed_languages:
            return "This study offers a language that its form does not have. The researchers must correct "
                   "the languages and build the study again.";
        case PackageError::malformed_form:
            return "The form in this study file can't be read by this Fieldfare. The researchers must "
                   "check the form and build the study again.";
        case PackageError::malformed_dictionary:
            return "The compression dictionary in this study file can't be used. The researchers must build "
                   "the study again.";
        case PackageError::unsupported_media:
            return "This study file carries media, which this Fieldfare does not know yet. Update "
                   "Fieldfare on this machine.";
        case PackageError::other_study:
            return "This file belongs to another study than the one on this machine. Import it as a study of "
                   "its own.";
        case PackageError::older_version:
            return "This study file is older than the one on this machine, which stays in use. Ask the "
                   "researchers for "
                   "their newest file.";
        case PackageError::forked_version:
            return "This study file has the same version as the one on this machine, but says something "
                   "else. Do not use "
                   "it; the researchers must find out how one version came to be signed twice.";
        case PackageError::not_a_successor:
            return "This study file is newer, but does not continue the one on this machine. Ask the "
                   "researchers for a "
                   "file that names it as its predecessor.";
    }
    return "This study file can't be used.";
}

std::string sentence(RosterError error) {
    switch (error) {
        case RosterError::not_a_roster:
            return "This is not a Fieldfare roster. Choose the file that ends in .ffroster.";
        case RosterError::too_large:
            return "This file is larger than any roster may be (16 MiB).";
        case RosterError::unknown_version:
            return "This roster was made by a newer Fieldfare. Update Fieldfare on this machine, then try "
                   "again.";
        case RosterError::truncated:
            return "This roster was cut off while it was copied. Copy it again from where it came.";
        case RosterError::bad_signature:
            return "This roster was damaged or altered after it was signed. Do not use it; take the last "
                   "good copy.";
        case RosterError::other_root:
            return "This roster is not signed by the root of this study. Do not use it.";
        case RosterError::other_study:
            return "This roster belongs to another study.";
        case RosterError::malformed:
            return "This roster is not as it must be: a device's key is weak or stands twice, or a label is "
                   "too long.";
        case RosterError::already_listed:
            return "This device is in the roster already. Nothing was changed.";
        case RosterError::not_listed:
            return "This device is not in the roster. Nothing was changed.";
        case RosterError::already_revoked:
            return "This device is revoked already. Nothing was changed.";
        case RosterError::not_the_root:
            return "Only the root of the study signs a roster; this is another kind of key. Use the root's "
                   "key file.";
        case RosterError::older_version:
            return "This roster is older than the one in use, which stays. Take the newest file.";
        case RosterError::forked_version:
            return "This roster and the one in use continue the same past differently: two people have "
                   "changed it at "
                   "once, or one copy was restored. Do not use it before you know which one holds.";
        case RosterError::gap:
            return "A version between the roster in use and this one is missing. Give the missing files "
                   "first.";
        case RosterError::lost_devices:
            return "This roster leaves out a device of the one in use, changes it, or takes back a "
                   "revocation. Do not "
                   "use it.";
    }
    return "This roster can't be used.";
}

}  // namespace fieldfare::study
