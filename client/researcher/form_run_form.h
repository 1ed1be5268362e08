#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "client/researcher/exit_code.h"
#include "schema/compiled_form.h"

namespace fieldfare::researcher {

/// The files that a form names: external instances.
struct Files {
    std::filesystem::path folder;  ///< empty: the form's own
    std::map<std::string, std::string>
        inlined;  ///< by address, "jr://file-csv/cities.csv"; before the folder
};

/// Reads and compiles a form of any kind that `form run` takes; an XLSForm with its meta group
/// (form_meta.h), as ODK's tools run it. The failure's sentence is its first error,
/// with how many there are.
Result<std::shared_ptr<const schema::CompiledForm>> form_to_run(const std::filesystem::path& path,
                                                                const Files& files);

}  // namespace fieldfare::researcher
