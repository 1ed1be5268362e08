#include <doctest/doctest.h>

#include <sstream>

#include "schema/readers/xform_parts.h"
#include "tests/support/reader_xform.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

using Lines = std::vector<std::string>;

TEST_CASE("what a question is follows from its control and the type of its bind") {
    struct {
        const char* type;
        const char* control;
        Lines item;
    } const cases[] = {
        {"string", "<input ref='/data/q'/>", {"q: text"}},
        {"int", "<input ref='/data/q'/>", {"q: integer"}},
        {"xsd:decimal", "<input ref='/data/q'/>", {"q: decimal"}},
        {"boolean", "<input ref='/data/q'/>", {"q: text data_type=boolean"}},
        {"dateTime", "<input ref='/data/q'/>", {"q: dateTime"}},
        {"geotrace", "<input ref='/data/q'/>", {"q: geotrace"}},
        {"barcode", "<input ref='/data/q'/>", {"q: barcode"}},
        {"wonder", "<input ref='/data/q'/>", {"q: text"}},
        {"string", "<secret ref='/data/q'/>", {"q: text appearance=masked"}},
        {"string", "<trigger ref='/data/q'/>", {"q: acknowledge"}},
        {"binary", "<upload ref='/data/q' mediatype='image/*'/>", {"q: image body mediatype=image/*"}},
        {"binary", "<upload ref='/data/q' mediatype='video/mp4'/>", {"q: video body mediatype=video/mp4"}},
        {"binary", "<upload ref='/data/q'/>", {"q: file"}},
        {"int",
         "<range ref='/data/q' start='1' end='10' step='1' appearance='rating'/>",
         {"q: range data_type=int appearance=rating parameter end=10 parameter start=1 parameter step=1"}},
        {"decimal",
         "<range ref='/data/q' start='0' end='1' step='0.1'/>",
         {"q: range parameter end=1 parameter start=0 parameter step=0.1"}},
        {"string",
         "<select1 ref='/data/q'><item><label>A</label><value>a</value></item></select1>",
         {"q: select_one list=/data/q"}},
        {"int",
         "<select ref='/data/q'><item><label>A</label><value>1</value></item></select>",
         {"q: select_multiple data_type=int list=/data/q"}},
        {"odk:rank",
         "<odk:rank ref='/data/q'><item><label>A</label><value>a</value></item></odk:rank>",
         {"q: rank list=/data/q"}},
        {"string", "", {"q: calculate"}},
        {"date", "", {"q: calculate data_type=date"}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.control);
        CAPTURE(each.type);
        CHECK(dump(form_of_xml(xform_of("<q/>",
                                        "<bind nodeset='/data/q' type='" + std::string(each.type) + "'/>",
                                        each.control))) == each.item);
    }
}

TEST_CASE("an input that is always read-only and shows a text is a note") {
    const auto item = [](const char* read_only, const char* control) {
        return dump(form_of_xml(xform_of(
            "<q/>", "<bind nodeset='/data/q' readonly='" + std::string(read_only) + "'/>", control)));
    };
    CHECK(item("true()", "<input ref='/data/q'><label>A</label></input>") ==
          Lines{"q: note label=A read_only=true()"});
    CHECK(item("true()", "<input ref='/data/q'><label/></input>") == Lines{"q: note read_only=true()"});
    CHECK(item("true()", "<input ref='/data/q'/>") == Lines{"q: text read_only=true()"});
    CHECK(item("/data/x = 1", "<input ref='/data/q'><label>A</label></input>") ==
          Lines{"q: text label=A read_only=/data/x = 1"});
}

TEST_CASE("a bind says what its node is, and keeps what it does not know") {
    CHECK(
        dump(form_of_xml(xform_of("<g><q>7</q></g>",
                                  "<bind nodeset='/data/g' relevant='/data/x' readonly='true()'/>"
                                  "<bind nodeset='g/q' type='int' required='true()' jr:requiredMsg='Say it' "
                                  "constraint='. &gt; 1' jr:constraintMsg='Over ${1}' calculate='1 + 1' "
                                  "jr:preload='date' jr:preloadParams='today' saveIncomplete='true()' "
                                  "odk:quality='low'/>",
                                  ""))) ==
        Lines{"g: group relevant=/data/x read_only=true()",
              " q: calculate data_type=int required=true() required_message=Say it constraint=. > 1 "
              "constraint_message=Over ${'${'}1} calculation=1 + 1 default=7 preload=date "
              "preload_parameters=today bind odk:quality=low bind saveIncomplete=true()"});
}

