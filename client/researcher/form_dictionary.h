#pragma once

#include "crypto/bytes.h"
#include "schema/form.h"

namespace fieldfare::researcher {

/// A compression dictionary for the records of this form, made from interviews that nobody gave
/// (synthetic_respondent.h), so that there is nothing of anyone's answers in it. Empty for a form that is too
/// small to learn from, or that can't be run. The same form gives the same bytes with the same zstd.
crypto::Bytes dictionary_for(const schema::Form& form);

}  // namespace fieldfare::researcher
