// The only file that speaks to SQLCipher, and the only one with a PRAGMA in it (the traps that it avoids are
// told beside each step). SQLITE_HAS_CODEC must be defined for the header to declare sqlite3_key_v2.
#define SQLITE_HAS_CODEC 1
#include "client/store/database.h"

#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/store/database_log.h"
#include "client/store/faults.h"
#include "client/store/profile.h"

namespace fieldfare::store {

namespace {

constexpr std::string_view plain_header{"SQLite format 3\0", 16};
constexpr std::int64_t application_id = 0x46464456;  // "FFDV"

/// SQLite reports a full quota and a file size limit as a general input/output error; errno tells them apart.
Error from_sqlite(sqlite3* connection, int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return Error::disk_full;
        case SQLITE_IOERR:
            if (code == SQLITE_IOERR_NOMEM) return Error::out_of_memory;
            return from_errno(connection == nullptr ? EIO : sqlite3_system_errno(connection));
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
            return Error::not_writable;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error::in_use;
        case SQLITE_NOMEM:
            return Error::out_of_memory;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Error::database_damaged;
        default:
            return Error::internal;
    }
}

/// The text x'…' that SQLCipher takes as a raw key. Any other number of digits would silently be taken for a
/// passphrase, so its length is a type.
struct KeyTextTag;
constexpr std::size_t key_text_bytes = 2 + 2 * (database_key_bytes + database_salt_bytes) + 1;
using KeyText = crypto::Secret<key_text_bytes, KeyTextTag>;
static_assert(key_text_bytes == 99, "x'64 hex digits of key, 32 of salt'");

void spell(const DatabaseKey& key, std::span<std::uint8_t, key_text_bytes> text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::size_t at = 0;
    text[at++] = 'x';
    text[at++] = '\'';
    for (const auto byte : key.expose()) {
        text[at++] = static_cast<std::uint8_t>(digits[byte >> 4]);
        text[at++] = static_cast<std::uint8_t>(digits[byte & 15]);
    }
    text[at] = '\'';
}

/// The first bytes of a file; fewer when it is shorter.
Result<std::string> head_of(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return tl::unexpected(errno == ENOENT ? Error::database_missing : from_errno(errno));
    std::array<char, 16> head{};
    const auto count = ::read(file, head.data(), head.size());
    const int number = errno;
    ::close(file);
    if (count < 0) return tl::unexpected(from_errno(number));
    return std::string(head.data(), static_cast<std::size_t>(count));
}

Result<void> make_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return tl::unexpected(errno == EEXIST ? Error::already_a_vault : from_errno(errno));
    ::close(file);
    return {};
}

/// A name of the same file under which SQLite does not look for a log beside it (sqlite.org/uri.html: nobody
/// changes it meanwhile, so nothing is locked, either; the profile's own lock sees to that).
std::string without_log(const std::filesystem::path& path) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = "file:";
    for (const char letter : std::filesystem::absolute(path).string()) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '%' || letter == '?' || letter == '#')
            (name += '%').append({digits[byte >> 4], digits[byte & 15]});
        else
            name += letter;
    }
    return name + "?immutable=1";
}

/// Takes back what make_file() made, with what SQLite may have put beside it.
void remove_file(const std::filesystem::path& path) {
    for (const char* ending : {"", "-wal", "-journal"}) ::unlink((path.string() + ending).c_str());
}

}  // namespace

