#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/store/migrations.h"
#include "client/store/vault.h"
#include "sync/outbox_note.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using crypto::SealedFiles;
using store::Error;
using store::ProfileState;

namespace {

constexpr const char* destroying = "all of it, now";

/// A device with a draft, a sealed interview, and a passphrase that destroys; locked.
struct ThreatenedDevice : FieldDevice {
    explicit ThreatenedDevice(SealedFiles sealed = SealedFiles::stay) {
        interview(1);
        start("draft", "answer in the draft");
        REQUIRE(set(destroying, sealed).has_value());
        lock();
    }
    store::Result<void> set(std::string_view words, SealedFiles sealed = SealedFiles::stay) {
        return vault().set_destroy_passphrase(passphrase(right_passphrase), passphrase(words), sealed);
    }
    /// The profile of somebody who has never used the program for a study.
    bool is_empty() {
        const auto setting = vault().setting("language");
        return vault().studies()->empty() && setting.has_value() && !setting->has_value();
    }
    /// As when the power goes: whatever SQLite keeps beside its file stays there.
    void write_and_lose_power() {
        in_another_process([&] {
            (void)unlock();
            (void)save("draft", "/q", "the newest answer");
            ::kill(::getpid(), SIGKILL);
        });
    }
};

/// Pieces of a file that can be looked for elsewhere, one for each sector.
std::vector<std::string> pieces_of(const std::filesystem::path& path) {
    const auto bytes = bytes_of_file(path);
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at + 64 <= bytes.size(); at += 512) {
        auto piece = bytes.substr(at, 64);
        const bool empty = piece.find_first_not_of('\0') == std::string::npos;
        if (!empty && at != 0) pieces.push_back(std::move(piece));
    }
    return pieces;
}

/// A second name for a file, by which its bytes can be read when the first is gone.
std::filesystem::path second_name(const Device& device, const std::string& file, std::string name = {}) {
    if (name.empty()) name = file + ".second";
    auto other = device.profile.path().parent_path() / name;
    std::filesystem::create_hard_link(device.profile.file(file), other);
    return other;
}

}  // namespace

TEST_CASE("the passphrase that destroys opens an empty profile, and does so from then on") {
    ThreatenedDevice device;
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.is_empty());
    device.lock();
    CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
    CHECK(device.unlock().error() == Error::wrong_passphrase);

    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.is_empty());
    REQUIRE(device.vault().import_study(device.record).has_value());  // it is a vault like any other
    device.start("first", "yes");
    device.lock();
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.entries("first").size() == 1);
}

TEST_CASE("without it nothing is destroyed: the user's passphrase and a wrong one work as before") {
    ThreatenedDevice device;
    CHECK(device.unlock("another").error() == Error::wrong_passphrase);
    REQUIRE(device.unlock().has_value());
    CHECK(device.entries("draft").size() == 1);
    CHECK(device.vault()
              .change_passphrase(passphrase(destroying), passphrase("new"), crypto::cost_floor)
              .error() == Error::wrong_passphrase);
    CHECK(device.entries("draft").size() == 1);
}

TEST_CASE("no page of the old database, its log or the keyslots stays in the profile") {
    ThreatenedDevice device;
    device.write_and_lose_power();
    std::vector<std::string> pieces;
    for (const char* file : {"vault.db", "vault.db-wal", "keyslots", "sync.json"}) {
        INFO(file);
        auto of_file = pieces_of(device.profile.file(file));
        CHECK((std::string_view(file) == "sync.json" || !of_file.empty()));
        std::ranges::move(of_file, std::back_inserter(pieces));
    }
    const auto database = second_name(device, "vault.db");
    const auto log = second_name(device, "vault.db-wal");
    const auto settings = second_name(device, "sync.json");
    const auto old_settings = bytes_of_file(settings);
    REQUIRE(device.unlock(destroying).has_value());

    for (const std::string& piece : pieces) CHECK(files_with(device.profile.path(), piece).empty());
    // Nor where the files stood: their place was written over before their names went.
    for (const auto& place : {database, log, settings})
        for (const std::string& piece : pieces) CHECK(bytes_of_file(place).find(piece) == std::string::npos);
    CHECK(bytes_of_file(settings).find(old_settings.substr(0, 32)) == std::string::npos);
    CHECK(bytes_of_file(device.profile.file("sync.json")).find(device.record.tag) == std::string::npos);
}

