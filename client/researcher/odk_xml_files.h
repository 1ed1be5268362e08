#pragma once

#include <filesystem>
#include <vector>

#include "client/researcher/output_file.h"
#include "schema/form.h"

namespace fieldfare::researcher {

/// Writes each submission of a survey.jsonl as the instance XML that ODK's tools read (submission_xml.h),
/// into a file of its own, "<id>.xml". Returns them in the order of the lines. A failure (a full disk, a name
/// that is taken with Overwrite::no) leaves none of them behind, unless they replaced others.
Result<std::vector<std::filesystem::path>> write_odk_xml(const std::filesystem::path& jsonl,
                                                         const schema::Form& form,
                                                         const std::filesystem::path& folder,
                                                         Overwrite overwrite);

/// Removes them, as far as they are there.
void remove_files(const std::vector<std::filesystem::path>& files);

}  // namespace fieldfare::researcher
