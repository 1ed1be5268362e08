#include <doctest/doctest.h>

#include "tests/support/reader_xform.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

using Lines = std::vector<std::string>;

TEST_CASE("a form that JavaRosa would not take is refused with the line of each fault") {
    struct {
        const char* nodes;
        const char* binds;
        const char* body;
        Lines errors;
    } const cases[] = {
        {"<q/>", "", "<input/>", {"f.xml, row 6: The input names no node. Give it a ref."}},
        {"<q/>",
         "",
         "<input bind='x'/>",
         {"f.xml, row 6: There is no bind with the id 'x'. Write its id, or use ref."}},
        {"<q/>",
         "",
         "<input ref='/data/q[1]'/>",
         {"f.xml, row 6: The path '/data/q[1]' is not plain. Name one node, as in /data/question."}},
        {"<g><q/></g>",
         "",
         "<input ref='/data/g'/>",
         {"f.xml, row 6: The input is for '/data/g', which holds other nodes and can have no answer."}},
        {"<q/>",
         "",
         "<input ref='/data/q'/>\n<input ref='q'/>",
         {"f.xml, row 7: The input is for '/data/q', which has a control already, in line 6. Keep one of "
          "them."}},
        {"<q/><q/>",
         "",
         "",
         {"f.xml, row 3: The node '/data/q' stands more than once but is no repeat of the body. Keep one, or "
          "add a repeat with this nodeset."}},
        {"<r><q/></r>",
         "",
         "<repeat nodeset='/data/r'/>\n<input ref='/data/r/q'/>",
         {"f.xml, row 7: The input is for '/data/r/q', which stands in the repeat '/data/r'. Its control "
          "must "
          "stand there, too."}},
        {"<r/><q/>",
         "",
         "<repeat nodeset='/data/r'>\n<input ref='/data/q'/></repeat>",
         {"f.xml, row 7: The input is for '/data/q', which stands in no repeat. Its control must stand "
          "there, "
          "too."}},
        {"<r/>", "", "<repeat/>", {"f.xml, row 6: The repeat names no node. Give it a nodeset."}},
        {"<r/>",
         "",
         "<repeat nodeset='/data'/>",
         {"f.xml, row 6: The outermost node can't repeat. Name a node within it."}},
        {"<q/>",
         "",
         "<select1 ref='/data/q'>\n<item><label>A</label></item>\n<item><value>b</value></item>"
         "</select1>",
         {"f.xml, row 7: The item has no value. Give it one.",
          "f.xml, row 8: The item has no label. Give it one."}},
        {"<q/>",
         "",
         "<select1 ref='/data/q'>\n<itemset nodeset='/data/q'/></select1>",
         {"f.xml, row 7: The itemset does not say where each choice's name stands. Give it a value with a "
          "ref.",
          "f.xml, row 7: The itemset does not say where each choice's label stands. Give it a label with a "
          "ref."}},
        {"<q/>",
         "",
         "<range ref='/data/q' start='1' end='x'/>",
         {"f.xml, row 6: The range's end must be a number.",
          "f.xml, row 6: The range's step must be a number."}},
        {"<q/>",
         "",
         "<input ref='/data/q'><label ref=\"jr:itext('none')\"/></input>",
         {"f.xml, row 6: No translation has the text 'none'. Add it, or name one that is there."}},
        {"<q/>",
         "",
         "<input ref='/data/q'><label>A <output/></label></input>",
         {"f.xml, row 6: The output says nothing. Give it a value, as in value=\"/data/name\"."}},
        {"<q/>", "<bind/>", "", {"f.xml, row 4: The bind names no node. Give it a nodeset."}},
        {"<q/>",
         "<bind id='a' nodeset='/data/q'/>\n<bind id='a' nodeset='/data/meta'/>",
         "",
         {"f.xml, row 5: Two binds have the id 'a'. Give each its own."}},
        {"<q/>",
         "<wonder/>",
         "",
         {"f.xml, row 4: The element 'wonder' can't stand in the model. Remove it, or move it to where it "
          "belongs."}},
        {"<q/>",
         "<setvalue event='click' ref='/data/q' value='1'/>\n<setvalue ref='/data/q'/>",
         "",
         {"f.xml, row 4: The event 'click' is not known. Write odk-instance-first-load, odk-instance-load, "
          "odk-new-repeat or xforms-value-changed.",
          "f.xml, row 5: The action names no event. Write when it runs, as in "
          "event=\"odk-instance-first-load\"."}},
        {"<q/>",
         "<setvalue event='odk-instance-load' ref='/data/x' value='1'/>",
         "",
         {"f.xml, row 4: The action sets '/data/x', which the primary instance does not have."}},
        {"<q/>",
         "<itext><translation lang='a'/>\n<translation lang='a'/>\n<translation/></itext>",
         "",
         {"f.xml, row 5: There are two translations for 'a'. Keep one.",
          "f.xml, row 6: The translation names no language. Write it into lang."}},
        {"<q/>",
         "<instance id='a'/>\n<instance id='a'/>",
         "",
         {"f.xml, row 5: Two instances have the id 'a'. Give each its own."}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.nodes);
        CAPTURE(each.binds);
        CAPTURE(each.body);
        CHECK(xml_errors(xform_of(each.nodes, each.binds, each.body)) == each.errors);
    }
}

