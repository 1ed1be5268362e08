#include <doctest/doctest.h>

#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "schema/readers/xform_writer.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

// A form as an XForm that can be asked by XPath; names as they are written, without namespaces.
class Written {
  public:
    explicit Written(const Form& form) {
        auto made = to_xform(form);
        if (!made) FAIL(to_string(made.error().errors.front()));
        xml = std::move(made->xml);
        warnings = sentences(made->warnings);
        REQUIRE(document_.load_string(xml.c_str(), pugi::parse_default | pugi::parse_ws_pcdata_single));
    }
    explicit Written(const Sheets& sheets) : Written(form_of(sheets)) {}

    /// All that the path finds, with "|" between: an attribute's value, an element's content.
    std::string at(const char* xpath) const {
        std::string out;
        for (const pugi::xpath_node& found : document_.select_nodes(xpath)) {
            if (!out.empty()) out += '|';
            if (found.attribute()) {
                out += found.attribute().value();
                continue;
            }
            std::ostringstream content;
            for (const pugi::xml_node& child : found.node().children())
                child.print(content, "", pugi::format_raw);
            out += content.str();
        }
        return out;
    }
    int count(const char* xpath) const { return static_cast<int>(document_.select_nodes(xpath).size()); }

    std::string xml;
    std::vector<std::string> warnings;

  private:
    pugi::xml_document document_;
};

Item question(QuestionType type, std::string name) {
    Item item;
    item.type = type;
    item.name = std::move(name);
    item.label = {item.name};
    return item;
}

Form form_with(std::vector<Item> items) {
    Form form;
    form.settings.form_title = "Test";
    form.settings.form_id = "test";
    form.languages = {{"", ""}};
    form.items = std::move(items);
    return form;
}

Item enclosing(ItemKind kind, std::string name, std::vector<Item> children) {
    Item item;
    item.kind = kind;
    item.name = std::move(name);
    item.children = std::move(children);
    return item;
}

}  // namespace

TEST_CASE("an XForm has the form's nodes, types and controls") {
    const Written form(
        Sheets{"type | name | label\n"
               "text | city | City?\n"
               "integer | age | Age?\n"
               "note | thanks | Thanks!\n"
               "begin_group | home | Home\n"
               "date | moved | Moved in\n"
               "end_group | | "});
    CHECK(form.at("/h:html/h:head/h:title") == "Test");
    CHECK(form.at("//instance/data/@id") == "test");
    CHECK(form.at("//instance/data/@version") == "1");
    CHECK(form.count("//instance/data/home/moved") == 1);
    CHECK(form.at("//bind/@nodeset") ==
          "/data/city|/data/age|/data/thanks|/data/home/moved|/data/meta/instanceID");
    CHECK(form.at("//bind/@type") == "string|int|string|date|string");
    CHECK(form.at("//bind[@readonly]/@nodeset") == "/data/thanks|/data/meta/instanceID");
    CHECK(form.at("/h:html/h:body/input/@ref") == "/data/city|/data/age|/data/thanks");
    CHECK(form.at("//group[@ref='/data/home']/label") == "Home");
    CHECK(form.at("//input[@ref='/data/city']/label") == "City?");
}

TEST_CASE("a reference is relative inside a repeat that both rows share, else absolute") {
    const Written form(
        Sheets{"type | name | label | calculation | relevant\n"
               "integer | top | Top | |\n"
               "begin_repeat | person | Person | |\n"
               "integer | age | Age | |\n"
               "begin_group | more | More | |\n"
               "text | job | Job of ${age} | | ${age} > ${top}\n"
               "begin_repeat | pet | Pet | |\n"
               "text | kind | Kind | | ${job} = 'vet'\n"
               "end_repeat | | | |\n"
               "end_group | | | |\n"
               "end_repeat | | | |\n"
               "calculate | sum | | sum(${age}) |"});
    CHECK(form.at("//bind[@nodeset='/data/person/more/job']/@relevant") == " ../../age  >  /data/top ");
    CHECK(form.at("//bind[@nodeset='/data/person/more/pet/kind']/@relevant") == " ../../job  = 'vet'");
    CHECK(form.at("//bind[@nodeset='/data/sum']/@calculate") == "sum( /data/person/age )");
    CHECK(form.at("//input[@ref='/data/person/more/job']/label/output/@value") == " ../../age ");
}

