#include <doctest/doctest.h>

#include "schema/readers/instance_file.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Lines = std::vector<std::string>;

/// "root", " item", "  name=Kaolack", "  @id=7": a line for each node; or the sentences that refuse it.
Lines read_lines(const std::string& source, std::string_view bytes) {
    const auto instance = read_instance("x", source, bytes);
    if (!instance) return sentences(instance.error().errors);
    Lines lines;
    for (const InstanceNode& node : instance->nodes)
        lines.push_back(std::string(static_cast<std::size_t>(node.depth), ' ') + (node.attribute ? "@" : "") +
                        node.name + (node.text.empty() ? "" : "=" + node.text));
    return lines;
}

Lines csv(std::string_view bytes) {
    return read_lines("jr://file-csv/a.csv", bytes);
}
Lines xml(std::string_view bytes) {
    return read_lines("jr://file/a.xml", bytes);
}
Lines geojson(std::string_view bytes) {
    return read_lines("jr://file/a.geojson", bytes);
}
Lines features(const std::string& list) {
    return geojson(R"({"type":"FeatureCollection","features":[)" + list + "]}");
}

}  // namespace

TEST_CASE("a CSV file becomes root, items and a child for each column") {
    struct {
        std::string bytes;
        Lines nodes;
    } const cases[] = {
        {"name,label\nk,Kaolack\n", {"root", " item", "  name=k", "  label=Kaolack"}},
        {"\xEF\xBB\xBFname\r\nk\r\n\r\nl", {"root", " item", "  name=k", " item", "  name=l"}},
        {"name,label\nk\n", {"root", " item", "  name=k", "  label"}},
        {"name,label\n,\nk,\"a, \"\"b\"\"\"\n", {"root", " item", "  name=k", "  label=a, \"b\""}},
        {"name;label, long;x\nk;a,b\n", {"root", " item", "  name=k", "  label, long=a,b", "  x"}},
        {"name\tlabel\nk\ta;b\n", {"root", " item", "  name=k", "  label=a;b"}},
        {"name|label\nk|a\n", {"root", " item", "  name=k", "  label=a"}},
        {"name,,label,\nk,,a,\n", {"root", " item", "  name=k", "  label=a"}},
        {"name, label\nk, a \n", {"root", " item", "  name=k", "  label= a "}},
        {"name,label\n", {"root"}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.bytes);
        CHECK(csv(each.bytes) == each.nodes);
    }
}

TEST_CASE("a CSV file that can't be understood is refused with the row") {
    CHECK(csv("") == Lines{"a.csv: The file is empty. Its first row must name the columns."});
    CHECK(csv("name,name\na,b\n") ==
          Lines{"a.csv, row 1: Two columns are called 'name'. Give each its own name."});
    CHECK(csv("name,label\na,b\nc,d,e\n") ==
          Lines{"a.csv, row 3: The row has a cell, number 3, in a column without a name. Name the column in "
                "the first row, or quote a cell that holds the separator."});
    CHECK(csv("name,label\na,\"b\n") ==
          Lines{"a.csv, row 2: A cell begins with a double quote that is never closed. Close it, or double "
                "it (\"\"\") if it belongs to the text."});
    CHECK(csv("name\n\xFF\n") == Lines{"a.csv: The file is not UTF-8 text. Save it as UTF-8."});
}

TEST_CASE("an XML file is taken as it is, without the white space around texts") {
    CHECK(xml("<?xml version=\"1.0\"?>\n<!-- c --><list>\n <place id=\"7\">\n  <name> Kaolack &amp; "
              "<![CDATA[<x>"
              "]]></name>\n  <empty/>\n </place>\n <place/>\n</list>\n") ==
          Lines{"list", " place", "  @id=7", "  name=Kaolack & <x>", "  empty", " place"});
    CHECK(xml("<a xmlns:p=\"urn:p\" p:q=\"1\"><p:b>2</p:b>not kept</a>") == Lines{"a", " @p:q=1", " p:b=2"});
    CHECK(xml("<a>1</a>") == Lines{"a=1"});
}

TEST_CASE("XML that could do harm or is not well formed is refused with the line") {
    CHECK(xml("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>\n<a>&b;</a>") ==
          Lines{"a.xml: The XML has a document type (<!DOCTYPE …>). Nothing needs it here, and it can do "
                "harm. Remove it."});
    CHECK(xml("<a>\n&b;</a>") ==
          Lines{"a.xml, row 2: There is an & that begins no entity that XML knows. Write &amp; for the "
                "character itself."});
    CHECK(xml("<a>\n&#xD800;</a>").front().starts_with("a.xml, row 2: There is an &"));
    CHECK(xml("<a>\n<b></a></b>") == Lines{"a.xml, row 2: The XML is not well formed: this end tag closes "
                                           "another element than the one that is open."});
    CHECK(xml("<a>\n\n<p:b/></a>") == Lines{"a.xml, row 3: The prefix of 'p:b' stands for no namespace. "
                                            "Declare it: xmlns:p=\"…\"."});
    CHECK(xml("<a/><b/>") == Lines{"a.xml, row 1: The XML has more than one outermost element. Keep one."});
    CHECK(xml("") == Lines{"a.xml: The file is empty."});
    CHECK(xml("text").front().starts_with("a.xml, row 1: "));
    CHECK(xml("<a>").front().starts_with("a.xml, row 1: "));
}

