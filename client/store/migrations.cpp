// Numbered steps from one version of the tables to the next. A step is never edited once a vault may have
// gone through it: a change is a further step. tests/data/vaults holds one vault of each version. An
// unattended vault has no tables of drafts and a `pending` of its own (vault_kind.h): a step that changes
// those asks for the kind first.
#include "client/store/migrations.h"

#include <array>

#include "client/store/vault_kind.h"

namespace fieldfare::store {

namespace {

using Step = Result<void> (*)(Database&);

Result<void> run_all(Database& database, std::initializer_list<std::string_view> statements) {
    for (const auto sql : statements) {
        if (auto done = database.run(sql); !done) return done;
    }
    return {};
}

Result<void> to_1(Database& database) {
    return run_all(
        database,
        {
            "CREATE TABLE setting (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT",

            // The device's keys are made anew for each study, so that two studies can't tell that they share
            // it. sync: the study's part of sync.json, which is written from here.
            "CREATE TABLE study ("
            " id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),"
            " root BLOB NOT NULL CHECK (length(root) = 32),"
            " tag TEXT NOT NULL UNIQUE,"
            " device_key BLOB NOT NULL CHECK (length(device_key) = 32),"
            " device_seed BLOB NOT NULL CHECK (length(device_seed) = 32),"
            " receipt_key BLOB NOT NULL CHECK (length(receipt_key) = 32),"
            " sync TEXT NOT NULL) STRICT",

            // Every imported version stays: a draft goes on with the one that it began with.
            "CREATE TABLE package ("
            " study BLOB NOT NULL REFERENCES study (id),"
            " version INTEGER NOT NULL CHECK (version > 0),"
            " digest BLOB NOT NULL CHECK (length(digest) = 32),"
            " bytes BLOB NOT NULL,"
            " form_version TEXT NOT NULL,"
            " form_hash BLOB NOT NULL CHECK (length(form_hash) = 32),"
            " policy_digest BLOB NOT NULL CHECK (length(policy_digest) = 32),"
            " policy_version INTEGER NOT NULL,"
            " dictionary BLOB NOT NULL,"
            " PRIMARY KEY (study, version)) STRICT",

            "CREATE TABLE recipient ("
            " study BLOB NOT NULL,"
            " version INTEGER NOT NULL,"
            " key BLOB NOT NULL CHECK (length(key) = 32),"
            " PRIMARY KEY (study, version, key),"
            " FOREIGN KEY (study, version) REFERENCES package (study, version)) STRICT",

            "CREATE TABLE draft ("
            " id TEXT PRIMARY KEY NOT NULL,"
            " study BLOB NOT NULL,"
            " version INTEGER NOT NULL,"
            " started_day TEXT NOT NULL,"
            " changed_day TEXT NOT NULL,"
            " minutes INTEGER NOT NULL,"
            " language INTEGER NOT NULL,"
            " FOREIGN KEY (study, version) REFERENCES package (study, version)) STRICT",

            "CREATE TABLE entry ("
            " id INTEGER PRIMARY KEY,"
            " draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE,"
            " path TEXT NOT NULL,"
            " value TEXT NOT NULL,"
            " missing INTEGER,"
            " seen INTEGER NOT NULL CHECK (seen IN (0, 1)),"
            " UNIQUE (draft, path)) STRICT",

            // The list of drafts counts answers without reading them.
            "CREATE INDEX answered ON entry (draft) WHERE value <> '' OR missing IS NOT NULL",

            // One row a batch, as its file stands now. The one with the highest sequence is the study's head.
            "CREATE TABLE batch ("
            " study BLOB NOT NULL REFERENCES study (id),"
            " sequence INTEGER NOT NULL,"
            " records INTEGER NOT NULL,"
            " next_record INTEGER NOT NULL,"
            " batch_id BLOB NOT NULL CHECK (length(batch_id) = 32),"
            " last_leaf BLOB NOT NULL CHECK (length(last_leaf) = 32),"
            " file_hash TEXT NOT NULL CHECK (length(file_hash) = 64),"
            " PRIMARY KEY (study, sequence)) STRICT",

            // A file that is being written: what `batch` will say, and which draft will be gone, once a file
            // with this hash stands in the outbox. `draft` is NULL when a batch is only being finished.
            "CREATE TABLE pending ("
            " study BLOB PRIMARY KEY NOT NULL REFERENCES study (id),"
            " sequence INTEGER NOT NULL,"
            " records INTEGER NOT NULL,"
            " next_record INTEGER NOT NULL,"
            " batch_id BLOB NOT NULL CHECK (length(batch_id) = 32),"
            " last_leaf BLOB NOT NULL CHECK (length(last_leaf) = 32),"
            " file_hash TEXT NOT NULL CHECK (length(file_hash) = 64),"
            " draft TEXT REFERENCES draft (id)) STRICT",
        });
}

Result<void> to_2(Database& database) {
    // Of the recipients, how many must co-operate to open a batch; 0: none need to.
    return database.run("ALTER TABLE package ADD COLUMN opening_quorum INTEGER NOT NULL DEFAULT 0");
}

Result<void> to_3(Database& database) {
    return run_all(database, {
                                 // The vault's own count of days (own_days.h), and `clock`, the day since
                                 // 1970 when it looked last.
                                 "CREATE TABLE own_days ("
                                 " id INTEGER PRIMARY KEY CHECK (id = 0),"
                                 " counted INTEGER NOT NULL,"
                                 " clock INTEGER NOT NULL) STRICT",

                                 // The day of that count on which the vault had enough receipts for the
                                 // batch's file; NULL while it has not.
                                 "ALTER TABLE batch ADD COLUMN confirmed INTEGER",

                                 // Under which a version's batches are sealed besides; empty for none.
                                 "ALTER TABLE package ADD COLUMN pre_shared_key BLOB NOT NULL DEFAULT x''",
                             });
}

Result<void> to_4(Database& database) {
    return run_all(
        database,
        {
            // A photo, a recording, any file of a draft (attachments.h): `whole` once all of it is there,
            // `named` once an answer of the draft is its name. NULL for the draft: it is to be overwritten.
            // sealed_as: for which submission, withdrawal hash and package version all its parts are sealed;
            // hash: what that submission will say.
            "CREATE TABLE attachment ("
            " id INTEGER PRIMARY KEY,"
            " draft TEXT REFERENCES draft (id) ON DELETE SET NULL,"
            " name TEXT NOT NULL,"
            " size INTEGER NOT NULL,"
            " whole INTEGER NOT NULL CHECK (whole IN (0, 1)),"
            " named INTEGER NOT NULL CHECK (named IN (0, 1)),"
            " sealed_as BLOB,"
            " hash BLOB,"
            " UNIQUE (draft, name)) STRICT",

            "CREATE TABLE attachment_piece ("
            " attachment INTEGER NOT NULL REFERENCES attachment (id),"
            " number INTEGER NOT NULL,"
            " bytes BLOB NOT NULL,"
            " PRIMARY KEY (attachment, number)) STRICT",

            // Parts that are sealed while their interview still is a draft. A file of this hash may stand in
            // the outbox.
            "CREATE TABLE draft_part ("
            " file_hash TEXT PRIMARY KEY NOT NULL CHECK (length(file_hash) = 64),"
            " attachment INTEGER NOT NULL REFERENCES attachment (id),"
            " part INTEGER NOT NULL,"
            " media_id BLOB NOT NULL CHECK (length(media_id) = 32)) STRICT",
            "CREATE INDEX draft_part_of ON draft_part (attachment)",

            // Parts whose interview is sealed. Of which interview is not said. `confirmed` as in batch.
            "CREATE TABLE media_part ("
            " file_hash TEXT PRIMARY KEY NOT NULL CHECK (length(file_hash) = 64),"
            " study BLOB NOT NULL REFERENCES study (id),"
            " media_id BLOB NOT NULL CHECK (length(media_id) = 32),"
            " confirmed INTEGER) STRICT",

            // Of a batch's records, those that take an interview back instead of being one.
            "ALTER TABLE batch ADD COLUMN withdrawals INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE pending ADD COLUMN withdrawals INTEGER NOT NULL DEFAULT 0",
        });
}

Result<void> to_5(Database& database) {
    const auto kind = vault_kind(database);
    if (!kind) return tl::unexpected(kind.error());
    const auto done =
        run_all(database, {
                              // The name in outbox/open under which the file is written; empty: not known.
                              "ALTER TABLE pending ADD COLUMN open_name TEXT NOT NULL DEFAULT ''",

                              // Announced files that can't be read (Sealing): what `batch` will say of each
                              // once it is found to stand there. `draft`: the interview in it, which is not
                              // among `records`, while it waits to be sealed again.
                              "CREATE TABLE passed_over ("
                              " file_hash TEXT PRIMARY KEY NOT NULL CHECK (length(file_hash) = 64),"
                              " open_name TEXT NOT NULL,"
                              " study BLOB NOT NULL REFERENCES study (id),"
                              " sequence INTEGER NOT NULL,"
                              " records INTEGER NOT NULL,"
                              " batch_id BLOB NOT NULL CHECK (length(batch_id) = 32),"
                              " last_leaf BLOB NOT NULL CHECK (length(last_leaf) = 32),"
                              " withdrawals INTEGER NOT NULL,"
                              " draft TEXT) STRICT",

                              // Empty, see Database::overwrite_scratch().
                              "CREATE TABLE scratch (filler TEXT NOT NULL) STRICT",
                          });
    if (!done || *kind == VaultKind::unattended) return done;
    return run_all(database, {
                                 // Under which submission id and withdrawal hash it was announced to be
                                 // sealed; NULL: never.
                                 "ALTER TABLE draft ADD COLUMN sealed_as BLOB CHECK (length(sealed_as) = 48)",

                                 // The payload of the record that it was announced to be: it may be sealed
                                 // already, so it is sealed as this and as nothing else. NULL: it may change.
                                 "ALTER TABLE draft ADD COLUMN payload BLOB",
                             });
}

constexpr std::array<Step, newest_version> steps = {to_1, to_2, to_3, to_4, to_5};

}  // namespace

Result<void> migrate(Database& database) {
    const auto found = database.version();
    if (!found) return tl::unexpected(found.error());
    if (*found > newest_version) return tl::unexpected(Error::newer_program);
    if (*found < 0) return tl::unexpected(Error::database_damaged);
    for (auto version = *found; version < newest_version; ++version) {
        auto transaction = database.begin();
        if (!transaction) return tl::unexpected(transaction.error());
        if (auto done = steps[static_cast<std::size_t>(version)](database); !done) return done;
        if (auto set = database.set_version(version + 1); !set) return set;
        if (auto committed = transaction->commit(); !committed) return committed;
    }
    return {};
}

}  // namespace fieldfare::store
