// Golden vaults that open with a passphrase and a token, that a supervisor can give back, and that have a
// passphrase at which all is destroyed: tests/data/vaults/guarded-version-N.
#include <doctest/doctest.h>

#include "client/store/failed_tries.h"
#include "client/store/migrations.h"
#include "client/store/vault.h"
#include "crypto/recovery.h"
#include "crypto/token.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;

namespace {

namespace fs = std::filesystem;

constexpr const char* users = "the passphrase of a golden vault";
constexpr const char* destroying = "the end of a golden vault";

fs::path guarded_vault(int version) {
    return fs::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
           ("guarded-version-" + std::to_string(version));
}

crypto::Bytes content(const fs::path& path) {
    const auto bytes = bytes_of_file(path);
    return {bytes.begin(), bytes.end()};
}

crypto::TokenKey token_in(const fs::path& folder) {
    auto key = crypto::read_token_file(content(folder / "stick.fftoken"));
    REQUIRE(key.has_value());
    return std::move(*key);
}

std::ptrdiff_t batch_files(const Device& device) {
    return std::ranges::count_if(
        fs::recursive_directory_iterator(store::outbox_folder(device.profile.path())),
        [](const fs::directory_entry& file) { return file.path().extension() == ".batch"; });
}

/// The researcher of the golden batches.
crypto::Identity supervisor() {
    auto identity = crypto::Identity::from_file_bytes(
        content(fs::path(FIELDFARE_SOURCE_DIR) / "tests/data/batches/researcher.ffkey"),
        passphrase("correct horse battery staple"));
    REQUIRE(identity.has_value());
    return std::move(*identity);
}

/// A copy of the golden vault, and the token beside it.
class GuardedVault : public Device {
  public:
    explicit GuardedVault(int version) : token_(token_in(guarded_vault(version))) {
        fs::create_directories(profile.path());
        for (const char* name : {"keyslots", "vault.db", "sync.json", "outbox"})
            fs::copy(guarded_vault(version) / name, profile.path() / name, fs::copy_options::recursive);
    }
    store::Result<store::Vault> opens_with(const char* words, bool with_token) {
        const auto typed = passphrase(words);
        return store::Vault::unlock(profile.path(), {typed, with_token ? &token_ : nullptr}, surroundings());
    }
    static void has_all(store::Vault& vault) {
        const auto studies = vault.studies();
        REQUIRE(studies->size() == 1);
        CHECK(vault.setting("language").value() == "ru");
        CHECK(vault.counts(studies->front().study) == store::Counts{1, 1, 0, 0});
        const auto draft = vault.load_draft("draft");
        REQUIRE(draft.has_value());
        CHECK(draft->entries == std::vector<schema::DraftEntry>{{"/q", "Ёж", std::nullopt, true}});
    }

  private:
    crypto::TokenKey token_;
};

}  // namespace

TEST_CASE("a guarded vault of every version of the tables opens with passphrase and token, with both only") {
    for (int version = 4; version <= store::newest_version; ++version) {
        CAPTURE(version);
        GuardedVault device(version);
        CHECK(device.opens_with(users, false).error() == Error::wrong_passphrase);
        CHECK(device.opens_with("guess", true).error() == Error::wrong_passphrase);
        store::set_failed_tries(device.profile.path(), 0);
        auto vault = device.opens_with(users, true);
        REQUIRE(vault.has_value());
        CHECK(vault->needs_token());
        GuardedVault::has_all(*vault);
    }
}

TEST_CASE("a supervisor gives a guarded vault of every version of the tables back, with all that it held") {
    for (int version = 4; version <= store::newest_version; ++version) {
        CAPTURE(version);
        GuardedVault device(version);
        const auto request = store::begin_recovery(device.profile.path());
        REQUIRE(request.has_value());
        const std::vector<crypto::Identity> identities = [] {
            std::vector<crypto::Identity> one;
            one.push_back(supervisor());
            return one;
        }();
        const auto opened = crypto::OpenedRequest::open(request->file(), identities);
        REQUIRE(opened.has_value());
        const auto master = request->open(opened->answer().value());
        REQUIRE(master.has_value());
        const auto chosen = passphrase("a new one");
        auto vault = store::Vault::recover(device.profile.path(), *master, chosen, crypto::cost_floor,
                                           device.surroundings());
        REQUIRE(vault.has_value());
        GuardedVault::has_all(*vault);
        CHECK(opened->vault().study == vault->studies()->front().study);
    }
}

TEST_CASE("the passphrase for it destroys a guarded vault of every version of the tables") {
    for (int version = 4; version <= store::newest_version; ++version) {
        CAPTURE(version);
        GuardedVault device(version);
        const auto before = batch_files(device);
        CHECK(before == 1);
        auto vault = device.opens_with(destroying, false);
        REQUIRE(vault.has_value());
        CHECK(vault->studies()->empty());
        CHECK(vault->lock().has_value());
        CHECK(device.opens_with(users, true).error() == Error::wrong_passphrase);
        CHECK(batch_files(device) == before);  // as it was set: they stay
    }
}

// Run once for each version of the tables, and never over an older one:
// bin/test_store -tc="a guarded golden vault is made" --no-skip
TEST_CASE("a guarded golden vault is made" * doctest::skip()) {
    const auto target = guarded_vault(static_cast<int>(store::newest_version));
    REQUIRE(!fs::exists(target));
    fs::create_directories(target);
    REQUIRE(crypto::create_token_file(target / "stick.fftoken").has_value());
    const auto token = token_in(target);

    FieldDevice device;
    auto second = study_record(device.researcher, 2);
    second.supervisor = supervisor().recipient().box_key;
    REQUIRE(device.vault().import_study(second).has_value());
    const auto words = passphrase(users);
    REQUIRE(device.vault()
                .change_passphrase(passphrase(Device::right_passphrase), crypto::Credentials(words, &token),
                                   crypto::cost_floor)
                .has_value());
    REQUIRE(device.vault()
                .set_destroy_passphrase(crypto::Credentials(words, &token), passphrase(destroying),
                                        crypto::SealedFiles::stay)
                .has_value());
    device.interview(1);
    device.start("draft", "Ёж", 2);
    REQUIRE(device.vault().set_setting("language", "ru").has_value());
    device.lock();
    {
        auto again = store::Vault::unlock(device.profile.path(), crypto::Credentials(words, &token),
                                          device.surroundings());
        REQUIRE(again.has_value());  // the slot of recovery is written by now
        CHECK(again->lock().has_value());
    }
    for (const char* name : {"keyslots", "vault.db", "sync.json"})
        fs::copy(device.profile.file(name), target / name);
    fs::copy(device.profile.file("outbox"), target / "outbox");  // its files, not its folders
}
