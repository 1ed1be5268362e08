#include "client/store/database_log.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "client/store/database.h"
#include "tests/support/bad_sector.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Database;
using store::Error;

// A log of which the disk gives back something else than was written, or nothing; and those that a power cut
// leaves, of which nobody is to be alarmed.

namespace {

constexpr std::size_t header = 32, frame_header = 24, page = 4096, frame = frame_header + page;

std::size_t frames_of(const std::string& log) {
    return (log.size() - header) / frame;
}
std::size_t place_of(std::size_t number) {
    return header + number * frame;
}
bool commits(const std::string& log, std::size_t number) {
    return log.substr(place_of(number) + 4, 4) != std::string(4, '\0');
}

/// A device that was killed in the middle of an interview: a draft saved some times since the last seal, of
/// which vault.db knows only the first answer.
struct KilledDevice : FieldDevice {
    static constexpr int saves = 5;

    KilledDevice() {
        interview(1);
        start("draft", "first");
        lock();
        in_another_process([&] {
            if (!unlock()) ::_exit(1);
            for (int number = 1; number <= saves; ++number)
                (void)save("draft", "/" + std::to_string(number),
                           std::string(900, static_cast<char>('0' + number)));
            ::kill(::getpid(), SIGKILL);
        });
        left = files();
        log = left.at("vault.db-wal");
        REQUIRE(log.size() == place_of(frames_of(log)));
        std::size_t transactions = 0;
        for (std::size_t number = 0; number < frames_of(log); ++number) {
            if (!commits(log, number)) continue;
            ++transactions;
            if (number + 1 < frames_of(log)) last_transaction = number + 1;
        }
        REQUIRE(transactions >= static_cast<std::size_t>(saves));
    }
    std::filesystem::path log_file() const { return profile.file("vault.db-wal"); }

    /// What SQLite keeps in the profile.
    std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(profile.path()))
            if (entry.path().filename().string().starts_with("vault.db"))
                all[entry.path().filename().string()] = bytes_of_file(entry.path());
        return all;
    }
    void restore() {
        for (const auto& [name, bytes] : files()) std::filesystem::remove(profile.file(name));
        for (const auto& [name, bytes] : left) write_file(profile.file(name), bytes);
    }

    /// How many of the saves are there: the first ones, and nothing else.
    int kept() {
        const auto there = entries("draft");
        const int count = static_cast<int>(there.size()) - 1;
        for (int number = 1; number <= count; ++number)
            CHECK(there[static_cast<std::size_t>(number)].path == "/" + std::to_string(number));
        return count;
    }
    store::Result<store::Rescued> rescue() {
        const auto read = [this](crypto::ByteView bytes) -> std::optional<store::StudyRecord> {
            if (std::ranges::equal(record.package, bytes)) return record;
            return std::nullopt;
        };
        return Device::rescue({read, {}});
    }
    void is_told() {
        const auto before = files();
        const auto opened = unlock();
        REQUIRE(!opened.has_value());
        CHECK(opened.error() == Error::database_damaged);
        CHECK(files() == before);
    }
    /// What stands before the damage comes back, and the person is told that more may be missing.
    int is_rescued() {
        const auto before = bytes_of_file(log_file());
        const auto rescued = rescue();
        REQUIRE(rescued.has_value());
        CHECK_FALSE(rescued->complete);
        CHECK(rescued->drafts == 1);
        CHECK(bytes_of_file(profile.file("vault.db.damaged-wal")) == before);
        const int count = kept();
        relock();
        CHECK(kept() == count);
        lock();
        return count;
    }

    std::map<std::string, std::string> left;
    std::string log;
    std::size_t last_transaction = 0;  ///< its first frame
};

/// A device that was killed once a full log had been moved into vault.db, before anything was written to the
/// log again.
struct MovedDevice : KilledDevice {
    int count = 0;       ///< saves
    std::string before;  ///< vault.db without any of it

