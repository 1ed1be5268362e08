#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/transport.h"

namespace fieldfare::sync {

/// Reads what servers write of the files of a folder, a line each as `ls -l` has it ("-rw-r--r--    1 drop
/// users    20480 Nov 29 03:35 name"): draft-ietf-secsh-filexfer-02, 7, recommends that form, and every
/// server is free to write another. Believed of a line is its last word, when `prefix` and it are an object
/// name, and that it is no file where its mode begins as that of a folder, link, pipe, socket or device. A
/// line may be the name alone. A size that does not stand in the fifth place is not told. Names ascend, each
/// once. For lists that list_bounds.h lets pass.
std::vector<ListedFile> parse_sftp_listing(std::string_view lines, std::string_view prefix);

}  // namespace fieldfare::sync
