#include <doctest/doctest.h>

#include "schema/readers/form_lint.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

std::string default_language(const std::string& name) {
    return "form_title | form_id | version | default_language\nTest | test | 1 | " + name;
}

Sentences lint_of(const Sheets& sheets) {
    return sentences(readers::lint(form_of(sheets), "form"));
}

}  // namespace

TEST_CASE("a form whose columns name no language has one language without a name") {
    const Form form = form_of({"type | name | label | hint\ntext | q | Q | H"});
    CHECK(form.languages == std::vector<Language>{{"", ""}});
    CHECK(form.settings.default_language.empty());
    CHECK(item_of(form, "q").label == Text{"Q"});
    CHECK(item_of(form, "q").hint == Text{"H"});
}

TEST_CASE("languages stand in the order of their columns, each text in its place") {
    const Form form =
        form_of({"type | name | label::English (en) | label :: Russian (ru) | hint::Russian (ru)\ntext | q "
                 "| City | Город | Без адреса\ntext | r | | Дом |",
                 "", default_language("Russian (ru)")});
    CHECK(form.languages == std::vector<Language>{{"English (en)", "en"}, {"Russian (ru)", "ru"}});
    CHECK(item_of(form, "q").label == Text{"City", "Город"});
    CHECK(item_of(form, "q").hint == Text{"", "Без адреса"});
    CHECK(item_of(form, "r").label == Text{"", "Дом"});
    CHECK(item_of(form, "r").hint.empty());
}

TEST_CASE("a text whose column names no language is the same in all languages") {
    const Form form = form_of(
        {"type | name | label::English (en) | label::French (fr) | hint | constraint_message\ntext | q | "
         "City | Ville | H | M",
         "", default_language("English (en)")});
    CHECK(item_of(form, "q").hint.front() == "H");
    const Form unnamed = form_of(
        {"type | name | label::English (en) | label::French (fr) | hint\ntext | q | City | Ville | H"});
    CHECK(item_of(unnamed, "q").hint == Text{"H", "H"});
}

TEST_CASE("single colons part languages where no header has two") {
    const Form form =
        form_of({"type | name | label:English (en) | label:French (fr)\ntext | q | City | Ville", "",
                 default_language("French (fr)")});
    CHECK(form.languages.size() == 2);
    CHECK(item_of(form, "q").label == Text{"City", "Ville"});
}

TEST_CASE("a column without a language belongs to the default language") {
    const Form form = form_of({"type | name | label | label::French (fr)\ntext | q | City | Ville", "",
                               default_language("English (en)")});
    CHECK(form.languages == std::vector<Language>{{"English (en)", "en"}, {"French (fr)", "fr"}});
    const Form alone =
        form_of({"type | name | label\ntext | q | City", "", default_language("English (en)")});
    CHECK(alone.languages == std::vector<Language>{{"English (en)", "en"}});
}

TEST_CASE("where two columns hold the default language, the one that names it wins") {
    for (const char* header : {"label | label::French (fr)", "label::French (fr) | label"}) {
        const bool plain_first = std::string(header).starts_with("label |");
        const Form form = form_of({"type | name | " + std::string(header) + "\ntext | q | " +
                                       (plain_first ? "City | Ville" : "Ville | City"),
                                   "", default_language("French (fr)")});
        CHECK(item_of(form, "q").label == Text{"Ville"});
    }
}

TEST_CASE("a language counts when only a choice has a label in it") {
    const Form form =
        form_of({"type | name | label::English (en) | label::French (fr)\nselect_one l | q | City |",
                 "list_name | name | label::English (en) | label::French (fr)\nl | a | A | Un",
                 default_language("English (en)")});
    CHECK(form.languages.size() == 2);
    CHECK(form.lists.front().choices.front().label == Text{"A", "Un"});
}

TEST_CASE("a language without labels is left out, with a warning") {
    CHECK(
        warnings_of(
            {"type | name | label::English (en) | label::German (de) | hint::Turkish (tr)\ntext | q | City | "
             "| Evde",
             "", default_language("English (en)")}) ==
        Sentences{"form, survey, row 1, column label::German (de): The language 'German (de)' has no label "
                  "anywhere, "
                  "so it is not offered.",
                  "form, survey, row 1, column hint::Turkish (tr): The language 'Turkish (tr)' has no label "
                  "anywhere, "
                  "so it is not offered and this column is not read."});
}

TEST_CASE("the default language is the first where none with labels is named") {
    const std::string survey =
        "type | name | label::English (en) | label::Russian (ru)\ntext | q | City | Город";
    CHECK(
        warnings_of({survey, "", default_language("Russian")}) ==
        Sentences{
            "form, settings, row 2, column default_language: No label is in the default language 'Russian'. "
            "Languages with labels: 'English (en)', 'Russian (ru)'. Write one of them exactly so; until then "
            "the first "
            "is taken."});
    CHECK(form_of({survey, "", default_language("Russian")}).settings.default_language == "English (en)");
    CHECK(form_of({survey}).settings.default_language == "English (en)");
    CHECK(warnings_of({survey}) ==
          Sentences{"form, settings, row 2, column default_language: The form names no "
                    "default_language; 'English (en)', the first, is taken."});
}

TEST_CASE("lint tells what a language lacks and what will not be shown") {
    const std::string choices =
        "list_name | name | label::English (en) | label::Russian (ru) | code\nl | a | A | А | 1\nl | b | B | "
        "| \nm | c | "
        "C | В |";
    CHECK(lint_of({"type | name | label::English (en) | label::Russian (ru) | x_extension\nselect_one l | q "
                   "| | Да | "
                   "\ntext | r | R | Р | sgic",
                   choices, default_language("English (en)")}) ==
          Sentences{"form: The language 'English (en)' has 4 of 5 texts (80 %); for the others the default "
                    "language is shown.",
                    "form: The language 'Russian (ru)' has 4 of 5 texts (80 %); for the others the default "
                    "language is shown.",
                    "form, survey, row 2, column label: There is no label in the default language, 'English "
                    "(en)'; another "
                    "language's is shown instead.",
                    "form, survey, row 3, column x_extension: The row waits for the extension 'sgic' and is "
                    "not shown until "
                    "that is built.",
                    "form, choices, row 3, column code: Other choices of the list 'l' have codes and this "
                    "one has none: "
                    "exports have no number for it.",
                    "form, choices, row 4, column list_name: No question uses the list 'm'."});
}

TEST_CASE("a list that words of a range or an expression name is used") {
    const std::string choices =
        "list_name | name | label\nl | 1 | Never\nl | 5 | Always\nm | a | A\nm | b | B";
    CHECK(lint_of({"type | name | label | parameters | calculation\n"
                   "range | r | R | start=1 end=5 step=1 tick_labelset=l\n"
                   "calculate | c | | | instance('m')/root/item[name = 'a']/label",
                   choices, "form_id\nform"}) == Sentences{});
}
