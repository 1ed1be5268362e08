#include "client/researcher/batch_sentences.h"

#include <utility>

namespace fieldfare::researcher {
namespace {

Reason made_on_purpose(std::string word) {
    return {
        std::move(word),
        "This opens, but it is not what a device signed; somebody made or altered it on purpose. Keep it, "
        "and ask how it came to the store."};
}

}  // namespace

Reason reason_for(crypto::Error error) {
    switch (error) {
        case crypto::Error::wrong_format:
            return {"not_a_batch",
                    "This is no sealed batch; somebody has put another file among them. Nothing is lost by "
                    "leaving it."};
        case crypto::Error::too_large:
            return {"too_large", "This is larger than any batch can be; no device of ours made it."};
        case crypto::Error::unsupported:
            return {"unsupported",
                    "This was sealed by a newer Fieldfare than this one; install the newer version and open "
                    "again."};
        case crypto::Error::not_openable:
            return {"not_openable",
                    "This is sealed to none of the keys given: another study's, or of a recipient whose key "
                    "is not at hand; open "
                    "again with that key."};
        case crypto::Error::psk_missing:
            return {"psk_missing",
                    "This was sealed under a pre-shared key that the study file given does not have, or was "
                    "damaged; open again with the newest study file."};
        case crypto::Error::too_few_shares:
            return {"too_few_shares",
                    "This opens with several custodians' shares only, and too few are here; ask the other "
                    "custodians to run \"custody extract\", and give their files as --shares."};
        case crypto::Error::damaged:
            return {
                "damaged",
                "This was damaged or altered after it was sealed. Do not delete it: move it aside and run "
                "\"fetch --sweep\". If no whole copy comes, put it back and open with --salvage, which takes "
                "the "
                "interviews that still hold. The device has them only until enough researchers have "
                "confirmed them."};
        case crypto::Error::forged:
            return made_on_purpose("forged");
        case crypto::Error::weak_key:  // no program of ours seals with such keys
            return made_on_purpose("weak_key");
        case crypto::Error::not_canonical:
            return made_on_purpose("not_canonical");
        case crypto::Error::unknown_dictionary:
            return {"unknown_dictionary",
                    "This is authentic, but was packed with another version of the study file; open again "
                    "with the study file of that version as --earlier."};
        case crypto::Error::bad_content:
            return {"bad_content",
                    "This is authentic, but a record in it can't be unpacked; the device's program is "
                    "faulty. Keep it, and "
                    "report it to the makers."};
        case crypto::Error::out_of_memory:
            return {"out_of_memory",
                    "There was not enough free memory to open this; close other programs and open again."};
        default:
            return {"not_opened", "This could not be opened (internal error " +
                                      std::to_string(static_cast<int>(error)) + ")."};
    }
}

Reason misnamed() {
    return {
        "damaged",
        "This is not the file that its name promises: it was damaged or altered, on this disk or on the way "
        "here. Do not delete it: move it aside and run \"fetch --sweep\". If no whole copy comes, put it "
        "back and open "
        "with --salvage, which takes the interviews that still hold. The device has them only until enough "
        "researchers have confirmed them."};
}

Reason damaged_with_salvage() {
    return {
        "damaged",
        "The file was damaged or altered after it was sealed. Do not delete it: move it aside, run \"fetch "
        "--sweep\", and put it back if no whole copy came. The device has one only until enough researchers "
        "have confirmed it."};
}

Reason damaged_media() {
    return {"damaged",
            "This part of a photo or another file was damaged or altered. Move it aside and run \"fetch "
            "--sweep\"; the "
            "interview that names it is whole without it."};
}

Reason not_a_file(const std::string& what) {
    return {
        "not_a_file",
        "This is " + what +
            " and not a file, so it was not looked at. If somebody has put it among the batches, remove it; "
            "if it leads to a batch that was moved, put the batch itself here."};
}

Reason redacted_here() {
    return {"redacted",
            "Records were cut out of this batch here (\"archive redact\"), so it is whole no more; unless "
            "something else is against it, the others open with --salvage."};
}

Reason redacted_with_salvage() {
    return {"redacted",
            "Records were cut out of this batch here (\"archive redact\"); the others are as the "
            "device signed them."};
}

}  // namespace fieldfare::researcher
