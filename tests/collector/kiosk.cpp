// The form app on an unattended machine: the real backend and vault.
#include <doctest/doctest.h>

#include "client/collector/messages.h"
#include "client/store/failed_tries.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr const char* destroying = "marzipan eleven saddles";

struct KioskStudy : Study {
    KioskStudy() { contents.policy.mode = study::Mode::kiosk; }
};

app::Passphrase typed(const char* words) {
    return app::Passphrase(words);
}

/// A machine in a public room.
struct SharedMachine : Program {
    SharedMachine() {
        begins_with(study);
        opened = last<app::ProfileCreated>()->opened;
    }
    std::string refused(const Study& other) {
        does(app::ReadUpdate{file_of(other)});
        REQUIRE(last<app::UpdateRefused>() != nullptr);
        return last<app::UpdateRefused>()->why.key;
    }

    KioskStudy study;
    app::Opened opened;
};

}  // namespace

TEST_CASE("a study for unattended machines says so before anything is kept, and is taken in") {
    Program program;
    program.does(app::ReadPackage{program.file_of(KioskStudy())});
    REQUIRE(program.last<app::PackageRead>() != nullptr);
    CHECK(program.last<app::PackageRead>()->package.unattended);
    program.does(app::ReadPackage{program.file_of(Study())});
    CHECK_FALSE(program.last<app::PackageRead>()->package.unattended);
    SharedMachine machine;
    CHECK(machine.opened.study.mode == "self");
}

TEST_CASE("a study for unattended machines that asks for a file is not taken in") {
    Program program;
    KioskStudy study;
    schema::Item photo = study.contents.form.items.front();
    photo.type = schema::QuestionType::image;
    photo.name = "photo";
    schema::Item group;
    group.kind = schema::ItemKind::group;
    group.name = "more";
    group.row = 3;
    photo.row = 4;
    group.children = {photo};
    study.contents.form.items.push_back(group);
    program.does(app::ReadPackage{program.file_of(study)});
    REQUIRE(program.last<app::PackageRefused>() != nullptr);
    CHECK(program.last<app::PackageRefused>()->why.key == "package.kiosk_files");
}

TEST_CASE("two respondents are two batches, which the researchers open") {
    SharedMachine machine;
    machine.seals(1, machine.opened.form);
    machine.seals(2, machine.opened.form);
    CHECK(machine.last<app::Finalised>()->counts.sealed == 2);
    const auto batches = machine.opened_by(machine.study.first);
    REQUIRE(batches.size() == 2);
    for (const auto& batch : batches) {
        CHECK(batch.records.size() == 1);
        CHECK_FALSE(batch.close.provisional);
    }
}

TEST_CASE("an unattended machine refuses a draft, whoever asks for one") {
    SharedMachine machine;
    machine.does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, machine.opened.form});
    REQUIRE(machine.last<app::SaveFailed>() != nullptr);
    CHECK(machine.last<app::SaveFailed>()->why.key == "store.unattended_vault");
    app::SaveAnswers save;
    save.draft = "draft-1";
    save.extent = app::Extent::whole;
    machine.does(std::move(save));
    CHECK(machine.last<app::SaveFailed>()->why.key == "store.unattended_vault");
}

TEST_CASE("a study of the other kind is no update of the one that a machine has") {
    SharedMachine machine;
    machine.study.next_version();
    ++machine.study.contents.policy.policy_version;
    machine.study.contents.policy.mode = study::Mode::interviewer;
    CHECK(machine.refused(machine.study) == "store.unattended_vault");
    machine.study.contents.policy.mode = study::Mode::kiosk;
    machine.does(app::ReadUpdate{machine.file_of(machine.study)});
    CHECK(machine.last<app::UpdateRead>() != nullptr);
}

