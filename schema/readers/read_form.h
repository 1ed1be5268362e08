#pragma once

#include <filesystem>

#include "schema/readers/instance_file.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::schema {

/// Reads a form of any kind: canonical JSON (.json), an XForm (.xml, or whatever begins as XML does), or else
/// an XLSForm. `attachments` are the files that an XForm names; without, they are looked for in the form's
/// folder and in the folder NAME-media beside NAME.xml, as ODK's tools keep them.
Result<ReadForm> read_form(const std::filesystem::path& path, const Attachments& attachments = {});

/// True for a file that read_form() takes for an XForm. Its findings have no sheets, and lines for rows.
bool is_xform(const std::filesystem::path& path);

}  // namespace fieldfare::schema
