#include "schema/submission_xml.h"

#include "schema/form_meta.h"
#include "schema/instance_names.h"
#include "schema/instance_value.h"
#include "schema/xml_text.h"
#include "tests/support/scenario_random.h"

using namespace fieldfare::schema;

namespace {

const char* const survey = R"(
    | type              | name   | relevant     | repeat_count |
    | text              | name   |              |              |
    | integer           | age    |              |              |
    | text              | job    | ${age} > 17  |              |
    | begin_group       | about  | ${age} > 17  |              |
    | decimal           | weight |              |              |
    | note              | hello  |              |              |
    | end_group         |        |              |              |
    | begin_repeat      | trip   |              |              |
    | text              | place  |              |              |
    | end_repeat        |        |              |              |
)";

std::string text_xml(std::string_view text) {
    std::string out;
    XmlText xml(out);
    xml.open("a");
    xml.text(text);
    xml.close();
    return out;
}

std::string attribute_xml(std::string_view value) {
    std::string out;
    XmlText xml(out);
    xml.open("a");
    xml.attribute("b", value);
    xml.close();
    return out;
}

/// A form as an XForm gives it: attributes at the root and on nodes, prefixes, its own meta group.
std::shared_ptr<const CompiledForm> with_attributes() {
    Form form = form_of("| type | name |\n| text | name |\n");
    form.settings.root = "household";
    form.settings.root_attributes = {{"id", "hh"}, {"orx:version", "1\"<2"}, {"xmlns:own", "urn:own"}};
    form.items[0].attributes = {{"own:kind", "a&b"}};
    Item meta;
    meta.kind = ItemKind::group;
    meta.name = "orx:meta";
    Item id;
    id.type = QuestionType::calculate;
    id.name = "orx:instanceID";
    id.calculation = "'uuid:drawn'";
    meta.children = {id};
    form.items.push_back(meta);
    return *CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
}

}  // namespace

TEST_CASE("an instance's XML holds what is relevant; what is empty is an empty element") {
    Scenario scenario(survey);
    scenario.answer("age", "12");
    CHECK(instance_xml(scenario.interview()) == R"(<data id="test" version="1"><name/><age>12</age></data>)");
    scenario.answer("age", "30").answer("weight", "70");
    CHECK(instance_xml(scenario.interview()) ==
          R"(<data id="test" version="1"><name/><age>30</age><job/><about><weight>70.0</weight><hello/>)"
          R"(</about></data>)");
}

TEST_CASE("each instance of a repeat is an element of its own") {
    Scenario scenario(survey);
    scenario.add("trip");
    scenario.add("trip");
    scenario.answer("/trip[2]/place", "Bo");
    CHECK(instance_xml(scenario.interview()).find("<trip><place/></trip><trip><place>Bo</place></trip>") !=
          std::string::npos);
}

TEST_CASE("attributes stand as the form gives them, and the prefixes in use are declared") {
    Scenario scenario(with_attributes());
    scenario.answer("name", "x");
    CHECK(instance_xml(scenario.interview()) ==
          R"(<household xmlns:orx="http://openrosa.org/xforms" xmlns:own="urn:own" id="hh" )"
          R"(orx:version="1&quot;&lt;2"><name own:kind="a&amp;b">x</name><orx:meta><orx:instanceID>)"
          R"(uuid:drawn</orx:instanceID></orx:meta></household>)");
}

TEST_CASE("a submission's XML has its id, in the form's own place for it or in orx:meta") {
    Scenario own(with_attributes());
    CHECK(instance_xml(own.finalised(), own.interview().form().form())
              .find("<orx:meta><orx:instanceID>uuid:11111111-2222-4333-8444-555555555555</orx:instanceID>"
                    "</orx:meta>") != std::string::npos);
    Scenario scenario(survey);
    scenario.answer("age", "30").answer("job", "smith");
    CHECK(instance_xml(scenario.finalised(), form_of(survey)) ==
          R"(<data xmlns:orx="http://openrosa.org/xforms" id="test" version="1"><name/><age>30</age>)"
          R"(<job>smith</job><about><weight/></about><orx:meta><orx:instanceID>)"
          R"(uuid:11111111-2222-4333-8444-555555555555</orx:instanceID></orx:meta></data>)");
}