TEST_CASE("a request for recovery that a crash has left goes too, since the old master key is sealed in it") {
    ThreatenedDevice device;
    const auto request = store::begin_recovery(device.profile.path());
    REQUIRE(request.has_value());
    const std::string asked(request->file().begin(), request->file().end());
    write_file(device.profile.file("request.ffrecover"), asked);
    write_file(device.profile.file("request.ffrecover.new"), asked);
    const auto place = second_name(device, "request.ffrecover");
    REQUIRE(device.unlock(destroying).has_value());
    CHECK_FALSE(std::filesystem::exists(device.profile.file("request.ffrecover")));
    const auto slot = asked.substr(44, 128);
    CHECK(files_with(device.profile.path(), slot).empty());
    CHECK(bytes_of_file(place).find(slot) == std::string::npos);
}

TEST_CASE("settings that a killed import was writing are overwritten at the next unlock, or with the rest") {
    ThreatenedDevice device;
    const std::string unfinished = ".fieldfare-0123456789abcdef.part", settings = "what the stores ask for";
    write_file(device.profile.file(unfinished), settings);
    const auto place = second_name(device, unfinished);
    SUBCASE("unlocked") {
        REQUIRE(device.unlock().has_value());
    }
    SUBCASE("destroyed") {
        in_another_process(
            [&] { (void)device.unlock(destroying, killed_at(store::Step::residue_overwritten)); });
    }
    CHECK_FALSE(std::filesystem::exists(device.profile.file(unfinished)));
    CHECK(bytes_of_file(place).find(settings) == std::string::npos);
}

TEST_CASE("a second name that a killed creation has left to the keyslots goes, and they stay as they are") {
    ThreatenedDevice device;
    const auto before = bytes_of_file(device.profile.file("keyslots"));
    std::filesystem::create_hard_link(device.profile.file("keyslots"), device.profile.file("keyslots.new"));
    REQUIRE(device.unlock().has_value());
    CHECK_FALSE(std::filesystem::exists(device.profile.file("keyslots.new")));
    CHECK(bytes_of_file(device.profile.file("keyslots")) == before);
}

TEST_CASE("killed while a vault is destroyed whose rescue was half done, the profile is a locked one") {
    ThreatenedDevice device;
    const auto database = device.profile.file("vault.db"), rescued = device.profile.file("vault.db.rescued"),
               damaged = device.profile.file("vault.db.damaged");
    std::filesystem::copy(database, rescued);
    std::filesystem::rename(database, damaged);
    in_another_process(
        [&] { (void)device.unlock(destroying, killed_at(store::Step::database_overwritten)); });
    CHECK_FALSE(std::filesystem::exists(rescued));
    CHECK_FALSE(std::filesystem::exists(damaged));
    CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.is_empty());
}

TEST_CASE("killed at any step, the same passphrase goes on to the end and nothing old comes back") {
    ThreatenedDevice device(SealedFiles::go);
    device.write_and_lose_power();
    store::Step step{};
    SUBCASE("with the master key gone") {
        step = store::Step::master_key_destroyed;
    }
    SUBCASE("with the database overwritten") {
        step = store::Step::database_overwritten;
    }
    SUBCASE("with the rest overwritten") {
        step = store::Step::residue_overwritten;
    }
    SUBCASE("with an empty database in its place") {
        step = store::Step::emptied;
    }
    SUBCASE("with all of it done") {
        step = store::Step::begun_anew;
    }
    const auto status = in_another_process([&] { (void)device.unlock(destroying, killed_at(step)); });
    REQUIRE(WIFSIGNALED(status));
    CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
    CHECK(device.unlock().error() == Error::wrong_passphrase);
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.is_empty());
    CHECK(device.sealed_files().empty());
    device.relock_with(destroying);
    CHECK(device.is_empty());
}