TEST_CASE("a predicate sees the question's own repeat by way of current()") {
    const Written form(
        Sheets{"type | name | label | choice_filter | calculation\n"
               "begin_repeat | person | Person | |\n"
               "select_one region | region | Region | |\n"
               "select_one city | city | City | region = ${region} |\n"
               "calculate | label | | | instance('city')/root/item[name = ${city}]/label\n"
               "end_repeat | | | |",
               "list_name | name | label | region\n"
               "region | n | North |\n"
               "city | a | A-town | n"});
    CHECK(form.at("//select1[@ref='/data/person/city']/itemset/@nodeset") ==
          "instance('city')/root/item[region =  current()/../region ]");
    CHECK(form.at("//bind[@nodeset='/data/person/label']/@calculate") ==
          "instance('city')/root/item[name =  current()/../city ]/label");
    CHECK(form.at("//instance[@id='city']/root/item/region") == "n");
    CHECK(form.at("//instance[@id='city']/root/item/label") == "A-town");
}

TEST_CASE("indexed-repeat takes its nodesets absolute and its positions relative") {
    const Written form(
        Sheets{"type | name | label | calculation\n"
               "begin_repeat | person | Person |\n"
               "integer | age | Age |\n"
               "integer | n | N |\n"
               "calculate | other | | indexed-repeat(${age}, ${person}, ${n} - 1)\n"
               "end_repeat | | |"});
    CHECK(form.at("//bind[@nodeset='/data/person/other']/@calculate") ==
          "indexed-repeat( /data/person/age ,  /data/person ,  ../n  - 1)");
}

TEST_CASE("a name in quotes is no reference") {
    Item item = question(QuestionType::calculate, "c");
    item.calculation = "concat('${c}', \"it's\")";
    CHECK(Written(form_with({item})).at("//bind[1]/@calculate") == "concat('${c}', \"it's\")");
}

TEST_CASE("an unknown or ambiguous name is told with its place") {
    Item wrong = question(QuestionType::calculate, "c");
    wrong.row = 7;
    wrong.calculation = "${nobody} + 1";
    const auto result = to_xform(form_with({wrong}));
    REQUIRE_FALSE(result);
    CHECK(sentences(result.error().errors) ==
          std::vector<std::string>{
              "survey, row 7, column calculation: No row is called 'nobody'. Correct the name in ${…}."});

    Form twice = form_with({enclosing(ItemKind::group, "a", {question(QuestionType::text, "x")}),
                            enclosing(ItemKind::group, "b", {question(QuestionType::text, "x")}), wrong});
    twice.items.back().calculation = "${x}";
    const auto ambiguous = to_xform(twice);
    REQUIRE_FALSE(ambiguous);
    CHECK(ambiguous.error().errors.front().message == "Several rows are called 'x'. Give each its own name.");
}

TEST_CASE("texts of one nameless language stand where they are shown, others in the itext") {
    const Written plain(Sheets{"type | name | label\ntext | q | Who?"});
    CHECK(plain.count("//itext") == 0);

    const Written two(
        Sheets{"type | name | label::English (en) | label::French (fr) | hint::English (en)\n"
               "select_one l | q | Who? | Qui? | One",
               "list_name | name | label::English (en) | label::French (fr)\n"
               "l | a | A | Un"});
    CHECK(two.at("//select1/label/@ref") == "jr:itext('/data/q:label')");
    CHECK(two.at("//translation/@lang") == "English (en)|French (fr)");
    CHECK(two.at("//translation[@lang='French (fr)']/text[@id='/data/q:label']/value") == "Qui?");
    CHECK(two.at("//instance[@id='l']/root/item/itextId") == "l-0");
    CHECK(two.at("//itemset/label/@ref") == "jr:itext(itextId)");
    CHECK(two.at("//translation[@lang='French (fr)']/text[@id='l-0']/value") == "Un");
}

TEST_CASE("what a translation lacks is a hyphen, for ODK's tools know no other language to fall back on") {
    const Written form(
        Sheets{"type | name | label::English (en) | label::French (fr)\n"
               "text | a | Who? | Qui?\n"
               "text | b | Where? | "});
    CHECK(form.at("//translation[@lang='French (fr)']/text[@id='/data/b:label']/value") == "-");
}

