#pragma once

#include <string>
#include <vector>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// A form as an XForm, with what of it ODK's tools will not do.
struct WrittenXForm {
    std::string xml;  ///< UTF-8, indented; the same form gives the same bytes
    std::vector<Problem> warnings;
};

/// Writes a form as XForm XML (https://getodk.github.io/xforms-spec) for Collect, Enketo, Web Forms and ODK
/// Validate, laid out as pyxform lays it out. ${name} becomes a path: relative inside the innermost repeat
/// that both rows share, absolute elsewhere. What is Fieldfare's own (x_ columns, exclusive and pinned
/// choices) is left out with a warning each. Errors: a ${name} that no row or several rows have, and names
/// that XML does not have; expressions are not otherwise checked.
Result<WrittenXForm> to_xform(const Form& form);

}  // namespace fieldfare::schema