TEST_CASE("labels and hints hold outputs and HTML as a Text does") {
    const auto label = [](const char* content) {
        const auto form = form_of_xml(xform_of(
            "<q/><n/>", "", "<input ref='/data/q'><label>" + std::string(content) + "</label></input>"));
        return dump(item_of(form, "q").label);
    };
    CHECK(label("You are <output value=' /data/n '/>!") == "You are ${/data/n}!");
    CHECK(label("<output value=\"concat('}', ../n)\"/> <output ref='n'/>") == "${concat('}', ../n)} ${./n}");
    CHECK(label("It costs ${5}") == "It costs ${'${'}5}");
    CHECK(label("2 &lt; 3 <h:span style='color:red'>so <h:b>it</h:b> is</h:span>") ==
          "2 < 3 <span style=\"color:red\">so <b>it</b> is</span>");
}

TEST_CASE("translations give each text in the form's languages, with its forms") {
    const std::string itext = R"xml(<itext>
        <translation lang="English (en)">
          <text id="q:label"><value>Name of <output value="../n"/></value>
            <value form="image">jr://images/a.png</value></text>
          <text id="q:hint"><value>First</value><value form="guidance">Ask twice</value></text>
          <text id="msg"><value>No</value></text>
          <text id="a"><value>Yes</value></text>
        </translation>
        <translation lang="Русский (ru)" default="true()">
          <text id="q:label"><value form="long">Имя</value></text>
          <text id="msg"><value>Нет</value></text>
          <text id="a"><value form="audio">jr://audio/da.mp3</value></text>
        </translation></itext>)xml";
    const Form form = form_of_xml(xform_of(
        "<q/><n/>", itext + "<bind nodeset='/data/q' constraint='1' jr:constraintMsg=\"jr:itext('msg')\"/>",
        "<select1 ref='/data/q'><label ref=\"jr:itext('q:label')\"/><hint ref=\"jr:itext('q:hint')\"/>"
        "<item><label ref=\"jr:itext('a')\"/><value>a</value></item></select1>"
        "<input ref='/data/n'><label>N</label></input>"));
    CHECK(form.languages == std::vector<Language>{{"English (en)", "en"}, {"Русский (ru)", "ru"}});
    CHECK(form.settings.default_language == "Русский (ru)");
    CHECK(dump(form) == Lines{"q: select_one label=Name of ${../n} / Имя hint=First /  guidance=Ask twice / "
                              " image=a.png /  constraint=1 constraint_message=No / Нет list=/data/q",
                              "n: text label=N"});
    CHECK(dump(form.lists[0].choices[0].label) == "Yes / ");
    CHECK(dump(form.lists[0].choices[0].media.at("audio")) == " / da.mp3");
    CHECK(form.texts.empty());
}

TEST_CASE("texts that expressions ask for by jr:itext() are kept by their ids") {
    const std::string itext =
        "<itext><translation lang='a'><text id='shown'><value>S</value></text><text "
        "id='asked'><value>A</value>"
        "</text><text id='free'><value>F</value><value "
        "form='image'>f.png</value></text></translation></itext>";
    const auto ids = [&](const char* calculate, const char* body) {
        std::string all;
        for (const auto& [id, text] :
             form_of_xml(xform_of("<q/><c/>",
                                  itext + "<bind nodeset='/data/c' calculate=\"" + calculate + "\"/>", body))
                 .texts)
            all += id + "=" + dump(text) + " ";
        return all;
    };
    const char* const label = "<input ref='/data/q'><label ref=\"jr:itext('shown')\"/></input>";
    CHECK(ids("1", label) == "");
    CHECK(ids("jr:itext('asked')", label) == "asked=A ");
    CHECK(ids("jr:itext(../q)", label) == "asked=A free=F free;image=f.png ");
    CHECK(ids("1",
              "<select1 ref='/data/q'><itemset nodeset=\"instance('x')/root/item\"><value ref='name'/>"
              "<label ref='jr:itext(itextId)'/></itemset></select1>") ==
          "asked=A free=F free;image=f.png shown=S ");
}

