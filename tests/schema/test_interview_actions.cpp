#include "tests/support/scenario_xform.h"

using namespace fieldfare::schema;

TEST_CASE("setvalue puts a value in when the interview begins, and not again when it goes on from a draft") {
    const auto form = compiled(XForm{
        .instance = "<first/><each/>",
        .binds = "<setvalue event='odk-instance-first-load' ref='/data/first' value='2 + 3'/>"
                 "<setvalue event='odk-instance-load' ref='/data/each'>again</setvalue>",
        .body = "<input ref='/data/first'/><input ref='/data/each'/>",
    });
    Scenario scenario(form);
    CHECK(scenario.value("first") == "5");
    CHECK(scenario.value("each") == "again");
    scenario.answer("first", "7").answer("each", "x");
    const Scenario later = scenario.resumed();
    CHECK(later.value("first") == "7");
    CHECK(later.value("each") == "again");
}

TEST_CASE("setvalue follows a change of its question, after what was calculated from it") {
    Scenario scenario(compiled(XForm{
        .instance = "<source/><twice/><taken/><cleared>x</cleared>",
        .binds = "<bind nodeset='/data/source' type='int'/>"
                 "<bind nodeset='/data/twice' type='int' calculate='/data/source * 2'/>",
        .body = "<input ref='/data/source'>"
                "<setvalue event='xforms-value-changed' ref='/data/taken' value='/data/twice'/>"
                "<setvalue event='xforms-value-changed' ref='/data/cleared'/></input>"
                "<input ref='/data/taken'/><input ref='/data/cleared'/>",
    }));
    CHECK(scenario.value("cleared") == "x");
    scenario.answer("source", "12");
    CHECK(scenario.value("taken") == "24");
    CHECK(scenario.value("cleared") == "");
    scenario.answer("taken", "1").answer("source", "12");
    CHECK(scenario.value("taken") == "1");  // nothing changed
}

TEST_CASE("setvalue in a repeat stays in its instance") {
    Scenario scenario(compiled(XForm{
        .instance = "<r jr:template=''><a/><b/></r>",
        .body = "<group ref='/data/r'><repeat nodeset='/data/r'><input ref='/data/r/a'>"
                "<setvalue event='xforms-value-changed' ref='/data/r/b' value='concat(../a, \"!\")'/></input>"
                "<input ref='/data/r/b'/></repeat></group>",
    }));
    scenario.add("/r");
    scenario.add("/r");
    scenario.answer("/r[2]/a", "two");
    CHECK(scenario.value("/r[1]/b") == "");
    CHECK(scenario.value("/r[2]/b") == "two!");
}

TEST_CASE(
    "a new instance of a repeat has its own setvalue; those that the form begins with have the first load") {
    Scenario scenario(compiled(XForm{
        .instance = "<r><place/><seen/></r>",
        .body = "<group ref='/data/r'><repeat nodeset='/data/r'>"
                "<setvalue event='odk-new-repeat' ref='/data/r/place' value='position(..)'/>"
                "<setvalue event='odk-instance-first-load odk-new-repeat' ref='/data/r/seen'>yes</setvalue>"
                "<input ref='/data/r/place'/><input ref='/data/r/seen'/></repeat></group>",
    }));
    scenario.add("/r");
    CHECK(scenario.value("/r[1]/place") == "");
    CHECK(scenario.value("/r[1]/seen") == "yes");
    CHECK(scenario.value("/r[2]/place") == "2");
    CHECK(scenario.value("/r[2]/seen") == "yes");
}

TEST_CASE("setvalue leaves a node alone that is not relevant") {
    Scenario scenario(compiled(XForm{
        .instance = "<gate/><target/><source/>",
        .binds = "<bind nodeset='/data/target' relevant='/data/gate = 1'/>",
        .body = "<input ref='/data/gate'/><input ref='/data/target'/><input ref='/data/source'>"
                "<setvalue event='xforms-value-changed' ref='/data/target' value='../source'/></input>",
    }));
    scenario.answer("source", "a").answer("gate", "1");
    CHECK(scenario.value("target") == "");
    scenario.answer("source", "b");
    CHECK(scenario.value("target") == "b");
}

TEST_CASE("actions that set one another off for ever end") {
    Scenario scenario(compiled(XForm{
        .instance = "<a/><b/>",
        .body = "<input ref='/data/a'><setvalue event='xforms-value-changed' ref='/data/b' "
                "value='random()'/></input>"
                "<input ref='/data/b'><setvalue event='xforms-value-changed' ref='/data/a' "
                "value='random()'/></input>",
    }));
    scenario.answer("a", "1");
    CHECK(scenario.value("b") != "");
}
