#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// The bytes of a file that comes with a form, by its name without folders ("cities.csv"); nothing when there
/// is no such file.
using Attachments = std::function<std::optional<std::string>(std::string_view file_name)>;

/// Files of one folder. Only names without a way elsewhere are looked for, only regular files are read.
Attachments attachments_in(std::filesystem::path folder);

/// "cities.csv" for "jr://file-csv/cities.csv": what Attachments are asked for.
std::string_view file_name_of_source(std::string_view source);

/// Reads an external secondary instance. What it is follows from `source`: CSV (".csv" or jr://file-csv/),
/// GeoJSON (".geojson") or else XML.
/// - CSV: RFC 4180 in UTF-8; the separator is the one of , ; tab | that the header has most of. Becomes
///   root/item/COLUMN. Blank rows are no items, missing cells are empty. Headers that are no XML names stay
///   as they are, though no path can name them.
/// - XML: as it is; text is trimmed, and left out where it stands beside elements.
/// - GeoJSON: a FeatureCollection becomes root/item with `geometry` ("latitude longitude 0 0", several joined
///   by "; ") and the properties; a feature's own id takes the place of the property `id`.
/// Refuses what is not well formed, over 64 MiB, 1,000,000 rows or 5,000,000 nodes, with the row (in XML the
/// line); the place's file is the name in `source`.
Result<SecondaryInstance> read_instance(std::string id, std::string source, std::string_view bytes);

}  // namespace fieldfare::schema
