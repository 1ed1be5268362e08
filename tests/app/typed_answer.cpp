#include "client/app/typed_answer.h"

#include "client/app/review.h"
#include "schema/interview.h"
#include "schema/number_range.h"
#include "tests/support/app_driver.h"
#include "tests/support/form_of_items.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;
using schema::AnswerError;
using schema::NumberRange;
using schema::QuestionType;

namespace {

// The value that is stored, or why nothing is: what a person types into a question of this type, then leaves.
std::string stored(const schema::Item& question, const std::string& typed) {
    App app(form_of({question}));
    app.begin();
    app.type(question.name, typed);
    app.act(LeaveField{app.node(question.name)});
    const auto refused = app.open().typed.find(app.node(question.name));
    if (refused == app.open().typed.end()) return app.value(question.name);
    CHECK(app.value(question.name).empty());
    switch (refused->second.error.value_or(AnswerError::not_text)) {
        case AnswerError::not_a_number:
            return "no number";
        case AnswerError::out_of_range:
            return "out of range";
        case AnswerError::not_a_date:
            return "no date";
        case AnswerError::not_a_place:
            return "no place";
        default:
            return "?";
    }
}

struct Row {
    const char *typed, *value;
};

}  // namespace

TEST_CASE("a time is typed as people write it and stored as ODK does, without an offset") {
    const Row rows[] = {
        {"9:05", "09:05:00.000"},
        {"21.05", "21:05:00.000"},
        {" 2105 ", "21:05:00.000"},
        {"905", "09:05:00.000"},
        {"21:05:30", "21:05:30.000"},
        {"21:05:30.25", "21:05:30.250"},
        {"9:05 pm", "21:05:00.000"},
        {"12 AM", "00:00:00.000"},
        {"12:30 p.m.", "12:30:00.000"},
        {"0:00", "00:00:00.000"},
        {"24:00", "no date"},
        {"21:60", "no date"},
        {"21:5", "no date"},
        {"9", "no date"},
        {"13 pm", "no date"},
        {"soon", "no date"},
        {"21:05:", "no date"},
        {"21:05 o'clock", "no date"},
        {"", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(stored(item("time", QuestionType::time), row.typed) == row.value);
    }
}

TEST_CASE("an offset from UTC is stored only where the person wrote one") {
    const Row rows[] = {
        {"21:05 +04:00", "21:05:00.000+04:00"},
        {"21:05-3", "21:05:00.000-03:00"},
        {"21:05+0530", "21:05:00.000+0530"},
        {"21:05z", "21:05:00.000Z"},
        {"21:05+99", "no date"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(stored(item("time", QuestionType::time), row.typed) == row.value);
    }
}

TEST_CASE("a date and time is typed as both are, with a blank, a comma or a T between") {
    const Row rows[] = {
        {"2024-03-05 21:05", "2024-03-05T21:05:00.000"},
        {"5.3.2024 9.05", "2024-03-05T09:05:00.000"},
        {"5.03.2024, 21:05", "2024-03-05T21:05:00.000"},
        {"2024-03-05T21:05:00.000+04:00", "2024-03-05T21:05:00.000+04:00"},
        {"2024-03-05", "no date"},
        {"21:05", "no date"},
        {"2024-02-30 21:05", "no date"},
        {"2024-03-05 25:05", "no date"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(stored(item("moment", QuestionType::date_time), row.typed) == row.value);
    }
}

TEST_CASE("a place is typed as latitude and longitude in degrees") {
    const Row rows[] = {
        {"55.75 37.62", "55.75 37.62"},
        {"55.75, 37.62", "55.75 37.62"},
        {"55.75,37.62", "55.75 37.62"},
        {"55,75 37,62", "55.75 37.62"},
        {"55,75; 37,62", "55.75 37.62"},
        {"55,75, 37,62", "55.75 37.62"},
        {"-33.87\xc2\xb0 +151.21\xc2\xb0", "-33.87 151.21"},
        {"\xe2\x88\x92"
         "12 3",
         "-12 3"},
        {"55.75 37.62 140 5", "55.75 37.62 140 5"},
        {"-.5 3.", "-0.5 3"},
        {"55.75", "no place"},
        {"55,75", "no place"},
        {"37.62 191", "no place"},
        {"91 37.62", "no place"},
        {"home", "no place"},
        {"1e1 2", "no place"},
        {"1 2 3 4 5", "no place"},
        {"- -", "no place"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(stored(item("place", QuestionType::geopoint), row.typed) == row.value);
    }
}

TEST_CASE("a number of a range is taken from its start to its end in its steps, in one spelling") {
    const Row rows[] = {
        {"0", "0"},
        {"100", "100"},
        {"055", "55"},
        {"50.0", "50"},
        {"7,5", "7.5"},
        {"-0", "0"},
        {"7.25", "out of range"},
        {"100.5", "out of range"},
        {"-5", "out of range"},
        {"many", "no number"},
        {"1e2", "no number"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(stored(range("share", "0", "100", "2.5"), row.typed) == row.value);
    }
}

TEST_CASE("a range may go down, lie below zero, and have fractions that binary numbers lack") {
    const auto number = [](const schema::Item& question, const char* typed) {
        return NumberRange::of(question)->spelled(typed).value_or("none");
    };
    CHECK(number(range("r", "10", "-10", "5"), "-5") == "-5");
    CHECK(number(range("r", "10", "-10", "5"), "-4") == "none");
    CHECK(number(range("r", "0", "1", "0.1"), "0.3") == "0.3");
    CHECK(number(range("r", "-0.05", "0.05", "0.01"), "-0.04") == "-0.04");
    CHECK(number(range("r", "1", "3", "-1"), "2") == "2");
    CHECK_FALSE(NumberRange::of(range("r", "0", "10", "0")));
    CHECK_FALSE(NumberRange::of(range("r", "0", "a lot", "1")));
    CHECK_FALSE(NumberRange::of(range("r", "0", "12345678901234567890", "1")));
    CHECK(NumberRange::of(item("r", QuestionType::range))->high() == "10");
}

TEST_CASE("a range of at most eleven numbers lies in a row, from its start to its end") {
    using Numbers = std::vector<std::string>;
    const auto row = [](const schema::Item& question) { return NumberRange::of(question)->row(); };
    CHECK(row(range("r", "0", "10", "1")).size() == 11);
    CHECK(row(range("r", "0", "11", "1")).empty());
    CHECK(row(range("r", "2", "-2", "2")) == Numbers{"2", "0", "-2"});
    CHECK(row(range("r", "0", "1", "0.25")) == Numbers{"0", "0.25", "0.5", "0.75", "1"});
    CHECK(row(range("r", "-999999999999999", "999999999999999", "1")).empty());
}

TEST_CASE("a field shows a stored time without what nobody typed") {
    const Row rows[] = {
        {"21:05", "21:05:00.000"},
        {"21:05:30", "21:05:30.000"},
        {"21:05:30.250", "21:05:30.250"},
        {"21:05+04:00", "21:05:00.000+04:00"},
        {"21:05", "21:05"},
    };
    for (const Row& row : rows) {
        CHECK(typed_of_value(item("time", QuestionType::time), row.value) == row.typed);
        CHECK(
            typed_of_value(item("moment", QuestionType::date_time), std::string("2024-03-05T") + row.value) ==
            std::string("2024-03-05 ") + row.typed);
    }
}

TEST_CASE("a barcode is an answer while it is typed") {
    App app(form_of({item("code", QuestionType::barcode)}));
    app.begin();
    app.type("code", "400638");
    CHECK(app.value("code") == "400638");
}

TEST_CASE("what does not fit a time or range stands in the way of sealing, not of going on") {
    App app(form_of({item("time", QuestionType::time), range("share", "0", "100", "1")}));
    app.begin();
    app.type("time", "late");
    app.act(ShowReview{});
    CHECK(blocks_finalising(app.open()) == app.node("time"));
}
