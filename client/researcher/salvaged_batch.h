#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/researcher/batch_sentences.h"
#include "crypto/batch_salvage.h"

namespace fieldfare::researcher {

/// A damaged file, what was salvaged of it, and why it was refused as a whole. The same batch may have rotted
/// in several files, in other places of each.
struct DamagedFile {
    DamagedFile(std::string name, Reason reason, crypto::SalvagedBatch rest);

    std::string name;
    Reason reason;
    crypto::SalvagedBatch rest;
    struct Other {
        std::string name;
        Reason reason;
    };
    std::vector<Other> others;  ///< damaged files of the same batch that have given records to it
    /// The files of the batch in which a record holds, whichever has given it, by the record's sequence.
    std::map<std::uint64_t, std::vector<std::string>> holders;
};

/// Whether records were cut out of it and every other one holds. Of the padding it says nothing.
bool only_redacted(const crypto::SalvagedBatch& batch);

enum class Merged {
    apart,    ///< not of one batch, or branches of it: both stand
    useful,   ///< the other has given records, and is named in `others`
    useless,  ///< the other has given none: it is refused like any damaged file, or was redacted
};
/// Versions of one batch become one: `into` is the longer afterwards, with those of its lost records that the
/// shorter had, and `other` the shorter.
Merged merge(DamagedFile& into, DamagedFile& other);

/// Why a damaged file is refused of which records would hold, if something else were not against them.
Reason nothing_salvaged(const Reason& damage, const Reason& objection);

/// "3, 5 to 9 and 12": rising numbers for people.
std::string number_list(const std::vector<std::uint64_t>& numbers);

}  // namespace fieldfare::researcher
