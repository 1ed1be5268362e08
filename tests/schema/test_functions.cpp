#include <doctest/doctest.h>

#include "schema/expression_parser.h"
#include "schema/geometry.h"
#include "schema/readers/xml_world.h"

using namespace fieldfare::schema;
using fieldfare::schema::readers::XmlDocument;
using fieldfare::schema::readers::XmlSurroundings;
using fieldfare::schema::readers::XmlWorld;

namespace {

/// An XML document with a clock in Yerevan, in which expressions are evaluated.
class Expressions {
  public:
    explicit Expressions(const std::string& xml) : document_(*XmlDocument::parse(xml)) {
        here_.now = "2026-11-23T21:05:00.000+04:00";
        here_.random = [] { return std::uint64_t{42}; };
    }

    /// The text that the expression gives; "!" and the complaint when there was one.
    std::string operator()(const std::string& expression, std::uint32_t context = 0) {
        Ast ast;
        const auto parsed = ExpressionParser(ast).parse(expression);
        if (!parsed) return "? " + parsed.error().message;
        XmlWorld world(*document_, here_);
        Evaluator evaluator(ast, world, {0, context});
        const std::string text = evaluator.to_text(evaluator.value(*parsed));
        return world.complaint ? "! " + *world.complaint : text;
    }

  private:
    std::unique_ptr<const XmlDocument> document_;
    XmlSurroundings here_;
};

struct Line {
    const char* in;
    const char* out;
};

void check(Expressions& document, std::initializer_list<Line> lines) {
    for (const Line& line : lines) CHECK_MESSAGE(document(line.in) == line.out, line.in);
}

}  // namespace

