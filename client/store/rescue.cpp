#include "client/store/rescue.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "client/store/migrations.h"
#include "client/store/studies.h"

namespace fieldfare::store {

namespace {

// Whoever is named before whoever names them; see migrations.cpp.
constexpr std::string_view recipients = "recipient", entries = "entry";
constexpr std::array<std::string_view, 13> tables{
    "setting", "study",    "package",    recipients,         "draft",      entries,     "batch",
    "pending", "own_days", "attachment", "attachment_piece", "draft_part", "media_part"};

// Rows of a gap are tried one by one, and a vault has no table with more.
constexpr std::int64_t longest_gap = 1'000'000;

/// Of a statement that reads the damaged database. `internal`: SQLCipher calls some of the pages that do not
/// verify a logic error.
bool is_damage(Error error) {
    return error == Error::database_damaged || error == Error::disk_failed || error == Error::internal;
}

/// Names of the columns that both have: a damaged database may be of an earlier version.
Result<std::vector<std::string>> columns_of(Database& database, std::string_view table) {
    std::vector<std::string> names;
    Statement asked = database.prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid");
    asked.bind(1, table);
    for (;;) {
        const auto row = asked.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return names;
        names.emplace_back(asked.text(0));
    }
}

/// One table, row by row: from the front until a page can't be read, from the back the same, and each number
/// in between on its own.
class TableCopy {
  public:
    TableCopy(Database& from, Database& to, std::string_view table, const std::vector<std::string>& columns)
        : from_(from), to_(to), count_(static_cast<int>(columns.size())) {
        std::string names, places;
        for (const std::string& column : columns) {
            names += (names.empty() ? "" : ", ") + column;
            places += places.empty() ? "?" : ", ?";
        }
        select_ = "SELECT rowid, " + names + " FROM " + std::string(table) + " WHERE rowid ";
        insert_ = "INSERT OR IGNORE INTO " + std::string(table) + " (" + names + ") VALUES (" + places + ")";
    }

    /// Whether every row came over.
    Result<bool> run() {
        std::int64_t front = std::numeric_limits<std::int64_t>::min();
        std::int64_t back = std::numeric_limits<std::int64_t>::max();
        const auto forward = scan("> ? ORDER BY rowid", front, front);
        if (!forward || *forward) return forward;
        if (const auto backward = scan("> ? ORDER BY rowid DESC", front, back); !backward) return backward;
        if (back == std::numeric_limits<std::int64_t>::max() || back - front > longest_gap) return false;
        for (std::int64_t number = std::max<std::int64_t>(front, 0) + 1; number < back; ++number) {
            std::int64_t ignored = 0;
            if (const auto one = scan("= ?", number, ignored); !one) return one;
        }
        return false;
    }

  private:
    /// Copies the rows of one statement; `last` is the number of the last. False: it came to damage.
    Result<bool> scan(std::string_view where, std::int64_t bound, std::int64_t& last) {
        Statement rows = from_.prepare(select_ + std::string(where));
        rows.bind(1, bound);
        for (;;) {
            const auto row = rows.step();
            if (!row && is_damage(row.error())) return false;
            if (!row) return tl::unexpected(row.error());
            if (!*row) return true;
            Statement put = to_.prepare(insert_);
            for (int column = 1; column <= count_; ++column) put.bind_column(column, rows, column);
            if (const auto done = put.step(); !done) return tl::unexpected(done.error());
            last = rows.integer(0);
        }
    }

