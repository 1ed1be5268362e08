#include "client/store/vault.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/store/faults.h"
#include "client/store/migrations.h"
#include "tests/support/confinement.h"
#include "tests/support/skip.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::ProfileState;

namespace {

/// What a refused unlock said; the whole profile must be as it was.
Error refused(Device& device, std::string_view passphrase = Device::right_passphrase) {
    const auto database = bytes_of_file(device.profile.file("vault.db"));
    const auto keyslots = bytes_of_file(device.profile.file("keyslots"));
    const auto unlocked = device.unlock(passphrase);
    REQUIRE(!unlocked.has_value());
    CHECK(bytes_of_file(device.profile.file("vault.db")) == database);
    CHECK(bytes_of_file(device.profile.file("keyslots")) == keyslots);
    return unlocked.error();
}

/// A profile that was made and locked again.
struct LockedDevice : Device {
    LockedDevice() {
        REQUIRE(create().has_value());
        lock();
    }
};

}  // namespace

TEST_CASE("a folder that is not there holds no vault, and a created one opens with its passphrase") {
    Device device;
    CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::no_vault, {}});
    CHECK(device.unlock().error() == Error::no_vault);
    REQUIRE(device.create().has_value());
    device.lock();
    CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
    CHECK(device.unlock().has_value());
}

TEST_CASE("another passphrase does not open it and changes nothing") {
    LockedDevice device;
    CHECK(refused(device, "correct horsf") == Error::wrong_passphrase);
    CHECK(refused(device, "") == Error::wrong_passphrase);
}

TEST_CASE("a second vault is never made over the first") {
    LockedDevice device;
    const auto before = bytes_of_file(device.profile.file("vault.db"));
    CHECK(device.create().error() == Error::already_a_vault);
    CHECK(bytes_of_file(device.profile.file("vault.db")) == before);
}

TEST_CASE("only the owner may look into a profile, whatever its folder was before") {
    Device device;
    std::filesystem::create_directory(device.profile.path());
    ::chmod(device.profile.path().c_str(), 0755);
    REQUIRE(device.create().has_value());
    const auto mode = [](const std::filesystem::path& path) {
        struct stat found {};
        REQUIRE(::stat(path.c_str(), &found) == 0);
        return found.st_mode & 0777;
    };
    CHECK(mode(device.profile.path()) == 0700);
    for (const char* name : {"keyslots", "vault.db", "vault.db-wal", "sync.json", "lock"}) {
        INFO(name);
        CHECK(mode(device.profile.file(name)) == 0600);
    }
}

