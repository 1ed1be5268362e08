#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "client/store/database.h"
#include "crypto/keyslots.h"

namespace fieldfare::test {

// What somebody sees of a vault who has its disk and its passphrase, beside the program: whether or not the
// program has it unlocked at the time.

crypto::MasterKey master_key_of(const std::filesystem::path& profile, std::string_view passphrase);

/// By the label that crypto/KEYS.md gives.
store::DatabaseKey database_key_of(const crypto::MasterKey& master);

/// What the device signs its batches with, of its first study.
std::string device_seed_of(const std::filesystem::path& profile, std::string_view passphrase);

/// Every page of the database in clear, with the newest of its log in it: those that are not in use as well.
std::string pages_of(const std::filesystem::path& profile, std::string_view passphrase);

}  // namespace fieldfare::test
