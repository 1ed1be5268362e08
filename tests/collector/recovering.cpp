#include <sys/stat.h>

#include "client/study/rules.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr const char* chosen = "thimble orchard seven kettles";

/// A program with a draft and a sealed interview, locked, and the supervisor whom its study names.
struct Forgotten : Program {
    Study study;
    crypto::Identity supervisor = identity(crypto::IdentityKind::researcher);

    Forgotten() {
        REQUIRE(study::set_supervisor(study.contents.policy, supervisor.recipient()));
        begins_with(study);
        const auto form = last<app::ProfileCreated>()->opened.form;
        interviews(1, form);
        does(app::CreateDraft{"draft-2", "2026-11-23", {}, 0, 1, form});
        does(app::LockVault{});
    }
    app::RequestWritten asks() {
        does(app::WriteRequest{});
        REQUIRE(last<app::RequestWritten>() != nullptr);
        return *last<app::RequestWritten>();
    }
    crypto::Bytes answer_to(const app::RequestWritten& request) {
        const auto file = bytes_of_file(request.file);
        const auto opened = crypto::OpenedRequest::open(crypto::bytes_of(file), {&supervisor, 1});
        REQUIRE(opened.has_value());
        CHECK(opened->digits().digits == request.digits);
        return opened->answer().value();
    }
    void reads(const crypto::Bytes& answer, const char* name = "laptop.ffanswer") {
        const auto path = folder.path().parent_path() / name;
        write_file(path, std::string(answer.begin(), answer.end()));
        does(app::ReadAnswer{path.string()});
    }
    std::string refused() {
        REQUIRE(last<app::RecoveryRefused>() != nullptr);
        return last<app::RecoveryRefused>()->why.key;
    }
    void recovers(const char* words = chosen) {
        reads(answer_to(asks()));
        REQUIRE(last<app::AnswerFits>() != nullptr);
        does(app::Recover{app::Passphrase(words)});
    }
    bool opens_with(const char* words) {
        does(app::LockVault{});
        does(app::Unlock{app::Passphrase(words)});
        return last<app::Unlocked>() != nullptr;
    }
};

}  // namespace

TEST_CASE(
    "the supervisor's answer brings back what is on the machine, and the forgotten passphrase is worth "
    "nothing") {
    Forgotten program;
    program.recovers();
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    const auto& opened = program.last<app::Unlocked>()->opened;
    CHECK(opened.drafts.size() == 1);
    CHECK(opened.counts.sealed == 1);
    REQUIRE(opened.study.supervisor);
    CHECK(program.opens_with(chosen));
    CHECK_FALSE(program.opens_with(Device::right_passphrase));
}

TEST_CASE("the request lies in the profile for its owner alone, and goes when it is given up or answered") {
    Forgotten program;
    const auto file = program.asks().file;
    struct stat found {};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    CHECK(std::filesystem::path(file).parent_path() == program.profile.path());
    program.does(app::DropRequest{});
    CHECK_FALSE(std::filesystem::exists(file));
    program.recovers();
    CHECK_FALSE(std::filesystem::exists(file));
    program.does(app::LockVault{});
    (void)program.asks();
    program.restart();
    program.backend->look();
    CHECK_FALSE(std::filesystem::exists(file));  // its answer would open nothing any more
}

TEST_CASE("an answer to an earlier request, or to one of another machine, is refused and changes nothing") {
    Forgotten program;
    const auto keyslots = bytes_of_file(program.profile.file("keyslots"));
    const auto earlier = program.answer_to(program.asks());
    const auto now = program.answer_to(program.asks());
    program.reads(earlier);
    CHECK(program.refused() == "store.wrong_answer");
    Forgotten other;
    program.reads(other.answer_to(other.asks()));
    CHECK(program.refused() == "store.wrong_answer");
    CHECK(bytes_of_file(program.profile.file("keyslots")) == keyslots);
    program.reads(now);
    CHECK(program.last<app::AnswerFits>() != nullptr);
}

TEST_CASE("a machine whose token file is lost comes back with the supervisor's answer, and wants none then") {
    Forgotten program;
    const auto token = (program.folder.path().parent_path() / "me.fftoken").string();
    REQUIRE(crypto::create_token_file(token).has_value());
    program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    program.does(app::ChangePassphrase{app::Passphrase(Device::right_passphrase),
                                       app::Passphrase(Device::right_passphrase),
                                       app::ChangePassphrase::Token::of_file, token});
    REQUIRE(program.last<app::PassphraseChanged>() != nullptr);
    CHECK_FALSE(program.opens_with(Device::right_passphrase));
    std::filesystem::remove(token);
    program.recovers();
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    CHECK_FALSE(program.last<app::Unlocked>()->opened.needs_token);
    CHECK(program.last<app::Unlocked>()->opened.drafts.size() == 1);
    CHECK(program.opens_with(chosen));
}

TEST_CASE("an answer that was used once opens nothing after a later change of passphrase") {
    Forgotten program;
    const auto used = program.answer_to(program.asks());
    program.reads(used);
    program.does(app::Recover{app::Passphrase(chosen)});
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    program.does(app::LockVault{});
    (void)program.asks();
    program.reads(used);
    CHECK(program.refused() == "store.wrong_answer");
}

TEST_CASE("a key that is sealed rightly and is not this vault's is refused before a passphrase is chosen") {
    Forgotten program;
    const auto request = program.asks();
    // What a supervisor makes of a slot from before: put back by whoever can write to the disk.
    const auto vault = crypto::VaultName{program.study.contents.policy.study_id, {}};
    const auto slot = crypto::seal_recovery_slot(*crypto::MasterKey::random(), vault,
                                                 program.supervisor.recipient().box_key);
    auto keyslots = crypto::KeyslotsFile::open(program.profile.file("keyslots"));
    REQUIRE(keyslots->set_recovery_slot(*slot));
    program.reads(program.answer_to(program.asks()));
    CHECK(program.refused() == "store.wrong_answer");
    CHECK(program.opens_with(Device::right_passphrase));
}