TEST_CASE("media and guidance stand in the itext with their forms") {
    Item item = question(QuestionType::text, "q");
    item.hint = {"short"};
    item.guidance_hint = {"longer"};
    item.media["image"] = {"map.png"};
    item.media["audio"] = {"jr://audio/said.mp3"};
    const Written form(form_with({item}));
    CHECK(form.at("//text[@id='/data/q:label']/value[not(@form)]") == "q");
    CHECK(form.at("//text[@id='/data/q:label']/value[@form='image']") == "jr://images/map.png");
    CHECK(form.at("//text[@id='/data/q:label']/value[@form='audio']") == "jr://audio/said.mp3");
    CHECK(form.at("//text[@id='/data/q:hint']/value[@form='guidance']") == "longer");
    CHECK(form.at("//translation/@lang") == "default");
    CHECK(form.at("//input/hint/@ref") == "jr:itext('/data/q:hint')");
}

TEST_CASE("a piped text has outputs, an expression in braces too") {
    Item name = question(QuestionType::text, "name");
    Item item = question(QuestionType::note, "q");
    item.label = {"Hi ${name}, ${concat('}', ${name})} costs ${'${'}5 < 6"};
    CHECK(Written(form_with({name, item})).at("//input[@ref='/data/q']/label") ==
          "Hi <output value=\" /data/name \"/>, <output value=\"concat('}',  /data/name )\"/> costs ${5 &lt; "
          "6");
}

TEST_CASE("a message that pipes stands in the itext, another in its bind") {
    Item item = question(QuestionType::integer, "q");
    item.constraint = ". > 1";
    item.constraint_message = {"More than ${q}"};
    item.required = "yes";
    item.required_message = {"Needed"};
    const Written form(form_with({item}));
    CHECK(form.at("//bind[1]/@jr:constraintMsg") == "jr:itext('/data/q:jr:constraintMsg')");
    CHECK(form.at("//bind[1]/@jr:requiredMsg") == "Needed");
    CHECK(form.at("//bind[1]/@required") == "true()");
}

TEST_CASE("a repeat has a template, a first instance and its count in a node") {
    Item repeat = enclosing(ItemKind::repeat, "r", {question(QuestionType::text, "a")});
    repeat.label = {"Rows"};
    repeat.repeat_count = "2 + 1";
    const Written form(form_with({repeat}));
    CHECK(form.count("//instance/data/r[@jr:template='']/a") == 1);
    CHECK(form.count("//instance/data/r[not(@jr:template)]/a") == 1);
    CHECK(form.at("//bind[@nodeset='/data/r_count']/@calculate") == "2 + 1");
    CHECK(form.at("//repeat/@jr:count") == " /data/r_count ");
    CHECK(form.at("//group[@ref='/data/r']/label") == "Rows");
    CHECK(form.at("//repeat[@nodeset='/data/r']/input/@ref") == "/data/r/a");
}

TEST_CASE("instances that a repeat begins with are written with their values") {
    Item inner = enclosing(ItemKind::repeat, "inner", {question(QuestionType::text, "b")});
    Item repeat = enclosing(ItemKind::repeat, "r", {question(QuestionType::text, "a"), inner});
    repeat.initial = {{{"a", "one"}}, {{"a", "two"}, {"inner/b", "x"}, {"inner[2]/b", "y"}}};
    repeat.no_add_remove = true;
    const Written form(form_with({repeat}));
    CHECK(form.at("//data/r[not(@jr:template)]/a") == "one|two");
    CHECK(form.at("//data/r[3]/inner/b") == "x|y");
    CHECK(form.at("//repeat[@nodeset='/data/r']/@jr:noAddRemove") == "true()");
}

TEST_CASE("a default that is an expression is set at the first load and in each new instance") {
    Item fixed = question(QuestionType::text, "fixed");
    fixed.default_value = "a < b";
    Item drawn = question(QuestionType::text, "drawn");
    drawn.default_value = "concat(${fixed}, 1)";
    const Written form(form_with({enclosing(ItemKind::repeat, "r", {fixed, drawn})}));
    CHECK(form.at("//data/r[1]/fixed") == "a &lt; b");
    CHECK(form.at("//model/setvalue[@event='odk-instance-first-load']/@value") == "concat( ../fixed , 1)");
    CHECK(form.at("//repeat/setvalue[@event='odk-new-repeat']/@ref") == "/data/r/drawn");
}

TEST_CASE("an action stands in the control whose change sets it off") {
    Item cause = question(QuestionType::integer, "cause");
    cause.actions = {{{Event::value_changed}, "${effect}", "now()", "", 0},
                     {{Event::value_changed}, "/data/effect", "", "fixed", 0}};
    const Written form(form_with({cause, question(QuestionType::text, "effect")}));
    CHECK(form.at("//input[@ref='/data/cause']/setvalue/@ref") == "/data/effect|/data/effect");
    CHECK(form.at("//input[@ref='/data/cause']/setvalue/@event") ==
          "xforms-value-changed|xforms-value-changed");
    CHECK(form.at("//setvalue[1]/@value") == "now()");
    CHECK(form.at("//setvalue[2]") == "fixed");
}

