#include "client/researcher/synthetic_respondent.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "schema/compiled_form.h"
#include "schema/number_range.h"
#include "tests/support/form_of_items.h"

using namespace fieldfare;
using app::test::form_of;
using app::test::item;
using app::test::list;
using app::test::range;
using researcher::synthetic_submission;
using schema::QuestionType;

namespace {

std::shared_ptr<const schema::CompiledForm> every_kind() {
    schema::Item required = item("read", QuestionType::acknowledge);
    required.required = "true()";
    return form_of({required, item("time", QuestionType::time), item("moment", QuestionType::date_time),
                    item("place", QuestionType::geopoint), item("code", QuestionType::barcode),
                    range("share", "0", "100", "2.5"), item("rank", QuestionType::rank, "things")},
                   {list("things", {"work", "home", "money"})});
}

}  // namespace

TEST_CASE("invented people answer every kind of question, and their submissions can be read") {
    const auto form = every_kind();
    std::map<std::string, std::set<std::string>> given;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const auto submission = synthetic_submission({form, "s", "", "2026-11-23"}, seed);
        const auto read = schema::submission_from_json(to_json(submission, form->form()), form->form());
        REQUIRE(read.has_value());
        CHECK(*read == submission);
        for (const schema::SubmissionNode& node : submission.answers) {
            const auto& answer = std::get<schema::Answer>(node.content);
            if (!answer.missing) given[node.name].insert(answer.value);
        }
    }
    CHECK(given["read"] == std::set<std::string>{"OK"});
    CHECK(given["rank"].size() == 6);
    const auto share = schema::NumberRange::of(form->form().items[5]);
    for (const std::string& number : given["share"]) CHECK(share->spelled(number) == number);
    for (const char* name : {"time", "moment", "place", "code", "share"}) CHECK(given[name].size() > 10);
}

TEST_CASE("the same seed gives the same answers") {
    const auto form = every_kind();
    CHECK(synthetic_submission({form, "s", "", "2026-11-23"}, 7) ==
          synthetic_submission({form, "s", "", "2026-11-23"}, 7));
}
