#pragma once

#include "client/store/database.h"

namespace fieldfare::store {

/// The version of the tables that this program writes.
inline constexpr std::int64_t newest_version = 5;

/// Brings the tables to newest_version, one step a transaction. newer_program: the file has a later version;
/// nothing is changed.
Result<void> migrate(Database& database);

}  // namespace fieldfare::store
