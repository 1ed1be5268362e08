#include "client/store/vault_database.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "client/store/database_log.h"
#include "client/store/destruction.h"
#include "client/store/faults.h"
#include "client/store/migrations.h"
#include "client/store/profile.h"
#include "client/store/studies.h"
#include "client/store/vault_kind.h"
#include "crypto/hash.h"

namespace fieldfare::store {

namespace {

/// The salt at the beginning of the file follows from the master key, too, so that a file of another vault is
/// known before anything is read from it.
Result<DatabaseKey> database_key(const crypto::MasterKey& master) {
    constexpr crypto::Label label("FFV1 vault db   ");
    auto key = crypto::derive<DatabaseKey>(master.expose(), label);
    if (!key) return tl::unexpected(from_crypto(key.error()));
    return std::move(*key);
}

/// Nothing of it is read that is not needed to tell whether the key is the right one.
Result<Database> open_damaged(const std::filesystem::path& profile, const crypto::MasterKey& master,
                              Database::Log log) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    return Database::open_damaged(database_file(profile), *key, log);
}

/// As drafts say it.
std::string day_of(std::chrono::sys_seconds now) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return text.data();
}

Result<Rescued> copy_rows(const std::filesystem::path& profile, Database damaged,
                          const crypto::MasterKey& master, const StudyFiles& studies,
                          std::string_view today) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    auto fresh = Database::create(new_database_file(profile), *key);
    if (!fresh) return tl::unexpected(fresh.error());
    if (auto done = migrate(*fresh); !done) return tl::unexpected(done.error());
    auto rescued = rescue_rows(damaged, *fresh, studies, today);
    if (!rescued) return rescued;
    if (auto done = fresh->checkpoint(); !done) return tl::unexpected(done.error());
    // On the same disk: what it does not give back now must not take the old one's place.
    { const Database closed = std::move(*fresh); }
    if (const auto again = Database::open(new_database_file(profile), *key); !again)
        return tl::unexpected(again.error());
    return rescued;
}

/// How many drafts and answers stand in the new database; an unattended machine has no tables of them.
Result<std::int64_t> answers_in_new(const std::filesystem::path& profile, const crypto::MasterKey& master) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    auto fresh = Database::open(new_database_file(profile), *key);
    if (!fresh) return tl::unexpected(fresh.error());
    const auto kind = vault_kind(*fresh);
    if (!kind) return tl::unexpected(kind.error());
    if (*kind == VaultKind::unattended) return 0;
    Statement counted = fresh->prepare("SELECT (SELECT count(*) FROM draft) + (SELECT count(*) FROM entry)");
    if (const auto row = counted.step(); !row) return tl::unexpected(row.error());
    return counted.integer(0);
}

/// Into a new database, whatever stands in its place.
Result<Rescued> copy_rows(const std::filesystem::path& profile, const crypto::MasterKeys& keys,
                          Database::Log log, const StudyFiles& studies, std::string_view today) {
    if (auto done = overwrite_new_database(profile); !done) return tl::unexpected(done.error());
    auto damaged = open_damaged(profile, keys.current, log);
    if (!damaged && keys.previous) damaged = open_damaged(profile, *keys.previous, log);
    if (!damaged) {
        // With another salt and nothing that can be read, it is rather the file that does not belong here.
        const auto opened = open_database(profile, keys.current);
        return tl::unexpected(opened ? Error::internal : opened.error());
    }
    return copy_rows(profile, std::move(*damaged), keys.current, studies, today);
}

/// What was committed last before the damage in a log is the database as it was then, every row of it: SQLite
/// plays that. Not where pages of behind the damage have been moved into the file: what it plays would take
/// those back, and acknowledged answers with them. With all of them moved, the file alone is what was
/// committed last. Where a checkpoint was cut short as well, either way there are older pages beside newer:
/// then both are tried, and the one counts that gives more.
Result<Rescued> copy_most_rows(const std::filesystem::path& profile, const crypto::MasterKeys& keys,
                               const StudyFiles& studies, std::string_view today) {
    using Log = Database::Log;
    const auto copy = [&](Log log) { return copy_rows(profile, keys, log, studies, today); };
    const Moved moved = moved_past_damage(database_file(profile));
    if (moved == Moved::nothing) return copy(Log::played);
    if (moved == Moved::everything) return copy(Log::passed_over);
    const auto played = copy(Log::played);
    const auto answers = played ? answers_in_new(profile, keys.current) : tl::unexpected(played.error());
    const auto alone = copy(Log::passed_over);
    const auto answers_alone = alone ? answers_in_new(profile, keys.current) : tl::unexpected(alone.error());
    if (!answers || (answers_alone && *answers_alone >= *answers)) return alone;
    return copy(Log::played);
}

}  // namespace

