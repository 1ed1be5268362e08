#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/transport.h"

namespace fieldfare::sync {

/// The body of a PROPFIND that asks for what a listing needs: which are folders, and how long the files are.
std::string_view propfind_body();

/// Files directly in the folder `prefix` ("<study tag>/"), names ascending by byte, from the body of a 207
/// answer. `base` is the path of the store's address, percent-encoded. The store is not trusted: of its
/// entries only those count whose address is `base`, `prefix` and a name that is_object_name() has; the rest
/// (folders, what lies elsewhere, other files) is left out. Nothing where it is no such answer at all, or
/// more crowded than one (list_bounds.h).
std::optional<std::vector<ListedFile>> parse_dav_listing(std::string_view xml, std::string_view base,
                                                         std::string_view prefix);

}  // namespace fieldfare::sync