TEST_CASE("digests and encodings are those of the standards") {
    Expressions document("<r/>");
    check(document,
          {
              {"digest('', 'MD5', 'hex')", "d41d8cd98f00b204e9800998ecf8427e"},
              {"digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"},
              {"digest('abc', 'SHA-256', 'hex')",
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
              {"digest('abc', 'sha1', 'HEX')", "a9993e364706816aba3e25717850c26c9cd0d89d"},
              {"digest('abc', 'SHA-1')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="},
              {"string-length(digest('abc', 'SHA-384'))", "64"},
              {"string-length(digest('abc', 'SHA-512', 'base64'))", "88"},
              {"digest('abc', 'CRC32')", "! “digest” knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512."},
              {"digest('abc', 'MD5', 'octal')", "! “digest” gives base64 or hex."},
              {"base64-decode('w6nDqMOx')", "éèñ"},
              {"base64-decode('8J+lsA')", "🥰"},
              {"base64-decode(' YQ = = ')", "a"},
              {"base64-decode('Y')", ""},
              {"base64-decode('a-b_')", ""},
              {"base64-decode('/w==')", "\xEF\xBF\xBD"},
              {"base64-decode('')", ""},
          });
}

TEST_CASE("checklists count truths and weights between two bounds") {
    Expressions document("<r><a/><b>1</b><w>2</w><w>3</w></r>");
    check(document, {
                        {"checklist(1, 2, true(), false(), 1 = 1)", "true"},
                        {"checklist(-1, 1, true(), true())", "false"},
                        {"checklist(2, -1, true(), true(), true())", "true"},
                        {"checklist(0, 0)", "true"},
                        {"checklist(1, 1, /r/a, /r/b)", "true"},
                        {"checklist(2, 2, /r/*)", "false"},
                        {"weighted-checklist(5, 5, /r/w, /r/w)", "true"},
                        {"weighted-checklist(2, -1, true(), 999, false(), 5)", "true"},
                        {"weighted-checklist(1, 2, /r/w, 1)",
                         "! “weighted-checklist” has as many weights as there are answers."},
                        {"weighted-checklist(1, 2, true())",
                         "? the arguments of “weighted-checklist” behind the first 2 come in pairs, and the "
                         "last has no partner"},
                    });
}

TEST_CASE("dates are days of the calendar, and times those of here") {
    Expressions document("<r><d>2024-02-29</d><t>2024-02-29T23:30:00.000Z</t></r>");
    check(document, {
                        {"date('2024-02-29T23:30:00Z')", "2024-03-01"},
                        {"date(/r/t)", "2024-03-01"},
                        {"date(0)", "1970-01-01"},
                        {"date(-1)", "1969-12-31"},
                        {"date(1.5)", "1970-01-02"},
                        {"date(0.9)", "1970-01-02"},
                        {"date(2932896)", "9999-12-31"},
                        {"date(2932897)", ""},
                        {"date(-719162)", "0001-01-01"},
                        {"date(-719163)", ""},
                        {"date(1 div 0)", ""},
                        {"date('')", ""},
                        {"date('x')", ""},
                        {"date(true())", ""},
                        {"date('0000-01-01')", "! There is no such date or time."},
                        {"date('2023-02-29')", "! There is no such date or time."},
                        {"date('2024-02-29T24:30')", "! There is no such date or time."},
                        {"date('9999-12-31T23:00:00-10:00')", ""},
                        {"date-time('2024-02-29T23:30:00Z')", "2024-03-01T03:30:00.000+04:00"},
                        {"date-time('2024-02-29T10:00')", "2024-02-29T10:00:00.000+04:00"},
                        {"date-time('2024-02-29')", "2024-02-29"},
                        {"date-time(7)", "1970-01-08"},
                        {"date-time(7.5)", "1970-01-08T16:00:00.000+04:00"},
                        {"decimal-date-time('1970-01-02T00:00:00Z')", "1"},
                        {"decimal-date-time('1970-01-02') * 6", "5"},
                        {"decimal-date-time(date('1970-01-01T12:00:00Z'))", "0.5"},
                        {"decimal-date-time(5)", "5"},
                        {"decimal-date-time('5')", "NaN"},
                        {"decimal-time('18:00')", "0.75"},
                        {"decimal-time('12:00:00.000Z') * 3", "2"},
                        {"decimal-time('2024-02-29T12:00:00+04:00')", "0.5"},
                        {"decimal-time('24:01')", "NaN"},
                        {"decimal-time('06:00:60')", "NaN"},
                        {"decimal-time(2.25)", "0.25"},
                        {"format-date(/r/t, '%Y-%m-%d %H:%M')", "2024-03-01 03:30"},
                        {"format-date(date('2024-02-29T23:30:00Z'), '%H')", "03"},
                        {"format-date-time('2024-02-09T01:02:03.004', '%e.%n.%y %h:%M:%S.%3 %% %q %')",
                         "9.2.24 1:02:03.004 % %q %"},
                        {"format-date('', '%Y')", ""},
                        {"'2024-02-29' < '2024-02-29T00:00:00.000+04:00'", "false"},
                        {"'2024-02-29' <= '2024-02-29T00:00:00.000+04:00'", "true"},
                        {"'2024-02-29' < '2024-02-28T23:00:00Z'", "true"},
                        {"/r/d + 1 = '2024-03-01'", "true"},
                        {"number('1970-01-01T04:00:00')", "0"},
                        {"number('1970-01-03')", "2"},
                    });
}

TEST_CASE("places on Earth have areas, distances and fences") {
    Expressions document(
        "<r><p>0 0 0 0</p><p>0 1</p><s>0 0;0 1;1 1;1 0;0 0</s><x>0 0;1 1;0 1;1 0</x><e/></r>");
    check(document, {
                        {"distance(/r/p)", "111318.85"},
                        {"distance('0 0;0 1')", "111318.85"},
                        {"distance('0 0', '0 1')", "111318.85"},
                        {"distance('90 0;90 1')", "0"},
                        {"distance(/r/p[1])", "0"},
                        {"distance(/r/e)", "NaN"},
                        {"distance('91 0;0 0')", "NaN"},
                        {"distance('a')", "NaN"},
                        {"area('0 0;0 1')", "0"},
                        {"area(/r/s) = enclosed-area('0 0;0 1;1 1;1 0')", "true"},
                        {"round(area(/r/s), -6)", "12391000000"},
                        {"geofence('0.5 0.5', /r/s)", "true"},
                        {"geofence('0.5 1.5', /r/s)", "false"},
                        {"geofence('', /r/s)", "false"},
                        {"geofence('0.5 0.5', '0 0;0 1;1 1')", "false"},
                        {"intersects(/r/s)", "false"},
                        {"intersects(/r/x)", "true"},
                        {"intersects('0 0;1 1;0.5 0.5')", "true"},
                        {"intersects('0 0;1 1;2 0')", "false"},
                        {"intersects('0 0;0 0;1 1')", "false"},
                        {"intersects('')", "false"},
                        {"intersects('nowhere')", "! “intersects” wants a geotrace or a geoshape."},
                    });
}

TEST_CASE("instances are looked up, elements found by id, languages and names told") {
    std::string items;
    for (int i = 0; i < 40; ++i)
        items += "<item k='" + std::to_string(i) + "'><name>n" + std::to_string(i) + "</name><v>" +
                 std::to_string(i) + ".0</v></item>";
    Expressions document("<m xmlns:o='urn:o'><instance id='cities'><root>" + items +
                         "</root></instance><a id='x' xml:lang='en-US'><b id='y' o:c='1'/></a><c id='x'/>"
                         "<w>y  x</w></m>");
    check(document,
          {
              {"pulldata('cities', 'v', 'name', 'n7')", "7.0"},
              {"pulldata('cities', 'v', '@k', '7')", "7.0"},
              {"pulldata('cities', 'v', 'name', 'none')", ""},
              {"pulldata('cities', 'none', 'name', 'n7')", ""},
              {"pulldata('towns', 'v', 'name', 'n7')", "! “pulldata” names an instance that is not there."},
              {"instance('cities')/root/item[name = 'n9']/v", "9.0"},
              {"instance('cities')/root/item[v = 9]/name", "n9"},
              {"instance('cities')/root/item[9 = v]/name", "n9"},
              {"instance('cities')/root/item[@k = '9']/name", "n9"},
              {"instance('cities')/root/item[@k = 9][1]/name", "n9"},
              {"instance('cities')/root/item[name = 'n9'][2]/v", ""},
              {"count(instance('cities')/root/item[selected('n1 n2 n3', name)])", "3"},
              {"count(instance('cities')/root/item[v = 0 div 0])", "0"},
              {"name(id('x'))", "a"},
              {"count(id('y x y'))", "2"},
              {"count(id(/m/w))", "2"},
              {"count(id('none'))", "0"},
              {"count(//*[lang('EN')])", "2"},
              {"count(//*[lang('en-us')])", "2"},
              {"count(//*[lang('e')])", "0"},
              {"namespace-uri(//@o:c)", "urn:o"},
              {"local-name(//@o:c)", "c"},
              {"name(//@o:c)", "o:c"},
              {"namespace-uri(/m)", ""},
              {"count(/m/namespace::*)", "1"},
              {"string(/m/namespace::o)", "urn:o"},
              {"jr:itext('none')", ""},
              {"depend(1, /m)", "1"},
              {"version()", ""},
              {"property('deviceid')",
               "? the function “property” is not supported: it tells who answered, and on which device"},
          });
}

TEST_CASE("the parts of a document that only XPath sees are seen") {
    Expressions document("<!DOCTYPE r><r>a<!--c--><![CDATA[<d>]]><?p i?><b xmlns:x='urn:x'/>e</r>");
    check(document, {
                        {"/r", "a<d>e"},
                        {"count(/node())", "2"},
                        {"count(/r/node())", "6"},
                        {"count(/r/text())", "3"},
                        {"/r/comment()", "c"},
                        {"/r/processing-instruction('p')", "i"},
                        {"count(/r/processing-instruction('q'))", "0"},
                        {"name(/r/processing-instruction())", "p"},
                        {"count(/r/b/preceding::node())", "5"},
                        {"count(/r/b/@*)", "0"},
                        {"//b/ancestor-or-self::node()[1] = //b", "true"},
                        {"count(//b/ancestor-or-self::node())", "3"},
                        {"count(//text()[2])", "1"},
                    });
}

TEST_CASE("numbers at the edges do what XPath and IEEE 754 say") {
    Expressions document("<r/>");
    const std::string many(400, '9');
    check(document, {
                        {"round(2.5, 1000000000000)", "2.5"},
                        {"round(2.5, -1000000000000)", "0"},
                        {"round(12345.678, 0 div 0)", "NaN"},
                        {"round(1 div 0, 2)", "Infinity"},
                        {"1 div round(-0.2)", "-Infinity"},
                        {"round('-12345.15', 1)", "-12345.1"},
                        {"substr('hello', 0 div 0)", "hello"},
                        {"substr('hello', -1 div 0)", "hello"},
                        {"substr('hello', 1 div 0)", ""},
                        {"substr('hello', 3, 1)", ""},
                        {"substring('hello', -1 div 0, 1 div 0)", ""},
                        {"substring('hello', 0 div 0)", ""},
                        {"selected-at('a b', 1 div 0)", ""},
                        {"string-length(uuid(1 div 0))", "1024"},
                        {"string-length(uuid(0 div 0))", "0"},
                        {"number('1.1e6')", "NaN"},
                        {"number('14,6')", "NaN"},
                        {"int('-0.9') = 0", "true"},
                        {"5 mod 0", "NaN"},
                        {"1div2", "0.5"},
                        {"4 mod-3", "1"},
                        {"coalesce(0 div 0, 'x')", "x"},
                        {"min('x', 1)", "NaN"},
                    });
    CHECK(document(many) == "Infinity");
    CHECK(document("string-length(string(0." + std::string(320, '0') + "1))") == "323");
}

TEST_CASE("what is not UTF-8 is taken byte by byte and never read beyond") {
    Expressions document("<r/>");
    for (const std::string text : {"\xFF\xFE", "a\xC3", "\xE2\x82", "\x80\x80", "\xF8\x88\x80\x80\x80"}) {
        CHECK(document("normalize-space('" + text + "')") == text);
        CHECK(document("translate('" + text + "', 'a', 'a')") == text);
        CHECK(document("substr('" + text + "', 0)") == text);
        CHECK(document("regex('" + text + "', '.*')") == "false");
        CHECK(document("string-length(digest('" + text + "', 'MD5', 'hex'))") == "32");
    }
}

TEST_CASE("what an expression would make of a large document is bounded") {
    std::string xml = "<r>";
    for (int i = 0; i < 20'000; ++i) xml += "<a><b>" + std::to_string(i % 100) + "</b></a>";
    Expressions document(xml + "</r>");
    CHECK(document("count(//a[b = 7])") == "200");
    CHECK(document("count(//a | //b)") == "40000");
    CHECK(document("count(randomize(//a, 7))") == "20000");
    CHECK(document("string-length(join('-', randomize(//b, 7)))") == "57999");
    const std::string over =
        "! The expression looks at more than 20000000 nodes, which is more than it may; its "
        "value is taken as empty.";
    for (const char* endless : {"count(//*[//*[//*[//*]]])", "count(//a[following::a])",
                                "count(//a[count(preceding-sibling::a) > 1])", "sum(//a[sum(//b) > 1]/b)",
                                "count(//a/following::a/preceding::a)", "count(//a[id('x')])",
                                "count(//b[. = //b])", "count(//a[sum(/r/a[b > 5]/b) = 1])"}) {
        CAPTURE(endless);
        CHECK(document(endless) == over);  // how long so many steps take is the machine's
    }
}

TEST_CASE("texts that double one another stop at a bound") {
    Expressions document("<r><a>" + std::string(300'000, 'x') + "</a></r>");
    CHECK(document("string-length(concat(/r/a, /r/a, /r/a))") == "900000");
    const std::string over = "! A text of more than 1 MiB is put together, which is more than may be.";
    CHECK(document("concat(/r/a, /r/a, /r/a, /r/a)") == over);
    CHECK(document("join(/r/a, 1, 2, 3, 4, 5, 6)") == over);
    CHECK(document("string-length(digest(/r/a, 'SHA-512', 'hex'))") == "128");
}

TEST_CASE("patterns end soon, and mean ASCII by their short names") {
    Expressions document("<r/>");
    check(document, {
                        {"regex('12', '\\d+')", "true"},
                        {"regex('١٢', '\\d+')", "false"},
                        {"regex('ж', '\\w')", "false"},
                        {"regex('ж', '\\p{L}')", "true"},
                        {"regex('ab', 'a')", "false"},
                        {"regex('a', '(')", "! The pattern of “regex” is no regular expression."},
                        {"regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+[c-d]')",
                         "! The pattern of “regex” takes too long on this text."},
                    });
}

TEST_CASE("a line that meets itself is told from one that does not, whatever its length") {
    std::vector<GeoPoint> spiral;
    for (int i = 0; i < 4'000; ++i) spiral.push_back({i * 0.01, i % 2 * 0.5});
    CHECK(meets_itself(spiral) == false);
    spiral.push_back({0, 0.25});
    CHECK(meets_itself(spiral) == true);
    for (int i = 0; i < 2'000; ++i) spiral.push_back({i * 0.01, 1 + i % 2 * 0.5});
    CHECK_FALSE(meets_itself(spiral).has_value());
}
