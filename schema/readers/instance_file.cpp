#include "schema/readers/instance_file.h"

#include <fstream>

#include "schema/readers/cell_text.h"
#include "schema/readers/instance_sources.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema {
namespace {

using namespace readers;

Result<InstanceNodes> nodes_of(std::string_view source, std::string_view bytes, const std::string& file) {
    const std::string name = lower(source);
    if (name.ends_with(".csv") || name.starts_with("jr://file-csv/") || name.ends_with(".geojson")) {
        Faults faults(file);
        InstanceNodes nodes;
        if (bytes.size() > limits::file_bytes)
            faults.error("", 0, "", "The file is larger than 64 MiB. Shorten it.");
        else if (!is_clean_utf8(bytes))
            faults.error("", 0, "", "The file is not UTF-8 text. Save it as UTF-8.");
        else
            nodes =
                name.ends_with(".geojson") ? nodes_of_geojson(bytes, faults) : nodes_of_csv(bytes, faults);
        if (faults.any_error()) return tl::unexpected(faults.take());
        return nodes;
    }
    const auto tree = XmlTree::parse(bytes, file, BlankTexts::left_out);
    if (!tree) return tl::unexpected(tree.error());
    return nodes_of_xml(tree->root());
}

}  // namespace

std::string_view file_name_of_source(std::string_view source) {
    return source.substr(source.rfind('/') + 1);
}

Attachments attachments_in(std::filesystem::path folder) {
    return [folder = std::move(folder)](std::string_view file_name) -> std::optional<std::string> {
        std::error_code error;
        if (file_name.empty() || file_name.find_first_of("/\\") != file_name.npos) return std::nullopt;
        const std::filesystem::path path = folder / file_name;
        if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
        std::ifstream in(path, std::ios::binary);
        // One byte more than allowed: the reader of the instance refuses it then.
        const auto size =
            std::min<std::uintmax_t>(std::filesystem::file_size(path, error), limits::file_bytes + 1);
        if (error || !in) return std::nullopt;
        std::string bytes(static_cast<std::size_t>(size), '\0');
        in.read(bytes.data(), static_cast<std::streamsize>(size));
        if (!in) return std::nullopt;
        return bytes;
    };
}

Result<SecondaryInstance> read_instance(std::string id, std::string source, std::string_view bytes) {
    auto nodes = nodes_of(source, bytes, std::string(file_name_of_source(source)));
    if (!nodes) return tl::unexpected(std::move(nodes.error()));
    return SecondaryInstance{std::move(id), std::move(source), std::move(*nodes)};
}

}  // namespace fieldfare::schema
