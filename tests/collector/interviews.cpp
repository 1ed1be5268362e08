#include <doctest/doctest.h>

#include "client/study/enrolment.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

schema::Submission submission() {
    schema::Submission submission;
    submission.id = "00000000-0000-4000-8000-000000000001";
    return submission;
}

app::SaveAnswers whole_save(std::uint64_t ticket) {
    app::SaveAnswers save;
    save.draft = "draft";
    save.day = "2026-11-23";
    save.extent = app::Extent::whole;
    save.ticket = ticket;
    return save;
}

}  // namespace

TEST_CASE("a whole save makes good for a first one that was refused") {
    Program program;
    program.begins_with(Study());
    program.does(whole_save(2));
    CHECK(program.last<app::AnswerSaved>() != nullptr);
}

TEST_CASE("a sealed interview does not come back as a draft, whatever is saved after it") {
    Program program;
    program.begins_with(Study());
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    program.does(app::CreateDraft{"draft", "2026-11-23", {}, 0, 1});
    program.does(app::SealInterview{"draft", submission(), form});
    REQUIRE(program.last<app::Finalised>() != nullptr);
    program.does(whole_save(2));
    REQUIRE(program.last<app::SaveFailed>() != nullptr);
    CHECK(program.last<app::SaveFailed>()->why.key == "store.unknown_draft");
}

TEST_CASE(
    "the digits of the newest sealed file are those that the researchers compute from what they opened") {
    Program program;
    const Study study;
    program.begins_with(study);
    CHECK(program.last<app::ProfileCreated>()->opened.newest == app::NewestFile{});
    auto form = program.last<app::ProfileCreated>()->opened.form;
    for (const int number : {1, 2}) {
        program.interviews(number, form);
        program.does(app::LockVault{});  // what is open becomes a file of its own
        program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
        REQUIRE(program.last<app::Unlocked>() != nullptr);
        form = program.last<app::Unlocked>()->opened.form;
    }
    const auto opened = program.opened_by(study.first);
    REQUIRE(opened.size() == 2);
    const auto& batch = opened.back();
    CHECK(program.last<app::Unlocked>()->opened.newest ==
          app::NewestFile{1, study::head_number(batch.open.device_key, 1, batch.id).digits});
}

TEST_CASE("a batch says by which version of the program it was sealed, as --version does") {
    Program program;
    const Study study;
    program.begins_with(study);
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    program.interviews(1, form);
    const auto opened = program.opened_by(study.first);
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].open.program_version == "fieldfare " FIELDFARE_VERSION);
}

TEST_CASE("when the study's time is over, what it says of its last day is known, and interviews are sealed") {
    Program program;
    Study study;
    study.contents.policy.expires = november(23);
    program.begins_with(study);
    const auto opened = program.last<app::ProfileCreated>()->opened;
    CHECK(opened.study.last_day == "2026-11-23");
    program.now += std::chrono::days(3);
    program.interviews(1, opened.form);
    CHECK(program.last<app::Finalised>()->counts.sealed == 1);
}
