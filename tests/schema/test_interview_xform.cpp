#include "tests/support/scenario_xform.h"

using namespace fieldfare::schema;

TEST_CASE("a repeat begins with the instances that the form gives, each with its values") {
    Scenario scenario(compiled(XForm{
        .instance = "<r jr:template=''><n>new</n></r><r><n>one</n></r><r><n>two</n></r>",
        .body = "<group ref='/data/r'><repeat nodeset='/data/r'><input ref='/data/r/n'/></repeat></group>",
    }));
    CHECK(scenario.instances("/r") == 2);
    scenario.add("/r");
    CHECK(scenario.value("/r[1]/n") == "one");
    CHECK(scenario.value("/r[2]/n") == "two");
    CHECK(scenario.value("/r[3]/n") == "new");
}

TEST_CASE("a first instance that was removed does not come back from the draft") {
    Scenario scenario(compiled(XForm{
        .instance = "<r><n>one</n></r>",
        .body = "<group ref='/data/r'><repeat nodeset='/data/r'><input ref='/data/r/n'/></repeat></group>",
    }));
    scenario.remove("/r[1]");
    CHECK(scenario.resumed().instances("/r") == 0);
}

TEST_CASE("an output in a text is an expression, seen from the node that shows it") {
    Scenario scenario(compiled(XForm{
        .instance = "<age/><g><next/></g>",
        .binds = "<bind nodeset='/data/age' type='int'/>",
        .body = "<input ref='/data/age'/><group ref='/data/g'><input ref='/data/g/next'>"
                "<label>In ten years: <output value='../../age + 10'/>, not <output value=\"'}'\"/></label>"
                "</input></group>",
    }));
    scenario.answer("age", "30");
    CHECK(scenario.label("/g/next") == "In ten years: 40, not }");
}

TEST_CASE("what stands in a read-only group is read-only") {
    Scenario scenario(compiled(XForm{
        .instance = "<lock/><g><q/></g>",
        .binds = "<bind nodeset='/data/g' readonly='/data/lock = 1'/>",
        .body = "<input ref='/data/lock'/><group ref='/data/g'><input ref='/data/g/q'/></group>",
    }));
    CHECK_FALSE(scenario.read_only("/g/q"));
    scenario.answer("lock", "1");
    CHECK(scenario.read_only("/g/q"));
    CHECK(scenario.refused("/g/q", "x") == AnswerError::not_a_question);
}

TEST_CASE("preloads fill in days and times; what would tell of the device stays empty") {
    Scenario scenario(compiled(XForm{
        .instance = "<day/><start/><device/>",
        .binds =
            "<bind nodeset='/data/day' type='date' jr:preload='date' jr:preloadParams='today'/>"
            "<bind nodeset='/data/start' type='dateTime' jr:preload='timestamp' jr:preloadParams='start'/>"
            "<bind nodeset='/data/device' jr:preload='property' jr:preloadParams='deviceid'/>",
    }));
    CHECK(scenario.value("day") == "2026-11-23");
    CHECK(scenario.value("start") == "2026-11-23T21:05:00.000+04:00");
    CHECK(scenario.value("device") == "");
}

TEST_CASE("an attribute that a bind fills in can be calculated and read") {
    Scenario scenario(compiled(XForm{
        .instance = "<q>7</q><entity id='' dataset='trees'/><seen/>",
        .binds = "<bind nodeset='/data/entity/@id' calculate=\"concat('n', /data/q)\"/>"
                 "<bind nodeset='/data/seen' calculate='/data/entity/@id'/>",
        .body = "<input ref='/data/q'/>",
    }));
    CHECK(scenario.value("seen") == "n7");
    scenario.answer("q", "8");
    CHECK(scenario.value("/entity/@id") == "n8");
    CHECK(scenario.value("seen") == "n8");
}