TEST_CASE("a file that is missing, cut short, too long, another's or of a later version is told apart") {
    Forgotten program;
    const auto request = program.asks();
    const auto answer = program.answer_to(request);
    program.does(app::ReadAnswer{"/nowhere/laptop.ffanswer"});
    CHECK(program.refused() == "recovery.no_file");
    program.does(app::ReadAnswer{program.profile.path().string()});
    CHECK(program.refused() == "recovery.no_file");
    program.does(app::ReadAnswer{request.file});
    CHECK(program.refused() == "recovery.no_answer");
    program.reads(crypto::Bytes(5000));
    CHECK(program.refused() == "recovery.no_answer");
    program.reads({});
    CHECK(program.refused() == "recovery.no_answer");
    program.reads({answer.begin(), answer.end() - 1});
    CHECK(program.refused() == "recovery.damaged");
    auto later = answer;
    later[8] = 2;
    program.reads(later);
    CHECK(program.refused() == "recovery.newer_program");
}

TEST_CASE("a study file that names another supervisor counts from the next time that the vault is unlocked") {
    Forgotten program;
    REQUIRE(program.opens_with(Device::right_passphrase));
    program.study.next_version();
    ++program.study.contents.policy.policy_version;
    const auto before = std::exchange(program.supervisor, identity(crypto::IdentityKind::researcher));
    REQUIRE(study::set_supervisor(program.study.contents.policy, program.supervisor.recipient()));
    const auto file = program.file_of(program.study, "newer.ffstudy");
    program.does(app::ReadUpdate{file});
    REQUIRE(program.last<app::UpdateRead>() != nullptr);
    const auto& changes = program.last<app::UpdateRead>()->changes;
    CHECK(changes.supervisor.after->fingerprint ==
          crypto::fingerprint_of(program.supervisor.recipient()).digits);
    CHECK(changes.supervisor.any());
    program.does(app::TakeUpdate{file});
    REQUIRE(program.opens_with(Device::right_passphrase));
    program.does(app::LockVault{});
    const auto request = bytes_of_file(program.asks().file);
    CHECK_FALSE(crypto::OpenedRequest::open(crypto::bytes_of(request), {&before, 1}));
    program.recovers();
    CHECK(program.last<app::Unlocked>() != nullptr);
}

TEST_CASE("of a study without a supervisor a request can be written all the same, and nobody can answer it") {
    Program program;
    const Study study;
    program.begins_with(study);
    CHECK_FALSE(program.last<app::ProfileCreated>()->opened.study.supervisor);
    program.does(app::LockVault{});
    program.does(app::WriteRequest{});
    REQUIRE(program.last<app::RequestWritten>() != nullptr);
    const auto request = bytes_of_file(program.last<app::RequestWritten>()->file);
    for (const crypto::Identity* who : {&study.first, &study.second, &study.root})
        CHECK(crypto::OpenedRequest::open(crypto::bytes_of(request), {who, 1}).error() ==
              crypto::Error::not_openable);
}

TEST_CASE("a recovery that fails when the new passphrase counts says that it does, and an unlock goes on") {
    Forgotten program;
    const auto open_batches = store::outbox_folder(program.profile.path()) / "open";
    const auto request = program.asks();
    program.reads(program.answer_to(request));
    std::filesystem::remove_all(open_batches);
    write_file(open_batches, "in the way");
    program.does(app::Recover{app::Passphrase(chosen)});
    REQUIRE(program.last<app::UnlockFailed>() != nullptr);
    CHECK(program.last<app::UnlockFailed>()->why.key == "changing.cut_short");
    CHECK_FALSE(std::filesystem::exists(request.file));
    std::filesystem::remove(open_batches);
    CHECK(program.opens_with(chosen));
    CHECK(program.last<app::Unlocked>()->opened.drafts.size() == 1);
}

TEST_CASE("a passphrase that can't be used leaves the answer in force for another one") {
    Forgotten program;
    program.reads(program.answer_to(program.asks()));
    program.does(app::Recover{app::Passphrase("not a letter yet: \xCD\xB8")});
    CHECK(program.refused() == "store.passphrase_unknown_character");
    program.does(app::Recover{app::Passphrase(chosen)});
    CHECK(program.last<app::Unlocked>() != nullptr);
}

TEST_CASE("a second start leaves a request alone that a window has out, and writes no other over it") {
    Forgotten program;
    const auto request = program.asks();
    const auto before = bytes_of_file(request.file);
    std::vector<app::Action> told;
    collector::Backend second(
        {program.profile.path(), crypto::cost_floor, [] { return november(23); }, nullptr},
        [&](app::Action action) { told.push_back(std::move(action)); }, [](auto) {});
    second.look();
    REQUIRE(std::filesystem::exists(request.file));
    second.run(app::WriteRequest{});
    REQUIRE(std::holds_alternative<app::RecoveryRefused>(told.back()));
    CHECK(std::get<app::RecoveryRefused>(told.back()).why.key == "store.in_use");
    second.run(app::DropRequest{});
    CHECK(bytes_of_file(request.file) == before);
    program.reads(program.answer_to(request));
    CHECK(program.last<app::AnswerFits>() != nullptr);

    program.does(app::DropRequest{});
    second.run(app::WriteRequest{});
    CHECK(std::holds_alternative<app::RequestWritten>(told.back()));
}