    Database& from_;
    Database& to_;
    int count_;
    std::string select_, insert_;
};

/// A draft of which answers were read and its own row was not. Where the vault has one study, as the form app
/// makes it, there is no doubt which it is of.
Result<bool> restore_drafts(Database& database, std::string_view today) {
    if (auto done = database.run(
            "INSERT INTO draft (id, study, version, started_day, changed_day, minutes, language)"
            " SELECT DISTINCT entry.draft, package.study, package.version, ?1, ?1, 0, 0 FROM entry, package"
            " WHERE entry.draft NOT IN (SELECT id FROM draft) AND (SELECT count(*) FROM study) = 1"
            " AND package.version = (SELECT max(version) FROM package)",
            today);
        !done) {
        return tl::unexpected(done.error());
    }
    return database.changed() != 0;
}

/// Whether an interview is there and the study file with which it began is not.
Result<bool> lacks_study(Database& database) {
    Statement found = database.prepare(
        "SELECT 1 FROM draft WHERE NOT EXISTS (SELECT 1 FROM package JOIN study ON study.id = package.study"
        " WHERE package.study = draft.study AND package.version = draft.version)"
        " UNION ALL SELECT 1 FROM entry WHERE draft NOT IN (SELECT id FROM draft)"
        " AND NOT EXISTS (SELECT 1 FROM package)");
    return found.step();
}

/// Rows that name a row which did not come over. Answers how many there were.
Result<std::size_t> remove_orphans(Database& database) {
    std::size_t removed = 0;
    for (;;) {
        std::vector<std::pair<std::string, std::int64_t>> orphans;
        {
            Statement found =
                database.prepare("SELECT DISTINCT \"table\", rowid FROM pragma_foreign_key_check");
            for (;;) {
                const auto row = found.step();
                if (!row) return tl::unexpected(row.error());
                if (!*row) break;
                orphans.emplace_back(found.text(0), found.integer(1));
            }
        }
        if (orphans.empty()) return removed;
        for (const auto& [table, number] : orphans)
            if (auto gone = database.run("DELETE FROM " + table + " WHERE rowid = ?", number); !gone)
                return tl::unexpected(gone.error());
        removed += orphans.size();
    }
}

/// Files with a piece missing, and those of drafts that are gone. Answers how many of them an answer named.
Result<std::size_t> remove_broken_files(Database& database) {
    constexpr std::string_view broken =
        "SELECT id FROM attachment WHERE whole = 0 OR draft IS NULL OR size <> ifnull("
        "(SELECT sum(length(bytes)) FROM attachment_piece WHERE attachment = attachment.id), 0)";
    std::size_t lost = 0;
    {
        Statement counted = database.prepare("SELECT count(*) FROM attachment WHERE named = 1 AND id IN (" +
                                             std::string(broken) + ")");
        const auto row = counted.step();
        if (!row) return tl::unexpected(row.error());
        lost = static_cast<std::size_t>(counted.integer(0));
    }
    const std::string those = " IN (" + std::string(broken) + ")";
    for (const std::string& sql :
         {"UPDATE entry SET value = '' WHERE EXISTS (SELECT 1 FROM attachment WHERE attachment.draft = "
          "entry.draft"
          " AND attachment.name = entry.value AND attachment.id" +
              those + ")",
          "DELETE FROM draft_part WHERE attachment" + those,
          "DELETE FROM attachment_piece WHERE attachment" + those, "DELETE FROM attachment WHERE id" + those})
        if (auto done = database.run(sql); !done) return tl::unexpected(done.error());
    return lost;
}

/// Copies what both have of each table. Answers whether all of it came over.
Result<bool> copy_tables(Database& damaged, Database& fresh) {
    const auto version = damaged.version();
    if (!version) return tl::unexpected(version.error());
    if (*version > newest_version) return tl::unexpected(Error::newer_program);
    bool complete = true;
    auto transaction = fresh.begin();
    if (!transaction) return tl::unexpected(transaction.error());
    for (const std::string_view table : tables) {
        const auto ours = columns_of(fresh, table);
        const auto theirs = columns_of(damaged, table);
        if (!ours || !theirs) return tl::unexpected(ours ? theirs.error() : ours.error());
        std::vector<std::string> both;
        std::ranges::copy_if(*ours, std::back_inserter(both),
                             [&](const std::string& name) { return std::ranges::count(*theirs, name) != 0; });
        if (both.empty() && table == entries) return tl::unexpected(Error::database_damaged);
        if (both.empty()) {  // of a later version than the damaged one, or its name can't be read
            complete = complete && *version < newest_version;
            continue;
        }
        const auto whole = TableCopy(damaged, fresh, table, both).run();
        if (!whole) return whole;
        complete = complete && *whole;
        // Sealed to some of its recipients only, a batch would be lost on the others.
        if (!*whole && table == recipients) {
            for (const char* sql : {"DELETE FROM recipient", "DELETE FROM package"})
                if (auto gone = fresh.run(sql); !gone) return tl::unexpected(gone.error());
        }
    }
    if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
    return complete;
}

/// Brings the study file back where an interview needs it, and the rows of interviews.
Result<bool> restore_interviews(Database& fresh, const StudyRecord* again, std::string_view today) {
    for (const char* sql :
         {"DELETE FROM package WHERE study NOT IN (SELECT id FROM study)",
          "DELETE FROM recipient WHERE NOT EXISTS (SELECT 1 FROM package"
          " WHERE package.study = recipient.study AND package.version = recipient.version)"})
        if (auto gone = fresh.run(sql); !gone) return tl::unexpected(gone.error());
    auto lacking = lacks_study(fresh);
    if (lacking && *lacking && again != nullptr) {
        if (const auto added = Studies(fresh).add(*again); !added) return tl::unexpected(added.error());
        lacking = lacks_study(fresh);
    }
    if (!lacking) return lacking;
    if (*lacking) return tl::unexpected(Error::study_unreadable);
    return restore_drafts(fresh, today);
}

Result<Rescued> rescue_all(Database& damaged, Database& fresh, const StudyRecord* again,
                           std::string_view today) {
    const auto complete = copy_tables(damaged, fresh);
    if (!complete) return tl::unexpected(complete.error());
    const auto restored = restore_interviews(fresh, again, today);
    if (!restored) return tl::unexpected(restored.error());
    const auto orphans = remove_orphans(fresh);
    if (!orphans) return tl::unexpected(orphans.error());
    const auto files = remove_broken_files(fresh);
    if (!files) return tl::unexpected(files.error());
    Statement drafts = fresh.prepare("SELECT count(*) FROM draft");
    if (const auto row = drafts.step(); !row) return tl::unexpected(row.error());
    return Rescued{.drafts = static_cast<std::size_t>(drafts.integer(0)),
                   .files_lost = *files,
                   .complete = *complete && *orphans == 0 && *files == 0};
}

}  // namespace

Result<Rescued> rescue_rows(Database& damaged, Database& fresh, const StudyRecord* again,
                            std::string_view today) {
    // Rows come over in any order and with gaps; what names nothing is taken out at the end.
    if (auto off = fresh.set_references(Database::References::unchecked); !off)
        return tl::unexpected(off.error());
    auto rescued = rescue_all(damaged, fresh, again, today);
    if (auto on = fresh.set_references(Database::References::checked); !on) return tl::unexpected(on.error());
    return rescued;
}

}  // namespace fieldfare::store
