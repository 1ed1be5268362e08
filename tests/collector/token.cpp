#include <sys/stat.h>

#include "client/gui/texts.h"
#include "client/store/failed_tries.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;
using Token = app::ChangePassphrase::Token;

namespace {

constexpr const char* chosen = "quince barrow violet tide";
constexpr const char* destroying = "marzipan eleven saddles";

app::Passphrase typed(const char* words) {
    return app::Passphrase(words);
}

/// A program with a study, and a stick with two token files.
struct Owner {
    Program program;
    std::string mine = stick("me.fftoken"), other = stick("other.fftoken");

    Owner() {
        program.begins_with(Study{});
        REQUIRE(crypto::create_token_file(mine).has_value());
        REQUIRE(crypto::create_token_file(other).has_value());
    }
    std::string stick(const std::string& name) const {
        return (program.folder.path().parent_path() / name).string();
    }
    void changes(Token token, const std::string& path = {}, const char* from = Device::right_passphrase) {
        program.does(app::ChangePassphrase{typed(from), typed(chosen), token, path});
    }
    /// By a new process on the same machine.
    void unlocks(const char* words, const std::string& token) {
        program.does(app::LockVault{});
        program.restart();
        program.backend->look();
        program.does(app::Unlock{typed(words), token});
    }
    std::string refused() const {
        const auto* failed = program.last<app::UnlockFailed>();
        return failed ? failed->why.key : std::string("not refused");
    }
    bool opened_with_token() const {
        const auto* unlocked = program.last<app::Unlocked>();
        return unlocked && unlocked->opened.needs_token;
    }
};

}  // namespace

TEST_CASE("a machine that wants a token file opens with it and the passphrase, and with neither alone") {
    Owner owner;
    const auto form = owner.program.last<app::ProfileCreated>()->opened.form;
    owner.program.does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, form});
    owner.changes(Token::of_file, owner.mine);
    REQUIRE(owner.program.last<app::PassphraseChanged>() != nullptr);
    CHECK(owner.program.last<app::PassphraseChanged>()->needs_token);

    owner.unlocks(chosen, {});
    CHECK(owner.refused() == "store.wrong_passphrase");
    owner.program.does(app::Unlock{typed(chosen), owner.other});
    CHECK(owner.refused() == "token.wrong");
    owner.program.does(app::Unlock{typed(Device::right_passphrase), owner.mine});
    CHECK(owner.refused() == "token.wrong");
    owner.program.does(app::Unlock{typed(chosen), owner.mine});
    REQUIRE(owner.opened_with_token());
    CHECK(owner.program.last<app::Unlocked>()->opened.drafts.size() == 1);
}

TEST_CASE("what is wrong with a token file is told, and the passphrase that destroys works all the same") {
    Owner owner;
    owner.changes(Token::of_file, owner.mine);
    owner.program.does(app::SetDestroyPassphrase{typed(chosen), typed(destroying)});
    REQUIRE(owner.program.last<app::DestroyPassphraseSet>() != nullptr);

    std::string gone = owner.stick("gone.fftoken");
    owner.unlocks(chosen, gone);
    CHECK(owner.refused() == "token.no_file");
    flip_byte(owner.other, 20);
    owner.program.does(app::Unlock{typed(chosen), owner.other});
    CHECK(owner.refused() == "token.damaged");
    write_file(owner.other, std::string(1 << 20, 'x'));
    owner.program.does(app::Unlock{typed(chosen), owner.other});
    CHECK(owner.refused() == "token.no_token");
    owner.program.does(app::Unlock{typed(chosen), "/dev/zero"});
    CHECK(owner.refused() == "token.no_token");
    REQUIRE(::mkfifo(gone.c_str(), 0600) == 0);
    owner.program.does(app::Unlock{typed(chosen), gone});
    CHECK(owner.refused() == "token.no_token");
    CHECK(store::seconds_to_wait(store::failed_tries(owner.program.profile.path())) > 0);  // each counted

    owner.program.does(app::Unlock{typed(destroying), gone});
    CHECK(owner.program.last<app::UnlockedEmpty>() != nullptr);
}

