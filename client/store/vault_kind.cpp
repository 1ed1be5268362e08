#include "client/store/vault_kind.h"

#include <string_view>

namespace fieldfare::store {

Result<VaultKind> vault_kind(Database& database) {
    Statement found = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'draft'");
    const auto row = found.step();
    if (!row) return tl::unexpected(row.error());
    return *row ? VaultKind::interviewer : VaultKind::unattended;
}

Result<void> make_unattended(Database& database) {
    constexpr std::string_view statements[] = {
        "DROP TABLE draft_part",
        "DROP TABLE attachment_piece",
        "DROP TABLE attachment",
        "DROP TABLE entry",
        // As in migrations.cpp, but for what `draft` is: the interview's own id, so that a second try after a
        // fault learns that the first has sealed it.
        "DROP TABLE pending",
        "CREATE TABLE pending ("
        " study BLOB PRIMARY KEY NOT NULL REFERENCES study (id),"
        " sequence INTEGER NOT NULL,"
        " records INTEGER NOT NULL,"
        " next_record INTEGER NOT NULL,"
        " batch_id BLOB NOT NULL CHECK (length(batch_id) = 32),"
        " last_leaf BLOB NOT NULL CHECK (length(last_leaf) = 32),"
        " file_hash TEXT NOT NULL CHECK (length(file_hash) = 64),"
        " draft TEXT,"
        " withdrawals INTEGER NOT NULL DEFAULT 0,"
        " open_name TEXT NOT NULL DEFAULT '') STRICT",
        "DROP TABLE draft",
    };
    for (const auto sql : statements) {
        if (auto done = database.run(sql); !done) return done;
    }
    return {};
}

}  // namespace fieldfare::store
