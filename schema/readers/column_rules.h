#pragma once

#include <optional>
#include <string_view>

#include "schema/readers/columns.h"

namespace fieldfare::schema::readers {

// What is known of the columns of each sheet. Names come in lower case with underscores for spaces.

/// The column that a name means: "relevant" for "relevance"; the name itself when it is no alias.
std::string_view column_behind(SheetKind kind, std::string_view name);

bool is_known_column(SheetKind kind, std::string_view key);

/// A known column that is spelt almost so; "" for none.
std::string_view nearest_column(SheetKind kind, std::string_view key);

/// For columns of XLSForm that ask for something that is not supported: why, and what to do.
std::optional<std::string_view> why_refused(SheetKind kind, std::string_view key);

/// For columns that change nothing that is asked or recorded here.
std::optional<std::string_view> why_ignored(SheetKind kind, std::string_view key);

}  // namespace fieldfare::schema::readers
