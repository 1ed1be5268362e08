#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

const char* const survey = R"(
    | type         | name | relevant | default | repeat_count | read_only |
    | integer      | n    |          |         |              |           |
    | text         | note | ${n} > 1 |         |              |           |
    | text         | pre  |          | hello   |              |           |
    | text         | copy |          | ${n}    |              |           |
    | begin_repeat | r    |          |         | ${n}         |           |
    | integer      | x    |          |         |              |           |
    | end_repeat   |      |          |         |              |           |
    | begin_repeat | s    |          |         |              |           |
    | integer      | y    |          | 7       |              |           |
    | end_repeat   |      |          |         |              |           |
)";

std::string written(const std::vector<DraftEntry>& entries) {
    std::string text;
    for (const DraftEntry& entry : entries)
        text += entry.path + "=" + entry.value + (entry.seen ? "*" : "") + " ";
    return text;
}

}  // namespace

TEST_CASE("a draft holds what was answered or seen, in document order, and every instance that was added") {
    Scenario scenario(survey);
    CHECK(written(scenario.interview().draft()) == "/pre=hello ");
    scenario.answer("n", "2").answer("/r[2]/x", "5").see("note").add("s");
    CHECK(written(scenario.interview().draft()) == "/n=2* /note=* /pre=hello /r[2]/x=5* /s[1]= /s[1]/y=7 ");
}

TEST_CASE("a resumed interview stands where the other stood") {
    Scenario scenario(survey);
    scenario.answer("n", "2").answer("/r[2]/x", "5").answer("note", "kept").answer("n", "1").see("n");
    scenario.add("s");
    scenario.add("s");
    scenario.answer("/s[2]/y", "").say("pre", Missing::refused);
    Scenario again = scenario.resumed();
    CHECK(again.interview().draft() == scenario.interview().draft());
    CHECK(again.value("note") == "kept");
    CHECK(again.instances("s") == 2);
    CHECK(again.value("/s[2]/y") == "");
    CHECK(again.interview().missing(again.node("pre")) == Missing::refused);
    CHECK(again.answer("n", "2").value("/r[2]/x") == "");
}

TEST_CASE("a draft's entries that the form does not know are handed back, and nothing else is lost") {
    const std::vector<DraftEntry> entries{
        {"/n", "1", {}, true},           {"/gone", "x", {}, false},   {"/pre", "bad\x01", {}, false},
        {"/r[1]/x", "nan", {}, false},   {"/r[9]/x", "4", {}, false}, {"/s[0]/y", "1", {}, false},
        {"/s[99999]/y", "1", {}, false}, {"/r[1/x", "1", {}, false},  {"n", "3", {}, false},
        {"/n/x", "3", {}, false},        {"/r[1]/x", "8", {}, false}, {"", "", {}, false},
        {"//n", "3", {}, false},         {"/n/", "3", {}, false},     {"/data/n", "3", {}, false},
    };
    std::vector<DraftEntry> dropped;
    const auto form = compiled(survey);
    const Interview interview = Interview::resume(form, test_surroundings(), entries, &dropped);
    CHECK(written(interview.draft()) == "/n=1* /r[1]/x=8 ");
    CHECK(dropped.size() == entries.size() - 2);
}

TEST_CASE("an instance of a draft has one spelling, and what is spelled otherwise is handed back") {
    const auto form = compiled(survey);
    for (const char* path :
         {"/s[01]/y",  "/s[001]",          "/s[0]",    "/s[",      "/s[]",       "/s[/y",
          "/s[]/y",    "/s[1/y",           "/s1]/y",   "/s[+1]/y", "/s[-1]/y",   "/s[ 1]/y",
          "/s[1 ]/y",  "/s[1]]/y",         "/s[[1]/y", "/s[1]y",   "/s[1][1]/y", "/s[0x1]/y",
          "/s[1.0]/y", "/s[4294967297]/y", "/n[1]"}) {
        CAPTURE(path);
        std::vector<DraftEntry> dropped;
        const std::vector<DraftEntry> entries{{path, "1", {}, false}};
        const Interview interview = Interview::resume(form, test_surroundings(), entries, &dropped);
        CHECK(dropped == entries);
        CHECK(interview.draft().empty());
        CHECK(interview.find(path) == no_node);
    }
}

TEST_CASE("defaults are given at the start, also those that look at other answers, and never again") {
    Scenario scenario(survey);
    CHECK(scenario.value("pre") == "hello");
    scenario.answer("pre", "").answer("n", "1");
    CHECK(scenario.value("pre") == "");
    CHECK(scenario.resumed().value("pre") == "");
}

TEST_CASE("a default that is literal is a value, even where it looks like an expression") {
    Form form = form_of("| type | name |\n| text | one |\n| text | two |");
    for (Item& item : form.items) item.default_value = "concat('a', ${one})";
    form.items[1].default_is_literal = true;
    Scenario scenario(*CompiledForm::compile(std::make_shared<const Form>(form)));
    CHECK(scenario.value("one") == "a");
    CHECK(scenario.value("two") == "concat('a', ${one})");
}
