#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "client/store/database.h"
#include "client/store/error.h"
#include "client/store/study_record.h"

namespace fieldfare::store {

// A damaged database: what of it can be read is copied into a new one. Better than to open the damaged one to
// be looked at: whoever was interviewed can't be asked again, so the drafts have to be finished and sealed,
// and a damaged file must not be written to.
//
// What is sealed must not go to fewer or to other people than before. So nothing is believed of what the rows
// say of a study: it is made anew from the signed study files in the vault. Where the newest of them can't be
// read, it has to come in again; an older one in its place would bring back a key that was rotated out.

/// What the study files say.
struct StudyFiles {
    /// Of a signed file from the vault; nothing where it does not verify.
    std::function<std::optional<StudyRecord>(crypto::ByteView)> read;
    /// Those that were taken in again, the fingerprint of each compared by a person.
    std::vector<StudyRecord> again;
};

/// What came back.
struct Rescued {
    std::size_t drafts = 0;
    std::size_t files_lost = 0;  ///< photos and others that were not whole: their questions are open again
    bool complete = true;        ///< false: answers, settings or the record of a batch may be missing
    bool enrolled_anew = false;  ///< the device's keys were lost: it has new ones, and another number

    bool operator==(const Rescued&) const = default;
};

/// Fills `fresh`, which is empty and of the newest tables, with what can be read of `damaged`, of whatever
/// version. study_unreadable: it takes the newest study file, or one with which an interview began, among
/// `studies.again`. other_root, changed_package, unusable_package: one of these is none of the vault's.
/// database_damaged when the list of tables can't be read, newer_program. After an error `fresh` is to be
/// thrown away. `today`, as drafts say it: when an interview began of which only answers can be read.
Result<Rescued> rescue_rows(Database& damaged, Database& fresh, const StudyFiles& studies,
                            std::string_view today);

}  // namespace fieldfare::store
