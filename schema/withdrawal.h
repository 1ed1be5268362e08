#pragma once

#include "schema/form.h"

namespace fieldfare::schema {

/// Whether the form gives each respondent a code with which they can take the interview back (settings,
/// x_withdrawal): its submissions carry Submission::withdrawal.
bool offers_withdrawal(const Form& form);

}  // namespace fieldfare::schema