TEST_CASE("what is no XForm is refused with what it lacks") {
    CHECK(xml_errors("<a/>") == Lines{"f.xml, row 1: This is no XForm: no model stands in h:html/h:head."});
    CHECK(xml_errors(xform("", "")) ==
          Lines{"f.xml, row 2: The model has no instance. Its first one is what a submission will be."});
    CHECK(
        xml_errors(xform("<instance/>", "")) ==
        Lines{"f.xml, row 3: The first instance holds no element. Its child is what a submission will be."});
    CHECK(xml_errors(xform("<instance><a/><b/></instance>", "")) ==
          Lines{"f.xml, row 3: The first instance holds more than one element. Keep one."});
    CHECK(xml_errors("<html>").front().starts_with("f.xml, row 1: The XML is not well formed"));
}

TEST_CASE("what means nothing here is passed over with a warning that says so") {
    struct {
        const char* nodes;
        const char* binds;
        const char* body;
        Lines warnings;
    } const cases[] = {
        {"<q/>",
         "<bind nodeset='/data/x' type='int'/>",
         "",
         {"f.xml, row 4: The bind for '/data/x' means nothing: the primary instance has no such node."}},
        {"<q/>",
         "<bind nodeset='/data/q' type='wonder'/>",
         "",
         {"f.xml, row 4: The type 'wonder' of '/data/q' is not known. Its values are taken as text."}},
        {"<q a=''/>",
         "<bind nodeset='/data/q/@b' calculate='1'/>",
         "",
         {"f.xml, row 4: The attribute '/data/q/@b' is not filled in: attributes keep what the primary "
          "instance says."}},
        {"<q/>",
         "",
         "<input ref='/data/x'/>",
         {"f.xml, row 6: The input is for '/data/x', which the primary instance does not have. It is not "
          "shown."}},
        {"<q/>",
         "",
         "<wonder><input ref='/data/q'/></wonder>",
         {"f.xml, row 6: The element 'wonder' of the body is not known. Only what stands in it is read."}},
        {"<a/><b/>",
         "",
         "<input ref='/data/b'/>\n<input ref='/data/a'/>",
         {"f.xml, row 6: The body asks for '/data/b' earlier than the primary instance holds it. Questions "
          "are asked in the order of the primary instance."}},
        {"<q/>",
         "<odk:setgeopoint event='odk-instance-first-load' ref='/data/q'/>",
         "",
         {"f.xml, row 4: The action 'odk:setgeopoint' does not run: '/data/q' stays empty. This program does "
          "not record places or sounds unasked."}},
        {"<q/>",
         "",
         "<select1 ref='/data/q'/>",
         {"f.xml, row 6: The select '/data/q' has no choices. Add items or an itemset."}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.binds);
        CAPTURE(each.body);
        CHECK(xml_warnings(xform_of(each.nodes, each.binds, each.body)) == each.warnings);
    }
}

