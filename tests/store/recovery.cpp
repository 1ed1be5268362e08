#include "crypto/recovery.h"

#include <doctest/doctest.h>

#include "client/store/failed_tries.h"
#include "client/store/migrations.h"
#include "client/store/vault.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;

namespace {

/// A device with a draft whose study names a supervisor; locked.
struct SupervisedDevice : FieldDevice {
    SupervisedDevice() {
        start("draft", "yes");
        take_in(2, supervisor.box_key());
        relock();  // sealed at the next unlock
        lock();
    }
    void take_in(std::uint32_t version, std::optional<crypto::BoxKey> key) {
        auto newer = study_record(FieldDevice::researcher, version);
        newer.supervisor = key;
        REQUIRE(vault().import_study(newer).has_value());
    }
    crypto::RecoveryRequest asks() {
        auto request = store::begin_recovery(profile.path());
        REQUIRE(request.has_value());
        return std::move(*request);
    }
    crypto::Result<crypto::OpenedRequest> asked(const crypto::RecoveryRequest& request) {
        return crypto::OpenedRequest::open(request.file(), supervisor.identities());
    }
    crypto::MasterKey answered() {
        const auto request = asks();
        const auto opened = asked(request);
        REQUIRE(opened.has_value());
        auto master = request.open(opened->answer().value());
        REQUIRE(master.has_value());
        return std::move(*master);
    }
    store::Result<store::Vault> recovers(const crypto::MasterKey& master,
                                         std::function<void(store::Step)> at_step = {}) {
        return store::Vault::recover(profile.path(), master, passphrase("new"), crypto::cost_floor,
                                     surroundings(std::move(at_step)));
    }
    void opens_with_all(std::string_view words) {
        REQUIRE(unlock(words).has_value());
        CHECK(entries("draft").size() == 1);
    }

    Researcher supervisor;
};

std::string slot_of(const Device& device) {
    return bytes_of_file(device.profile.file("keyslots")).substr(64 + 7 * 128, 128);
}

}  // namespace

TEST_CASE(
    "with the supervisor's answer and a new passphrase everything is there, and the old one opens nothing") {
    SupervisedDevice device;
    CHECK(device.unlock("forgotten").error() == Error::wrong_passphrase);
    {
        auto recovered = device.recovers(device.answered());
        REQUIRE(recovered.has_value());
        CHECK(recovered->drafts(device.record.study)->size() == 1);
        CHECK(recovered->lock().has_value());
    }
    CHECK(device.unlock().error() == Error::wrong_passphrase);
    store::set_failed_tries(device.profile.path(), 0);
    device.opens_with_all("new");
}

TEST_CASE("the supervisor learns of which study and device the vault is, as the vault itself says") {
    SupervisedDevice device;
    REQUIRE(device.unlock().has_value());
    const auto key = device.vault().studies()->front().device_key;
    device.lock();
    const auto opened = device.asked(device.asks());
    REQUIRE(opened.has_value());
    CHECK(opened->vault() == crypto::VaultName{device.record.study, crypto::device_id(key)});
}

TEST_CASE(
    "the supervisor's answer opens after a change of passphrase as well, and the one before it no more") {
    SupervisedDevice device;
    const auto before = device.answered();
    REQUIRE(device.unlock().has_value());
    REQUIRE(device.vault()
                .change_passphrase(passphrase(Device::right_passphrase), passphrase("changed"),
                                   crypto::cost_floor)
                .has_value());
    device.lock();
    CHECK(device.recovers(before).error() == Error::wrong_answer);
    CHECK(device.recovers(device.answered()).has_value());
}

TEST_CASE("a key that is not this vault's changes nothing") {
    SupervisedDevice device;
    const auto keyslots = bytes_of_file(device.profile.file("keyslots"));
    const auto other = crypto::MasterKey::random();
    CHECK(device.recovers(*other).error() == Error::wrong_answer);
    CHECK(bytes_of_file(device.profile.file("keyslots")) == keyslots);
    device.opens_with_all(Device::right_passphrase);
}

TEST_CASE("a recovery that is cut short at any step is brought to its end by the new passphrase") {
    SupervisedDevice device;
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
    const auto master = device.answered();
    const auto status = in_another_process([&] { (void)device.recovers(master, killed_at(step)); });
    REQUIRE(WIFSIGNALED(status));
    device.opens_with_all("new");
    device.lock();
    CHECK(device.recovers(device.answered()).has_value());
}

TEST_CASE("a passphrase that destroys leaves the supervisor nothing to give back") {
    SupervisedDevice device;
    REQUIRE(device.unlock().has_value());
    REQUIRE(device.vault()
                .set_destroy_passphrase(passphrase(Device::right_passphrase), passphrase("gone"),
                                        crypto::SealedFiles::stay)
                .has_value());
    device.lock();
    CHECK(device.asked(device.asks()).has_value());  // setting it has not touched what is sealed
    REQUIRE(device.unlock("gone").has_value());
    device.lock();
    CHECK(device.asked(device.asks()).error() == crypto::Error::not_openable);
}

TEST_CASE("the slot of recovery follows the newest study file at the next unlock, and is written once") {
    SupervisedDevice device;
    const auto first = slot_of(device);
    REQUIRE(device.unlock().has_value());
    CHECK(slot_of(device) == first);
    device.take_in(3, std::nullopt);
    device.relock();
    CHECK(slot_of(device) != first);
    const auto nobodys = slot_of(device);
    device.relock();
    CHECK(slot_of(device) == nobodys);
    device.lock();
    CHECK(device.asked(device.asks()).error() == crypto::Error::not_openable);
}

TEST_CASE("a vault of every version of the tables gets its slot of recovery at its next unlock") {
    for (int version = 1; version <= store::newest_version; ++version) {
        INFO(version);
        Device device;
        std::filesystem::copy(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
                                  ("version-" + std::to_string(version)),
                              device.profile.path(), std::filesystem::copy_options::recursive);
        const auto before = slot_of(device);
        REQUIRE(device.unlock("the passphrase of a golden vault").has_value());
        const auto after = slot_of(device);
        CHECK((after != before) == (version < 5));  // those from 5 on were made with it
        CHECK(static_cast<unsigned char>(after[31]) < 0x80);
        device.lock();
        REQUIRE(device.unlock("the passphrase of a golden vault").has_value());
        CHECK(slot_of(device) == after);
    }
}

TEST_CASE("nobody asks for recovery while the vault is open in another program") {
    SupervisedDevice device;
    REQUIRE(device.unlock().has_value());
    const auto status = in_another_process([&] {
        const auto request = store::begin_recovery(device.profile.path());
        ::_exit(!request && request.error() == Error::in_use ? 7 : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
}