TEST_CASE("sealed files stay, open batches among them, unless the study says that they go") {
    SUBCASE("stay") {
        ThreatenedDevice device;
        in_another_process([&] {  // leaves an open batch
            (void)device.unlock();
            device.interview(2);
            ::kill(::getpid(), SIGKILL);
        });
        REQUIRE(device.unlock(destroying).has_value());
        CHECK(device.sealed_times(1) == 1);
        CHECK(device.sealed_times(2) == 1);
        const std::size_t files = device.sealed_files().size();
        REQUIRE(device.vault().import_study(device.record).has_value());
        CHECK(device.earlier() == files);  // no receipt for them can be read any more
        device.interview(3);
        device.lock();
        CHECK(device.sealed_files().size() == files + 1);
        CHECK(device.earlier() == files);
    }
    SUBCASE("go") {
        ThreatenedDevice device(SealedFiles::go);
        const auto files = device.sealed_files();
        REQUIRE(files.size() == 1);
        const auto piece = bytes_of_file(files.front()).substr(1000, 64);
        const auto place = device.profile.path().parent_path() / "sealed.second";
        std::filesystem::create_hard_link(files.front(), place);
        REQUIRE(device.unlock(destroying).has_value());
        CHECK(device.sealed_files().empty());
        CHECK(files_with(device.profile.path(), piece).empty());
        CHECK(bytes_of_file(place).find(piece) == std::string::npos);
    }
}

TEST_CASE(
    "nothing says any more where sealed files that stay were handed over, or when, and they go out again") {
    ThreatenedDevice device;
    const std::string address = "https://drop.example.org/of-the-study";
    const auto outbox = store::outbox_folder(device.profile.path());
    auto box = sync::Outbox::open(outbox);
    REQUIRE(box);
    const auto hash = box->sealed()->front().hash;
    REQUIRE(box->record_hand_over(
                   hash, {address, "testtag1/20260314", std::chrono::floor<std::chrono::days>(device.now)})
                .has_value());
    write_file(outbox / "receipts/next-0123456789abcdef.json", address);
    REQUIRE(files_with(device.profile.path(), address).size() == 2);
    const auto place = second_name(device, "outbox/" + hash + ".json", "note.second");
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(files_with(device.profile.path(), address).empty());
    CHECK(files_with(device.profile.path(), "testtag1").empty());
    CHECK(bytes_of_file(place).find(address) == std::string::npos);
    REQUIRE(device.vault().import_study(device.record).has_value());
    const auto file = device.vault().outbox().value()->find(hash);
    REQUIRE(file);
    CHECK(file->earlier);
    CHECK_FALSE(sync::is_in_a_store(*file));
}

TEST_CASE("a part of a photo that is held stays held when its interview is destroyed") {
    ThreatenedDevice device;
    REQUIRE(device.unlock().has_value());
    device.attach("draft", "/photo", "photo-1.jpg", "a photo");
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::media_sealed));
        (void)device.finalise_with("draft", 2, {"photo-1.jpg"});
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.parts().size() == 1);
    const auto part = device.parts().front().stem().string();
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.vault().outbox().value()->find(part)->held);
}

TEST_CASE("a link or a pipe in the outbox neither holds up what destroys nor says what stays") {
    ThreatenedDevice device;
    const auto outbox = store::outbox_folder(device.profile.path());
    const auto pipe = outbox / (std::string(64, 'a') + ".json"),
               link = outbox / (std::string(64, 'b') + ".json"),
               elsewhere = device.profile.path().parent_path() / "elsewhere";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    sync::OutboxNote note{device.record.tag, {}, {}};
    note.held = true;
    write_file(elsewhere, sync::to_json(note));
    std::filesystem::create_symlink(elsewhere, link);
    const auto status = in_another_process([&] {
        ::alarm(60);
        if (!device.unlock(destroying)) ::_exit(1);
        ::_exit(0);
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(pipe)));
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(link)));
    CHECK(bytes_of_file(elsewhere) == sync::to_json(note));
}

