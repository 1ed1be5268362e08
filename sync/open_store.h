#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sync/sync_config.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// "folder:" and the path, made absolute: what a study package and sync.json say of a folder store.
std::string folder_address(const std::filesystem::path& folder);

/// The transport for a store, without touching it. Fault::bad_name for an address or a setting that this
/// version does not speak: nothing is guessed and no setting is passed over.
TransportResult<std::unique_ptr<Transport>> open_store(const Store& store);

}  // namespace fieldfare::sync
