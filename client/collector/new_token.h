#pragma once

#include <filesystem>

namespace fieldfare::collector {

/// Makes a token file and says so on standard output. 0, or 1 after a sentence on stderr: no file is
/// replaced. First gives up all but the folder in which it is to stand (confine_alone), for good: this
/// thread, before there is another.
int new_token(const std::filesystem::path& file);

}  // namespace fieldfare::collector
