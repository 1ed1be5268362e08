#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "schema/readers/read_form.h"
#include "tests/support/reader_xform.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

using Lines = std::vector<std::string>;

// XML that means to do harm is refused before it costs anything.

namespace {

constexpr const char* no_document_type =
    "The XML has a document type (<!DOCTYPE …>). Nothing needs it here, and it can do harm. Remove it.";

std::string with_document_type(const std::string& declarations, const std::string& label) {
    return "<?xml version=\"1.0\"?>\n<!DOCTYPE d [" + declarations + "]>\n" +
           xform_of("<q/>", "", "<input ref='/data/q'><label>" + label + "</label></input>");
}

}  // namespace

TEST_CASE("entities that swell to gigabytes are refused where they are declared") {
    std::string bomb = "<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 100; ++i) {
        const std::string before = "&a" + std::to_string(i - 1) + ";";
        bomb += "<!ENTITY a" + std::to_string(i) + " \"" + before + before + before + before + "\">";
    }
    CHECK(xml_errors(with_document_type(bomb, "&a99;")) ==
          Lines{std::string("f.xml, row 2: ") + no_document_type});
    const std::string quadratic = "<!ENTITY a \"" + std::string(100'000, 'x') + "\">";
    CHECK(xml_errors(with_document_type(quadratic, "&a;&a;&a;")) ==
          Lines{std::string("f.xml, row 2: ") + no_document_type});
}

TEST_CASE("no entity makes the reader open a file or an address") {
    for (const char* declaration :
         {"<!ENTITY x SYSTEM \"file:///etc/hostname\">", "<!ENTITY x SYSTEM \"http://127.0.0.1:1/x\">",
          "<!ENTITY x PUBLIC \"p\" \"secret.xml\">", "<!ENTITY % x SYSTEM \"secret.xml\"> %x;"}) {
        std::size_t asked = 0;
        const auto read = read_xform(with_document_type(declaration, "&x;"), "f.xml",
                                     [&](std::string_view) -> std::optional<std::string> {
                                         ++asked;
                                         return "<root/>";
                                     });
        REQUIRE_FALSE(read);
        CHECK(to_string(read.error().errors.front()) == std::string("f.xml, row 2: ") + no_document_type);
        CHECK(asked == 0);
    }
    // An entity that nobody declares, too.
    CHECK(xml_errors(xform_of("<q/>", "", "<input ref='/data/q'><label>&x;</label></input>")) ==
          Lines{"f.xml, row 6: There is an & that begins no entity that XML knows. Write &amp; for the "
                "character itself."});
}

TEST_CASE("a list beside the form is held to the same rules") {
    const std::string form = xform(R"(<instance><data id="f"><q/><meta><instanceID/></meta></data></instance>
<instance id="l" src="jr://file/l.xml"/>)",
                                   "<input ref='/data/q'/>");
    CHECK(xml_errors(form, {{"l.xml", "<!DOCTYPE d [<!ENTITY a \"b\">]><root><item>&a;</item></root>"}}) ==
          Lines{std::string("f.xml, row 4: The file of the instance 'l' can't be read: l.xml: ") +
                no_document_type});
}

TEST_CASE("an attribute longer than any expression may be is refused, whatever it says") {
    const std::string huge(20'000'000, '1');
    for (const std::string& xml :
         {xform_of("<q/>", "<bind nodeset='/data/q' relevant='" + huge + "'/>", "<input ref='/data/q'/>"),
          xform_of("<q/>", "<bind nodeset='/data/" + huge + "'/>", "<input ref='/data/q'/>"),
          xform_of("<q/>", "", "<input ref='/data/q' appearance='" + huge + "'/>"),
          xform_of("<q/>", "", "<input ref='/data/q'><label ref=\"jr:itext('" + huge + "')\"/></input>"),
          xform_of("<q x='" + huge + "'/>", "", "<input ref='/data/q'/>")}) {
        CAPTURE(xml.substr(250, 200));
        const Lines errors = xml_errors(xml);
        REQUIRE(errors.size() == 1);
        CHECK(errors.front().find("An attribute of this element is longer than 1 MiB. Shorten it.") !=
              std::string::npos);
    }
}

TEST_CASE("a form file of a gigabyte is refused by its size") {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / "fieldfare-form-of-a-gigabyte.xml";
    std::ofstream(path) << "<h:html ";
    std::filesystem::resize_file(path, std::uintmax_t{1} << 30);  // no byte of it is on the disk
    const auto read = read_form(path);
    std::filesystem::remove(path);
    REQUIRE_FALSE(read);
    CHECK(to_string(read.error().errors.front()).find("64 MiB") != std::string::npos);
}
