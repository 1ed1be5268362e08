#include "client/store/failed_tries.h"
#include "client/study/rules.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr const char* destroying = "marzipan eleven saddles";

app::Passphrase typed(const char* words) {
    return app::Passphrase(words);
}

void sets_destroying(Program& program) {
    program.does(app::SetDestroyPassphrase{typed(Device::right_passphrase), typed(destroying)});
    REQUIRE(program.last<app::DestroyPassphraseSet>() != nullptr);
}

std::size_t sealed(const Program& program) {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(store::outbox_folder(program.profile.path())))
        files += entry.path().extension() == ".batch" ? 1 : 0;
    return files;
}

/// The passphrase that destroys is typed at the lock screen.
void types_it(Program& program) {
    program.does(app::LockVault{});
    program.restart();
    program.backend->look();
    program.does(app::Unlock{typed(destroying)});
    REQUIRE(program.last<app::UnlockedEmpty>() != nullptr);
}

/// Neither that anything is destroyed nor that there is something to rescue.
void is_told_nothing(Program& program, const char* words) {
    program.does(app::Unlock{typed(words)});
    const auto* failed = program.last<app::UnlockFailed>();
    REQUIRE(failed != nullptr);
    CHECK(failed->why.key == "unlock.not_now");
    CHECK(failed->wait_seconds == 0);
    CHECK(failed->damaged_in.empty());
}

}  // namespace

TEST_CASE("who types the passphrase that destroys gets a program without a study, and can begin anew") {
    Program program;
    const Study study;
    program.begins_with(study);
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    program.interviews(1, form);
    program.does(app::CreateDraft{"draft-2", "2026-11-23", {}, 0, 1, form});
    sets_destroying(program);
    types_it(program);
    CHECK(sealed(program) == 1);

    program.does(app::LockVault{});
    program.does(app::Unlock{typed(Device::right_passphrase)});
    REQUIRE(program.last<app::UnlockFailed>() != nullptr);
    program.does(app::Unlock{typed(destroying)});
    REQUIRE(program.last<app::UnlockedEmpty>() != nullptr);

    const auto file = program.file_of(study);
    program.does(app::TakeFirstStudy{file});  // nobody has compared it yet
    CHECK(program.last<app::ProfileRefused>()->why.key == "package.changed_since");
    program.does(app::ReadPackage{file});
    program.does(app::TakeFirstStudy{file});
    REQUIRE(program.last<app::ProfileCreated>() != nullptr);
    CHECK(program.last<app::ProfileCreated>()->opened.drafts.empty());
    CHECK(program.last<app::ProfileCreated>()->opened.counts.drafts == 0);
}

TEST_CASE("the study's rule says whether sealed interviews are destroyed as well") {
    Program program;
    Study study;
    study::set_sealed_when_destroyed(study.contents.policy, crypto::SealedFiles::go);
    program.begins_with(study);
    CHECK(program.last<app::ProfileCreated>()->opened.study.destroys_sealed);
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    program.interviews(1, form);
    sets_destroying(program);
    types_it(program);
    CHECK(sealed(program) == 0);
}

TEST_CASE(
    "with a wrong passphrase of one's own nothing is set, and none is had any more when none is wanted") {
    Program program;
    const Study study;
    program.begins_with(study);
    program.does(app::SetDestroyPassphrase{typed("wrong"), typed(destroying)});
    CHECK(program.last<app::DestroyPassphraseRefused>()->why.key == "store.wrong_passphrase");
    program.does(app::SetDestroyPassphrase{typed(Device::right_passphrase), typed(Device::right_passphrase)});
    CHECK(program.last<app::DestroyPassphraseRefused>()->why.key == "store.same_passphrase");
    sets_destroying(program);
    program.does(app::DropDestroyPassphrase{typed(Device::right_passphrase)});
    CHECK(program.last<app::DestroyPassphraseSet>() != nullptr);
    program.does(app::LockVault{});
    program.does(app::Unlock{typed(destroying)});
    CHECK(program.last<app::UnlockFailed>()->why.key == "store.wrong_passphrase");
    program.does(app::Unlock{typed(Device::right_passphrase)});
    CHECK(program.last<app::Unlocked>() != nullptr);
}