// --- statements -------------------------------------------------------------------------------------

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* connection, std::string_view sql) : connection_(connection) {
    sqlite3_stmt* statement = nullptr;
    fault_ = sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    statement_.reset(statement);
    if (fault_ == SQLITE_OK && statement == nullptr) fault_ = SQLITE_ERROR;  // empty text
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (fault_ == SQLITE_OK) fault_ = sqlite3_bind_int64(statement_.get(), index, value);
    return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
    const char* data = value.empty() ? "" : value.data();  // a null pointer would bind NULL
    if (fault_ == SQLITE_OK) {
        fault_ =
            sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    return *this;
}

Statement& Statement::bind(int index, crypto::ByteView value) {
    if (fault_ != SQLITE_OK) return *this;
    fault_ = value.empty()
                 ? sqlite3_bind_zeroblob(statement_.get(), index, 0)
                 : sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind_null(int index) {
    if (fault_ == SQLITE_OK) fault_ = sqlite3_bind_null(statement_.get(), index);
    return *this;
}

Statement& Statement::bind_column(int index, const Statement& other, int column) {
    if (fault_ == SQLITE_OK)
        fault_ =
            sqlite3_bind_value(statement_.get(), index, sqlite3_column_value(other.statement_.get(), column));
    return *this;
}

Result<bool> Statement::step() {
    if (fault_ != SQLITE_OK) return tl::unexpected(from_sqlite(connection_, fault_));
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return tl::unexpected(from_sqlite(connection_, sqlite3_extended_errcode(connection_)));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
    const auto* data = sqlite3_column_text(statement_.get(), column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

crypto::ByteView Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    if (data == nullptr) return {};
    return {static_cast<const crypto::ByteView::value_type*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

// --- transactions -----------------------------------------------------------------------------------

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite may have rolled back by itself after a failure; autocommit tells.
    if (database_ != nullptr && sqlite3_get_autocommit(database_->connection_.get()) == 0) {
        (void)database_->run("ROLLBACK");
    }
}

Result<void> Transaction::commit() {
    auto done = database_->run("COMMIT");
    if (done) database_ = nullptr;
    return done;
}

Result<Transaction> Database::begin() {
    if (auto begun = run("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
    return Transaction(*this);
}

// --- connections ------------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

Result<void> Database::pragmas(sqlite3* connection, std::string_view sql) {
    const int code = sqlite3_exec(connection, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return tl::unexpected(from_sqlite(connection, sqlite3_extended_errcode(connection)));
    return {};
}

Result<Database::Connection> Database::connect(const std::filesystem::path& path, const DatabaseKey& key,
                                               Use use) {
    sqlite3* opened = nullptr;
    // Without CREATE: a name that has gone in between is not made anew.
    const int code =
        use == Use::rescue_without_log
            ? sqlite3_open_v2(without_log(path).c_str(), &opened,
                              SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr)
            : sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Connection connection(opened);
    if (code != SQLITE_OK) return tl::unexpected(from_sqlite(opened, code));
    sqlite3_extended_result_codes(opened, 1);

    // Hostile bytes in the file must not run code; a refused file must not be written to, not even on
    // closing.
    for (const int option : {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE}) {
        if (sqlite3_db_config(opened, option, 1, nullptr) != SQLITE_OK)
            return tl::unexpected(Error::no_encryption);
    }
    for (const int option :
         {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML,
          SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER}) {
        if (sqlite3_db_config(opened, option, 0, nullptr) != SQLITE_OK)
            return tl::unexpected(Error::no_encryption);
    }

    // An ordinary SQLite answers PRAGMA key with OK and writes plaintext; it has no cipher_version.
    {
        Statement asked(opened, "PRAGMA cipher_version");
        const auto row = asked.step();
        if (!row || !*row || asked.text(0).empty()) return tl::unexpected(Error::no_encryption);
    }
    // Before the key: what a wrong key logs goes to stderr, and memory that is not yet wiped on release stays
    // so.
    if (auto set = pragmas(opened, "PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON");
        !set) {
        return tl::unexpected(set.error());
    }

    auto text = KeyText::zeroed();
    if (!text) return tl::unexpected(Error::out_of_memory);
    spell(key, text->storage());
    const auto spelled = text->expose();
    if (sqlite3_key_v2(opened, "main", spelled.data(), static_cast<int>(spelled.size())) != SQLITE_OK) {
        return tl::unexpected(Error::no_encryption);
    }
    // Of a list of tables that can't be read to its end, what can; a file that is too short, as far as it
    // goes: that is what the first pragma does beside its name, where nobody is on the defensive.
    if (use != Use::all) {
        if (sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr) != SQLITE_OK)
            return tl::unexpected(Error::no_encryption);
        if (auto set = pragmas(opened, "PRAGMA writable_schema = ON; PRAGMA query_only = ON"); !set)
            return tl::unexpected(set.error());
    }
    // Once more: the first key of a process sets it back.
    if (auto set = pragmas(opened, "PRAGMA cipher_log_level = NONE"); !set)
        return tl::unexpected(set.error());
    // The locking mode first: any pragma that reads the file would open its log with an index shared through
    // a third file, and without the exclusive lock.
    if (auto set = pragmas(opened,
                           "PRAGMA locking_mode = EXCLUSIVE;"
                           "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;"
                           "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
        !set) {
        return tl::unexpected(set.error());
    }
    return connection;
}

Result<void> Database::settle() {
    Statement mode = prepare("PRAGMA journal_mode = WAL");
    const auto row = mode.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row || mode.text(0) != "wal") return tl::unexpected(Error::disk_failed);
    return {};
}

Result<Database> Database::create(const std::filesystem::path& path, const DatabaseKey& key) {
    if (auto made = make_file(path); !made) return tl::unexpected(made.error());
    auto database = [&]() -> Result<Database> {
        {
            auto connection = connect(path, key);
            if (!connection) return tl::unexpected(connection.error());
            const std::string mark = "PRAGMA application_id = " + std::to_string(application_id);
            if (auto written = pragmas(connection->get(), mark); !written)
                return tl::unexpected(written.error());
        }
        const auto head = head_of(path);
        if (!head) return tl::unexpected(head.error());
        if (head->size() < 16 || *head == plain_header) return tl::unexpected(Error::no_encryption);
        if (auto synced = sync_folder(path.parent_path()); !synced) return tl::unexpected(synced.error());
        return open(path, key);
    }();
    if (!database) remove_file(path);
    return database;
}

Result<Database> Database::open(const std::filesystem::path& path, const DatabaseKey& key) {
    const auto head = head_of(path);
    if (!head) return tl::unexpected(head.error());
    if (head->size() < 16) return tl::unexpected(Error::database_damaged);
    if (*head == plain_header) return tl::unexpected(Error::plain_database);
    // The salt belongs to the key, so a file of another vault is known before anything is read from it.
    const auto salt = key.expose().subspan(database_key_bytes);
    if (!std::ranges::equal(*head, salt, {}, [](char c) { return static_cast<unsigned char>(c); })) {
        return tl::unexpected(Error::foreign_database);
    }
    const auto log = log_state(path);
    if (!log) return tl::unexpected(log.error());
    if (*log != LogState::whole) return tl::unexpected(Error::database_damaged);
    if (auto synced = sync_log(path); !synced) return tl::unexpected(synced.error());
    auto connection = connect(path, key);
    if (!connection) return tl::unexpected(connection.error());
    Database database(std::move(*connection));
    {
        Statement mark = database.prepare("PRAGMA application_id");
        const auto row = mark.step();  // the first read: SQLCipher never says earlier that a key is wrong
        if (!row) return tl::unexpected(row.error());
        if (mark.integer(0) != application_id) return tl::unexpected(Error::foreign_database);
    }
    if (auto verified = database.verify_pages(); !verified) return tl::unexpected(verified.error());
    if (auto settled = database.settle(); !settled) return tl::unexpected(settled.error());
    // Its log is there by now. SQLite syncs the folder of that at the first write and drops what comes of it.
    if (auto synced = sync_folder(path.parent_path()); !synced) return tl::unexpected(synced.error());
    return database;
}

Result<Database> Database::open_damaged(const std::filesystem::path& path, const DatabaseKey& key, Log log) {
    // The salt in the file is not looked at: it comes with the key, and may be what is damaged.
    const auto state = log_state(path);
    if (!state) return tl::unexpected(state.error());
    const bool played = log == Log::played && *state != LogState::unreadable;
    auto connection = connect(path, key, played ? Use::rescue : Use::rescue_without_log);
    if (!connection) return tl::unexpected(connection.error());
    Database database(std::move(*connection));
    Statement mark = database.prepare("PRAGMA application_id");
    const auto row = mark.step();
    if (!row) return tl::unexpected(row.error());
    if (mark.integer(0) != application_id) return tl::unexpected(Error::foreign_database);
    return database;
}

Result<void> Database::set_references(References references) {
    return run(references == References::checked ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

/// Reads every page, through the log, so that a page torn by a crash but whole in the log counts as whole
/// (cipher_integrity_check looks past the log). Writes nothing.
Result<void> Database::verify_pages() {
    Statement check = prepare("PRAGMA quick_check(1)");
    const auto row = check.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row || check.text(0) != "ok") return tl::unexpected(Error::database_damaged);
    return {};
}

Result<void> Database::to_end(Statement& statement) {
    for (;;) {
        const auto row = statement.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
    }
}

Result<void> Database::checkpoint() {
    const int code =
        sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK) return tl::unexpected(from_sqlite(connection_.get(), code));
    return {};
}

Result<void> Database::overwrite_scratch() {
    // As long as a row can be that stands in one page as a whole, to within a few bytes; in a table of its
    // own, whose one page has room for it.
    if (auto written = run("INSERT INTO scratch (filler) VALUES (printf('%.*c', 3960, '0'))"); !written)
        return written;
    return run("DELETE FROM scratch");
}

Result<std::int64_t> Database::version() {
    Statement asked = prepare("PRAGMA user_version");
    const auto row = asked.step();
    if (!row) return tl::unexpected(row.error());
    return asked.integer(0);
}

Result<void> Database::set_version(std::int64_t version) {
    return pragmas(connection_.get(), "PRAGMA user_version = " + std::to_string(version));
}

Result<void> Database::copy_to(const std::filesystem::path& path, const DatabaseKey& key) {
    if (auto made = make_file(path); !made) return made;
    auto copied = [&]() -> Result<void> {
        auto connection = connect(path, key);
        if (!connection) return tl::unexpected(connection.error());
        sqlite3* target = connection->get();
        sqlite3_backup* backup = sqlite3_backup_init(target, "main", connection_.get(), "main");
        if (backup == nullptr) {
            return tl::unexpected(from_sqlite(target, sqlite3_extended_errcode(target)));
        }
        sqlite3_backup_step(backup, -1);
        if (sqlite3_backup_finish(backup) != SQLITE_OK) {
            return tl::unexpected(from_sqlite(target, sqlite3_extended_errcode(target)));
        }
        connection->reset();
        const auto head = head_of(path);
        if (!head) return tl::unexpected(head.error());
        if (head->size() < 16 || *head == plain_header) return tl::unexpected(Error::no_encryption);
        return sync_folder(path.parent_path());
    }();
    if (!copied) remove_file(path);
    return copied;
}

std::int64_t Database::changed() const {
    return sqlite3_changes64(connection_.get());
}

}  // namespace fieldfare::store
