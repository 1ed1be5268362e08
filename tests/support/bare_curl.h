#pragma once

// What libcurl alone needs for the same requests: the yardstick for our stores.

#include <string>
#include <vector>

#include "tests/support/web_drop.h"

namespace fieldfare::test {

/// Puts each body under its name with If-None-Match, on one connection that is kept; seconds.
double bare_puts(const WebDrop& drop, const std::string& place,
                 const std::vector<std::pair<std::string, std::string_view>>& files);

enum class Keep { nothing, files };
/// Gets all of them on so many connections, a thread each; into a folder, or to throw away. Seconds.
double bare_gets(const WebDrop& drop, const std::string& place, const std::vector<std::string>& names,
                 unsigned connections, Keep keep, const fs::path& folder = {});

}  // namespace fieldfare::test