TEST_CASE("the lock screen learns how long the next passphrase waits, and after a restart, too") {
    Program program;
    program.begins_with(Study());
    program.does(app::LockVault{});
    for (const int wait : {0, 0, 5, 10}) {
        program.does(app::Unlock{typed("wrong")});
        CHECK(program.last<app::UnlockFailed>()->wait_seconds == wait);
    }
    program.restart();
    program.backend->look();
    CHECK(program.last<app::ProfileFound>()->wait_seconds == 10);
    program.does(app::Unlock{typed(Device::right_passphrase)});
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    program.restart();
    program.backend->look();
    CHECK(program.last<app::ProfileFound>()->wait_seconds == 0);
}

TEST_CASE("where destroying is cut short nothing tells of it, nothing is offered, and it is gone on with") {
    Program program;
    program.begins_with(Study{});
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    program.does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, form});
    sets_destroying(program);
    program.does(app::LockVault{});
    const auto tells_nothing = [&](const char* words) {
        is_told_nothing(program, words);
        program.does(app::RescueVault{typed(words), {}, {}});
        REQUIRE(program.last<app::RescueRefused>() != nullptr);
        CHECK(program.last<app::RescueRefused>()->why.key == "unlock.not_now");
        CHECK_FALSE(program.last<app::RescueRefused>()->study_wanted);
    };
    {
        const FullDisk full(12 * 1024);  // the keyslots, and no database
        tells_nothing(destroying);
        program.restart();
        program.backend->look();
        tells_nothing(destroying);
        program.does(app::Unlock{typed(Device::right_passphrase)});
        CHECK(program.last<app::UnlockFailed>()->why.key == "store.wrong_passphrase");
    }
    program.does(app::Unlock{typed(destroying)});
    CHECK(program.last<app::UnlockedEmpty>() != nullptr);
}

TEST_CASE("where the disk takes not even the first step of destroying the words are the same") {
    Program program;
    program.begins_with(Study{});
    sets_destroying(program);
    program.does(app::LockVault{});
    {
        const FullDisk full(1);
        is_told_nothing(program, destroying);
    }
    program.does(app::Unlock{typed(destroying)});
    CHECK(program.last<app::UnlockedEmpty>() != nullptr);
}

TEST_CASE("where a disk that fails cuts destroying short nothing is offered that would rescue noise") {
    Program program;
    program.begins_with(Study{});
    sets_destroying(program);
    program.does(app::LockVault{});
    const auto in_the_way = program.profile.file("vault.db.new");
    std::filesystem::create_directory(in_the_way);
    write_file(in_the_way / "file", "");
    is_told_nothing(program, destroying);
    std::filesystem::remove_all(in_the_way);
    program.does(app::Unlock{typed(destroying)});
    CHECK(program.last<app::UnlockedEmpty>() != nullptr);
}

TEST_CASE("a full disk is no reason to try passphrases without waiting") {
    Program program;
    program.begins_with(Study{});
    program.does(app::LockVault{});
    const FullDisk full(0);
    for (const int wait : {0, 0, 5, 10}) {
        program.does(app::Unlock{typed("wrong")});
        CHECK(program.last<app::UnlockFailed>()->wait_seconds == wait);
    }
}

TEST_CASE("what was counted before the disk is full stays counted, and a right passphrase ends it") {
    Program program;
    program.begins_with(Study{});
    program.does(app::LockVault{});
    for (int tries = 0; tries < 4; ++tries) program.does(app::Unlock{typed("wrong")});
    {
        const FullDisk full(0);
        program.does(app::Unlock{typed("wrong")});
        CHECK(program.last<app::UnlockFailed>()->wait_seconds == 20);
        program.restart();
        program.backend->look();
        CHECK(program.last<app::ProfileFound>()->wait_seconds == 10);
    }
    program.does(app::Unlock{typed(Device::right_passphrase)});
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    program.does(app::LockVault{});
    program.does(app::Unlock{typed("wrong")});
    CHECK(program.last<app::UnlockFailed>()->wait_seconds == 0);
}
