#pragma once

#include <string>
#include <string_view>

#include "schema/readers/instance_file.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::schema {

/// Reads an ODK XForm (https://getodk.github.io/xforms-spec). Items stand in the order of the primary
/// instance; binds and body controls say the rest of them. Expressions are only copied; CompiledForm checks
/// them. Finds all faults in one run, those that JavaRosa refuses a form for: controls of nodes that are not
/// there, selects without choices, texts that are missing. In a finding, row is the line of the XML.
/// External instances are read from `attachments`; one that is not there is empty, with a warning, and so is
/// jr://instance/last-saved, without.
/// `file` is only named in the findings, and stands in for a form id that is missing.
Result<ReadForm> read_xform(std::string_view bytes, const std::string& file, const Attachments& attachments);

}  // namespace fieldfare::schema
