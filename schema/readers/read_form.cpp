#include "schema/readers/read_form.h"

#include <fstream>

#include "schema/form_json.h"
#include "schema/readers/cell_text.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xform.h"

namespace fieldfare::schema {
namespace {

using namespace readers;

tl::unexpected<Findings> refuse(const std::filesystem::path& path, std::string message) {
    return tl::unexpected(Findings{{Problem{{file_name_of(path), "", 0, ""}, std::move(message)}}, {}});
}

Result<std::string> bytes_of(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return refuse(path, "The file can't be read.");
    if (size > limits::file_bytes) return refuse(path, "The file is larger than 64 MiB. Shorten it.");
    std::ifstream in(path, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in) return refuse(path, "The file can't be read.");
    return bytes;
}

Attachments beside(const std::filesystem::path& path) {
    const Attachments media = attachments_in(path.parent_path() / (path.stem().string() + "-media"));
    const Attachments folder = attachments_in(path.parent_path());
    return [media, folder](std::string_view name) {
        auto bytes = media(name);
        return bytes ? bytes : folder(name);
    };
}

}  // namespace

bool is_xform(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return false;
    if (lower(path.extension().string()) == ".xml") return true;
    std::string head(64, '\0');
    std::ifstream in(path, std::ios::binary);
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    return trimmed(head).starts_with('<');
}

Result<ReadForm> read_form(const std::filesystem::path& path, const Attachments& attachments) {
    if (is_xform(path)) {
        const auto bytes = bytes_of(path);
        if (!bytes) return tl::unexpected(bytes.error());
        return read_xform(*bytes, file_name_of(path), attachments ? attachments : beside(path));
    }
    if (lower(path.extension().string()) == ".json") {
        auto bytes = bytes_of(path);
        if (!bytes) return tl::unexpected(bytes.error());
        if (bytes->ends_with('\n')) bytes->pop_back();  // "form json" ends its line
        auto form = form_from_json(*bytes);
        if (!form) return tl::unexpected(std::move(form.error()));
        ReadForm read;
        read.form = std::move(*form);
        return read;
    }
    return read_xlsform(path);
}

}  // namespace fieldfare::schema
