#include "schema/readers/zip_archive.h"

#include <zip.h>

#include "schema/readers/cell_text.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {
namespace {

// A workbook has a dozen parts, with pictures a few hundred.
constexpr zip_int64_t most_parts = 10'000;

struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

void ZipArchive::Close::operator()(void* archive) const {
    zip_discard(static_cast<zip_t*>(archive));
}

tl::expected<ZipArchive, std::string> ZipArchive::open(const std::filesystem::path& path) {
    int code = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, &code);
    if (!zip)
        return tl::unexpected<std::string>("The file is damaged or no .xlsx file. Save it as .xlsx again.");
    ZipArchive archive(zip);
    if (zip_get_num_entries(zip, 0) > most_parts)
        return tl::unexpected<std::string>("The file holds more than 10,000 parts, which no form needs.");
    return archive;
}

bool ZipArchive::has(const std::string& name) const {
    return zip_name_locate(static_cast<zip_t*>(archive_.get()), name.c_str(), ZIP_FL_NOCASE) >= 0;
}

tl::expected<std::string, std::string> ZipArchive::read(const std::string& name) {
    zip_t* zip = static_cast<zip_t*>(archive_.get());
    const auto refuse = [&](const char* what) {
        return tl::unexpected<std::string>("The part " + shown(name) + " of the file " + what +
                                           " Save the form as .xlsx again.");
    };
    const zip_int64_t index = zip_name_locate(zip, name.c_str(), ZIP_FL_NOCASE);
    if (index < 0) return refuse("is missing.");
    zip_stat_t stat;
    if (zip_stat_index(zip, static_cast<zip_uint64_t>(index), 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
        return refuse("is damaged.");
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE)
        return refuse("is protected by a password.");
    if ((stat.valid & ZIP_STAT_COMP_METHOD) && stat.comp_method != ZIP_CM_STORE &&
        stat.comp_method != ZIP_CM_DEFLATE)
        return refuse("is packed in a way that .xlsx does not use.");
    if (stat.size > limits::unpacked_bytes - unpacked_)
        return tl::unexpected<std::string>(
            "The file unpacks to more than 256 MiB, which no form needs. Remove empty rows and columns that "
            "carry "
            "only formatting.");
    std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(zip, static_cast<zip_uint64_t>(index), 0));
    if (!file) return refuse("is damaged.");
    std::string bytes(static_cast<std::size_t>(stat.size), '\0');
    std::size_t got = 0;
    while (got < bytes.size()) {
        const zip_int64_t count = zip_fread(file.get(), bytes.data() + got, bytes.size() - got);
        if (count <= 0) return refuse("is damaged.");
        got += static_cast<std::size_t>(count);
    }
    // One more read: libzip checks the checksum at the end, and a part longer than it says shows here.
    char more = 0;
    if (zip_fread(file.get(), &more, 1) != 0) return refuse("is damaged.");
    unpacked_ += bytes.size();
    return bytes;
}

}  // namespace fieldfare::schema::readers
