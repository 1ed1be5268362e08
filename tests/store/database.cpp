#include "client/store/database.h"

#include <doctest/doctest.h>

#include "client/store/migrations.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Database;
using store::Error;

namespace {

store::DatabaseKey key_of(std::uint8_t number) {
    auto key = store::DatabaseKey::zeroed();
    REQUIRE(key.has_value());
    std::ranges::fill(key->storage(), number);
    return std::move(*key);
}

/// A database with one row of a marker text, closed.
struct File {
    File() {
        std::filesystem::create_directory(profile.path());
        auto database = Database::create(path, key);
        REQUIRE(database.has_value());
        REQUIRE(database->run("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
                    .has_value());
        REQUIRE(database->run("INSERT INTO word (id, text) VALUES (?, ?)", 1, "Marker-7391").has_value());
        REQUIRE(database->checkpoint().has_value());
    }
    void grow() {
        auto database = Database::open(path, key);
        REQUIRE(database.has_value());
        for (int i = 2; i < 40; ++i) {
            REQUIRE(database->run("INSERT INTO word (id, text) VALUES (?, ?)", i, std::string(1000, 'x'))
                        .has_value());
        }
        REQUIRE(database->checkpoint().has_value());
    }
    Error refused() {
        const auto before = bytes_of_file(path);
        const auto opened = Database::open(path, key);
        REQUIRE(!opened.has_value());
        CHECK(bytes_of_file(path) == before);
        return opened.error();
    }
    TemporaryProfile profile;
    std::filesystem::path path = profile.file("vault.db");
    store::DatabaseKey key = key_of(1);
};

std::string word(Database& database) {
    auto row = database.prepare("SELECT text FROM word WHERE id = 1");
    REQUIRE(row.step().value_or(false));
    return std::string(row.text(0));
}

}  // namespace

TEST_CASE("what is written to a database is read again with its key") {
    File file;
    auto database = Database::open(file.path, file.key);
    REQUIRE(database.has_value());
    CHECK(word(*database) == "Marker-7391");
}

TEST_CASE("a database file holds no readable text, not even its kind") {
    File file;
    CHECK(files_with(file.profile.path(), "Marker-7391").empty());
    CHECK(files_with(file.profile.path(), "SQLite format 3").empty());
}

TEST_CASE("only the owner may read a database file") {
    File file;
    CHECK(std::filesystem::status(file.path).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a database under another key is refused and left as it is") {
    File file;
    file.key = key_of(2);
    CHECK(file.refused() == Error::foreign_database);
}

TEST_CASE("a key that shares only the salt opens nothing") {
    File file;
    file.key.storage()[0] ^= 1;
    CHECK(file.refused() == Error::database_damaged);
}

TEST_CASE("an unencrypted SQLite file is refused and left as it is") {
    File file;
    write_file(file.path, std::string("SQLite format 3\0", 16) + std::string(4080, '\0'));
    CHECK(file.refused() == Error::plain_database);
}

TEST_CASE("an empty file is no new database") {
    File file;
    write_file(file.path, "");
    CHECK(file.refused() == Error::database_damaged);
}

TEST_CASE("a missing database is not made anew by opening it") {
    File file;
    std::filesystem::remove(file.path);
    const auto opened = Database::open(file.path, file.key);
    CHECK(opened.error() == Error::database_missing);
    CHECK(!std::filesystem::exists(file.path));
}

TEST_CASE("one flipped bit in any page is found before anything is read, and nothing is written") {
    File file;
    file.grow();
    const auto pages = std::filesystem::file_size(file.path) / 4096;
    REQUIRE(pages > 5);
    for (std::size_t page = 0; page < pages; ++page) {
        flip_byte(file.path, page * 4096 + 2000);
        CHECK(file.refused() == Error::database_damaged);
        flip_byte(file.path, page * 4096 + 2000);
    }
    CHECK(Database::open(file.path, file.key).has_value());
}

TEST_CASE("a database cut short at any length is found, and nothing is written") {
    File file;
    file.grow();
    const auto whole = bytes_of_file(file.path);
    for (const std::size_t size :
         {whole.size() - 1, whole.size() - 4096, std::size_t{4096}, std::size_t{17}}) {
        CAPTURE(size);
        write_file(file.path, whole.substr(0, size));
        CHECK(file.refused() == Error::database_damaged);
    }
}

TEST_CASE("a new database never takes the place of a file") {
    File file;
    const auto before = bytes_of_file(file.path);
    CHECK(Database::create(file.path, file.key).error() == Error::already_a_vault);
    CHECK(bytes_of_file(file.path) == before);
}

TEST_CASE("a database is open in one process at a time") {
    File file;
    const BesideProcess other([&] {
        static const auto first = Database::open(file.path, file.key);
        return first.has_value();
    });
    CHECK(file.refused() == Error::in_use);
}

TEST_CASE("a transaction that is not committed leaves nothing behind") {
    File file;
    auto database = Database::open(file.path, file.key);
    {
        auto transaction = database->begin();
        REQUIRE(database->run("UPDATE word SET text = 'other'").has_value());
    }
    CHECK(word(*database) == "Marker-7391");
}

TEST_CASE("a committed transaction survives the death of the process") {
    File file;
    in_another_process([&] {
        auto database = Database::open(file.path, file.key);
        auto transaction = database->begin();
        (void)database->run("UPDATE word SET text = 'after'");
        (void)transaction->commit();
        ::kill(::getpid(), SIGKILL);
    });
    auto database = Database::open(file.path, file.key);
    CHECK(word(*database) == "after");
}

TEST_CASE("a page torn by a crash but whole in the log counts as whole") {
    File file;
    in_another_process([&] {
        auto database = Database::open(file.path, file.key);
        (void)database->run("UPDATE word SET text = 'in the log'");
        ::kill(::getpid(), SIGKILL);
    });
    flip_byte(file.path, 4096 + 2000);
    auto database = Database::open(file.path, file.key);
    REQUIRE(database.has_value());
    CHECK(word(*database) == "in the log");
}

TEST_CASE("a refused file is not written to, not even from its own log") {
    File file;
    file.grow();
    in_another_process([&] {
        auto database = Database::open(file.path, file.key);
        (void)database->run("UPDATE word SET text = 'in the log' WHERE id = 1");
        ::kill(::getpid(), SIGKILL);
    });
    const auto log = bytes_of_file(file.path.string() + "-wal");
    flip_byte(file.path, std::filesystem::file_size(file.path) - 2000);
    CHECK(file.refused() == Error::database_damaged);
    CHECK(bytes_of_file(file.path.string() + "-wal") == log);
}

TEST_CASE("a checkpoint leaves an empty log") {
    File file;
    auto database = Database::open(file.path, file.key);
    REQUIRE(database->run("UPDATE word SET text = 'x'").has_value());
    CHECK(std::filesystem::file_size(file.path.string() + "-wal") > 0);
    REQUIRE(database->checkpoint().has_value());
    CHECK(std::filesystem::file_size(file.path.string() + "-wal") == 0);
}

TEST_CASE("a copy under another key opens with that key only") {
    File file;
    const auto copy = file.profile.file("copy.db");
    {
        auto database = Database::open(file.path, file.key);
        REQUIRE(database->copy_to(copy, key_of(2)).has_value());
    }
    auto opened = Database::open(copy, key_of(2));
    REQUIRE(opened.has_value());
    CHECK(word(*opened) == "Marker-7391");
    CHECK(Database::open(copy, file.key).error() == Error::foreign_database);
    CHECK(files_with(file.profile.path(), "Marker-7391").empty());
}

TEST_CASE(
    "a text in double quotes is no string, an extension can't be loaded, a pragma can't rewrite the schema") {
    File file;
    auto database = Database::open(file.path, file.key);
    CHECK(!database->run("SELECT \"nothing\"").has_value());
    CHECK(!database->run("SELECT load_extension('x')").has_value());
    (void)database->run("PRAGMA writable_schema = ON");
    CHECK(!database->run("UPDATE sqlite_schema SET sql = ''").has_value());
}

TEST_CASE("tables of a later program are refused and left as they are") {
    File file;
    auto database = Database::open(file.path, file.key);
    REQUIRE(database->set_version(store::newest_version + 1).has_value());
    CHECK(store::migrate(*database).error() == Error::newer_program);
    CHECK(word(*database) == "Marker-7391");
}

TEST_CASE("every error has a key of its own and a sentence that says what to do") {
    std::vector<std::string_view> keys;
    for (int i = 0; i <= static_cast<int>(Error::internal); ++i) {
        const auto error = static_cast<Error>(i);
        keys.push_back(store::key_of(error));
        CHECK(store::sentence(error).size() > 40);
    }
    std::ranges::sort(keys);
    CHECK(std::ranges::adjacent_find(keys) == keys.end());
}
