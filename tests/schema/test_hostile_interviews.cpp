#include <limits>

#include "schema/interview_state.h"
#include "tests/support/scenario.h"

using namespace fieldfare::schema;

// Forms that ask for more than any interview needs. What counts is how much is made of them, never how long
// it takes on one machine.

namespace {

Item row(std::string name, ItemKind kind, QuestionType type = QuestionType::text) {
    Item item;
    item.name = std::move(name);
    item.kind = kind;
    item.type = type;
    return item;
}

Result<std::shared_ptr<const CompiledForm>> compile(std::vector<Item> items) {
    Form form;
    form.items = std::move(items);
    return CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
}

std::string refusal(std::vector<Item> items) {
    const auto result = compile(std::move(items));
    return result ? "" : result.error().errors.front().message;
}

std::size_t nodes_of(const Scenario& scenario) {
    return scenario.interview().state().instance_nodes;
}

}  // namespace

TEST_CASE("a repeat_count of a thousand million in the form is refused") {
    CHECK(errors_of(R"(
        | type         | name | label | repeat_count |
        | begin_repeat | r    | R     | 1000000000   |
        | text         | t    | T     |              |
        | end_repeat   |      |       |              |
    )") == "survey, row 2, column repeat_count: A repeat can have at most 10,000 instances.\n");
}

TEST_CASE("a repeat_count of a thousand million in an answer gives ten thousand instances") {
    Scenario scenario(R"(
        | type         | name | label | repeat_count |
        | decimal      | n    | N     |              |
        | begin_repeat | r    | R     | ${n} * 1000  |
        | text         | t    | T     |              |
        | end_repeat   |      |       |              |
    )");
    scenario.answer("n", "1000000");
    CHECK(scenario.interview().children(scenario.node("r")).size() == 10'000);
    scenario.answer("n", "-5");
    CHECK(nodes_of(scenario) == 0);
}

TEST_CASE("repeats within repeats end at a million nodes in all") {
    Scenario scenario(R"(
        | type         | name | label | repeat_count |
        | integer      | n    | N     |              |
        | begin_repeat | r    | R     | ${n}         |
        | begin_repeat | i    | I     | ${n}         |
        | begin_repeat | j    | J     | ${n}         |
        | text         | t    | T     |              |
        | end_repeat   |      |       |              |
        | end_repeat   |      |       |              |
        | end_repeat   |      |       |              |
    )");
    scenario.answer("n", "10000");
    CHECK(nodes_of(scenario) <= max_instance_nodes);
    CHECK(nodes_of(scenario) > max_instance_nodes - 10);
    scenario.answer("n", "2");
    CHECK(nodes_of(scenario) == 2 * 2 + 4 * 2 + 8 * 2);
}

TEST_CASE("a form that begins with repeats within repeats without end is refused") {
    Item item = row("r0", ItemKind::repeat);
    item.initial = {{}, {}};
    item.children = {row("q", ItemKind::question)};
    for (int i = 1; i < 100; ++i) {
        Item outer = row("r" + std::to_string(i), ItemKind::repeat);
        outer.initial = {{}, {}};
        outer.children = {std::move(item)};
        item = std::move(outer);
    }
    CHECK(refusal({item}) ==
          "The repeats of the form begin with more than 1,000,000 rows in all; give them fewer instances.");
    Item many = row("r", ItemKind::repeat);
    many.initial.resize(10'001);
    many.children = {row("q", ItemKind::question)};
    CHECK(refusal({many}) == "A repeat can have at most 10,000 instances.");
}

TEST_CASE("a draft that names millions of instances gets no further than an answer") {
    const auto form = compiled(R"(
        | type         | name | label |
        | begin_repeat | r    | R     |
        | begin_repeat | i    | I     |
        | text         | t    | T     |
        | end_repeat   |      |       |
        | end_repeat   |      |       |
    )");
    std::vector<DraftEntry> draft;
    for (int i = 1; i <= 200; ++i)
        draft.push_back({"/r[" + std::to_string(i * 50) + "]/i[10000]/t", "x", {}, true});
    draft.push_back({"/r[4000000000]/i[1]/t", "x", {}, true});
    draft.push_back({"/r[99999999999999999999]", "", {}, true});
    draft.push_back({"/r[-1]", "", {}, true});
    std::vector<DraftEntry> dropped;
    const Interview interview = Interview::resume(form, test_surroundings(), draft, &dropped);
    CHECK(interview.state().instance_nodes <= max_instance_nodes);
    CHECK(dropped.size() > 100);
}

TEST_CASE("rows that set one another off for ever stop") {
    Form form = form_of(R"(
        | type    | name | label |
        | integer | a    | A     |
        | integer | b    | B     |
    )");
    form.items[0].actions = {{{Event::value_changed}, "/data/b", "${a} + 1", "", 2}};
    form.items[1].actions = {{{Event::value_changed}, "/data/a", "${b} + 1", "", 3}};
    Scenario scenario(*CompiledForm::compile(std::make_shared<const Form>(form)));
    scenario.answer("a", "1");
    CHECK(std::stoi(scenario.value("a")) > 1000);
    CHECK(std::stoi(scenario.value("a")) <= 10'002);
}

TEST_CASE("a label that quotes the choice that it labels ends") {
    Form form = form_of(R"(
        | type         | name | label |
        | select_one l | s    | S     |
        choices
        | list_name | name | label                                   |
        | l         | p    | P ${jr:choice-name(/data/s, '/data/s')} |
    )");
    const auto result = CompiledForm::compile(std::make_shared<const Form>(form));
    REQUIRE(result);
    Scenario scenario(*result);
    scenario.answer("s", "p");
    const NodeId node = scenario.node("s");
    const auto choices = scenario.interview().choices(node);
    CHECK(scenario.interview().choice_label(node, *choices.front(), 0) == "P P P P P P P P P ");
}

TEST_CASE("labels that each quote two others end") {
    Form form = form_of(R"(
        | type         | name | label |
        | select_one l | s    | S     |
        choices
        | list_name | name | label |
        | l         | p0   | P     |
    )");
    const std::string quote = "${jr:choice-name('p0', '/data/s')}";
    form.lists[0].choices[0].label = {quote + quote + quote + quote + quote + quote + "x"};
    Scenario scenario(*CompiledForm::compile(std::make_shared<const Form>(form)));
    const auto choices = scenario.interview().choices(scenario.node("s"));
    const std::string label = scenario.interview().choice_label(scenario.node("s"), *choices.front(), 0);
    CHECK(label.size() < 10'000);
    CHECK(label.ends_with("x"));
}

TEST_CASE("a pattern that takes for ever does not match") {
    Scenario scenario(R"(
        | type      | name | label | calculation                                |
        | text      | a    | A     |                                            |
        | calculate | c    |       | regex(${a}, '^(([a-z])+.)+[A-Z]([a-z])+$') |
        | calculate | d    |       | regex(${a}, '(a*)*(a*)*(a*)*b')             |
    )");
    scenario.answer("a", std::string(60'000, 'a'));
    CHECK(scenario.value("c") == "false");
    CHECK(scenario.value("d") == "false");
}

TEST_CASE("what follows from one answer ends, and says so, however much the form asks for") {
    // Two hundred rows; each goes through all of them, once for each of them.
    std::vector<Item> items{row("a", ItemKind::question), row("label", ItemKind::question)};
    for (int i = 0; i < 200; ++i) {
        items.push_back(row("c" + std::to_string(i), ItemKind::question, QuestionType::calculate));
        items.back().calculation = "count(/data/*[count(/data/*) > 1][/data/a != ''])";
    }
    items[1].label = {"${count(//*[count(//*[count(//*[. != 'x']) > 1]) > 1])}"};
    const auto form = compile(std::move(items));
    REQUIRE(form);
    Surroundings given = test_surroundings();
    given.most_steps = 300'000;
    Interview interview = Interview::start(*form, given);
    REQUIRE(interview.answer(interview.find("a"), "x"));
    const std::string sentence =
        "What the form works out at once is more than it may; the rest is taken as empty.";
    REQUIRE(interview.complaints().size() == 1);
    CHECK(interview.complaints().front() == sentence);
    CHECK(interview.value(interview.find("a")) == "x");
    CHECK(interview.label(interview.find("label"), 0).size() < 10);
    CHECK(interview.state().steps_left == 0);
    // The next answer begins anew, and with room enough there is nothing to complain of.
    given.most_steps = 300'000'000;
    interview = Interview::start(*form, given);
    REQUIRE(interview.answer(interview.find("a"), "x"));
    CHECK(interview.complaints().empty());
    CHECK(interview.value(interview.find("c199")) == "202");
}

TEST_CASE("what a pattern could not decide is told, and only until the next answer") {
    Scenario scenario(R"(
        | type      | name | label | calculation                   |
        | text      | a    | A     |                               |
        | text      | b    | B     |                               |
        | calculate | c    |       | regex(${a}, '(a+)+[0-9]')     |
    )");
    scenario.answer("a", std::string(200, 'a'));
    REQUIRE(scenario.interview().complaints().size() == 1);
    CHECK(scenario.interview().complaints().front() == "The pattern of “regex” takes too long on this text.");
    scenario.answer("b", "x");
    CHECK(scenario.interview().complaints().empty());
}

TEST_CASE("a question's choices that follow from its own answers end, whatever they hold") {
    // Thirty thousand chosen names, looked for among ten thousand choices and shuffled by them.
    std::string table = R"(
        | type              | name | label | choice_filter          |
        | text              | a    | A     |                        |
        | select_multiple l | m    | M     | selected(${a}, name)   |
        choices
        | list_name | name | label |
)";
    for (int i = 0; i < 10'000; ++i) table += "| l | n" + std::to_string(i) + " | N |\n";
    Scenario scenario(table);
    std::string names;
    for (int i = 0; i < 9'000; ++i) names += "n" + std::to_string(i) + " ";
    scenario.answer("a", names);
    const auto offered = scenario.interview().choices(scenario.node("m"));
    CHECK(offered.size() == 9'000);
}

TEST_CASE("circles through the instances of a repeat are named") {
    CHECK(errors_of(R"(
        | type         | name | label | calculation  |
        | begin_repeat | r    | R     |              |
        | calculate    | x    |       | ${total} + 1 |
        | end_repeat   |      |       |              |
        | calculate    | total |      | sum(${x})    |
    )") == "survey, row 3, column calculation: The form depends on itself: x → total → x.\n");
    CHECK(errors_of(R"(
        | type         | name | label | calculation                            | relevant |
        | begin_repeat | r    | R     |                                        |          |
        | integer      | x    | X     |                                        |          |
        | calculate    | y    |       | sum(/data/r[z > 0]/x)                  |          |
        | calculate    | z    |       | count(../preceding-sibling::r[y = 1])  |          |
        | end_repeat   |      |       |                                        |          |
    )")
              .find("The form depends on itself") != std::string::npos);
}

TEST_CASE("the order of a shuffle takes any text for its seed, however long") {
    Scenario scenario(R"(
        | type         | name | label | parameters                | choice_filter |
        | text         | a    | A     |                           |               |
        | select_one l | s    | S     | randomize=true, seed=${a} |               |
        choices
        | list_name | name | label |
        | l         | p    | P     |
        | l         | q    | Q     |
        | l         | r    | R     |
    )");
    for (const std::string& seed : {std::string(60'000, '9'), std::string("1e308"), std::string("-1e308"),
                                    std::string("NaN"), std::string("-0"), std::string(60'000, 'x')}) {
        scenario.answer("a", seed);
        CHECK(scenario.interview().choices(scenario.node("s")).size() == 3);
    }
}