TEST_CASE("no room for the empty vault brings nothing back either, and the next try ends it") {
    ThreatenedDevice device;
    {
        const FullDisk disk(20'000);
        CHECK_FALSE(device.unlock(destroying).has_value());
    }
    CHECK(store::profile_state(device.profile.path()).kind == ProfileState::Kind::locked);
    CHECK(device.unlock().error() == Error::wrong_passphrase);
    REQUIRE(device.unlock(destroying).has_value());
    CHECK(device.is_empty());
}

TEST_CASE("keyslots that can't be written leave the vault as it was") {
    ThreatenedDevice device;
    const auto before = bytes_of_file(device.profile.file("vault.db"));
    {
        const FullDisk disk(1);
        CHECK(device.unlock(destroying).error() == Error::not_writable);
    }
    CHECK(bytes_of_file(device.profile.file("vault.db")) == before);
    REQUIRE(device.unlock().has_value());
    CHECK(device.entries("draft").size() == 1);
}

TEST_CASE(
    "a disk that fails while a passphrase that destroys is set or removed leaves open which, and says so") {
    ThreatenedDevice device;
    REQUIRE(device.unlock().has_value());
    const auto set = [&] {
        return device.vault().set_destroy_passphrase(passphrase(Device::right_passphrase),
                                                     passphrase("another one"), crypto::SealedFiles::stay);
    };
    const auto remove = [&] {
        return device.vault().remove_destroy_passphrase(passphrase(Device::right_passphrase));
    };
    {
        const FullDisk disk(5000);  // in the second copy of the keyslots
        CHECK(set().error() == Error::destroying_undecided);
        CHECK(remove().error() == Error::destroying_undecided);
    }
    {
        const FullDisk disk(1);  // before anything is written
        CHECK(set().error() == Error::not_writable);
        CHECK(remove().error() == Error::not_writable);
    }
    CHECK(set().has_value());
}

TEST_CASE("the passphrase that destroys is another than the user's, and only the user sets or removes it") {
    FieldDevice device;
    const auto before = bytes_of_file(device.profile.file("keyslots"));
    const auto setting = [&](std::string_view user, std::string_view words) {
        return device.vault()
            .set_destroy_passphrase(passphrase(user), passphrase(words), SealedFiles::stay)
            .error();
    };
    CHECK(setting("wrong", destroying) == Error::wrong_passphrase);
    CHECK(setting(Device::right_passphrase, Device::right_passphrase) == Error::same_passphrase);
    CHECK(device.vault().remove_destroy_passphrase(passphrase("wrong")).error() == Error::wrong_passphrase);
    CHECK(bytes_of_file(device.profile.file("keyslots")) == before);
}

TEST_CASE("once removed, or after a change of passphrase, it is a wrong passphrase like any other") {
    ThreatenedDevice device;
    REQUIRE(device.unlock().has_value());
    const char* user = Device::right_passphrase;
    SUBCASE("removed") {
        REQUIRE(device.vault().remove_destroy_passphrase(passphrase(user)).has_value());
    }
    SUBCASE("changed") {
        REQUIRE(device.vault()
                    .change_passphrase(passphrase(user), passphrase("new"), crypto::cost_floor)
                    .has_value());
        user = "new";
    }
    device.lock();
    CHECK(device.unlock(destroying).error() == Error::wrong_passphrase);
    REQUIRE(device.unlock(user).has_value());
    CHECK(device.entries("draft").size() == 1);
}

TEST_CASE("a vault of every version of the tables can be destroyed") {
    for (int version = 1; version <= store::newest_version; ++version) {
        INFO(version);
        Device device;
        std::filesystem::copy(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
                                  ("version-" + std::to_string(version)),
                              device.profile.path(), std::filesystem::copy_options::recursive);
        const auto words = passphrase("the passphrase of a golden vault");
        REQUIRE(device.unlock(words.expose()).has_value());
        REQUIRE(device.vault()
                    .set_destroy_passphrase(words, passphrase(destroying), SealedFiles::stay)
                    .has_value());
        device.lock();
        REQUIRE(device.unlock(destroying).has_value());
        CHECK(device.vault().studies()->empty());
    }
}