TEST_CASE("each type has its control and its bind") {
    struct Row {
        QuestionType type;
        const char* control;
        const char* bind;
    };
    for (const auto& [type, control, bind] :
         {Row{QuestionType::time, "input", "time"}, Row{QuestionType::date_time, "input", "dateTime"},
          Row{QuestionType::decimal, "input", "decimal"}, Row{QuestionType::geopoint, "input", "geopoint"},
          Row{QuestionType::geotrace, "input", "geotrace"}, Row{QuestionType::geoshape, "input", "geoshape"},
          Row{QuestionType::barcode, "input", "barcode"}, Row{QuestionType::acknowledge, "trigger", "string"},
          Row{QuestionType::range, "range", "int"}, Row{QuestionType::rank, "odk:rank", "odk:rank"},
          Row{QuestionType::image, "upload", "binary"}, Row{QuestionType::file, "upload", "binary"},
          Row{QuestionType::select_one, "select1", "string"},
          Row{QuestionType::select_multiple, "select", "string"}}) {
        CAPTURE(control);
        const Written form(form_with({question(type, "q")}));
        CHECK(form.count((std::string("/h:html/h:body/") + control + "[@ref='/data/q']").c_str()) == 1);
        CHECK(form.at("//bind[1]/@type") == bind);
    }
}

TEST_CASE("parameters stand where ODK's tools look for them") {
    Item range = question(QuestionType::range, "r");
    range.parameters = {{"start", "0"}, {"end", "1"}, {"step", "0.5"}, {"placeholder", "1"}};
    Item image = question(QuestionType::image, "i");
    image.parameters = {{"max-pixels", "640"}, {"app", "org.example"}};
    const Written form(form_with({range, image}));
    CHECK(form.at("//range/@step") == "0.5");
    CHECK(form.at("//range/@odk:placeholder") == "1");
    CHECK(form.at("//bind[@nodeset='/data/r']/@type") == "decimal");
    CHECK(form.at("//upload/@mediatype") == "image/*");
    CHECK(form.at("//upload/@intent") == "org.example");
    CHECK(form.at("//bind[@nodeset='/data/i']/@orx:max-pixels") == "640");
}

TEST_CASE("choices may come from an instance, shuffled by a seed") {
    Item item = question(QuestionType::select_one, "q");
    item.itemset = {"instance('cities')/root/item", "geonameid", "label"};
    item.choice_filter = "state = 'x'";
    item.randomize = true;
    item.seed = "${n}";
    Form form = form_with({question(QuestionType::integer, "n"), item});
    form.instances = {{"cities", "jr://file-csv/cities.csv", {}},
                      {"own",
                       "",
                       {{0, false, "root", ""},
                        {1, false, "item", ""},
                        {2, true, "k", "1"},
                        {2, false, "name", "a & b"},
                        {1, false, "item", "x"}}}};
    const Written written(form);
    CHECK(written.at("//itemset/@nodeset") ==
          "randomize(instance('cities')/root/item[state = 'x'], /data/n)");
    CHECK(written.at("//itemset/value/@ref") == "geonameid");
    CHECK(written.at("//instance[@id='cities']/@src") == "jr://file-csv/cities.csv");
    CHECK(written.at("//instance[@id='own']/root/item[@k='1']/name") == "a &amp; b");
    CHECK(written.at("//instance[@id='own']/root/item[2]") == "x");
}

TEST_CASE("instances that expressions name are declared: pulldata() and the last saved record") {
    Item pulled = question(QuestionType::calculate, "p");
    pulled.calculation = "pulldata('fruit', 'name', 'key', ${last-saved#p})";
    const Written form(form_with({pulled}));
    CHECK(form.at("//instance[@id='fruit']/@src") == "jr://file-csv/fruit.csv");
    CHECK(form.at("//instance[@id='__last-saved']/@src") == "jr://instance/last-saved");
    CHECK(form.at("//bind[1]/@calculate") ==
          "pulldata('fruit', 'name', 'key',  instance('__last-saved')/data/p )");
}