TEST_CASE("a submission is called as the settings say, seen from its answers") {
    const char* const called = R"(
        | type         | name | calculation |
        | text         | name |             |
        | begin_repeat | pet  |             |
        | text         | kind |             |
        | end_repeat   |      |             |
    )";
    Scenario scenario(called);
    scenario.answer("name", "Ana");
    scenario.add("pet");
    scenario.add("pet");
    Form form = form_of(called);
    form.settings.instance_name = "concat(${name}, ' ', count(${pet}))";
    const InstanceNames names(form);
    CHECK(names.name_of(scenario.finalised()) == "Ana 2");
    CHECK(instance_xml(scenario.finalised(), form, "Ana 2")
              .find("</orx:instanceID><orx:instanceName>Ana 2</orx:instanceName></orx:meta>") !=
          std::string::npos);
    CHECK(InstanceNames(form_of(survey)).name_of(scenario.finalised()) == "");
}

TEST_CASE("a form runs with the meta group that XLSForms have without saying so, once") {
    Form form = form_of("| type | name |\n| text | name |\n");
    form.settings.instance_name = "${name}";
    const Form with = with_meta(form);
    REQUIRE(with.items.size() == 2);
    CHECK(with.items[1].name == "meta");
    CHECK(with.items[1].children[0].preload == "uid");
    CHECK(with.items[1].children[1].calculation == "${name}");
    CHECK(with_meta(with) == with);
}

TEST_CASE("a submission's XML leaves out what was not asked, and keeps what was not answered as empty") {
    Scenario scenario(survey);
    scenario.answer("age", "3").say("name", Missing::refused);
    const std::string xml = instance_xml(scenario.finalised(), form_of(survey));
    CHECK(xml.find("<name/>") != std::string::npos);
    CHECK(xml.find("<job") == std::string::npos);
}

TEST_CASE("XML is well formed whatever a text holds") {
    CHECK(text_xml("a<b>&\"'") == "<a>a&lt;b&gt;&amp;\"'</a>");
    CHECK(text_xml("a\tb\nc\rd") == "<a>a\tb\nc&#13;d</a>");
    CHECK(text_xml("\x01\x1f") == "<a>\xef\xbf\xbd\xef\xbf\xbd</a>");
    CHECK(text_xml("\xff\xc3\xa9\xed\xa0\x80\xef\xbf\xbf") ==
          "<a>\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</a>");
    CHECK(text_xml("") == "<a/>");
    CHECK(attribute_xml("<\"\n\t'&>") == "<a b=\"&lt;&quot;&#10;&#9;'&amp;&gt;\"/>");
}

TEST_CASE("texts in an instance's XML are in Unicode's composed form") {
    Scenario scenario("| type | name |\n| text | q |\n");
    scenario.answer("q", "Zoe\xcc\x88");
    CHECK(instance_xml(scenario.interview()).find("<q>Zo\xc3\xab</q>") != std::string::npos);
}

TEST_CASE("decimals and places have a decimal point in an instance, other values stay as they are") {
    CHECK(instance_value(DataType::decimal, "36") == "36.0");
    CHECK(instance_value(DataType::decimal, "-2.50") == "-2.5");
    CHECK(instance_value(DataType::decimal, "") == "");
    CHECK(instance_value(DataType::decimal, "none") == "none");
    CHECK(instance_value(DataType::geopoint, "-7 39.5 0 4.25") == "-7.0 39.5 0.0 4.25");
    CHECK(instance_value(DataType::geotrace, "1 2; 3  4.5;") == "1.0 2.0;3.0 4.5");
    CHECK(instance_value(DataType::integer, "36") == "36");
    CHECK(instance_value(DataType::string, "36") == "36");
}
