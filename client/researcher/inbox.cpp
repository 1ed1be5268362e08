#include "client/researcher/inbox.h"

#include <algorithm>
#include <array>
#include <map>

#include "client/researcher/output_file.h"
#include "client/researcher/sealed_file.h"
#include "crypto/media.h"
#include "sync/object_name.h"
#include "sync/probe_name.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

bool says_media(const fs::path& path) {
    const auto file = SealedFile::open(path);
    std::array<std::uint8_t, crypto::bytes_that_say_media> first{};
    return file && file->source().size >= first.size() && file->source().read(0, first) &&
           crypto::says_media(first);
}

/// What is called as a sealed file is, by name.
Result<std::map<std::string, fs::file_type>> called_batches(const fs::path& inbox) {
    std::error_code error;
    if (!fs::is_directory(inbox, error))
        return could_not("There is no folder " + shown(inbox) +
                         "; \"fetch\" makes it, or give the folder that has the batches.");
    std::map<std::string, fs::file_type> found;
    for (fs::directory_iterator entry(inbox, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const std::string name = entry->path().filename().string();
        if (entry->path().extension() == ".batch" && !sync::is_probe_name(name))
            found.emplace(name, entry->symlink_status(ignored).type());
    }
    if (error) return could_not("The folder " + shown(inbox) + " can't be read: " + error.message() + ".");
    return found;
}

std::string word_for(fs::file_type type) {
    switch (type) {
        case fs::file_type::directory:
            return "a folder";
        case fs::file_type::symlink:
            return "a link";
        case fs::file_type::fifo:
            return "a pipe";
        default:
            return "something else";
    }
}

enum class Kind { answers, media };
Result<std::vector<std::string>> files_of(const fs::path& inbox, Kind kind) {
    auto names = sealed_files(inbox);
    if (names)
        std::erase_if(*names, [&](const std::string& name) {
            return says_media(inbox / name) != (kind == Kind::media);
        });
    return names;
}

}  // namespace

Result<std::vector<std::string>> media_files(const fs::path& inbox) {
    return files_of(inbox, Kind::media);
}

Result<std::vector<std::string>> batch_files(const fs::path& inbox) {
    return files_of(inbox, Kind::answers);
}

Result<std::vector<std::string>> sealed_files(const fs::path& inbox) {
    const auto entries = called_batches(inbox);
    if (!entries) return tl::unexpected(entries.error());
    std::vector<std::string> names;
    for (const auto& [name, type] : *entries)
        if (type == fs::file_type::regular) names.push_back(name);
    return names;
}

Result<std::vector<NoFile>> no_files(const fs::path& inbox) {
    const auto entries = called_batches(inbox);
    if (!entries) return tl::unexpected(entries.error());
    std::vector<NoFile> found;
    for (const auto& [name, type] : *entries)
        if (type != fs::file_type::regular) found.push_back({name, word_for(type)});
    return found;
}

std::string promised_hash(const std::string& file_name) {
    const auto name = sync::parse_batch_name("00000000/" + file_name);
    return name ? name->hash : std::string();
}

}  // namespace fieldfare::researcher