TEST_CASE("XML with more elements or attributes than are taken is refused before it is parsed") {
    std::string many = "<a>";
    for (int i = 0; i < 2'000'000; ++i) many += "<b/>";
    CHECK(xml(many + "</a>") == Lines{"a.xml, row 1: The XML has more than 2,000,000 elements. Shorten it."});
}

TEST_CASE("XML of any depth is read or refused without recursion") {
    std::string deep;
    for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
    CHECK(xml(deep).front().starts_with("a.xml, row 1: The XML is not well formed"));
    for (int i = 0; i < 1'000'000; ++i) deep += "</a>";
    CHECK(xml(deep) == Lines{"a.xml, row 1: The elements are nested more than 512 deep. Nest them less."});
}

TEST_CASE("a GeoJSON file becomes items with their geometry and properties") {
    CHECK(
        features(R"({"type":"Feature","geometry":{"type":"Point","coordinates":[102,0.5]},)"
                 R"("properties":{"id":"fs87b","n":67,"b":true,"x":null,"l":[1,{"a":"b"}],"d":0.00001}})") ==
        Lines{"root", " item", "  geometry=0.5 102 0 0", "  id=fs87b", "  n=67", "  b=true", "  x",
              "  l=[1,{\"a\":\"b\"}]", "  d=0.00001"});
    CHECK(features(
              R"({"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2],[3,4,5]]}},)"
              R"({"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]],[]]}})") ==
          Lines{"root", " item", "  geometry=2 1 0 0; 4 3 0 0", " item",
                "  geometry=2 1 0 0; 4 3 0 0; 2 1 0 0"});
    CHECK(features("") == Lines{"root"});
}

TEST_CASE("a feature's own id takes the place of its property") {
    CHECK(features(R"({"type":"Feature","id":7,"geometry":null,"properties":{"id":"a","name":"b"}})") ==
          Lines{"root", " item", "  id=7", "  name=b"});
    CHECK(features(R"({"type":"Feature","id":"z","properties":{"name":"b"}})") ==
          Lines{"root", " item", "  name=b", "  id=z"});
}

TEST_CASE("GeoJSON that ODK knows no notation for is refused with the number of the feature") {
    const std::string sound = R"({"type":"Feature","properties":{}},)";
    CHECK(features(sound + R"({"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[]}})") ==
          Lines{"a.geojson: Feature number 2 has a geometry of type 'MultiPoint'. Points, LineStrings and "
                "Polygons can be used."});
    CHECK(features(sound + R"({"type":"Feature","geometry":{"type":"Point","coordinates":["1",2]}})") ==
          Lines{"a.geojson: Feature number 2 has coordinates that are not pairs of numbers."});
    CHECK(features(sound + R"({"type":"Point"})") ==
          Lines{"a.geojson: Feature number 2 is no object of type Feature."});
    CHECK(geojson(R"({"type":"Feature"})") ==
          Lines{"a.geojson: The GeoJSON is no FeatureCollection. Export it as one."});
    CHECK(geojson(R"({"type":"FeatureCollection"})") ==
          Lines{"a.geojson: The FeatureCollection has no list of features."});
    CHECK(geojson("name,label") ==
          Lines{"a.geojson: The file is not JSON. GeoJSON is expected because its name says so."});
    CHECK(features(R"({"type":"Feature","properties":{"a":)" + std::string(100'000, '[') +
                   std::string(100'000, ']') + "}}") ==
          Lines{"a.geojson: The GeoJSON is nested more than 32 deep. Nest it less."});
}

TEST_CASE("only files of the folder itself are attachments") {
    FormFolder folder;
    folder.file("a.csv", "name\n");
    const Attachments attachments = attachments_in(folder.path());
    CHECK(attachments("a.csv") == "name\n");
    CHECK_FALSE(attachments("b.csv"));
    CHECK_FALSE(attachments("../form/a.csv"));
    CHECK_FALSE(attachments(".."));
    CHECK_FALSE(attachments(""));
    CHECK(file_name_of_source("jr://file-csv/a.csv") == "a.csv");
}

TEST_CASE("a list of 100,000 rows is read whole") {
    std::string bytes = "name,label,region\n";
    for (int i = 0; i < 100'000; ++i)
        bytes +=
            std::to_string(i) + ",\"Place " + std::to_string(i) + "\",r" + std::to_string(i % 100) + "\n";
    const auto instance = read_instance("x", "jr://file-csv/a.csv", bytes);
    REQUIRE(instance);
    CHECK(instance->nodes.size() == 1 + 4 * 100'000);
}