TEST_CASE("settings for ODK's servers are kept") {
    Form form = form_with({question(QuestionType::text, "q")});
    form.settings.instance_name = "concat(${q}, '!')";
    form.settings.odk = {{"submission_url", "https://example.org/s"},
                         {"public_key", "KEY"},
                         {"style", "pages"},
                         {"namespaces", "esri=\"http://esri.com/xforms\""}};
    form.items[0].bind_attributes = {{"esri:fieldType", "x"}, {"lost:thing", "y"}};
    const Written written(form);
    CHECK(written.at("//submission/@action") == "https://example.org/s");
    CHECK(written.at("//submission/@base64RsaPublicKey") == "KEY");
    CHECK(written.at("//h:body/@class") == "pages");
    CHECK(written.xml.find("xmlns:esri=\"http://esri.com/xforms\"") != std::string::npos);
    CHECK(written.at("//bind[1]/@esri:fieldType") == "x");
    CHECK(written.at("//bind[@nodeset='/data/meta/instanceName']/@calculate") == "concat( /data/q , '!')");
    CHECK(written.warnings ==
          std::vector<std::string>{"survey, column bind::lost:thing: The prefix of 'lost:thing' is not "
                                   "declared, so it is left out. Declare it in the settings: namespaces."});
}

TEST_CASE("what ODK's tools do not do is left out and told") {
    Item filled = question(QuestionType::calculate, "arm");
    filled.row = 3;
    filled.fill = Fill::random_arm;
    const Written form(form_with({filled}));
    CHECK(form.at("//bind[1]/@calculate") == "''");
    CHECK(form.warnings.size() == 1);
    CHECK(form.warnings.front().starts_with("survey, row 3, column x_fill: "));
}

TEST_CASE("texts and values of any kind make well-formed XML") {
    Item item = question(QuestionType::text, "q");
    item.label = {"<b>\"&\"</b>\r\n\x01\xEF\xBF\xBF"};
    item.relevant = "\"a\n\" < '&'";
    const Written form(form_with({item}));
    CHECK(form.at("//bind[1]/@relevant") == "\"a\n\" < '&'");
    CHECK(form.xml.find("\x01") == std::string::npos);
    CHECK(form.at("//input/label").starts_with("&lt;b&gt;\"&amp;\"&lt;/b&gt;"));
}

TEST_CASE("the same form gives the same bytes") {
    const Sheets sheets{"type | name | label\nselect_one l | q | Who?",
                        "list_name | name | label\nl | a | A"};
    CHECK(Written(sheets).xml == Written(sheets).xml);
}

TEST_CASE("an entity is written with what its attributes are calculated from") {
    Item label = question(QuestionType::calculate, "label");
    label.label = {};
    label.calculation = "${q}";
    label.read_only = "true()";
    Item made = enclosing(ItemKind::group, "entity", {label});
    made.attributes = {{"dataset", "people"}, {"create", "1"}, {"id", ""}};
    Item known = enclosing(ItemKind::group, "entity", {});
    known.attributes = {{"dataset", "homes"}, {"update", "1"}, {"id", ""}};
    known.parameters = {{"entity_id", "${h}"}, {"update_if", "${h} != ''"}};
    Item saved = question(QuestionType::text, "q");
    saved.bind_attributes = {{"entities:saveto", "people#name"}};
    const Written form(
        form_with({enclosing(ItemKind::repeat, "r", {saved, enclosing(ItemKind::group, "meta", {made})}),
                   question(QuestionType::text, "h"), enclosing(ItemKind::group, "meta", {known})}));
    CHECK(form.at("//model/@entities:entities-version") == "2025.1.0");
    CHECK(form.at("//bind[@nodeset='/data/r/q']/@entities:saveto") == "name");
    CHECK(form.at("//bind[@nodeset='/data/r/meta/entity/label']/@calculate") == " ../../../q ");
    CHECK(form.at("//setvalue[@ref='/data/r/meta/entity/@id']/@event") ==
          "odk-instance-first-load|odk-new-repeat");
    CHECK(form.at("//bind[@nodeset='/data/meta/entity/@id']/@calculate") == " /data/h ");
    CHECK(form.at("//bind[@nodeset='/data/meta/entity/@update']/@calculate") == " /data/h  != ''");
    CHECK(form.at("//bind[@nodeset='/data/meta/entity/@baseVersion']/@calculate") ==
          "instance('homes')/root/item[name= /data/h ]/__version");
    CHECK(form.count("//h:body//*[contains(@ref, 'meta')][name() != 'setvalue']") == 0);
    CHECK(form.count("//data/meta/instanceID") == 1);
}
