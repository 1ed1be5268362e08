#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sync/sync_config.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// "folder:" and the path, made absolute: what a study package and sync.json say of a folder store.
std::string folder_address(const std::filesystem::path& folder);

/// The folder of such an address; nothing for any other.
std::optional<std::filesystem::path> folder_of(std::string_view address);

/// Whether Transport::list() from a name on asks the store for less than all of its names: S3 gives pages.
/// The others give a folder as a whole, whatever is wanted of it.
bool lists_by_pages(std::string_view address);

/// The transport for a store, without touching it: a folder, a web server, a bucket of S3, or a server of
/// SFTP (sync/SYNC.md has their settings).
/// Fault::bad_name for an address or a setting that this version does not speak: nothing is guessed and no
/// setting is passed over; of an address that may hold a password the error has the beginning only.
/// `persons_proxy` ("socks5h://host:port"; empty: the study's, if it has one) is the
/// way that this person goes to stores of the network, whatever the study says; folders don't need it. For
/// them `mounts` is FolderStoreOptions::mounts.
TransportResult<std::unique_ptr<Transport>> open_store(const Store& store,
                                                       std::string_view persons_proxy = {},
                                                       unsigned mounts = 0);

}  // namespace fieldfare::sync
