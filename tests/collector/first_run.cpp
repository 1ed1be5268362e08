#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "client/store/profile.h"
#include "crypto/hash.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("a profile is made of the study file whose digits were compared, and of no other") {
    Program program;
    const Study compared, swapped;
    const auto file = program.file_of(compared);
    program.does(app::ReadPackage{file});
    REQUIRE(program.last<app::PackageRead>() != nullptr);
    program.file_of(swapped);  // under the same name
    program.creates_profile(file);
    REQUIRE(program.last<app::ProfileRefused>() != nullptr);
    CHECK(program.last<app::ProfileRefused>()->why.key == "package.changed_since");
    CHECK(store::profile_state(program.profile.path()).kind == store::ProfileState::Kind::no_vault);
}

TEST_CASE("before anything is kept, a study says how many must work together to open it") {
    Program program;
    Study study;
    program.does(app::ReadPackage{program.file_of(study)});
    REQUIRE(program.last<app::PackageRead>() != nullptr);
    CHECK(program.last<app::PackageRead>()->package.opening_quorum == 0);
    study.contents.policy.opening_quorum = 2;
    program.does(app::ReadPackage{program.file_of(study)});
    CHECK(program.last<app::PackageRead>()->package.opening_quorum == 2);
    CHECK(program.last<app::PackageRead>()->package.recipients == 2);
}

TEST_CASE("a study whose time is over is not taken in") {
    Program program;
    Study study;
    study.contents.policy.expires = november(22);
    program.does(app::ReadPackage{program.file_of(study)});
    REQUIRE(program.last<app::PackageRefused>() != nullptr);
    CHECK(program.last<app::PackageRefused>()->why.key == "package.expired");
}

TEST_CASE("a study is taken in on its last day") {
    Program program;
    Study study;
    study.contents.policy.expires = november(23);
    program.does(app::ReadPackage{program.file_of(study)});
    CHECK(program.last<app::PackageRead>() != nullptr);
}

TEST_CASE("a first run whose test unlock fails leaves nothing, and can be done again") {
    Program program;
    const Study study;
    const auto file = program.file_of(study);
    program.does(app::ReadPackage{file});
    program.does(app::CreateProfile{file, app::Passphrase(Device::right_passphrase),
                                    app::Passphrase("something else altogether")});
    REQUIRE(program.last<app::ProfileRefused>() != nullptr);
    CHECK(store::profile_state(program.profile.path()).kind == store::ProfileState::Kind::no_vault);
    program.creates_profile(file);
    CHECK(program.last<app::ProfileCreated>() != nullptr);
}

TEST_CASE("what a start has moved is told also where it could not move everything") {
    Program program;
    program.begins_with(Study{});
    program.does(app::LockVault{});
    const auto outbox = store::outbox_folder(program.profile.path());
    write_file(outbox / "open/aaaaaaaa-1", "sealed");
    write_file(outbox / "open/bbbbbbbb-1", "in the way of another");
    const std::string_view stuck = "in the way of another";
    const auto hash = crypto::to_hex(crypto::sha256(crypto::bytes_of(stuck)));
    std::filesystem::create_directory(outbox / (hash + ".batch"));
    program.restart();
    program.answers.clear();
    program.backend->look();
    REQUIRE(program.answers.size() == 2);
    CHECK(std::holds_alternative<app::Failed>(program.answers.front()));
    CHECK(std::holds_alternative<app::ProfileFound>(program.answers.back()));
    program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    REQUIRE(program.last<app::Unlocked>() != nullptr);
    CHECK(program.last<app::Unlocked>()->opened.found.batches == 1);
}

TEST_CASE("a start waits a moment for another program that has the profile, and no longer") {
    Program program;
    program.begins_with(Study{});
    program.does(app::LockVault{});
    program.restart();
    auto held = store::ProfileLock::take(program.profile.path());
    REQUIRE(held.has_value());
    SUBCASE("which hands over without a window") {
        std::jthread other([lock = std::move(*held)]() mutable {
            const store::ProfileLock mine = std::move(lock);
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
        });
        program.backend->look();
        CHECK(program.last<app::ProfileFound>() != nullptr);
    }
    SUBCASE("which keeps it open") {
        program.backend->look();
        REQUIRE(program.last<app::FailedForGood>() != nullptr);
        CHECK(program.last<app::FailedForGood>()->why.key == "store.in_use");
    }
}
