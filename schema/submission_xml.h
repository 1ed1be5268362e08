#pragma once

#include <string>
#include <string_view>

#include "schema/interview.h"
#include "schema/submission.h"

namespace fieldfare::schema {

// Instance XML (https://getodk.github.io/xforms-spec/#primary-instance): what ODK's tools read as a
// submission. Nodes stand in the form's order under its root, with the attributes that the form gives them;
// the namespaces of the prefixes in use are declared at the root. What is not relevant is left out, an empty
// value is an empty element. Texts are in Unicode's composed form (NFC), as ODK Web Forms writes them.

/// Of a running interview, as it stands. A form without an instance id of its own gets none.
std::string instance_xml(const Interview& interview);

/// Of a finalised submission: with "uuid:" and its id as meta/instanceID, in the form's own node for it or in
/// orx:meta. What a respondent did not say and why (Missing) has no place in this format: those elements are
/// empty; what was not asked is left out as not relevant. `name` is its instanceName where the form has no
/// row for it (instance_names.h), "" for none.
std::string instance_xml(const Submission& submission, const Form& form, std::string_view name = {});

}  // namespace fieldfare::schema
