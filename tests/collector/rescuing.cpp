#include "tests/support/bad_sector.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr std::size_t page = 4096;

/// A program with a draft and a sealed interview, locked; then its disk goes bad.
struct Damaged : Program {
    Study study;
    std::string file;

    Damaged() {
        study.contents.policy.expires = november(30);
        file = file_of(study);
        begins_with(study);
        const auto form = last<app::ProfileCreated>()->opened.form;
        interviews(1, form);
        does(app::CreateDraft{"draft-2", "2026-11-23", {{"/intro", "yes", {}, true}}, 0, 1, form});
        does(app::LockVault{});
        whole = bytes_of_file(database());
    }
    std::filesystem::path database() const { return profile.file("vault.db"); }

    void damage(std::size_t number) {
        write_file(database(), whole);
        flip_byte(database(), number * page + 2000);
    }
    /// Damages the first page for which a rescue answers this, with this reason where it is a refusal.
    template <typename Answer>
    void damage_until(std::string_view why = {}) {
        for (std::size_t number = 1; number < whole.size() / page; ++number) {
            damage(number);
            rescues();
            const bool wanted = last<Answer>() != nullptr && reason() == why;
            if (reason().empty()) does(app::LockVault{});
            std::filesystem::remove(profile.file("vault.db.damaged"));
            if (!wanted) continue;
            damage(number);
            return;
        }
        FAIL("no page of that kind");
    }
    std::string reason() const {
        const auto* refused = last<app::RescueRefused>();
        return refused ? refused->why.key : std::string();
    }
    void rescues(std::vector<std::string> study_files = {}) {
        does(app::RescueVault{app::Passphrase(Device::right_passphrase), std::move(study_files)});
    }

    std::string whole;
};

}  // namespace

TEST_CASE("an unlock that finds damage says in which folder, and a rescue brings back drafts and counts") {
    Damaged program;
    program.damage_until<app::Rescued>();
    program.does(app::Unlock{app::Passphrase("wrong")});
    REQUIRE(program.last<app::UnlockFailed>() != nullptr);
    CHECK(program.last<app::UnlockFailed>()->damaged_in.empty());
    program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    REQUIRE(program.last<app::UnlockFailed>() != nullptr);
    CHECK(program.last<app::UnlockFailed>()->why.key == "store.database_damaged");
    CHECK(program.last<app::UnlockFailed>()->damaged_in == program.profile.path().string());

    program.rescues();
    REQUIRE(program.last<app::Rescued>() != nullptr);
    const auto& opened = program.last<app::Rescued>()->opened;
    CHECK(opened.drafts.size() == 1);
    CHECK(opened.counts.sealed == 1);
    const auto form = opened.form;
    program.interviews(3, form);
    CHECK(program.opened_by(program.study.first).size() == 2);
}

TEST_CASE(
    "a file of which the first bytes are damaged looks like another vault's, and can be tried all the same") {
    Damaged program;
    flip_byte(program.database(), 3);
    program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    REQUIRE(program.last<app::UnlockFailed>() != nullptr);
    CHECK(program.last<app::UnlockFailed>()->why.key == "store.foreign_database");
    CHECK(!program.last<app::UnlockFailed>()->damaged_in.empty());
    program.rescues();
    REQUIRE(program.last<app::Rescued>() != nullptr);
    CHECK(program.last<app::Rescued>()->opened.drafts.size() == 1);
}

TEST_CASE(
    "where the study file is damaged it is asked for, and only the one whose fingerprint was shown counts") {
    Damaged program;
    program.damage_until<app::RescueRefused>("store.study_unreadable");
    program.rescues();
    CHECK(program.reason() == "store.study_unreadable");
    CHECK(program.last<app::RescueRefused>()->study_wanted);
    program.restart();  // nothing was shown in this one
    program.rescues({program.file});
    CHECK(program.reason() == "package.changed_since");
    program.rescues({"/nowhere/study.ffstudy"});
    CHECK(program.reason() == "package.no_file");
    program.does(app::ReadPackage{program.file, app::ReadPackage::For::rescue});
    REQUIRE(program.last<app::PackageRead>() != nullptr);
    program.rescues({program.file});
    REQUIRE(program.last<app::Rescued>() != nullptr);
    CHECK(program.last<app::Rescued>()->opened.drafts.size() == 1);
}

TEST_CASE("a study whose time is over is taken in to rescue what began with it, and not to begin anew") {
    Damaged program;
    program.damage_until<app::RescueRefused>("store.study_unreadable");
    program.now += std::chrono::days(30);
    program.does(app::ReadPackage{program.file});
    REQUIRE(program.last<app::PackageRefused>() != nullptr);
    CHECK(program.last<app::PackageRefused>()->why.key == "package.expired");
    program.does(app::ReadPackage{program.file, app::ReadPackage::For::rescue});
    REQUIRE(program.last<app::PackageRead>() != nullptr);
    program.rescues({program.file});
    CHECK(program.last<app::Rescued>() != nullptr);
}

TEST_CASE("nothing comes of a database whose first page is gone, and it is left as it is") {
    Damaged program;
    program.damage(0);
    const auto before = bytes_of_file(program.database());
    program.rescues();
    CHECK(program.reason() == "rescue.nothing");
    CHECK(bytes_of_file(program.database()) == before);
}

TEST_CASE(
    "where the disk reports an error a rescue can be tried, and is done once the disk gives back enough") {
    Damaged program;
    {
        const BadSector bad(program.database(), 1000);
        program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
        REQUIRE(program.last<app::UnlockFailed>() != nullptr);
        CHECK(program.last<app::UnlockFailed>()->why.key == "store.disk_failed");
        CHECK(program.last<app::UnlockFailed>()->damaged_in == program.profile.path().string());
        program.rescues();
        CHECK(program.reason() == "store.disk_failed");
    }
    CHECK(bytes_of_file(program.database()) == program.whole);
    program.rescues();
    REQUIRE(program.last<app::Rescued>() != nullptr);
    CHECK(program.last<app::Rescued>()->opened.drafts.size() == 1);
}
