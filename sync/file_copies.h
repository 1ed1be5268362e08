#pragma once

#include <cstddef>
#include <vector>

#include "sync/outbox.h"
#include "sync/sync_config.h"

namespace fieldfare::sync {

/// In how many stores: what has two names in one store has one copy there.
std::size_t copies_in(const std::vector<HandOver>& handed_over);

/// Whether as many of its study's stores as the study asks for have said that they have the file, and have
/// not shown since that they have not. What other stores have said counts for nothing; where the study is
/// none of `config`, any store's word counts.
bool is_handed_over(const SealedFile& file, const SyncConfig& config);

}  // namespace fieldfare::sync
