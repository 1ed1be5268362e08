#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/columns.h"

namespace fieldfare::schema::readers {

// What XLSForm's columns are called, by sheet. Names stand in lower case with underscores for spaces; the
// aliases are those of pyxform.

/// The way that a header's first name leads to: "relevance" to {bind, relevant}, "caption" to {label}. The
/// name itself where there is no alias.
std::vector<std::string> column_behind(SheetKind kind, std::string_view name);

/// Key of the known column at the end of that way: {bind, relevant} is "relevant", {media, image, …} is
/// "media::image". How many names of the way it takes comes with it.
struct KnownColumn {
    std::string_view key;
    std::size_t names = 0;
};
std::optional<KnownColumn> known_column(SheetKind kind, const std::vector<std::string>& way);

/// True for texts, which may have a language behind the column's name.
bool is_translated(std::string_view key);

/// The known column that was probably meant, "" when none is near.
std::string_view nearest_column(SheetKind kind, std::string_view key);

/// Why a column is not read; nothing for one that is read or that is not known at all.
std::optional<std::string_view> why_ignored(SheetKind kind, std::string_view key);

/// True for columns of settings that only ODK's tools read, kept with the form.
bool is_kept_setting(std::string_view key);

}  // namespace fieldfare::schema::readers
