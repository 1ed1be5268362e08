#include "client/store/rescue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "client/store/migrations.h"
#include "client/store/sealing.h"
#include "client/store/studies.h"
#include "client/store/vault_kind.h"

namespace fieldfare::store {

namespace {

// Whoever is named before whoever names them; see migrations.cpp.
constexpr std::string_view drafts = "draft", entries = "entry";
constexpr std::array<std::string_view, 14> tables{
    "setting", "study",    "package",    "recipient",        drafts,       entries,      "batch",
    "pending", "own_days", "attachment", "attachment_piece", "draft_part", "media_part", "passed_over"};

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

/// One table, row by row, around the pages that can't be read.
class TableCopy {
  public:
    TableCopy(Database& from, Database& to, std::string_view table, const std::vector<std::string>& columns)
        : from_(from), to_(to), count_(static_cast<int>(columns.size())), table_(table) {
        std::string names, places;
        for (const std::string& column : columns) {
            names += (names.empty() ? "" : ", ") + column;
            places += places.empty() ? "?" : ", ?";
        }
        select_ = "SELECT rowid, " + names + " FROM " + table_ + " WHERE rowid > ? AND rowid < ?";
        insert_ = "INSERT OR IGNORE INTO " + table_ + " (" + names + ") VALUES (" + places + ")";
    }

    /// Whether every row came over.
    Result<bool> run() {
        Gap gap{-1, no_end};  // own_days has the number 0
        const auto whole = read_up(gap);
        if (!whole) return whole;
        if (*whole) return !skipped_;
        if (const auto back = read_down(gap); !back) return back;
        if (gap.before == no_end) gap.before = last_number(gap.after) + 1;
        if (const auto looked = look_into(gap); !looked) return tl::unexpected(looked.error());
        return false;
    }

  private:
    /// Numbers of rows: those between the two have not been read.
    struct Gap {
        std::int64_t after, before;
    };
    static constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();
    /// A look takes under a millisecond, and so many of them lie six apart in a gap of 100,000 numbers:
    /// closer than the answers of a page are many.
    static constexpr int most_looks = 16'384;
    /// A disk may take many seconds for each sector that it does not give back.
    static constexpr int most_failed_reads = 512;
    static constexpr std::int64_t unseen = 100'000;  ///< numbers there may be where the index is damaged, too

    /// Looks for pages that can be read between others that can't: in the middle, and then in what is left on
    /// both sides, until no number is left.
    Result<void> look_into(const Gap& whole) {
        std::deque<Gap> gaps{whole};
        for (int looks = 0; !gaps.empty() && looks < most_looks && failed_reads_ < most_failed_reads;
             gaps.pop_front()) {
            const auto [after, before] = gaps.front();
            if (before - after < 2) continue;
            ++looks;
            const std::int64_t middle = after + (before - after) / 2;
            Gap below{after, middle + 1}, above{middle, before};
            const auto down = read_down(below);
            if (!down) return tl::unexpected(down.error());
            below.before = std::min(below.before, middle);
            const auto up = read_up(above);
            if (!up) return tl::unexpected(up.error());
            if (!*down) gaps.push_back(below);
            if (!*up) gaps.push_back(above);
        }
        return {};
    }

    /// Where the table's own last page can't be read: the highest number that stands in its index. Beyond
    /// what can be read of that there may be more.
    std::int64_t last_number(std::int64_t least) {
        Statement named =
            from_.prepare("SELECT rowid FROM " + table_ + " INDEXED BY sqlite_autoindex_" + table_ + "_1");
        for (;;) {
            const auto row = named.step();
            if (!row) return least + unseen;
            if (!*row) return least;
            least = std::max(least, named.integer(0));
        }
    }

