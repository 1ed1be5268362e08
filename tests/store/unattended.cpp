// The vault of an unattended machine: no drafts, a batch for each respondent.
#include <doctest/doctest.h>

#include "client/store/database.h"
#include "client/store/failed_tries.h"
#include "client/store/migrations.h"
#include "client/store/vault_kind.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::Step;
using store::VaultKind;

namespace {

std::string text_of(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

store::StudyRecord of_kind(store::StudyRecord record, VaultKind kind) {
    record.kind = kind;
    return record;
}

/// A machine in a public room, unlocked. All begin as copies of one profile, as FieldDevice does.
class SharedMachine : public Device {
  public:
    SharedMachine() : researcher(first().researcher), record(first().record) {
        std::filesystem::copy(first().device.profile.path(), profile.path(),
                              std::filesystem::copy_options::recursive);
        REQUIRE(unlock().has_value());
    }

    store::Result<void> answers(std::uint8_t number, const std::string& payload = "answers") {
        return vault().seal_at_once(record.study, 1, "interview-" + std::to_string(number), uuid(number),
                                    [&](const auto&) { return payload; });
    }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> files;
        const auto outbox = store::outbox_folder(profile.path());
        for (const auto& entry : std::filesystem::recursive_directory_iterator(outbox)) {
            if (entry.is_regular_file() && entry.path().extension() == ".batch")
                files.push_back(entry.path());
        }
        return files;
    }
    std::vector<crypto::OpenedBatch> batches() const {
        std::vector<crypto::OpenedBatch> opened;
        for (const auto& file : files()) opened.push_back(researcher.open(bytes_of_file(file)));
        std::ranges::sort(opened, {}, [](const auto& batch) { return batch.open.batch_sequence; });
        return opened;
    }
    int times(std::uint8_t number) const {
        int times = 0;
        for (const auto& batch : batches())
            times +=
                static_cast<int>(std::ranges::count(batch.records, uuid(number), &crypto::BatchRecord::uuid));
        return times;
    }

    const Researcher& researcher;
    store::StudyRecord record;

  private:
    struct First {
        First() {
            auto made = store::Vault::create(device.profile.path(), passphrase(Device::right_passphrase),
                                             crypto::cost_floor, device.surroundings(), &record);
            REQUIRE(made.has_value());
            REQUIRE(made->lock().has_value());
        }
        Researcher researcher;
        store::StudyRecord record = of_kind(study_record(researcher), VaultKind::unattended);
        Device device;
    };
    static const First& first() {
        static const First made;
        return made;
    }
};

std::vector<schema::DraftEntry> an_answer() {
    return {{"/q", "yes", std::nullopt, true}};
}

}  // namespace

TEST_CASE("each respondent of an unattended machine has a batch, final at once") {
    SharedMachine machine;
    REQUIRE(machine.answers(1, "the first").has_value());
    CHECK(std::filesystem::is_empty(store::outbox_folder(machine.profile.path()) / "open"));
    REQUIRE(machine.answers(2, "the second").has_value());
    const auto batches = machine.batches();
    REQUIRE(batches.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(batches[i].records.size() == 1);
        CHECK(!batches[i].close.provisional);
        CHECK(batches[i].open.batch_sequence == i);
    }
    CHECK(text_of(batches[0].records[0].payload) == "the first");
    CHECK(text_of(batches[1].records[0].payload) == "the second");
    CHECK(batches[1].open.previous_batch == batches[0].id);
    CHECK(machine.vault().counts(machine.record.study)->sealed == 2);
}