    MovedDevice() {
        REQUIRE(unlock().has_value());
        REQUIRE(vault().delete_draft("draft").has_value());
        start("draft", "first");
        lock();
        before = bytes_of_file(database());
        const auto status = in_another_process([&] {
            if (!unlock()) ::_exit(1);
            for (int number = 1; number < 250; ++number) {
                (void)save("draft", "/" + std::to_string(number), std::string(30'000, 'x'));
                if (std::filesystem::file_size(log_file()) < place_of(1000)) continue;
                write_file(profile.path().parent_path() / "count", std::to_string(number));
                ::kill(::getpid(), SIGKILL);
            }
        });
        REQUIRE(WIFSIGNALED(status));
        count = std::stoi(bytes_of_file(profile.path().parent_path() / "count"));
        left = files();
        log = left.at("vault.db-wal");
        last_transaction = 0;
        for (std::size_t number = 0; number + 1 < frames_of(log); ++number)
            if (commits(log, number)) last_transaction = number + 1;
        REQUIRE(frames_of(log) >= 1000);
        REQUIRE(last_transaction + 2 < frames_of(log));
        REQUIRE(left.at("vault.db").find(log.substr(log.size() - page)) != std::string::npos);
    }
    std::filesystem::path database() const { return profile.file("vault.db"); }
    int kept_of_a_rescue() {
        is_told();
        REQUIRE(rescue().has_value());
        const int there = kept();
        lock();
        restore();
        return there;
    }
};

/// A database whose log has begun anew over an older one.
struct RestartedLog {
    RestartedLog() {
        std::filesystem::create_directory(profile.path());
        in_another_process([this] {
            auto database = Database::create(path, key);
            (void)database->run("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT");
            int id = 0;
            for (int count = 0; count < 9; ++count) {
                auto transaction = database->begin();
                for (int row = 0; row < 100; ++row)
                    (void)database->run("INSERT INTO word (id, text) VALUES (?, ?)", ++id,
                                        std::string(3500, 'x'));
                (void)transaction->commit();
            }
            // At 1000 pages SQLite moves them into the database; the next transaction begins the log anew.
            const auto head = bytes_of_file(log).substr(0, header);
            for (std::string now; now.empty() || now.starts_with(head); now = bytes_of_file(log)) {
                write_file(before, bytes_of_file(log));
                (void)database->run("UPDATE word SET text = ? WHERE id = 1", std::to_string(++id));
            }
            ::kill(::getpid(), SIGKILL);
        });
        REQUIRE(bytes_of_file(log).size() == bytes_of_file(before).size());
        REQUIRE(bytes_of_file(log).substr(0, header) != bytes_of_file(before).substr(0, header));
    }
    store::Result<Database> open() const { return Database::open(path, key); }

    TemporaryProfile profile;
    std::filesystem::path path = profile.file("vault.db"), log = profile.file("vault.db-wal"),
                          before = profile.file("before");
    store::DatabaseKey key = std::move(*store::DatabaseKey::zeroed());
};

}  // namespace

TEST_CASE("damage in the log before acknowledged answers is told, and a rescue keeps the log's bytes") {
    KilledDevice device;
    int least = KilledDevice::saves, most = 0;
    for (std::size_t number = 0; number < device.last_transaction; ++number) {
        // Its page's number, mark of a commit, salts, checksum, and content.
        for (const std::size_t at :
             {std::size_t{0}, std::size_t{4}, std::size_t{8}, std::size_t{17}, frame_header + 100}) {
            CAPTURE(number);
            CAPTURE(at);
            flip_byte(device.log_file(), place_of(number) + at);
            device.is_told();
            if (at == frame_header + 100) {
                const int kept = device.is_rescued();
                least = std::min(least, kept);
                most = std::max(most, kept);
            }
            device.restore();
        }
    }
    CHECK(least == 0);
    CHECK(most >= KilledDevice::saves - 2);
}

TEST_CASE("damage at the very beginning of the log is told where the vault lacks what stands behind it") {
    KilledDevice device;
    for (std::size_t at = 0; at < header; ++at) {
        CAPTURE(at);
        flip_byte(device.log_file(), at);
        device.is_told();
        device.restore();
    }
    write_file(device.log_file(), std::string(page, '\0') + device.log.substr(page));
    device.is_told();
    device.is_rescued();
}

TEST_CASE("a damaged beginning of the log is told whatever stands there now") {
    KilledDevice device;
    std::mt19937 random(1);
    for (int times = 0; times < 40; ++times) {
        CAPTURE(times);
        std::string block(page, '\0');
        std::ranges::generate(block, [&] { return static_cast<char>(times < 2 ? -times : random()); });
        write_file(device.log_file(), block + device.log.substr(page));
        device.is_told();
        // With nothing behind it that tells what it was.
        write_file(device.log_file(), block + device.log.substr(page, place_of(1) - page));
        CHECK(store::log_state(device.profile.file("vault.db")) == store::LogState::damaged);
        device.restore();
    }
}

TEST_CASE("a bad block at the seam of two transactions is told, since the first of them was acknowledged") {
    KilledDevice device;
    REQUIRE(device.last_transaction + 1 < frames_of(device.log));
    for (const char fill : {'\0', 'x', '\xff'}) {
        for (std::size_t at = 0; at < place_of(device.last_transaction); at += page) {
            CAPTURE(fill);
            CAPTURE(at);
            std::string bad = device.log;
            bad.replace(at, page, page, fill);
            write_file(device.log_file(), bad);
            device.is_told();
            device.restore();
        }
    }
}

TEST_CASE("damage in a log that stands in vault.db already is told, and a rescue takes no answer back") {
    MovedDevice device;
    const auto frames = frames_of(device.log);
    for (const std::size_t number : {std::size_t{0}, std::size_t{20}, frames / 2, device.last_transaction - 1,
                                     device.last_transaction, frames - 2}) {
        CAPTURE(number);
        flip_byte(device.log_file(), place_of(number) + 100);
        CHECK(device.kept_of_a_rescue() == device.count);
    }
}

TEST_CASE("where moving the log was cut short and it is damaged, the way that gives more answers counts") {
    MovedDevice device;
    const auto mix = [&](std::size_t moved_pages) {
        const std::string& after = device.left.at("vault.db");
        write_file(device.database(),
                   after.substr(0, moved_pages * page) + (moved_pages * page < device.before.size()
                                                              ? device.before.substr(moved_pages * page)
                                                              : std::string()));
    };
    SUBCASE("almost all of it moved, damage at its beginning") {
        mix(device.left.at("vault.db").size() / page - 20);
        flip_byte(device.log_file(), place_of(5) + 100);
    }
    SUBCASE("the first pages moved, damage at its end") {
        mix(10);
        flip_byte(device.log_file(), place_of(device.last_transaction - 1) + 100);
    }
    CHECK(device.kept_of_a_rescue() >= device.count * 9 / 10);
}

TEST_CASE(
    "a sector of the log that the disk does not give back is told, and a rescue has what vault.db has") {
    KilledDevice device;
    std::vector<std::size_t> places{0};
    for (std::size_t number = 0; number < frames_of(device.log); ++number)
        places.push_back(place_of(number) + 1000);
    for (const std::size_t place : places) {
        CAPTURE(place);
        {
            const BadSector bad(device.log_file(), place);
            device.is_told();
            const auto rescued = device.rescue();
            REQUIRE(rescued.has_value());
            CHECK_FALSE(rescued->complete);
        }
        CHECK(bytes_of_file(device.profile.file("vault.db.damaged-wal")) == device.log);
        CHECK(device.kept() == 0);
        device.lock();
        device.restore();
    }
    REQUIRE(device.unlock().has_value());
    CHECK(device.kept() == KilledDevice::saves);
}

TEST_CASE("the log that a rescue has set aside goes with what destroying removes") {
    KilledDevice device;
    flip_byte(device.log_file(), place_of(2) + 100);
    REQUIRE(device.rescue().has_value());
    const auto aside = device.profile.file("vault.db.damaged-wal");
    const auto bytes = bytes_of_file(aside);
    const auto place = device.profile.path().parent_path() / "second name";
    std::filesystem::create_hard_link(aside, place);
    REQUIRE(device.vault()
                .set_destroy_passphrase(passphrase(Device::right_passphrase), passphrase("all of it"),
                                        crypto::SealedFiles::stay)
                .has_value());
    device.relock_with("all of it");
    CHECK(!std::filesystem::exists(aside));
    for (std::size_t at = 0; at + page <= bytes.size(); at += page)
        CHECK(bytes_of_file(place).find(bytes.substr(at + 512, 64)) == std::string::npos);
}

TEST_CASE("whatever a power cut leaves of the last transaction, the vault opens with all before it") {
    KilledDevice device;
    const auto begins = place_of(device.last_transaction);
    const auto opens = [&](const std::string& log) {
        write_file(device.log_file(), log);
        REQUIRE(device.unlock().has_value());
        CHECK(device.kept() >= KilledDevice::saves - 1);
        device.lock();
        device.restore();
    };
    for (std::size_t size = begins; size < device.log.size(); size += 512) {
        CAPTURE(size);
        opens(device.log.substr(0, size));
    }
    for (std::size_t number = device.last_transaction; number < frames_of(device.log); ++number) {
        CAPTURE(number);
        std::string torn = device.log;
        torn.replace(place_of(number), 512, 512, '\0');
        opens(torn);
        torn = device.log;
        torn.replace(place_of(number) + 2048, 512, 512, 'x');
        opens(torn);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{16}, header}) {
        CAPTURE(size);
        write_file(device.log_file(), device.log.substr(0, size));
        CHECK(store::log_state(device.profile.file("vault.db")) == store::LogState::whole);
    }
}