    /// Copy the rows of a gap from one of its ends on; the gap is what is left. False: there is damage in it.
    Result<bool> read_up(Gap& gap) {
        return scan(" ORDER BY rowid", gap,
                    [&](std::int64_t number) { gap.after = std::max(gap.after, number); });
    }
    Result<bool> read_down(Gap& gap) {
        return scan(" ORDER BY rowid DESC", gap,
                    [&](std::int64_t number) { gap.before = std::min(gap.before, number); });
    }
    template <typename Read>
    Result<bool> scan(std::string_view order, const Gap& gap, const Read& read) {
        Statement rows = from_.prepare(select_ + std::string(order));
        rows.bind(1, gap.after).bind(2, gap.before);
        for (;;) {
            const auto row = rows.step();
            if (!row && row.error() == Error::disk_failed) ++failed_reads_;
            if (!row && is_damage(row.error())) return false;
            if (!row) return tl::unexpected(row.error());
            if (!*row) return true;
            Statement put = to_.prepare(insert_);
            for (int column = 1; column <= count_; ++column) put.bind_column(column, rows, column);
            if (const auto done = put.step(); !done) return tl::unexpected(done.error());
            skipped_ = skipped_ || to_.changed() == 0;
            read(rows.integer(0));
        }
    }

    Database& from_;
    Database& to_;
    int count_;
    int failed_reads_ = 0;
    std::string table_, select_, insert_;
    bool skipped_ = false;  ///< a row contradicts another: a page is older than the rest
};

/// A draft of which answers were read and its own row was not. Where the vault has one study, as the form app
/// makes it, there is no doubt which it is of; of its versions the newest is taken, as a new interview would.
Result<void> restore_drafts(Database& database, std::string_view today) {
    return database.run(
        "INSERT INTO draft (id, study, version, started_day, changed_day, minutes, language)"
        " SELECT DISTINCT entry.draft, package.study, package.version, ?1, ?1, 0, 0 FROM entry, package"
        " WHERE entry.draft NOT IN (SELECT id FROM draft) AND (SELECT count(*) FROM study) = 1"
        " AND package.version = (SELECT max(version) FROM package)",
        today);
}

/// Whether an interview is there and the study file with which it began is not.
Result<bool> lacks_study(Database& database) {
    Statement found = database.prepare(
        "SELECT 1 FROM draft WHERE NOT EXISTS (SELECT 1 FROM package JOIN study ON study.id = package.study"
        " WHERE package.study = draft.study AND package.version = draft.version)"
        " UNION ALL SELECT 1 FROM entry WHERE NOT EXISTS (SELECT 1 FROM study)");
    return found.step();
}

/// Whether of a study no version is there.
Result<bool> lacks_package(Database& database) {
    Statement found = database.prepare(
        "SELECT 1 FROM study WHERE NOT EXISTS (SELECT 1 FROM package WHERE package.study = study.id)");
    return found.step();
}

/// A finalise that was under way is decided all the same, and a file that nobody names is swept.
Result<void> let_go_of_lost_drafts(Database& database) {
    for (const char* sql : {"UPDATE pending SET draft = NULL WHERE draft NOT IN (SELECT id FROM draft)",
                            "UPDATE passed_over SET draft = NULL WHERE draft NOT IN (SELECT id FROM draft)",
                            "UPDATE attachment SET draft = NULL WHERE draft NOT IN (SELECT id FROM draft)"})
        if (auto done = database.run(sql); !done) return done;
    return {};
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

/// Lets go of files of which a piece is missing, but not of those that are being sealed: their parts stand in
/// the outbox. Answers how many of them an answer named.
Result<std::size_t> let_go_of_broken_files(Database& database) {
    const std::string broken =
        "draft IS NOT NULL AND draft NOT IN (SELECT draft FROM pending WHERE draft IS NOT NULL UNION ALL"
        " SELECT id FROM draft WHERE payload IS NOT NULL) AND"
        " (whole = 0 OR size <> ifnull((SELECT sum(length(bytes)) FROM attachment_piece"
        " WHERE attachment = attachment.id), 0))";
    std::size_t lost = 0;
    {
        Statement counted = database.prepare("SELECT count(*) FROM attachment WHERE named = 1 AND " + broken);
        const auto row = counted.step();
        if (!row) return tl::unexpected(row.error());
        lost = static_cast<std::size_t>(counted.integer(0));
    }
    for (const std::string& sql : {"UPDATE entry SET value = '' WHERE EXISTS (SELECT 1 FROM attachment WHERE "
                                   "attachment.draft = entry.draft"
                                   " AND attachment.name = entry.value AND " +
                                       broken + ")",
                                   "UPDATE attachment SET draft = NULL WHERE " + broken})
        if (auto done = database.run(sql); !done) return tl::unexpected(done.error());
    return lost;
}

/// By which rules the device last sealed, as far as its own record of the study is there.
Result<std::vector<std::pair<StudyId, crypto::Digest>>> rules_in_force(Database& database) {
    auto config = Studies(database).sync_config();
    if (!config) return tl::unexpected(config.error());
    std::vector<std::pair<StudyId, crypto::Digest>> rules;
    for (const sync::StudySync& study : config->studies)
        if (!study.policies.empty()) rules.emplace_back(study.study_id, study.policies.front());
    return rules;
}

/// Every version of a study that can be had, from the vault and from outside, ascending.
Result<std::vector<StudyRecord>> study_records(Database& database, const StudyFiles& studies) {
    std::vector<StudyRecord> records;
    std::vector<std::int64_t> refused;
    {
        Statement rows = database.prepare("SELECT rowid, study, version, bytes FROM package");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            auto record = studies.read(rows.blob(3));
            const bool says_so = record && record->package_version == rows.integer(2) &&
                                 std::ranges::equal(record->study, rows.blob(1));
            if (says_so)
                records.push_back(std::move(*record));
            else
                refused.push_back(rows.integer(0));
        }
    }
    for (const std::int64_t row : refused)
        if (auto gone = database.run("DELETE FROM package WHERE rowid = ?", row); !gone)
            return tl::unexpected(gone.error());
    records.insert(records.end(), studies.again.begin(), studies.again.end());
    std::ranges::stable_sort(records, {}, &StudyRecord::package_version);
    return records;
}

/// Makes the studies anew from their signed files. Answers whether a device got new keys.
Result<bool> restore_studies(Database& database, const StudyFiles& studies) {
    const auto rules = rules_in_force(database);
    if (!rules) return tl::unexpected(rules.error());
    const auto records = study_records(database, studies);
    if (!records) return tl::unexpected(records.error());
    if (auto gone = database.run("DELETE FROM recipient"); !gone) return tl::unexpected(gone.error());
    bool new_keys = false;
    std::vector<const StudyRecord*> newest;
    for (const StudyRecord& record : *records) {
        Statement known = database.prepare("SELECT 1 FROM study WHERE id = ?");
        const auto row = known.bind(1, crypto::ByteView(record.study)).step();
        if (!row) return row;
        if (!*row) {
            // Batches of a device that this one is no longer.
            new_keys = true;
            if (auto gone = database.run("DELETE FROM batch WHERE study = ?", crypto::ByteView(record.study));
                !gone)
                return tl::unexpected(gone.error());
            // One that was being written still decides what becomes of its interview.
            for (const char* sql : {"UPDATE pending SET sequence = ? WHERE study = ?",
                                    "UPDATE passed_over SET sequence = ? WHERE study = ?"})
                if (auto kept = database.run(sql, of_another_device, crypto::ByteView(record.study)); !kept)
                    return tl::unexpected(kept.error());
        }
        const bool twice = !newest.empty() && newest.back()->study == record.study &&
                           newest.back()->package_version == record.package_version &&
                           newest.back()->package_digest == record.package_digest;
        if (twice) continue;
        if (auto done = Studies(database).restore(record); !done) return tl::unexpected(done.error());
        std::erase_if(newest, [&](const StudyRecord* one) { return one->study == record.study; });
        newest.push_back(&record);
    }
    for (const StudyRecord* record : newest) {
        for (const auto& [study, policy] : *rules) {
            const bool follows =
                record->policy_digest == policy ||
                std::ranges::find(record->earlier_policies, policy) != record->earlier_policies.end();
            if (study == record->study && !follows) return tl::unexpected(Error::study_unreadable);
        }
        if (auto done = Studies(database).settle_on(*record); !done) return tl::unexpected(done.error());
    }
    return new_keys;
}

/// Whether it is an unattended machine's, which has no tables of drafts. Of a list that can't be read to its
/// end the tables behind are missing; so the last one must be there.
Result<bool> is_unattended(Database& damaged) {
    const auto first = columns_of(damaged, entries);
    const auto last = columns_of(damaged, "pending");
    if (!first || !last) return tl::unexpected(first ? last.error() : first.error());
    return first->empty() && !last->empty();
}

struct Copied {
    bool all = true;     ///< rows of all tables
    bool drafts = true;  ///< those of drafts: answers of others are left from an interview that was sealed
};

/// Copies what both have of each table.
Result<Copied> copy_tables(Database& damaged, Database& fresh) {
    const auto version = damaged.version();
    if (!version) return tl::unexpected(version.error());
    if (*version > newest_version) return tl::unexpected(Error::newer_program);
    Copied copied;
    auto transaction = fresh.begin();
    if (!transaction) return tl::unexpected(transaction.error());
    for (const std::string_view table : tables) {
        const auto ours = columns_of(fresh, table);
        if (ours && ours->empty()) continue;  // an unattended machine has no such table
        const auto theirs = columns_of(damaged, table);
        if (!ours || !theirs) return tl::unexpected(ours ? theirs.error() : ours.error());
        std::vector<std::string> both;
        std::ranges::copy_if(*ours, std::back_inserter(both),
                             [&](const std::string& name) { return std::ranges::count(*theirs, name) != 0; });
        if (both.empty() && table == entries) return tl::unexpected(Error::database_damaged);
        if (both.empty()) {  // of a later version than the damaged one, or its name can't be read
            copied.all = copied.all && *version < newest_version;
            continue;
        }
        const auto whole = TableCopy(damaged, fresh, table, both).run();
        if (!whole) return tl::unexpected(whole.error());
        copied.all = copied.all && *whole;
        if (table == drafts) copied.drafts = *whole;
    }
    if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
    return copied;
}

/// The interviews of an interviewer's machine; an unattended one has none that are not sealed.
Result<void> restore_interviews(Database& fresh, const Copied& copied, std::string_view today,
                                Rescued& rescued) {
    const auto lacking = lacks_study(fresh);
    if (!lacking) return tl::unexpected(lacking.error());
    if (*lacking) return tl::unexpected(Error::study_unreadable);
    if (!copied.drafts) {
        if (auto restored = restore_drafts(fresh, today); !restored) return restored;
    }
    if (auto let_go = let_go_of_lost_drafts(fresh); !let_go) return let_go;
    const auto files = let_go_of_broken_files(fresh);
    if (!files) return tl::unexpected(files.error());
    rescued.files_lost = *files;
    Statement counted = fresh.prepare("SELECT count(*) FROM draft");
    if (const auto row = counted.step(); !row) return tl::unexpected(row.error());
    rescued.drafts = static_cast<std::size_t>(counted.integer(0));
    return {};
}

Result<Rescued> rescue_all(Database& damaged, Database& fresh, const StudyFiles& studies,
                           std::string_view today) {
    const auto unattended = is_unattended(damaged);
    if (!unattended) return tl::unexpected(unattended.error());
    if (*unattended) {
        if (auto made = make_unattended(fresh); !made) return tl::unexpected(made.error());
    }
    const auto copied = copy_tables(damaged, fresh);
    if (!copied) return tl::unexpected(copied.error());
    auto transaction = fresh.begin();
    if (!transaction) return tl::unexpected(transaction.error());
    const auto new_keys = restore_studies(fresh, studies);
    if (!new_keys) return tl::unexpected(new_keys.error());
    if (const auto lacking = lacks_package(fresh); !lacking || *lacking)
        return tl::unexpected(lacking ? Error::study_unreadable : lacking.error());
    Rescued rescued{.complete = copied->all, .enrolled_anew = *new_keys};
    if (!*unattended) {
        if (auto done = restore_interviews(fresh, *copied, today, rescued); !done)
            return tl::unexpected(done.error());
    }
    const auto orphans = remove_orphans(fresh);
    if (!orphans) return tl::unexpected(orphans.error());
    rescued.complete = rescued.complete && *orphans == 0 && rescued.files_lost == 0;
    if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
    return rescued;
}

}  // namespace

Result<Rescued> rescue_rows(Database& damaged, Database& fresh, const StudyFiles& studies,
                            std::string_view today) {
    // Rows come over in any order and with gaps; what names nothing is taken out at the end.
    if (auto off = fresh.set_references(Database::References::unchecked); !off)
        return tl::unexpected(off.error());
    auto rescued = rescue_all(damaged, fresh, studies, today);
    if (auto on = fresh.set_references(Database::References::checked); !on) return tl::unexpected(on.error());
    return rescued;
}

}  // namespace fieldfare::store
