// A vault of each version of the tables (tests/data/vaults), in which rows, columns and tables are changed by
// the input's plan before it is unlocked: what a newer program or a fault of ours may have left. No key
// protects a vault from whoever has it unlocked. It opens or is refused; what opens is read, sealed, locked
// and opened again. Argon2id is worked out once for each vault (support/remembered_argon2id.cpp).

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "client/store/database.h"
#include "client/store/migrations.h"
#include "client/store/vault.h"
#include "client/store/vault_database.h"
#include "crypto/keyslots.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;

namespace {

namespace fs = std::filesystem;
using store::Database;
using store::Statement;

std::vector<std::string> golden_vaults() {
    std::vector<std::string> vaults;
    for (std::int64_t version = 1; version <= store::newest_version; ++version)
        vaults.push_back("version-" + std::to_string(version));
    for (std::int64_t version = 4; version <= store::newest_version; ++version)
        vaults.push_back("unattended-version-" + std::to_string(version));
    return vaults;
}

class Profile {
  public:
    explicit Profile(const std::string& vault) {
        fs::remove_all(folder_);
        fs::copy(fs::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" / vault, folder_,
                 fs::copy_options::recursive);
    }
    ~Profile() { fs::remove_all(folder_); }
    Profile(const Profile&) = delete;

    store::Result<Database> database() const {
        const auto words = crypto::SecretText::copy_of(passphrase);
        auto keyslots = crypto::KeyslotsFile::open(folder_ / "keyslots");
        fuzz::must(words && keyslots, "the vault is as it was made");
        const auto unlocked = keyslots->unlock(*words);
        fuzz::must(unlocked.has_value(), "and so is its passphrase");
        return store::open_database(folder_, std::get<crypto::MasterKeys>(*unlocked).current);
    }
    store::Result<store::Vault> unlocked() const {
        const auto words = crypto::SecretText::copy_of(passphrase);
        fuzz::must(words.has_value(), "there is guarded memory");
        return store::Vault::unlock(
            folder_, *words,
            {[] { return std::chrono::sys_seconds(std::chrono::days(20'000)); }, "fuzz", {}});
    }

  private:
    static constexpr std::string_view passphrase = "the passphrase of a golden vault";
    fs::path folder_ = fs::temp_directory_path() / ("fieldfare-vault-rows-" + std::to_string(::getpid()));
};

std::vector<std::string> names(Database& database, std::string_view sql, std::string_view of = {}) {
    std::vector<std::string> found;
    Statement asked = database.prepare(sql);
    if (!of.empty()) asked.bind(1, of);
    while (asked.step().value_or(false)) found.emplace_back(asked.text(0));
    return found;
}

/// One change, or none where the plan names what is not there. What the database refuses stays as it is.
void change(Database& database, fuzz::Plan& plan) {
    const auto tables = names(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    if (tables.empty()) return;
    const std::string& table = tables[plan.byte() % tables.size()];
    const auto columns = names(database, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table);
    if (columns.empty()) return;
    const std::string& column = columns[plan.byte() % columns.size()];
    const std::string row = " WHERE rowid = (SELECT rowid FROM " + table + " ORDER BY rowid LIMIT 1 OFFSET " +
                            std::to_string(plan.byte() % 8) + ")";
    switch (plan.byte() % 10) {
        case 0:
            (void)database.run("DELETE FROM " + table + row);
            break;
        case 1:
            (void)database.run("DROP TABLE " + table);
            break;
        case 2:
            (void)database.run("ALTER TABLE " + table + " DROP COLUMN " + column);
            break;
        case 3:
            (void)database.run("ALTER TABLE " + table + " ADD COLUMN more");
            break;
        case 4:
            (void)database.set_version(static_cast<std::int8_t>(plan.byte()));
            break;
        case 5:
            (void)database.run("UPDATE " + table + " SET " + column + " = ?" + row, std::nullopt);
            break;
        case 6: {
            const auto number = static_cast<std::int64_t>(plan.number()) - 0x8000;
            const std::int64_t scaled = number * (std::int64_t{1} << (plan.byte() % 48));
            (void)database.run("UPDATE " + table + " SET " + column + " = ?" + row, scaled);
            break;
        }
        default: {
            const std::size_t size = plan.byte();
            std::string bytes;
            for (std::size_t i = 0; i < size && plan.left() > 0; ++i) bytes += static_cast<char>(plan.byte());
            const bool is_text = size % 2 == 0;
            Statement set = database.prepare("UPDATE " + table + " SET " + column + " = ?" + row);
            if (is_text)
                set.bind(1, std::string_view(bytes));
            else
                set.bind(1, crypto::bytes_of(bytes));
            (void)set.step();
            break;
        }
    }
}

bool changed(const Profile& profile, fuzz::Plan& plan) {
    auto database = profile.database();
    fuzz::must(database.has_value(), "the vault is as it was made");
    (void)database->set_references(Database::References::unchecked);
    (void)database->run("PRAGMA ignore_check_constraints = ON");
    for (int i = 0; i < 8 && plan.left() > 0; ++i) change(*database, plan);
    return database->checkpoint().has_value();
}

/// Everything that a program asks of an open vault.
void use(store::Vault& vault) {
    (void)vault.setting("language");
    const auto studies = vault.studies();
    if (!studies) return;
    for (const store::StudySummary& study : *studies) {
        for (const std::uint32_t version : study.versions) (void)vault.package(study.study, version);
        (void)vault.head(study.study);
        (void)vault.counts(study.study);
        const auto drafts = vault.drafts(study.study);
        if (!drafts) continue;
        for (const store::DraftSummary& draft : *drafts) {
            (void)vault.load_draft(draft.id);
            const auto before = vault.sealed_as(draft.id);
            const auto as = before && *before ? **before : store::SealedAs{crypto::Id{1}, {}};
            const auto sealed =
                vault.finalise(draft.id, as.uuid, {as.withdrawal, {}}, [](const auto&) { return "answers"; });
            const auto still = vault.is_draft(draft.id);
            if (sealed && still) fuzz::must(!*still, "what is sealed is no draft any more");
        }
        (void)vault.withdraw(study.study, {});
        (void)vault.delete_draft("draft");
    }
    (void)vault.set_setting("language", "en");
    (void)vault.finish_batches();
    (void)vault.note_receipts();
    if (const auto outbox = vault.outbox())
        if (const auto files = (*outbox)->sealed())
            for (const sync::SealedFile& file : *files) (void)vault.may_forget(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::must(crypto::start().has_value(), "the library starts");
    fuzz::begin_the_same_randomness();
    fuzz::Plan plan(data, size);
    static const std::vector<std::string> vaults = golden_vaults();
    const Profile profile(vaults[plan.byte() % vaults.size()]);
    if (!changed(profile, plan)) return 0;
    {
        auto vault = profile.unlocked();
        if (!vault) return 0;
        use(*vault);
        (void)vault->lock();
    }
    fuzz::must(profile.unlocked().has_value(), "a vault that has opened opens again");
    return 0;
}
