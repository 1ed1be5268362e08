#pragma once

#include "client/store/database.h"
#include "client/store/study_record.h"

namespace fieldfare::store {

/// By the tables that are there: an unattended vault is one without those of drafts. A vault without a study
/// is an interviewer's until the first one is taken in.
Result<VaultKind> vault_kind(Database& database);

/// Within the transaction that takes in the first study: the tables of drafts and of their files go, so that
/// nothing of an open interview has a place to stand.
Result<void> make_unattended(Database& database);

}  // namespace fieldfare::store