TEST_CASE("choices stand in the control or are nodes of an instance") {
    const auto select = [](const char* nodeset) {
        return dump(form_of_xml(
            xform_of("<q/>", "<instance id='l'><root><item/></root></instance>",
                     "<select ref='/data/q'><itemset nodeset=\"" + std::string(nodeset) +
                         "\"><value ref='name'/><label ref='jr:itext(itextId)'/></itemset></select>")))[0];
    };
    CHECK(select("instance('l')/root/item[x = 'a, b']") ==
          "q: select_multiple nodeset=instance('l')/root/item[x = 'a, b'] value=name "
          "choice_label=jr:itext(itextId)");
    CHECK(select("randomize(instance('l')/root/item[f(a, ')') = 1], /data/seed )") ==
          "q: select_multiple nodeset=instance('l')/root/item[f(a, ')') = 1] value=name "
          "choice_label=jr:itext(itextId) randomize=yes seed=/data/seed");
    CHECK(select("randomize( ../r )") ==
          "q: select_multiple nodeset=../r value=name choice_label=jr:itext(itextId) randomize=yes");
}

TEST_CASE("groups have nodes or only hold others together; paths are seen from them") {
    CHECK(dump(form_of_xml(xform_of(
              "<g><a/><b/></g><e/>", "<bind id='b' nodeset='/data/g/b'/>",
              "<group ref='/data/g' appearance='field-list' intent='x'><label>G</label><input ref='a'/>"
              "<group><input bind='b'/></group></group><group ref='/data/e'><label>E</label></group>"))) ==
          Lines{"g: group label=G appearance=field-list body intent=x", " a: text", " b: text",
                "e: group label=E"});
    CHECK(
        xml_warnings(xform_of("<a/>", "", "\n\n<group><label>G</label><input ref='/data/a'/></group>")) ==
        Lines{"f.xml, row 8: The group has no node of its own: its label and appearance are not shown. Give "
              "it a ref."});
}

TEST_CASE("a repeat takes the label of the group around it") {
    const Lines lines{"r: repeat label=R count=/data/n appearance=field-list ()", " q: text"};
    CHECK(dump(form_of_xml(xform_of("<n/><r><q/></r>", "",
                                    "<group ref='/data/r' appearance='field-list'><label>R</label><repeat "
                                    "nodeset='/data/r' jr:count=' /data/n '><input ref='/data/r/q'/></repeat>"
                                    "</group>")))[1] == lines[0]);
    CHECK(dump(form_of_xml(xform_of("<r jr:template=''><q/></r>", "",
                                    "<repeat nodeset='/data/r' jr:noAddRemove='true()'><input ref='q'/>"
                                    "</repeat>"))) == Lines{"r: repeat fixed=yes ()", " q: text"});
}

TEST_CASE("a new instance is as the template says, else empty; the instances given are kept") {
    const char* const body =
        "<repeat nodeset='/data/r'><input ref='/data/r/q'/><repeat nodeset='/data/r/i'>"
        "<input ref='/data/r/i/x'/></repeat></repeat>";
    const auto lines = [&](const char* nodes) { return dump(form_of_xml(xform_of(nodes, "", body))); };
    CHECK(lines("<r jr:template=''><q>t</q><i jr:template=''><x>u</x></i></r>") ==
          Lines{"r: repeat", " q: text default=t", " i: repeat", "  x: text default=u"});
    CHECK(lines("<r><q>1</q><i><x/></i></r><r><q/><i><x>2</x></i><i><x/></i></r>") ==
          Lines{"r: repeat (q=1, i[1]=) (i[1]=, i[1]/x=2, i[2]=)", " q: text", " i: repeat ()", "  x: text"});
    CHECK(lines("<r jr:template=''><q>t</q><i><x>u</x></i></r><r><q>t</q></r><r><q/><i><x/></i></r>") ==
          Lines{"r: repeat (i[0]=) (q=, i[1]=)", " q: text default=t", " i: repeat (x=u)", "  x: text"});
}