TEST_CASE("older frames behind a log that has begun anew are not taken for lost ones") {
    const RestartedLog file;
    const auto log = bytes_of_file(file.log);
    CHECK(store::log_state(file.path) == store::LogState::whole);
    SUBCASE("its only transaction is torn") {
        auto torn = log;
        torn.replace(place_of(0) + 1000, 512, 512, 'x');
        write_file(file.log, log.substr(0, place_of(1)) + bytes_of_file(file.before).substr(place_of(1)));
        REQUIRE(file.open().has_value());
        write_file(file.log, torn.substr(0, place_of(1)) + bytes_of_file(file.before).substr(place_of(1)));
        CHECK(file.open().has_value());
    }
    SUBCASE("its first header is torn") {
        for (std::size_t kept = 1; kept < header; ++kept) {
            CAPTURE(kept);
            write_file(file.log, log.substr(0, kept) + bytes_of_file(file.before).substr(kept));
            CHECK(store::log_state(file.path) == store::LogState::whole);
        }
        CHECK(file.open().has_value());
    }
    SUBCASE("its first header is torn, and of its frames one can't be read") {
        write_file(file.log, log.substr(0, 20) + bytes_of_file(file.before).substr(20));
        for (const std::size_t number : {std::size_t{0}, std::size_t{500}}) {
            const BadSector bad(file.log, place_of(number) + 1000);
            CHECK(store::log_state(file.path) == store::LogState::damaged);
        }
    }
    SUBCASE("the disk does not give them back") {
        const BadSector bad(file.log, place_of(500));
        CHECK(file.open().has_value());
    }
}
