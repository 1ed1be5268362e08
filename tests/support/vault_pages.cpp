#define SQLITE_HAS_CODEC 1
#include "tests/support/vault_pages.h"

#include <sqlcipher/sqlite3.h>

#include <memory>

#include "crypto/hash.h"
#include "tests/support/store.h"

namespace fieldfare::test {

crypto::MasterKey master_key_of(const std::filesystem::path& profile, std::string_view words) {
    auto keyslots = crypto::KeyslotsFile::open(profile / "keyslots");
    REQUIRE(keyslots.has_value());
    auto unlocked = keyslots->unlock(passphrase(words));
    REQUIRE(unlocked.has_value());
    return std::move(std::get<crypto::MasterKeys>(*unlocked).current);
}

store::DatabaseKey database_key_of(const crypto::MasterKey& master) {
    auto key = crypto::derive<store::DatabaseKey>(master.expose(), "FFV1 vault db   ");
    REQUIRE(key.has_value());
    return std::move(*key);
}

namespace {

/// A copy, since the program holds on to its own.
class OpenedCopy {
  public:
    OpenedCopy(const std::filesystem::path& profile, std::string_view words) {
        std::filesystem::create_directory(copy_.path());
        for (const char* name : {"vault.db", "vault.db-wal"})
            if (std::filesystem::exists(profile / name)) std::filesystem::copy(profile / name, copy_.path());
        REQUIRE(sqlite3_open_v2(copy_.file("vault.db").c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) ==
                SQLITE_OK);
        const auto key = database_key_of(master_key_of(profile, words));
        std::string spelled = "x'" + crypto::to_hex(key.expose()) + "'";
        const int code = sqlite3_key_v2(database, "main", spelled.data(), static_cast<int>(spelled.size()));
        crypto::wipe(spelled);
        REQUIRE(code == SQLITE_OK);
        REQUIRE(sqlite3_exec(database, "PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM draft", nullptr,
                             nullptr, nullptr) == SQLITE_OK);
    }
    ~OpenedCopy() { sqlite3_close_v2(database); }
    OpenedCopy(const OpenedCopy&) = delete;
    OpenedCopy& operator=(const OpenedCopy&) = delete;

    sqlite3* database = nullptr;

  private:
    TemporaryProfile copy_;
};

}  // namespace

std::string device_seed_of(const std::filesystem::path& profile, std::string_view words) {
    const OpenedCopy copy(profile, words);
    sqlite3_stmt* rows = nullptr;
    REQUIRE(sqlite3_prepare_v2(copy.database, "SELECT device_seed FROM study ORDER BY rowid", -1, &rows,
                               nullptr) == SQLITE_OK);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(rows, sqlite3_finalize);
    REQUIRE(sqlite3_step(rows) == SQLITE_ROW);
    REQUIRE(sqlite3_column_bytes(rows, 0) == 32);
    return {static_cast<const char*>(sqlite3_column_blob(rows, 0)), 32};
}

std::string pages_of(const std::filesystem::path& profile, std::string_view words) {
    const OpenedCopy copy(profile, words);
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, void (*)(void*)> pages(
        sqlite3_serialize(copy.database, "main", &size, 0), sqlite3_free);
    REQUIRE(pages != nullptr);
    std::string bytes(reinterpret_cast<const char*>(pages.get()), static_cast<std::size_t>(size));
    REQUIRE(bytes.find("CREATE TABLE draft") != std::string::npos);  // in clear
    return bytes;
}

}  // namespace fieldfare::test