TEST_CASE("a new passphrase keeps the token, takes another or none, and says when it can't be had") {
    Owner owner;
    owner.changes(Token::of_file, owner.stick("gone.fftoken"));
    REQUIRE(owner.program.last<app::PassphraseRefused>() != nullptr);
    CHECK(owner.program.last<app::PassphraseRefused>()->why.key == "token.no_file");
    CHECK_FALSE(owner.program.last<app::PassphraseRefused>()->counts);
    owner.changes(Token::of_file, owner.mine, "not this one");
    CHECK(owner.program.last<app::PassphraseRefused>()->why.key == "store.wrong_passphrase");

    owner.changes(Token::of_file, owner.mine);
    owner.changes(Token::same, {}, chosen);
    REQUIRE(owner.program.last<app::PassphraseChanged>() != nullptr);
    CHECK(owner.program.last<app::PassphraseChanged>()->needs_token);
    owner.unlocks(chosen, owner.mine);
    REQUIRE(owner.opened_with_token());

    owner.changes(Token::of_file, owner.other, chosen);
    owner.unlocks(chosen, owner.mine);
    CHECK(owner.refused() == "token.wrong");
    owner.program.does(app::Unlock{typed(chosen), owner.other});
    REQUIRE(owner.opened_with_token());

    owner.changes(Token::none, {}, chosen);
    REQUIRE(owner.program.last<app::PassphraseChanged>() != nullptr);
    CHECK_FALSE(owner.program.last<app::PassphraseChanged>()->needs_token);
    owner.unlocks(chosen, {});
    CHECK(owner.program.last<app::Unlocked>() != nullptr);
}

TEST_CASE("a change that the disk has no room for counts, says so, and goes on at the next unlock") {
    Owner owner;
    const auto form = owner.program.last<app::ProfileCreated>()->opened.form;
    owner.program.does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, form});
    {
        const FullDisk full(16 * 1024);  // the keyslots, and no second database
        owner.changes(Token::of_file, owner.mine);
    }
    const auto* refused = owner.program.last<app::PassphraseRefused>();
    REQUIRE(refused != nullptr);
    CHECK(refused->why.key == "changing.cut_short");
    REQUIRE(refused->counts);
    CHECK(refused->counts->needs_token);
    CHECK(refused->counts->token_path == owner.mine);

    owner.program.does(app::Unlock{typed(Device::right_passphrase), {}});
    CHECK(owner.refused() == "store.wrong_passphrase");
    {
        const FullDisk full(16 * 1024);
        owner.program.does(app::Unlock{typed(chosen), owner.mine});
        REQUIRE(owner.opened_with_token());  // nobody is kept out
        CHECK(owner.program.last<app::Unlocked>()->opened.drafts.size() == 1);
        owner.changes(Token::same, {}, chosen);
        CHECK(owner.program.last<app::PassphraseRefused>()->why.key == "store.change_unfinished");
        CHECK_FALSE(owner.program.last<app::PassphraseRefused>()->counts);
    }
    owner.unlocks(chosen, owner.mine);
    REQUIRE(owner.opened_with_token());
    owner.changes(Token::same, {}, chosen);
    CHECK(owner.program.last<app::PassphraseChanged>() != nullptr);
}

TEST_CASE("what is typed while a change waits for its end is not taken, and that is what is said") {
    Owner owner;
    constexpr const char* third = "walnut ferry copper nine";
    const auto form = owner.program.last<app::ProfileCreated>()->opened.form;
    owner.program.does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, form});
    const gui::Texts texts;
    const auto said = [&](const app::Message& why) {
        return texts.get(app::InterfaceLanguage::english, why);
    };
    {
        const FullDisk full(16 * 1024);
        owner.changes(Token::of_file, owner.mine);
        owner.program.does(app::Unlock{typed(chosen), owner.mine});
        REQUIRE(owner.opened_with_token());
    }
    owner.program.does(app::ChangePassphrase{typed(chosen), typed(third), Token::same, {}});
    REQUIRE(owner.program.last<app::PassphraseRefused>() != nullptr);
    const std::string refused = said(owner.program.last<app::PassphraseRefused>()->why);
    CHECK(refused.starts_with("What you typed now was not taken"));
    CHECK(refused.find("The passphrase with which you have unlocked still counts.") != std::string::npos);
    owner.program.does(app::SetDestroyPassphrase{typed(chosen), typed(destroying)});
    REQUIRE(owner.program.last<app::DestroyPassphraseRefused>() != nullptr);
    CHECK(said(owner.program.last<app::DestroyPassphraseRefused>()->why) == refused);

    for (const char* not_taken : {third, destroying}) {
        owner.unlocks(not_taken, owner.mine);
        CHECK(owner.refused() == "token.wrong");
    }
    owner.unlocks(chosen, owner.mine);
    CHECK(owner.opened_with_token());
    CHECK(owner.program.last<app::Unlocked>()->opened.drafts.size() == 1);
}
