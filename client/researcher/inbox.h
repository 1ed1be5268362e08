#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// The researcher's folder of sealed batches, as fetched: the archive. Files lie flat in it under the names
/// that stores have ("20261123-<sha256>.batch"); other names ending in .batch are read as well. Beside them
/// "receipts/" (receipt_box.h), "withdrawn" (withdrawals.h) and "sweeps" (sweeps.h). Only "sweeps" and the
/// numbers of receipts are ever replaced or may be deleted; nothing else is changed by this program but by
/// "archive redact".

/// Names of the regular files ending in ".batch", ascending; links are not followed, and what "store doctor"
/// has put into a store (sync/probe_name.h) is passed over.
Result<std::vector<std::string>> sealed_files(const std::filesystem::path& inbox);

/// What is called as a sealed file and is none to be read: a folder, a link, a pipe. By name.
struct NoFile {
    std::string name;
    std::string what;  ///< "a folder"
};
Result<std::vector<NoFile>> no_files(const std::filesystem::path& inbox);

/// Those of the sealed files that say they are parts of media files, and all others: batches of answers, or
/// whatever lies there. Anyone can say so; reading tells.
Result<std::vector<std::string>> media_files(const std::filesystem::path& inbox);
Result<std::vector<std::string>> batch_files(const std::filesystem::path& inbox);

/// The SHA-256 that a store's name promises, hex; empty for other names.
std::string promised_hash(const std::string& file_name);

}  // namespace fieldfare::researcher
