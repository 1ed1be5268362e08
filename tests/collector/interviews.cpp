#include <doctest/doctest.h>

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