Result<Database> open_database(const std::filesystem::path& profile, const crypto::MasterKey& master) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    return Database::open(database_file(profile), *key);
}

Result<void> create_database(const std::filesystem::path& profile, const crypto::MasterKey& master,
                             const StudyRecord* first) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    {
        auto database = Database::create(new_database_file(profile), *key);
        if (!database) return tl::unexpected(database.error());
        if (auto done = migrate(*database); !done) return done;
        if (first != nullptr) {
            if (auto added = Studies(*database).add(*first); !added) return tl::unexpected(added.error());
        }
        if (auto done = database->checkpoint(); !done) return done;
    }
    return replace_database(profile);
}

Result<void> rekey_database(const std::filesystem::path& profile, Database old,
                            const crypto::MasterKey& master, const Surroundings& surroundings) {
    const auto key = database_key(master);
    if (!key) return tl::unexpected(key.error());
    if (auto done = remove_database(new_database_file(profile)); !done) return done;
    if (auto done = old.checkpoint(); !done) return done;
    if (auto done = old.copy_to(new_database_file(profile), *key); !done) return done;
    surroundings.reached(Step::copied);
    { const Database closed = std::move(old); }
    if (auto done = replace_database(profile); !done) return done;
    surroundings.reached(Step::replaced);
    return {};
}

Result<void> check_room_to_rekey(const std::filesystem::path& profile) {
    constexpr std::uintmax_t to_spare = 1 << 20;
    std::error_code failed;
    const auto size = std::filesystem::file_size(database_file(profile), failed);
    if (failed) return {};  // the change itself says what is wrong
    const auto space = std::filesystem::space(profile, failed);
    if (!failed && space.available < size + to_spare) return tl::unexpected(Error::disk_full);
    return {};
}

Result<OpenedDatabase> open_and_rekey(const std::filesystem::path& profile, crypto::KeyslotsFile& keyslots,
                                      const crypto::MasterKeys& keys, const Surroundings& surroundings) {
    auto database = open_database(profile, keys.current);
    if (!database && database.error() == Error::foreign_database && keys.previous) {
        auto old = open_database(profile, *keys.previous);
        if (!old) return tl::unexpected(old.error());
        if (auto done = rekey_database(profile, std::move(*old), keys.current, surroundings); !done) {
            // A full disk must not keep anyone out.
            (void)overwrite_new_database(profile);
            auto still = open_database(profile, *keys.previous);
            if (!still) return tl::unexpected(done.error());
            return OpenedDatabase{std::move(*still), &*keys.previous};
        }
        database = open_database(profile, keys.current);
    }
    if (!database) return tl::unexpected(database.error());
    if (keys.previous) {
        // Its key opens nothing any more: a disk that does not take this keeps nobody out.
        (void)keyslots.forget_previous();           // or at the next unlock
        (void)overwrite_damaged_database(profile);  // nothing opens it any more
    }
    // Left by a change of passphrase, a creation or a rescue that was cut short before it counted.
    if (auto gone = overwrite_new_database(profile); !gone) return tl::unexpected(gone.error());
    return OpenedDatabase{std::move(*database), &keys.current};
}

Result<Rescued> rescue_database(const std::filesystem::path& profile, const crypto::MasterKeys& keys,
                                const StudyFiles& studies, const Surroundings& surroundings) {
    const auto log = log_state(database_file(profile));
    if (!log) return tl::unexpected(log.error());
    auto rescued = copy_most_rows(profile, keys, studies, day_of(surroundings.now()));
    if (!rescued) {
        (void)overwrite_new_database(profile);  // or at the next unlock
        return rescued;
    }
    // Of the rows that came over none tells that a newer one stands in what could not be played.
    rescued->complete = rescued->complete && *log == LogState::whole;
    surroundings.reached(Step::rows_copied);
    if (auto counts = keep_rescued(profile); !counts) return tl::unexpected(counts.error());
    surroundings.reached(Step::rescued);
    if (auto done = finish_rescue(profile); !done) return tl::unexpected(done.error());
    return rescued;
}

}  // namespace fieldfare::store
