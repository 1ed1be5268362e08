#include "sync/open_store.h"

#include "sync/folder_store.h"

namespace fieldfare::sync {

namespace {

constexpr std::string_view folder_scheme = "folder:";

tl::unexpected<TransportError> refuse(const Store& store, std::string detail) {
    return tl::unexpected(TransportError{Fault::bad_name, store.address, std::move(detail), std::nullopt});
}

}  // namespace

std::string folder_address(const std::filesystem::path& folder) {
    return std::string(folder_scheme) + std::filesystem::absolute(folder).lexically_normal().string();
}

TransportResult<std::unique_ptr<Transport>> open_store(const Store& store) {
    if (!store.address.starts_with(folder_scheme)) return refuse(store, "only folders, so far");
    const std::filesystem::path path = store.address.substr(folder_scheme.size());
    if (!path.is_absolute()) return refuse(store, "the path of a folder must begin with /");
    if (!store.settings.empty()) return refuse(store, "a folder takes no settings");
    return std::make_unique<FolderStore>(path);
}

}  // namespace fieldfare::sync
