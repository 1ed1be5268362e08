#include "sync/open_store.h"

#include "sync/folder_store.h"
#include "sync/http_store.h"
#include "sync/s3_store.h"
#include "sync/sftp_store.h"

namespace fieldfare::sync {

namespace {

constexpr std::string_view folder_scheme = "folder:";

tl::unexpected<TransportError> refuse(std::string address, std::string detail) {
    return tl::unexpected(
        TransportError{Fault::bad_name, std::move(address), std::move(detail), std::nullopt});
}

bool names_the_network(std::string_view address) {
    return looks_like_http(address) || looks_like_s3(address) || looks_like_sftp(address);
}

// An address that is no good may hold a password just for that: then only its beginning is shown, also where
// its slashes were forgotten.
std::string without_credentials(const std::string& address) {
    if (const auto scheme = address.find("://"); scheme != std::string::npos)
        return address.substr(0, scheme) + "://…";
    if (!names_the_network(address) && address.find('@') == std::string::npos) return address;
    return address.substr(0, address.find_first_of(":+/@") + 1) + "…";
}

TransportResult<std::unique_ptr<Transport>> open_http(const Store& store, std::string_view persons_proxy) {
    auto address = parse_http_address(store.address);
    if (!address) return refuse(without_credentials(store.address), address.error());
    if (address->text() != store.address) return refuse(address->text(), "it is not written so");
    auto settings = parse_http_settings(*address, store.settings, persons_proxy);
    if (!settings) return refuse(address->text(), settings.error());
    return std::make_unique<HttpStore>(std::move(*address), std::move(*settings));
}

TransportResult<std::unique_ptr<Transport>> open_s3(const Store& store, std::string_view persons_proxy) {
    auto address = parse_s3_address(store.address);
    if (!address) return refuse(without_credentials(store.address), address.error());
    if (address->text() != store.address) return refuse(address->text(), "it is not written so");
    auto settings = parse_s3_settings(*address, store.settings, persons_proxy);
    if (!settings) return refuse(address->text(), settings.error());
    return std::make_unique<S3Store>(std::move(*address), std::move(*settings));
}

TransportResult<std::unique_ptr<Transport>> open_sftp(const Store& store, std::string_view persons_proxy) {
    auto address = parse_sftp_address(store.address);
    if (!address) return refuse(without_credentials(store.address), address.error());
    if (address->text() != store.address) return refuse(address->text(), "it is not written so");
    auto settings = parse_sftp_settings(*address, store.settings, persons_proxy);
    if (!settings) return refuse(address->text(), settings.error());
    return std::make_unique<SftpStore>(std::move(*address), std::move(*settings));
}

}  // namespace

std::string folder_address(const std::filesystem::path& folder) {
    return std::string(folder_scheme) + std::filesystem::absolute(folder).lexically_normal().string();
}

std::optional<std::filesystem::path> folder_of(std::string_view address) {
    if (!address.starts_with(folder_scheme)) return std::nullopt;
    return std::filesystem::path(address.substr(folder_scheme.size()));
}

bool lists_by_pages(std::string_view address) {
    return looks_like_s3(address);
}

TransportResult<std::unique_ptr<Transport>> open_store(const Store& store, std::string_view persons_proxy,
                                                       unsigned mounts) {
    if (looks_like_http(store.address)) return open_http(store, persons_proxy);
    if (looks_like_s3(store.address)) return open_s3(store, persons_proxy);
    if (looks_like_sftp(store.address)) return open_sftp(store, persons_proxy);
    const auto path = folder_of(store.address);
    if (!path)
        return refuse(without_credentials(store.address),
                      "its address is of no kind that is known: folder:, https://, s3+https:// or sftp://");
    if (!path->is_absolute()) return refuse(store.address, "the path of a folder must begin with /");
    if (!store.settings.empty()) return refuse(store.address, "a folder takes no settings");
    return std::make_unique<FolderStore>(*path, FolderStoreOptions{.mounts = mounts});
}

}  // namespace fieldfare::sync
