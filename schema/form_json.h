#pragma once

#include <string>
#include <string_view>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// The canonical JSON of a form: UTF-8, keys sorted, no white space, defaults left out. Equal forms give
/// equal bytes; these bytes are what a study package signs and what a form hash covers.
std::string to_json(const Form& form);

/// Reads what to_json wrote, and nothing else: unknown keys, wrong types, duplicate keys, nesting deeper
/// than 512, more than 64 MiB and bytes that to_json would not have written are refused.
Result<Form> form_from_json(std::string_view bytes);

}  // namespace fieldfare::schema
