#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/store/error.h"
#include "crypto/bytes.h"
#include "crypto/secret.h"

struct sqlite3;
struct sqlite3_stmt;

namespace fieldfare::store {

/// 32 bytes of raw key and 16 bytes of salt, which stand in clear at the beginning of the file.
struct DatabaseKeyTag;
using DatabaseKey = crypto::Secret<48, DatabaseKeyTag>;
inline constexpr std::size_t database_key_bytes = 32;
inline constexpr std::size_t database_salt_bytes = 16;

/// A prepared statement. Faults of preparing and binding are kept and come out of the next step(), so that a
/// call site has one place to look. Does not outlive its Database.
class Statement {
  public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;

    /// Parameters count from 1, as in SQL. Text and blobs are copied by the library.
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view value);
    Statement& bind(int index, crypto::ByteView value);
    Statement& bind_null(int index);
    /// What stands in a column of another statement's row, of whatever type, of the same database or another.
    Statement& bind_column(int index, const Statement& other, int column);

    /// True: a row is there to be read. False: done.
    Result<bool> step();

    /// Columns count from 0. Views end with the next step(). A NULL is 0, "" or no bytes.
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    crypto::ByteView blob(int column) const;
    bool null(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    Statement(sqlite3* connection, std::string_view sql);

    sqlite3* connection_ = nullptr;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int fault_ = 0;
};

class Database;

/// Rolled back when it goes out of scope without a commit() that succeeded.
class [[nodiscard]] Transaction {
  public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// On return everything since begin() is durable. After a failure nothing of it stands in this
    /// connection.
    Result<void> commit();

  private:
    friend class Database;
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

/// One connection to an encrypted database file: SQLCipher with a raw key. The process that opens it has it
/// alone (SQLite's exclusive lock, a POSIX one: it holds against other processes, and this process must not
/// open the file a second time; the profile's own lock sees to both). All PRAGMAs of the project stand in
/// database.cpp. One thread at a time.
///
/// Fail closed: when the library does not answer as SQLCipher, or what it wrote begins like an ordinary
/// SQLite file, nothing goes on (no_encryption).
class Database {
  public:
    /// Makes a new file, mode 0600. already_a_vault: something of this name is there; it is left alone. After
    /// any other failure the new file is gone again.
    static Result<Database> create(const std::filesystem::path& path, const DatabaseKey& key);

    /// Opens an existing file and checks every page of it, and its log (database_log.h). Nothing is written
    /// to a file that is refused: database_missing, plain_database (unencrypted SQLite), foreign_database
    /// (another key, or no database), database_damaged (truncated, a page does not verify, or the log is
    /// damaged or can't be read), in_use.
    static Result<Database> open(const std::filesystem::path& path, const DatabaseKey& key);

    enum class Log {
        played,      ///< as far as it verifies, and not at all where the medium does not give it back
        passed_over  ///< as if there was none
    };
    /// Opens a file of which some pages are damaged, to read what can be read: a statement that comes to a
    /// damaged page answers database_damaged, or disk_failed where the medium does. Writes nothing, and no
    /// statement can. database_damaged when nothing of it can be read; otherwise as open().
    static Result<Database> open_damaged(const std::filesystem::path& path, const DatabaseKey& key, Log log);

    Database(Database&&) noexcept = default;
    Database& operator=(Database&&) noexcept = default;

    Statement prepare(std::string_view sql) { return Statement(connection_.get(), sql); }

    /// Runs one statement to its end, with parameters in order.
    template <typename... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        Statement statement = prepare(sql);
        int index = 0;
        (bind_one(statement, ++index, values), ...);
        return to_end(statement);
    }

    /// BEGIN IMMEDIATE: whatever follows until commit() stands or falls as one.
    Result<Transaction> begin();

    /// SQLite puts each row together in a page's worth of memory, which it keeps: overwrites what the rows
    /// written last have left there. Takes part in a transaction.
    Result<void> overwrite_scratch();

    /// Moves the write-ahead log into the file and cuts it to nothing, so that it keeps no older copy of a
    /// page. in_use while a statement is being read.
    Result<void> checkpoint();

    /// The version number that migrations keep in the file's header.
    Result<std::int64_t> version();
    Result<void> set_version(std::int64_t version);  ///< takes part in a transaction

    /// Writes the whole database to a new file under another key; durable on return. already_a_vault: the
    /// name is taken. After any failure the new file is gone again.
    Result<void> copy_to(const std::filesystem::path& path, const DatabaseKey& key);

    /// Whether rows may name rows that are not there, until the database is closed. Only between statements
    /// of no transaction.
    enum class References { checked, unchecked };
    Result<void> set_references(References references);

    /// Rows changed by the last run().
    std::int64_t changed() const;

  private:
    friend class Transaction;
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    using Connection = std::unique_ptr<sqlite3, Close>;

    explicit Database(Connection connection) : connection_(std::move(connection)) {}
    enum class Use { all, rescue, rescue_without_log };
    static Result<Connection> connect(const std::filesystem::path& path, const DatabaseKey& key,
                                      Use use = Use::all);
    static Result<void> pragmas(sqlite3* connection, std::string_view sql);
    Result<void> settle();
    Result<void> verify_pages();
    Result<void> to_end(Statement& statement);

    static void bind_one(Statement& statement, int index, std::integral auto value) {
        statement.bind(index, static_cast<std::int64_t>(value));
    }
    static void bind_one(Statement& statement, int index, std::string_view value) {
        statement.bind(index, value);
    }
    static void bind_one(Statement& statement, int index, crypto::ByteView value) {
        statement.bind(index, value);
    }
    static void bind_one(Statement& statement, int index, std::nullopt_t) { statement.bind_null(index); }

    Connection connection_;
};

}  // namespace fieldfare::store
