#include "client/collector/package_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "client/collector/messages.h"
#include "schema/compiled_form.h"
#include "schema/media_file.h"

namespace fieldfare::collector {
namespace {

constexpr std::uintmax_t largest_package = 256ULL * 1024 * 1024;

app::Message say(std::string key) {
    return {std::move(key), {}};
}

tl::expected<crypto::Bytes, app::Message> read_file(const std::filesystem::path& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    if (failed) {
        return tl::unexpected(
            say(std::filesystem::exists(path, failed) ? "package.unreadable" : "package.no_file"));
    }
    if (size > largest_package) return tl::unexpected(message_of(study::PackageError::too_large));
    std::ifstream file(path, std::ios::binary);
    crypto::Bytes bytes(size);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!file || file.gcount() != static_cast<std::streamsize>(size))
        return tl::unexpected(say("package.unreadable"));
    return bytes;
}

/// "~/x" as a person may type it.
std::filesystem::path typed_path(const std::string& typed) {
    if (typed.starts_with("~/")) {
        if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / typed.substr(2);
    }
    return std::filesystem::path(std::u8string(typed.begin(), typed.end()));
}

}  // namespace

tl::expected<ReadStudy, app::Message> open_package(const std::string& typed) {
    auto bytes = read_file(typed_path(typed));
    if (!bytes) return tl::unexpected(bytes.error());
    auto package = study::StudyPackage::open(*bytes);
    if (!package) return tl::unexpected(message_of(package.error()));
    return ReadStudy{std::move(*package), std::move(*bytes)};
}

tl::expected<void, app::Message> check_usable(const study::StudyPackage& package,
                                              std::chrono::sys_days today) {
    // Choosing a file shows the folders of the machine, which on an unattended one are anybody's.
    if (package.policy().mode == study::Mode::kiosk && schema::first_media_question(package.form()))
        return tl::unexpected(say("package.kiosk_files"));
    if (package.expired(today)) return tl::unexpected(say("package.expired"));
    // A package that can't be filled in helps nobody.
    if (!schema::CompiledForm::compile(std::make_shared<const schema::Form>(package.form()))) {
        return tl::unexpected(message_of(study::PackageError::malformed_form));
    }
    return {};
}

tl::expected<ReadStudy, app::Message> read_package(const std::string& typed, std::chrono::sys_days today) {
    auto read = open_package(typed);
    if (!read) return read;
    if (auto usable = check_usable(read->package, today); !usable) return tl::unexpected(usable.error());
    return read;
}

tl::expected<study::Update, app::Message> check_follows(const study::StudyPackage& current,
                                                        const study::StudyPackage& offered) {
    const auto update = study::check_update(current, offered);
    if (update && current.policy().mode != offered.policy().mode) {
        return tl::unexpected(message_of(offered.policy().mode == study::Mode::kiosk
                                             ? store::Error::interviewer_vault
                                             : store::Error::unattended_vault));
    }
    if (update) return *update;
    const bool same_study = current.policy().study_id == offered.policy().study_id;
    if (update.error() == study::PackageError::other_study && same_study) {
        return tl::unexpected(message_of(study::PackageError::other_root));
    }
    return tl::unexpected(message_of(update.error()));
}

}  // namespace fieldfare::collector