TEST_CASE("a profile's folder that belongs to another user is refused and left as it is") {
    if (::geteuid() != 0) {
        skipped("only root can give a folder to another user");
        return;
    }
    constexpr uid_t somebody = 12345;
    Device device;
    const auto folder = device.profile.path();
    SUBCASE("an empty one, open to all") {
        std::filesystem::create_directory(folder);
        ::chmod(folder.c_str(), 0777);
        REQUIRE(::chown(folder.c_str(), somebody, somebody) == 0);
        CHECK(device.create().error() == Error::not_ours);
        struct stat found {};
        REQUIRE(::stat(folder.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0777);
        CHECK(std::filesystem::is_empty(folder));
    }
    SUBCASE("one with a vault") {
        REQUIRE(device.create().has_value());
        device.lock();
        REQUIRE(::chown(folder.c_str(), somebody, somebody) == 0);
        CHECK(refused(device, Device::right_passphrase) == Error::not_ours);
    }
    SUBCASE("root's, for somebody else") {
        std::filesystem::create_directory(folder);
        ::chmod(folder.parent_path().c_str(), 0711);
        ::chmod(folder.c_str(), 0777);
        CHECK(alone([&] {
                  if (::seteuid(somebody) != 0) return 98;
                  const auto made = device.create();
                  return !made && made.error() == Error::not_ours ? 0 : 1;
              }) == 0);
        CHECK(std::filesystem::is_empty(folder));
    }
}

TEST_CASE("a link in the place of a profile's folder is refused, and nothing is made where it leads") {
    Device device;
    const auto elsewhere = device.profile.path().parent_path() / "elsewhere";
    std::filesystem::create_directory(elsewhere);
    std::filesystem::create_directory_symlink(elsewhere, device.profile.path());
    CHECK(device.create().error() == Error::not_writable);
    CHECK(std::filesystem::is_empty(elsewhere));
}

TEST_CASE("a profile without its database, or without its keyslots, is damaged and not begun anew") {
    LockedDevice device;
    SUBCASE("database") {
        std::filesystem::remove(device.profile.file("vault.db"));
        CHECK(device.unlock().error() == Error::database_missing);
        CHECK(device.create().error() == Error::database_missing);
    }
    SUBCASE("keyslots") {
        std::filesystem::remove(device.profile.file("keyslots"));
        CHECK(device.unlock().error() == Error::keyslots_damaged);
        CHECK(device.create().error() == Error::keyslots_damaged);
    }
}

TEST_CASE("where keyslots and database are gone, a new vault may begin only if nothing sealed is left") {
    FieldDevice device;
    SUBCASE("nothing sealed") {
        device.lock();
        std::filesystem::remove(device.profile.file("vault.db"));
        std::filesystem::remove(device.profile.file("keyslots"));
        CHECK(device.create().has_value());
    }
    SUBCASE("an interview") {
        device.interview(1);
        device.lock();
        std::filesystem::remove(device.profile.file("vault.db"));
        std::filesystem::remove(device.profile.file("keyslots"));
        CHECK(device.create().error() == Error::keyslots_damaged);
        CHECK(device.sealed_times(1) == 1);
    }
}

TEST_CASE("a database of another profile is refused and left as it is") {
    LockedDevice device, other;
    std::filesystem::copy_file(other.profile.file("vault.db"), device.profile.file("vault.db"),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(refused(device) == Error::foreign_database);
}

TEST_CASE("a plain SQLite file in the place of the database is refused and left as it is") {
    LockedDevice device;
    write_file(device.profile.file("vault.db"),
               std::string("SQLite format 3\0", 16) + std::string(4080, '\0'));
    CHECK(refused(device) == Error::plain_database);
}

TEST_CASE("a damaged page and a cut database are refused and left as they are") {
    LockedDevice device;
    SUBCASE("page") {
        flip_byte(device.profile.file("vault.db"), 3 * 4096 + 100);
    }
    SUBCASE("cut") {
        const auto whole = bytes_of_file(device.profile.file("vault.db"));
        write_file(device.profile.file("vault.db"), whole.substr(0, whole.size() - 4096));
    }
    CHECK(refused(device) == Error::database_damaged);
}

TEST_CASE("two programs never have one profile open") {
    Device device;
    REQUIRE(device.create().has_value());
    const auto status = in_another_process([&] {
        const auto second = store::Vault::unlock(device.profile.path(), passphrase(Device::right_passphrase),
                                                 device.surroundings());
        ::_exit(!second && second.error() == Error::in_use ? 7 : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
    CHECK(store::adopt_leftovers(device.profile.path()).fault == Error::in_use);
}

TEST_CASE("a profile whose program was killed opens again") {
    LockedDevice device;
    in_another_process([&] {
        (void)device.unlock();
        ::kill(::getpid(), SIGKILL);
    });
    CHECK(device.unlock().has_value());
}

TEST_CASE("a copy that was cut short and can't be overwritten goes, and keeps nobody out") {
    LockedDevice device;
    const auto left = device.profile.file("vault.db.new");
    std::filesystem::copy_file(device.profile.file("vault.db"), left);
    {
        const FullDisk disk(1);
        CHECK(device.unlock().has_value());
    }
    CHECK(!std::filesystem::exists(left));
}

TEST_CASE("a creation that was cut short leaves no vault, and can be done again") {
    LockedDevice device;
    SUBCASE("before the database was complete") {
        std::filesystem::rename(device.profile.file("vault.db"), device.profile.file("vault.db.new"));
    }
    SUBCASE("before there was one") {
        std::filesystem::remove(device.profile.file("vault.db"));
    }
    std::filesystem::remove_all(device.profile.file("outbox"));
    CHECK(store::profile_state(device.profile.path()).kind == ProfileState::Kind::no_vault);
    CHECK(device.create().has_value());
}

TEST_CASE("a creation for which there is no room leaves nothing behind, at whatever point the room ends") {
    Device device;
    for (const rlim_t room : {10, 5000, 20000, 60000}) {
        {
            const FullDisk disk(room);
            CHECK(!device.create().has_value());
        }
        CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::no_vault, {}});
    }
    CHECK(device.create().has_value());
}

#if !defined(__SANITIZE_ADDRESS__)  // whose own memory is beyond any such limit
TEST_CASE("not enough memory for the passphrase is not called a wrong passphrase") {
    LockedDevice device;
    const auto status = in_another_process([&] {
        rlim_t pages = 0;  // that it has already
        std::ifstream("/proc/self/statm") >> pages;
        const rlim_t bytes = pages * 4096 + 24 * 1024 * 1024;
        const rlimit little{bytes, bytes};
        ::setrlimit(RLIMIT_AS, &little);
        const auto unlocked = device.unlock();
        ::_exit(!unlocked && unlocked.error() == Error::out_of_memory ? 7 : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
}
#endif

TEST_CASE("a locked vault answers nothing") {
    FieldDevice device;
    auto& vault = device.vault();
    REQUIRE(vault.lock().has_value());
    CHECK(vault.is_locked());
    CHECK(vault.studies().error() == Error::locked);
    CHECK(vault.drafts(device.record.study).error() == Error::locked);
    CHECK(device.finalise("draft", 1).error() == Error::locked);
    CHECK(vault.lock().has_value());
}

TEST_CASE("a setting stays until it is set anew") {
    Device device;
    REQUIRE(device.create().has_value());
    CHECK(device.vault().setting("language").value() == std::nullopt);
    REQUIRE(device.vault().set_setting("language", "ru").has_value());
    device.relock();
    CHECK(device.vault().setting("language").value() == "ru");
}

// --- old vaults -------------------------------------------------------------------------------------

namespace {

std::filesystem::path old_vault(int version) {
    return std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
           ("version-" + std::to_string(version));
}

}  // namespace

TEST_CASE("a vault of every version of the tables opens with all that it held, and goes on") {
    int version = 1;
    for (int each = 1; each <= store::newest_version; ++each) SUBCASE(std::to_string(each).c_str()) {
            version = each;
        }
    FieldDevice device;
    device.lock();
    std::filesystem::remove_all(device.profile.path());
    std::filesystem::copy(old_vault(version), device.profile.path(),
                          std::filesystem::copy_options::recursive);
    REQUIRE(device.unlock("the passphrase of a golden vault").has_value());

    REQUIRE(device.vault().studies()->size() == 1);
    CHECK(device.vault().studies()->front().versions == std::vector<std::uint32_t>{1, 2});
    CHECK(device.vault().package(device.record.study, 1) == device.record.package);
    CHECK(device.vault().setting("language").value() == "ru");
    CHECK(device.counts() == store::Counts{1, 1, 0, 0});
    CHECK(device.drafts().front().form_version == "form 1");
    std::vector<schema::DraftEntry> entries = {
        {"/q", "Ёж", {}, true}, {"/r[1]/a", "", schema::Missing::refused, true}, {"/r[1]/b", "", {}, false}};
    std::vector<std::string> files;
    if (version >= 4) {
        entries.push_back({"/photo", "photo-1.jpg", {}, true});
        files = {"photo-1.jpg"};
        CHECK(device.attachments("draft") == std::vector<store::Attachment>{{"photo-1.jpg", 10}});
    }
    CHECK(device.entries("draft") == entries);
    const auto file = device.vault().outbox().value()->sealed()->front();
    CHECK(device.vault().outbox().value()->holds(file.hash) == true);

    REQUIRE(device.finalise_with("draft", 2, files).has_value());
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});
    CHECK(device.vault().outbox().value()->sealed()->size() == 1 + files.size());  // the second batch is open
    CHECK(device.vault().head(device.record.study)->value().sequence == 1);
}

// Run once for each version of the tables, and never over an older one:
// bin/test_store -tc="a golden vault is made" --no-skip
TEST_CASE("a golden vault is made" * doctest::skip()) {
    FieldDevice device;
    REQUIRE(device.vault()
                .change_passphrase(passphrase(Device::right_passphrase),
                                   passphrase("the passphrase of a golden vault"), crypto::cost_floor)
                .has_value());
    device.interview(1);
    const std::vector<schema::DraftEntry> entries = {
        {"/q", "Ёж", {}, true}, {"/r[1]/a", "", schema::Missing::refused, true}, {"/r[1]/b", "", {}, false}};
    REQUIRE(device.vault()
                .start_draft("draft", device.record.study, 1, FieldDevice::change(entries))
                .has_value());
    device.attach("draft", "/photo", "photo-1.jpg", "ten bytes.");
    REQUIRE(device.vault().import_study(study_record(device.researcher, 2)).has_value());
    REQUIRE(device.vault().set_setting("language", "ru").has_value());
    device.lock();
    const auto target = old_vault(store::newest_version);
    REQUIRE(!std::filesystem::exists(target));
    std::filesystem::create_directories(target);
    for (const char* name : {"keyslots", "vault.db", "sync.json"}) {
        std::filesystem::copy(device.profile.file(name), target / name);
    }
    std::filesystem::copy(device.profile.file("outbox"), target / "outbox");  // its files, not its folders
}

// --- change of passphrase ---------------------------------------------------------------------------

TEST_CASE("after a change only the new passphrase opens, and everything is there") {
    FieldDevice device;
    device.start("draft", "yes");
    const auto before = bytes_of_file(device.profile.file("vault.db"));
    REQUIRE(
        device.vault()
            .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"), crypto::cost_floor)
            .has_value());
    CHECK(device.entries("draft").size() == 1);  // the vault stays open
    device.lock();
    CHECK(bytes_of_file(device.profile.file("vault.db")).substr(0, 16) != before.substr(0, 16));
    CHECK(refused(device) == Error::wrong_passphrase);
    REQUIRE(device.unlock("new").has_value());
    CHECK(device.entries("draft").size() == 1);
}

TEST_CASE("a change with a wrong old passphrase changes nothing") {
    FieldDevice device;
    CHECK(device.vault()
              .change_passphrase(passphrase("wrong"), passphrase("new"), crypto::cost_floor)
              .error() == Error::wrong_passphrase);
    device.relock();
}

TEST_CASE("a database from before the change is of no use with the new keyslots") {
    FieldDevice device;
    device.lock();
    const auto before = bytes_of_file(device.profile.file("vault.db"));
    REQUIRE(device.unlock().has_value());
    REQUIRE(
        device.vault()
            .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"), crypto::cost_floor)
            .has_value());
    device.lock();
    write_file(device.profile.file("vault.db"), before);
    CHECK(refused(device, "new") == Error::foreign_database);
}

TEST_CASE(
    "keyslots from before the change, put back, open nothing of the vault that went on under the new ones") {
    FieldDevice device;
    device.start("draft", "yes");
    const auto keyslots = device.profile.file("keyslots");
    const auto before = bytes_of_file(keyslots);
    REQUIRE(
        device.vault()
            .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"), crypto::cost_floor)
            .has_value());
    device.lock();
    const auto now = bytes_of_file(keyslots);
    write_file(keyslots, before);
    CHECK(refused(device, Device::right_passphrase) == Error::foreign_database);
    write_file(keyslots, now);
    REQUIRE(device.unlock("new").has_value());
    CHECK(device.entries("draft").front().value == "yes");
}

TEST_CASE("a change of passphrase that is cut short at any step is brought to its end by the next unlock") {
    FieldDevice device;
    device.start("draft", "yes");
    device.lock();
    store::Step step{};
    SUBCASE("keyslots") {
        step = store::Step::new_passphrase;
    }
    SUBCASE("copied") {
        step = store::Step::copied;
    }
    SUBCASE("replaced") {
        step = store::Step::replaced;
    }
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(step));
        (void)device.vault().change_passphrase(passphrase(Device::right_passphrase), passphrase("new"),
                                               crypto::cost_floor);
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(device.unlock().error() == Error::wrong_passphrase);
    REQUIRE(device.unlock("new").has_value());
    CHECK(device.entries("draft").size() == 1);
    CHECK(!std::filesystem::exists(device.profile.file("vault.db.new")));
    device.lock();
    REQUIRE(device.unlock("new").has_value());
    // An earlier change that was not brought to its end would be refused here.
    CHECK(device.vault()
              .change_passphrase(passphrase("new"), passphrase("newer"), crypto::cost_floor)
              .has_value());
}

TEST_CASE("keyslots that the disk does not take keep nobody out after a change of passphrase cut short") {
    FieldDevice device;
    device.start("draft", "yes");
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::replaced));
        (void)device.vault().change_passphrase(passphrase(Device::right_passphrase), passphrase("new"),
                                               crypto::cost_floor);
    });
    REQUIRE(WIFSIGNALED(status));
    const auto keyslots = bytes_of_file(device.profile.file("keyslots"));
    {
        const FullDisk disk(4096);
        CHECK(refused(device, Device::right_passphrase) == Error::wrong_passphrase);
        REQUIRE(device.unlock("new").has_value());
        CHECK(device.entries("draft").size() == 1);
        CHECK(bytes_of_file(device.profile.file("keyslots")) == keyslots);
        device.lock();
    }
    REQUIRE(device.unlock("new").has_value());
    CHECK(device.vault()
              .change_passphrase(passphrase("new"), passphrase("newer"), crypto::cost_floor)
              .has_value());
}

