#pragma once

#include <optional>
#include <string_view>

namespace fieldfare::schema {

/// Why a question has no value: a state beside the value, never a number inside expressions, where such a
/// question is simply empty. The numbers are those of exports (one contiguous range, so that the missing
/// range of an SPSS file can hold them all).
enum class Missing : int {
    refused = -99,         ///< said by the respondent
    dont_know = -98,       ///< said by the respondent
    not_applicable = -97,  ///< said by the respondent
    not_asked = -96,       ///< filtered out by the form's logic
    skipped = -95,         ///< seen and left empty
    not_reached = -94,     ///< the interview ended before it
    by_design = -93,       ///< the random arm did not ask it
    corrected = -92,       ///< removed by a logged correction (researcher)
    suppressed = -91,      ///< removed for disclosure control (researcher)
};

/// The state for a code of an export or a choice list; nothing for any other number.
std::optional<Missing> missing_from_code(int code);

/// "refused", "dont_know", …: the word used in JSON for people and in the codebook.
std::string_view name_of(Missing missing);

}  // namespace fieldfare::schema
