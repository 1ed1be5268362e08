#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "schema/submission.h"

namespace fieldfare::researcher {

/// What all simulated interviews of one run share.
struct Fieldwork {
    std::shared_ptr<const schema::CompiledForm> form;
    std::string study, wave;  ///< for x_fill rows
    std::string day;          ///< YYYY-MM-DD
};

/// One invented person fills in the real form through the real engine: in document order, skipping,
/// refusing, going back to change an answer, breaking off; ends with what the form app would seal. Texts are
/// chosen to break exports: Cyrillic, quotes, line breaks, formulas. The same seed and form give the same
/// submission, on every machine. Marginals are plausible, not those of any population. Media files are named
/// with their sizes, and with zeros for hashes, which are known when they are sealed; their bytes come from
/// synthetic_media with media_seed.
schema::Submission synthetic_submission(const Fieldwork& fieldwork, std::uint64_t seed);

std::uint64_t media_seed(std::uint64_t seed, std::string_view name);

}  // namespace fieldfare::researcher
