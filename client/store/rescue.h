#pragma once

#include <cstddef>
#include <string_view>

#include "client/store/database.h"
#include "client/store/error.h"
#include "client/store/study_record.h"

namespace fieldfare::store {

// A damaged database: what of it can be read is copied into a new one. Better than to open the damaged one to
// be looked at: whoever was interviewed can't be asked again, so the drafts have to be finished and sealed,
// and a damaged file must not be written to.

/// What came back.
struct Rescued {
    std::size_t drafts = 0;
    std::size_t files_lost =
        0;                 ///< photos and others that were not whole any more: their questions are open again
    bool complete = true;  ///< false: answers, settings or the record of a batch stood on damaged pages

    bool operator==(const Rescued&) const = default;
};

/// Fills `fresh`, which is empty and of the newest tables, with what can be read of `damaged`, of whatever
/// version. Most pages of a small vault are of the study file: where the one of a draft can't be read,
/// study_unreadable, unless it is `again` (nullptr: it was not taken in again); keys of the device that can't
/// be read are made anew with it, so that it enrols once more. database_damaged when the list of tables
/// itself can't be read. After an error `fresh` is to be thrown away. `today`, as drafts say it: when an
/// interview began of which only answers can be read.
Result<Rescued> rescue_rows(Database& damaged, Database& fresh, const StudyRecord* again,
                            std::string_view today);

}  // namespace fieldfare::store