TEST_CASE("the passphrase lets staff pass while the vault stays open, and a wrong one makes them wait") {
    SharedMachine machine;
    for (int i = 1; i <= store::free_tries; ++i) {
        machine.does(app::CheckPassphrase{typed("a guess")});
        REQUIRE(machine.last<app::UnlockFailed>() != nullptr);
        CHECK(machine.last<app::UnlockFailed>()->why.key == "store.wrong_passphrase");
    }
    CHECK(machine.last<app::UnlockFailed>()->wait_seconds > 0);
    machine.seals(1, machine.opened.form);  // the next respondent is not shut out
    machine.does(app::CheckPassphrase{typed(Device::right_passphrase)});
    CHECK(machine.last<app::PassphraseFits>() != nullptr);
    CHECK(store::failed_tries(machine.profile.path()) == 0);
    machine.seals(2, machine.opened.form);
}

TEST_CASE("the passphrase that destroys does so when staff are asked for theirs") {
    SharedMachine machine;
    machine.seals(1, machine.opened.form);
    machine.does(app::SetDestroyPassphrase{typed(Device::right_passphrase), typed(destroying)});
    REQUIRE(machine.last<app::DestroyPassphraseSet>() != nullptr);
    machine.does(app::CheckPassphrase{typed(destroying)});
    REQUIRE(machine.last<app::UnlockedEmpty>() != nullptr);
    CHECK(machine.opened_by(machine.study.first).size() == 1);  // what is sealed stays, as the study says

    Study other;  // of the other kind: the vault is a new one
    const auto file = machine.file_of(other);
    machine.does(app::ReadPackage{file});
    machine.does(app::TakeFirstStudy{file});
    REQUIRE(machine.last<app::ProfileCreated>() != nullptr);
    CHECK(machine.last<app::ProfileCreated>()->opened.study.mode == "capi");
}

TEST_CASE(
    "where the passphrase that destroys can't be carried out, no vault is open, and it can be tried again") {
    SharedMachine machine;
    machine.does(app::SetDestroyPassphrase{typed(Device::right_passphrase), typed(destroying)});
    REQUIRE(machine.last<app::DestroyPassphraseSet>() != nullptr);
    {
        const FullDisk full(0);
        machine.does(app::CheckPassphrase{typed(destroying)});
    }
    REQUIRE(machine.last<app::UnlockFailed>() != nullptr);
    CHECK(machine.last<app::UnlockFailed>()->closed);
    CHECK(machine.last<app::UnlockFailed>()->why.key == "unlock.not_now");

    // Nobody waits for an answer that never comes.
    machine.does(app::CheckPassphrase{typed(destroying)});
    REQUIRE(machine.last<app::UnlockFailed>() != nullptr);
    CHECK(machine.last<app::UnlockFailed>()->closed);
    CHECK(machine.last<app::UnlockFailed>()->why.key == "store.locked");
    machine.does(app::SealInterview{"draft-1", {}, machine.opened.form});
    REQUIRE(machine.last<app::FinaliseFailed>() != nullptr);
    CHECK(machine.last<app::FinaliseFailed>()->why.key == "store.locked");
    machine.does(app::DrawCode{"draft-1"});
    REQUIRE(machine.last<app::CodeFailed>() != nullptr);
    CHECK(machine.last<app::CodeFailed>()->why.key == "store.locked");

    machine.does(app::Unlock{typed(destroying)});
    CHECK(machine.last<app::UnlockedEmpty>() != nullptr);
}

TEST_CASE("a wrong passphrase at the door closes nothing") {
    SharedMachine machine;
    machine.does(app::CheckPassphrase{typed("a guess")});
    REQUIRE(machine.last<app::UnlockFailed>() != nullptr);
    CHECK_FALSE(machine.last<app::UnlockFailed>()->closed);
}

TEST_CASE("nothing that a respondent reads when a seal fails speaks of drafts or of what was saved before") {
    const auto texts = bytes_of_file(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/texts/en.txt");
    for (int i = 0; i <= static_cast<int>(store::Error::internal); ++i) {
        const std::string key = collector::message_unattended(static_cast<store::Error>(i)).key;
        CAPTURE(key);
        const auto at = texts.find("\n" + key + " = ");
        REQUIRE(at != std::string::npos);
        const std::string text = texts.substr(at + 1, texts.find('\n', at + 1) - at - 1);
        CHECK(text.find("draft") == std::string::npos);
        CHECK(text.find("saved before") == std::string::npos);
        CHECK(text.find("passphrase") == std::string::npos);
    }
}
