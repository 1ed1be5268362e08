#include <doctest/doctest.h>

#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

TEST_CASE("an entity stands in the meta group of what it is made from") {
    FormFolder folder;
    folder.file("survey.csv", csv_of("type | name | label | save_to\n"
                                     "begin_repeat | r | R |\n"
                                     "text | q | Q | kind\n"
                                     "end_repeat | | |"));
    folder.file("entities.csv", csv_of("list_name | label\ntrees | ${q}"));
    const auto read_form = read_xlsform(folder.path());
    REQUIRE(read_form);
    const Item& meta = item_of(read_form->form, "r").children.back();
    REQUIRE(meta.name == "meta");
    REQUIRE(meta.children.size() == 1);
    CHECK(meta.children[0].attributes ==
          std::vector<Attribute>{{"dataset", "trees"}, {"create", "1"}, {"id", ""}});
    REQUIRE(meta.children[0].children.size() == 1);
    CHECK(meta.children[0].children[0].calculation == "${q}");
}

TEST_CASE("a column without a language belongs to all languages that labels have") {
    const Form form =
        form_of({"type | name | label::English (en) | label::French (fr) | hint\n"
                 "text | q | Who? | Qui? | 1-9"});
    CHECK(item_of(form, "q").hint == Text{"1-9", "1-9"});
}

TEST_CASE("a label shows what a path into a list leads to") {
    const Form form =
        form_of({"type | name | label\n"
                 "select_one l | q | Q\n"
                 "note | n | instance('l')/root/item[name = ${q}]/label it is",
                 "list_name | name | label\nl | a | A"});
    CHECK(item_of(form, "n").label == Text{"${instance('l')/root/item[name = ${q}]/label} it is"});
}
