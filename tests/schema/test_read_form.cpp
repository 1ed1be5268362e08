#include <doctest/doctest.h>

#include "schema/form_json.h"
#include "schema/readers/read_form.h"
#include "tests/support/reader_xform.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

using Lines = std::vector<std::string>;

namespace {

const std::string sound = xform_of("<q/>", "<bind nodeset='/data/q' type='int'/>", "<input ref='/data/q'/>");

std::string id_of(const std::filesystem::path& path) {
    const auto read = read_form(path);
    return read ? read->form.settings.form_id : to_string(read.error().errors.front());
}

}  // namespace

TEST_CASE("what kind of form a file is shows in its name or its first character") {
    FormFolder folder;
    CHECK(id_of(folder.file("a.xml", sound)) == "f");
    CHECK(id_of(folder.file("a.txt", "\xEF\xBB\xBF \n" + sound)) == "f");
    CHECK(id_of(folder.file("a.json", to_json(form_of_xml(sound)))) == "f");
    CHECK(id_of(folder.file("b.xml", "type,name")) == "b.xml, row 1: The file holds no XML element.");
    FormFolder sheets;
    sheets.file("survey.csv", "type,name,label\ntext,q,Q\n");
    sheets.file("settings.csv", "form_id,version\ns,1\n");
    CHECK(id_of(sheets.path()) == "s");
    CHECK(id_of(folder.path() / "none.xml") != "f");
}

TEST_CASE("files that an XForm names lie beside it or in its media folder") {
    FormFolder folder;
    const auto form =
        folder.file("a.xml", xform_of("<q/>",
                                      "<instance id='i' src='jr://file-csv/i.csv'/><instance id='j' "
                                      "src='jr://file-csv/j.csv'/>",
                                      ""));
    std::filesystem::create_directory(folder.path() / "a-media");
    folder.file("a-media/i.csv", "name\na\n");
    folder.file("j.csv", "name\nb\n");
    const auto read = read_form(form);
    REQUIRE(read);
    CHECK(read->warnings.empty());
    CHECK(read->form.instances[0].nodes.back().text == "a");
    CHECK(read->form.instances[1].nodes.back().text == "b");
    CHECK(read_form(form, attachments_in(folder.path() / "a-media"))->form.instances[1].nodes.empty());
}

TEST_CASE("the check of an XForm names lines of its file, no sheets") {
    FormFolder folder;
    const auto form = folder.file(
        "a.xml", xform_of("<q/>", "<bind nodeset='/data/q' relevant='wonder()'/>", "<input ref='/data/q'/>"));
    CHECK(sentences(check_xlsform(form).errors) ==
          Lines{"a.xml, row 6, column relevant: There is no function “wonder” (at character 1)."});
}
