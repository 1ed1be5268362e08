#pragma once

#include <filesystem>
#include <string>

#include "client/residue/finding.h"
#include "client/residue/variables.h"

namespace fieldfare::residue {

/// What others write down because this program runs.
struct Traces {
    bool nvidia_driver = false;  ///< NVIDIA's own: it has a shader cache of its own
    std::string recent_list;     ///< a desktop's list of recent files that names a study file; empty: none
    bool operator==(const Traces&) const = default;
};

/// A desktop's, of GTK and of GNOME: where it stands if there is one.
std::filesystem::path list_of_recent_files(const Variables& variables);

Traces read_traces(const std::filesystem::path& root, const Variables& variables);

Finding judge_shader_cache(const Traces& traces);
Finding judge_recent_files(const Traces& traces);

}  // namespace fieldfare::residue
