#include "tests/support/scenario_random.h"

using namespace fieldfare::schema;

namespace {

const char* const household = R"(
    | type         | name   | calculation                      | relevant   | default |
    | text         | family |                                  |            |         |
    | begin_repeat | person |                                  |            |         |
    | text         | nick   |                                  |            | nobody  |
    | integer      | age    |                                  |            |         |
    | calculate    | place  | position(..)                     |            |         |
    | calculate    | full   | concat(${nick}, ' ', ${family})  |            |         |
    | text         | school |                                  | ${age} < 18 |        |
    | end_repeat   |        |                                  |            |         |
    | calculate    | total  | sum(${age})                      |            |         |
    | calculate    | people | count(${person})                 |            |         |
    | calculate    | second | indexed-repeat(${nick}, ${person}, 2) |       |         |
)";

}  // namespace

TEST_CASE("instances are added and removed, and what counts them follows") {
    Scenario scenario(household);
    CHECK(scenario.add("person"));
    CHECK(scenario.add("person"));
    CHECK(scenario.add("person"));
    CHECK(scenario.value("people") == "3");
    scenario.answer("/person[1]/age", "10").answer("/person[2]/age", "20").answer("/person[3]/age", "40");
    scenario.answer("/person[3]/nick", "C");
    CHECK(scenario.remove("/person[2]"));
    CHECK(scenario.value("total") == "50");
    CHECK(scenario.value("/person[2]/place") == "2");
    CHECK(scenario.value("second") == "C");
    CHECK_FALSE(scenario.remove("person"));
}

TEST_CASE("a reference in a repeat means its own instance, and from outside all of them") {
    Scenario scenario(household);
    scenario.add("person");
    scenario.add("person");
    scenario.answer("family", "X").answer("/person[2]/nick", "B");
    CHECK(scenario.value("/person[1]/full") == "nobody X");
    CHECK(scenario.value("/person[2]/full") == "B X");
    scenario.answer("/person[1]/age", "30").answer("/person[2]/age", "9");
    CHECK(scenario.changed() == "/person[2]/age /person[2]/school /total");
}

TEST_CASE("instances that are not relevant do not count") {
    Scenario scenario(R"(
        | type         | name | repeat_count | relevant             | calculation |
        | integer      | cut  |              |                      |             |
        | begin_repeat | r    | 3            | position(.) <= ${cut} |            |
        | integer      | x    |              |                      |             |
        | end_repeat   |      |              |                      |             |
        | calculate    | n    |              |                      | count(${r}) |
        | calculate    | s    |              |                      | sum(${x})   |
    )");
    scenario.answer("cut", "3").answer("/r[1]/x", "1").answer("/r[3]/x", "5");
    scenario.answer("/r[2]/x", "2");
    CHECK(scenario.value("s") == "8");
    scenario.answer("cut", "2");
    CHECK(scenario.value("n") == "2");
    CHECK(scenario.value("s") == "3");
    CHECK_FALSE(scenario.relevant("/r[3]/x"));
}

TEST_CASE("repeats nest, and inner ones count within their own instance") {
    Scenario scenario(R"(
        | type         | name  | calculation        |
        | begin_repeat | house |                    |
        | begin_repeat | room  |                    |
        | integer      | beds  |                    |
        | calculate    | where | concat(position(../..), '.', position(..)) |
        | end_repeat   |       |                    |
        | calculate    | sleep | sum(${beds})       |
        | end_repeat   |       |                    |
        | calculate    | all   | sum(${beds})       |
        | calculate    | one   | indexed-repeat(${beds}, ${house}, 2, ${room}, 1) |
    )");
    scenario.add("house");
    scenario.add("house");
    for (const char* house : {"/house[1]/room", "/house[2]/room", "/house[1]/room"})
        CHECK(scenario.add(house));
    scenario.answer("/house[1]/room[1]/beds", "1").answer("/house[1]/room[2]/beds", "2");
    scenario.answer("/house[2]/room[1]/beds", "4");
    CHECK(scenario.value("/house[1]/sleep") == "3");
    CHECK(scenario.value("/house[2]/sleep") == "4");
    CHECK(scenario.value("all") == "7");
    CHECK(scenario.value("one") == "4");
    CHECK(scenario.value("/house[1]/room[2]/where") == "1.2");
    CHECK(scenario.remove("/house[1]"));
    CHECK(scenario.value("all") == "4");
    CHECK(scenario.value("one") == "");
}

TEST_CASE("a repeat_count that makes no sense makes no instances, and a huge one is bounded") {
    Scenario scenario(R"(
        | type         | name | repeat_count |
        | integer      | n    |              |
        | begin_repeat | r    | ${n}         |
        | text         | a    |              |
        | end_repeat   |      |              |
    )");
    for (const char* n : {"-3", "0", ""}) {
        scenario.answer("n", n);
        CHECK(scenario.instances("r") == 0);
    }
    scenario.answer("n", "999999999");
    CHECK(scenario.instances("r") == 10'000);
}

TEST_CASE("repeats come back from a draft with all their instances, answers and order") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        SeededRandom random{seed};
        Scenario scenario(household, seed);
        for (int step = 0; step < 60; ++step) {
            const auto people = scenario.instances("person");
            if (random() % 4 == 0)
                scenario.add("person");
            else if (random() % 6 == 0 && people > 0)
                scenario.remove("/person[" + std::to_string(1 + random() % people) + "]");
            else
                random_step(scenario.interview(), random);
        }
        CHECK(picture(scenario.interview()) == picture(scenario.resumed().interview()));
    }
}

TEST_CASE("a repeat may go on for as long as its last instance says so") {
    Scenario scenario(R"(
        | type         | name  | calculation                                                              | repeat_count |
        | calculate    | count | count(${r})                                                              |              |
        | calculate    | goal  | if(${count} = 0 or indexed-repeat(${more}, ${r}, ${count}) = 'yes', ${count} + 1, ${count}) | |
        | begin_repeat | r     |                                                                          | ${goal}      |
        | text         | more  |                                                                          |              |
        | end_repeat   |       |                                                                          |              |
    )");
    CHECK(scenario.instances("/r") == 1);
    scenario.answer("/r[1]/more", "yes");
    CHECK(scenario.instances("/r") == 2);
    scenario.answer("/r[2]/more", "no");
    CHECK(scenario.instances("/r") == 2);
}

TEST_CASE("a repeat_count that never comes to rest ends all the same") {
    Scenario scenario(R"(
        | type         | name  | calculation                | repeat_count |
        | calculate    | goal  | if(count(${r}) = 0, 1, 0)  |              |
        | begin_repeat | r     |                            | ${goal}      |
        | text         | q     |                            |              |
        | end_repeat   |       |                            |              |
    )");
    CHECK(scenario.instances("/r") <= 1);
}

TEST_CASE("an instance is added where the person wants it") {
    Scenario scenario(R"(
        | type         | name  | calculation  |
        | begin_repeat | r     |              |
        | text         | q     |              |
        | calculate    | place | position(..) |
        | end_repeat   |       |              |
    )");
    scenario.add("/r");
    scenario.add("/r");
    scenario.answer("/r[1]/q", "one").answer("/r[2]/q", "two");
    CHECK(scenario.interview().add_instance(scenario.node("/r"), 1));
    CHECK(scenario.value("/r[2]/q") == "");
    CHECK(scenario.value("/r[3]/q") == "two");
    CHECK(scenario.value("/r[3]/place") == "3");
    CHECK_FALSE(scenario.interview().add_instance(scenario.node("/r"), 4));
}