TEST_CASE("setvalue stands in the model, in a control or in a repeat") {
    const Form form = form_of_xml(xform_of(
        "<a/><r><b/></r>",
        "<bind id='i' nodeset='/data/a'/><setvalue event='odk-instance-first-load odk-instance-load' "
        "bind='i' "
        "value='1 + 1'/>",
        "<input ref='/data/a'><setvalue event='xforms-value-changed' ref='/data/r/b'> now </setvalue></input>"
        "<repeat nodeset='/data/r'><setvalue event='odk-new-repeat' ref='b' value='../b'/>"
        "<setvalue event='odk-new-repeat' ref='/data/a' value=''/>"
        "<setvalue event='odk-new-repeat' ref='/data/r[position() = 1]/b' value='1'/></repeat>"));
    REQUIRE(form.actions.size() == 1);
    CHECK(dump(form.actions[0]) == "odk-instance-first-load odk-instance-load /data/a := 1 + 1");
    CHECK(dump(form) == Lines{"a: text {xforms-value-changed /data/r/b := 'now'}",
                              "r: repeat {odk-new-repeat b := ../b} {odk-new-repeat /data/a := ''} "
                              "{odk-new-repeat /data/r[position() = 1]/b := 1} ()",
                              " b: calculate"});
}

TEST_CASE("the root keeps its attributes and the namespaces that its nodes use") {
    const Form form = form_of_xml(
        R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" )"
        R"(xmlns:orx="http://openrosa.org/xforms" xmlns:x="urn:x"><h:head><h:title> My form </h:title><model>)"
        R"(<instance><survey xmlns="urn:s" id="s1" version="3" x:k="v"><q y="1"/></survey></instance></model>)"
        R"(</h:head><h:body class="pages"/></h:html>)");
    CHECK(form.settings.form_title == "My form");
    CHECK(form.settings.form_id == "s1");
    CHECK(form.settings.version == "3");
    CHECK(form.settings.root == "survey");
    CHECK(form.settings.odk.at("style") == "pages");
    CHECK(form.settings.root_attributes == std::vector<Attribute>{{"xmlns", "urn:s"},
                                                                  {"id", "s1"},
                                                                  {"version", "3"},
                                                                  {"x:k", "v"},
                                                                  {"xmlns:orx", "http://openrosa.org/xforms"},
                                                                  {"xmlns:x", "urn:x"}});
    CHECK(dump(form) ==
          Lines{"q: calculate @y=1", "orx:meta: group", " orx:instanceID: calculate preload=uid"});
}

TEST_CASE("a form without an instance id gets one in its meta block") {
    CHECK(dump(form_of_xml(xform("<instance><data id='f'><meta><x/></meta></data></instance>", ""))) ==
          Lines{"meta: group", " x: calculate", " instanceID: calculate preload=uid"});
}

TEST_CASE("secondary instances stand in the form or in files beside it") {
    const std::string xml = xform_of("<q/>",
                                     "<instance id='in'><root><item><name>a</name></item></root></instance>\n"
                                     "<instance id='out' src='jr://file-csv/o.csv'/>\n"
                                     "<instance id='last' src='jr://instance/last-saved'/>",
                                     "");
    const Form form = form_of_xml(xml, {{"o.csv", "name\nb\n"}});
    REQUIRE(form.instances.size() == 3);
    CHECK(form.instances[0].nodes ==
          std::vector<InstanceNode>{{0, false, "root", ""}, {1, false, "item", ""}, {2, false, "name", "a"}});
    CHECK(form.instances[1].nodes.back() == InstanceNode{2, false, "name", "b"});
    CHECK(form.instances[1].source == "jr://file-csv/o.csv");
    CHECK(form.instances[2].nodes.empty());
    CHECK(xml_warnings(xml) ==
          Lines{"f.xml, row 5: The file 'o.csv' of the instance 'out' is not there. The instance is empty."});
    CHECK(xml_errors(xml, {{"o.csv", "name\n\"b\n"}})
              .front()
              .starts_with(
                  "f.xml, row 5: The file of the instance 'out' can't be read: o.csv, row 2: A cell begins"));
}

TEST_CASE("FORM_LANGUAGE.md names the types of binds that are known") {
    std::ifstream page(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "schema/FORM_LANGUAGE.md");
    const std::string_view row = "| `type` | `";
    std::string line;
    while (std::getline(page, line) && !line.starts_with(row)) {
    }
    REQUIRE(line.size() > row.size());
    std::istringstream names(line.substr(row.size(), line.find('`', row.size()) - row.size()));
    int count = 0;
    for (std::string name; names >> name; ++count) {
        CAPTURE(name);
        CHECK(readers::is_bind_type(name));
    }
    CHECK(count == 20);
    CHECK_FALSE(readers::is_bind_type("wonder"));
}