TEST_CASE("an XForm that is cut off or altered anywhere is read or refused, never more") {
    const std::string whole = xform_of("<q>1</q><r jr:template=''><x a='b'/></r><r><x/></r>",
                                       "<itext><translation lang='a'><text id='t'><value>T <output "
                                       "value='../q'/></value></text></translation>"
                                       "</itext><bind nodeset='/data/q' relevant='1'/>",
                                       "<input ref='/data/q'><label ref=\"jr:itext('t')\"/></input><repeat "
                                       "nodeset='/data/r'><input ref='x'/>"
                                       "</repeat>");
    REQUIRE(read_xml(whole));
    const auto check_sound = [](const Result<ReadForm>& result) {
        if (!result) CHECK_FALSE(result.error().errors.empty());
    };
    for (std::size_t length = 0; length < whole.size(); ++length)
        check_sound(read_xml(whole.substr(0, length)));
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const char c : {'<', '>', '/', '"', '\'', 'x', '\0', '\xff'}) {
            std::string altered = whole;
            altered[at] = c;
            check_sound(read_xml(altered));
        }
}

TEST_CASE("an XForm that would take far more memory than its bytes is refused") {
    std::string translations;
    for (int i = 0; i < 101; ++i) translations += "<translation lang='" + std::to_string(i) + "'/>";
    CHECK(xml_errors(xform_of("<q/>", "<itext>" + translations + "</itext>", "")) ==
          Lines{"f.xml, row 4: The form has more than 100 translations. Keep fewer."});
    CHECK(xml_errors(xform_of(
              "<q/>", "", "<input ref='/data/q'><label>" + std::string(200'000, 'a') + "</label></input>")) ==
          Lines{"f.xml, row 6: The text is longer than 128 KiB. Shorten it."});
    // One text of 100 KB, named by 3,000 questions.
    std::string nodes, inputs;
    for (int i = 0; i < 3'000; ++i) {
        const std::string name = "q" + std::to_string(i);
        nodes += "<" + name + "/>";
        inputs += "<input ref='" + name + "'><label ref=\"jr:itext('t')\"/></input>";
    }
    CHECK(xml_errors(xform_of(nodes,
                              "<itext><translation lang='a'><text id='t'><value>" +
                                  std::string(100'000, 'a') + "</value></text></translation></itext>",
                              inputs)) ==
          Lines{"f.xml, row 3: The form's texts, in all languages, are larger than 256 MiB. Shorten them."});
    // Names of 3 KB, one within the other, and many nodes at the bottom.
    const std::string name(3'000, 'n');
    std::string deep, leaves, close;
    for (int i = 0; i < 100; ++i) {
        deep += "<" + name + ">";
        close += "</" + name + ">";
    }
    for (int i = 0; i < 1'000; ++i) leaves += "<l" + std::to_string(i) + "/>";
    CHECK(xml_errors(xform_of(deep + leaves + close, "", "")) ==
          Lines{"f.xml, row 3: The paths of the form's nodes are longer than 64 MiB together. Shorten their "
                "names, or nest them less."});
    std::string calls = "1";
    for (int i = 0; i < 100'000; ++i) calls += "jr:itext(";
    CHECK(read_xml(xform_of("<q/>", "<bind nodeset='/data/q' calculate='" + calls + "'/>", "")));
}

TEST_CASE("an XForm nested deep is read or refused without recursion that it drives") {
    std::string nodes, ends;
    for (int i = 0; i < 400; ++i) {
        nodes += "<g>";
        ends += "</g>";
    }
    CHECK(read_xml(xform_of(nodes + ends, "", "")));
    std::string groups, close;
    for (int i = 0; i < 600; ++i) {
        groups += "<group>";
        close += "</group>";
    }
    CHECK(xml_errors(xform_of("<q/>", "", groups + close)) ==
          Lines{"f.xml, row 6: The elements are nested more than 512 deep. Nest them less."});
}