TEST_CASE("on an unattended machine a sealed file that can't be read holds up no respondent after it") {
    SharedMachine machine;
    machine.lock();
    const auto status = in_another_process([&] {
        (void)machine.unlock(Device::right_passphrase, killed_at(Step::written));
        (void)machine.answers(1);
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(machine.files().size() == 1);
    const auto file = machine.files().front(), aside = machine.profile.path().parent_path() / "aside";
    std::filesystem::rename(file, aside);
    std::filesystem::create_directory(file);
    REQUIRE(machine.unlock().has_value());
    CHECK(machine.answers(2).has_value());
    const auto counted = [&] { return machine.vault().counts(machine.record.study)->sealed; };
    CHECK(counted() == 1);
    SUBCASE("and is counted once it can be read again") {
        machine.lock();
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
        REQUIRE(machine.unlock().has_value());
        CHECK(machine.vault().is_draft("interview-1") == false);
        CHECK(counted() == 2);
    }
    SUBCASE("and is counted once where its interview was sealed again") {
        REQUIRE(machine.answers(1).has_value());
        CHECK(counted() == 2);
        machine.lock();
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
        REQUIRE(machine.unlock().has_value());
        CHECK(counted() == 2);
        CHECK(machine.times(1) == 2);
        return;
    }
    machine.lock();
    if (std::filesystem::is_directory(file)) {
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
    }
    CHECK(machine.times(1) == 1);
    const auto batches = machine.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
}

TEST_CASE("an unattended vault has no table for a draft, and takes none") {
    SharedMachine machine;
    const auto entries = an_answer();
    const auto change = FieldDevice::change(entries);
    const auto refused = tl::unexpected(Error::unattended_vault);
    store::Vault& vault = machine.vault();
    CHECK(vault.start_draft("draft", machine.record.study, 1, change) == refused);
    CHECK(vault.save_draft("draft", change) == refused);
    CHECK(vault.load_draft("draft").error() == Error::unattended_vault);
    CHECK(vault.delete_draft("draft") == refused);
    CHECK(vault.begin_attachment("draft", "photo-1.jpg") == refused);
    CHECK(vault.finalise("draft", uuid(1), {}, [](const auto&) { return "answers"; }) == refused);
    CHECK(vault.drafts(machine.record.study)->empty());
    CHECK(vault.counts(machine.record.study)->drafts == 0);
    machine.lock();

    auto keyslots = crypto::KeyslotsFile::open(machine.profile.file("keyslots"));
    auto unlocked = keyslots->unlock(passphrase(Device::right_passphrase));
    const auto& keys = std::get<crypto::MasterKeys>(*unlocked);
    const auto key =
        crypto::derive<store::DatabaseKey>(keys.current.expose(), crypto::Label("FFV1 vault db   "));
    auto database = store::Database::open(machine.profile.file("vault.db"), *key);
    REQUIRE(database.has_value());
    for (const char* table : {"draft", "entry", "attachment", "attachment_piece", "draft_part"}) {
        CAPTURE(table);
        auto found = database->prepare("SELECT 1 FROM sqlite_schema WHERE name = ?");
        CHECK(found.bind(1, std::string_view(table)).step() == false);
    }
}

TEST_CASE("an interviewer's vault seals nothing that was no draft") {
    FieldDevice device;
    CHECK(device.vault().seal_at_once(device.record.study, 1, "interview", uuid(1), [](const auto&) {
        return "answers";
    }) == tl::unexpected(Error::interviewer_vault));
    CHECK(device.batches().empty());
}

TEST_CASE("the first study decides the kind of a vault, and a study of the other kind is refused") {
    SharedMachine machine;
    CHECK(machine.vault().import_study(study_record(machine.researcher, 1, 2)).error() ==
          Error::unattended_vault);
    CHECK(machine.vault().import_study(of_kind(machine.record, VaultKind::interviewer)) ==
          store::ImportOutcome::already_there);
    auto newer = study_record(machine.researcher, 2);
    CHECK(machine.vault().import_study(newer).error() == Error::unattended_vault);
    newer.kind = VaultKind::unattended;
    CHECK(machine.vault().import_study(newer) == store::ImportOutcome::new_version);
    CHECK(machine.vault().studies()->size() == 1);

    FieldDevice device;
    const auto other = of_kind(study_record(device.researcher, 1, 2), VaultKind::unattended);
    CHECK(device.vault().import_study(other).error() == Error::interviewer_vault);
    CHECK(device.vault()
              .import_study(of_kind(study_record(device.researcher, 2), VaultKind::unattended))
              .error() == Error::interviewer_vault);
    device.interview(1);
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a vault without a study becomes of the kind of its first one") {
    Device device;
    REQUIRE(device.create().has_value());
    Researcher researcher;
    const auto study = of_kind(study_record(researcher), VaultKind::unattended);
    REQUIRE(device.vault().import_study(study).has_value());
    device.relock();
    CHECK(device.vault().seal_at_once(study.study, 1, "one", uuid(1), [](const auto&) { return "answers"; }));
    CHECK(device.vault().import_study(study_record(researcher, 1, 2)).error() == Error::unattended_vault);
}

TEST_CASE("a respondent's interview that is tried again stands in one batch") {
    SharedMachine machine;
    REQUIRE(machine.answers(1).has_value());
    REQUIRE(machine.answers(1).has_value());
    CHECK(machine.vault().is_draft("interview-1") == false);
    CHECK(machine.vault().is_draft("interview-2") == true);
    CHECK(machine.times(1) == 1);
    CHECK(machine.batches().size() == 1);
}

TEST_CASE("on a full disk a respondent's interview is not sealed, and is sealed once there is room") {
    SharedMachine machine;
    {
        const FullDisk full(4096);
        CHECK(machine.answers(1, std::string(20'000, 'x')).error() == Error::disk_full);
    }
    CHECK(machine.times(1) == 0);
    CHECK(machine.vault().is_draft("interview-1") == true);
    REQUIRE(machine.answers(1).has_value());
    CHECK(machine.times(1) == 1);
}

TEST_CASE("an interview whose file is written counts as sealed, though there is no room left to note it") {
    SharedMachine machine;
    machine.lock();
    std::optional<FullDisk> full;
    REQUIRE(machine
                .unlock(Device::right_passphrase,
                        [&](Step step) {
                            if (step == Step::written && machine.files().size() == 1) full.emplace(0);
                        })
                .has_value());
    const bool sealed = machine.answers(1).has_value();
    REQUIRE(full.has_value());
    CHECK_FALSE(machine.answers(2).has_value());  // the chain can't go on before it is noted
    full.reset();
    CHECK(sealed);
    CHECK(machine.vault().is_draft("interview-1") == false);
    REQUIRE(machine.answers(1, "what was changed since then").has_value());
    CHECK(machine.times(1) == 1);
    REQUIRE(machine.answers(3).has_value());
    CHECK(machine.times(2) == 0);
    CHECK(machine.times(3) == 1);
    const auto batches = machine.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
    CHECK(machine.vault().counts(machine.record.study)->sealed == 2);
}

TEST_CASE("killed at any step of sealing, an unattended machine has the interview once or not at all") {
    for (const Step step : {Step::announced, Step::written, Step::recorded, Step::checkpointed}) {
        CAPTURE(static_cast<int>(step));
        SharedMachine machine;
        REQUIRE(machine.answers(1).has_value());
        machine.lock();
        in_another_process([&] {
            REQUIRE(machine.unlock(Device::right_passphrase, killed_at(step)).has_value());
            (void)machine.answers(2);
        });
        REQUIRE(machine.unlock().has_value());
        CHECK(machine.times(2) == (step == Step::announced ? 0 : 1));
        REQUIRE(machine.answers(3).has_value());
        const auto batches = machine.batches();
        for (std::size_t i = 1; i < batches.size(); ++i)
            CHECK(batches[i].open.previous_batch == batches[i - 1].id);
        CHECK(static_cast<std::size_t>(machine.vault().counts(machine.record.study)->sealed) ==
              batches.size());
    }
}

TEST_CASE("a code that takes an interview back leaves no batch open on an unattended machine") {
    SharedMachine machine;
    const auto code = crypto::new_withdrawal_code();
    REQUIRE(machine.vault().withdraw(machine.record.study, *code).has_value());
    CHECK(std::filesystem::is_empty(store::outbox_folder(machine.profile.path()) / "open"));
    REQUIRE(machine.answers(1).has_value());
    const auto batches = machine.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].records[0].type == crypto::RecordType::withdraw);
    CHECK(batches[1].records[0].type == crypto::RecordType::data);
    CHECK(machine.vault().counts(machine.record.study)->sealed == 1);
}

TEST_CASE("an unattended vault that is destroyed is empty, and takes in either kind of study") {
    for (const VaultKind kind : {VaultKind::interviewer, VaultKind::unattended}) {
        SharedMachine machine;
        REQUIRE(machine.answers(1).has_value());
        REQUIRE(machine.vault()
                    .set_destroy_passphrase(passphrase(Device::right_passphrase),
                                            passphrase("away with it all"), crypto::SealedFiles::stay)
                    .has_value());
        CHECK(machine.vault().try_passphrase(passphrase("away with it all")) ==
              store::Vault::Opens::nothing_but_destroys);
        CHECK(machine.vault().studies()->size() == 1);  // that was only asked
        machine.lock();
        REQUIRE(machine.unlock("away with it all").has_value());
        CHECK(machine.vault().studies()->empty());
        CHECK(machine.files().size() == 1);
        const auto study = of_kind(study_record(machine.researcher, 1, 2), kind);
        CHECK(machine.vault().import_study(study) == store::ImportOutcome::new_study);
    }
}

TEST_CASE("a new passphrase leaves an unattended vault one, with everything in it") {
    SharedMachine machine;
    REQUIRE(machine.answers(1).has_value());
    REQUIRE(machine.vault()
                .change_passphrase(passphrase(Device::right_passphrase), passphrase("another one"),
                                   crypto::cost_floor)
                .has_value());
    machine.relock_with("another one");
    REQUIRE(machine.answers(2).has_value());
    CHECK(machine.batches().size() == 2);
    CHECK(machine.vault().load_draft("draft").error() == Error::unattended_vault);
}

TEST_CASE("a passphrase is tried on an open vault as at the lock: counted, and changing nothing") {
    SharedMachine machine;
    CHECK(machine.vault().try_passphrase(passphrase("guess")).error() == Error::wrong_passphrase);
    CHECK(machine.vault().try_passphrase(passphrase("guess again")).error() == Error::wrong_passphrase);
    CHECK(store::failed_tries(machine.profile.path()) == 2);
    CHECK(machine.vault().try_passphrase(passphrase(Device::right_passphrase)) ==
          store::Vault::Opens::this_vault);
    CHECK(store::failed_tries(machine.profile.path()) == 0);
    CHECK(machine.answers(1).has_value());
}

TEST_CASE("an unattended vault of every version of the tables opens with all that it held, and goes on") {
    int version = 4;
    for (int each = 4; each <= store::newest_version; ++each) SUBCASE(std::to_string(each).c_str()) {
            version = each;
        }
    SharedMachine machine;
    machine.lock();
    std::filesystem::remove_all(machine.profile.path());
    std::filesystem::copy(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
                              ("unattended-version-" + std::to_string(version)),
                          machine.profile.path(), std::filesystem::copy_options::recursive);
    REQUIRE(machine.unlock("the passphrase of a golden vault").has_value());
    CHECK(machine.vault().setting("language").value() == "ru");
    CHECK(machine.vault().package(machine.record.study, 1) == machine.record.package);
    CHECK(machine.vault().counts(machine.record.study) == store::Counts{0, 1, 0, 0});
    REQUIRE(machine.answers(2).has_value());
    CHECK(machine.vault().counts(machine.record.study) == store::Counts{0, 2, 0, 0});
    CHECK(machine.vault().head(machine.record.study)->value().sequence == 1);
    CHECK(machine.vault().load_draft("draft").error() == Error::unattended_vault);
}

// Run once for each version of the tables, and never over an older one:
// bin/test_store -tc="an unattended golden vault is made" --no-skip
TEST_CASE("an unattended golden vault is made" * doctest::skip()) {
    SharedMachine machine;
    REQUIRE(machine.vault()
                .change_passphrase(passphrase(Device::right_passphrase),
                                   passphrase("the passphrase of a golden vault"), crypto::cost_floor)
                .has_value());
    REQUIRE(machine.answers(1).has_value());
    REQUIRE(machine.vault().set_setting("language", "ru").has_value());
    machine.lock();
    const auto target = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data/vaults" /
                        ("unattended-version-" + std::to_string(store::newest_version));
    REQUIRE(!std::filesystem::exists(target));
    std::filesystem::create_directories(target);
    for (const char* name : {"keyslots", "vault.db", "sync.json"})
        std::filesystem::copy(machine.profile.file(name), target / name);
    std::filesystem::copy(machine.profile.file("outbox"), target / "outbox");  // its files, not its folders
}

TEST_CASE("of a damaged unattended vault the keys and the chain come back, and respondents go on") {
    SharedMachine machine;
    REQUIRE(machine.answers(1).has_value());
    machine.lock();
    const auto first = machine.batches().back().open.batch_sequence;
    const auto database = machine.profile.file("vault.db");
    const auto whole = bytes_of_file(database);
    const store::StudyFiles files{[&](crypto::ByteView bytes) -> std::optional<store::StudyRecord> {
                                      return std::ranges::equal(bytes, machine.record.package)
                                                 ? std::optional(machine.record)
                                                 : std::nullopt;
                                  },
                                  {}};
    int came_back = 0, same_device = 0;
    const std::size_t pages = whole.size() / 4096;
    for (std::size_t page = 1; page < pages; ++page) {
        CAPTURE(page);
        write_file(database, whole);
        flip_byte(database, page * 4096 + 2000);
        auto rescued = machine.rescue(files);
        if (!rescued && rescued.error() == Error::study_unreadable)
            rescued = machine.rescue({files.read, {machine.record}});
        if (!rescued) continue;
        ++came_back;
        CHECK(rescued->drafts == 0);
        CHECK(machine.vault().drafts(machine.record.study).value().empty());
        if (!rescued->enrolled_anew && rescued->complete) {
            ++same_device;
            REQUIRE(machine.answers(2).has_value());
            CHECK(machine.batches().back().open.batch_sequence == first + 1);
        }
        machine.lock();
        for (const auto& file : std::filesystem::directory_iterator(machine.profile.path()))
            if (file.path().filename().string().starts_with("vault.db")) std::filesystem::remove(file.path());
        for (const auto& file : machine.files()) std::filesystem::remove(file);
    }
    CHECK(came_back >= static_cast<int>(pages) - 4);
    CHECK(same_device >= 5);
}