TEST_CASE(
    "a disk that fails in the middle of a change of passphrase leaves open which one counts, and says so") {
    FieldDevice device;
    {
        const FullDisk disk(5000);  // in the second copy of the keyslots
        CHECK(device.vault()
                  .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"),
                                     crypto::cost_floor)
                  .error() == Error::change_undecided);
    }
    device.lock();
    CHECK(refused(device, "new") == Error::wrong_passphrase);
    CHECK(device.unlock().has_value());
}

TEST_CASE("what is wrong with the keyslots is not told as a fault of the study file or of the permissions") {
    CHECK(store::from_keyslots(crypto::Error::not_canonical) == Error::keyslots_damaged);
    CHECK(store::from_keyslots(crypto::Error::not_readable) == Error::disk_failed);
}

TEST_CASE("too little memory is never told as a wrong passphrase") {
    CHECK(store::from_keyslots(crypto::Error::out_of_memory) == Error::out_of_memory);
    CHECK(store::sentence(Error::out_of_memory) ==
          "There is not enough free memory; the last step was not done. Close other programs and try again.");
}

TEST_CASE("a creation that is cut short leaves a vault with its first study, or none and room for one") {
    store::Step step{};
    SUBCASE("with the keyslots made") {
        step = store::Step::keyslots_made;
    }
    SUBCASE("with the database made") {
        step = store::Step::database_made;
    }
    Device device;
    const Researcher researcher;
    const auto record = study_record(researcher);
    const auto create = [&](std::function<void(store::Step)> at_step) {
        return store::Vault::create(device.profile.path(), passphrase(Device::right_passphrase),
                                    crypto::cost_floor, device.surroundings(std::move(at_step)), &record);
    };
    in_another_process([&] { (void)create(killed_at(step)); });
    if (step == store::Step::keyslots_made) {
        CHECK(create({}).has_value());
    } else {
        REQUIRE(device.unlock().has_value());
        CHECK(device.vault().studies()->size() == 1);
    }
}
