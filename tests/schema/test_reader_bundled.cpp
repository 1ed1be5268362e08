#include <doctest/doctest.h>

#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

const std::filesystem::path assets = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets";

Form bundled(const char* name) {
    auto form = read_xlsform(assets / name);
    if (!form) FAIL(to_string(form.error().errors.front()));
    return std::move(form->form);
}

}  // namespace

TEST_CASE("the bundled questionnaire as .xlsx and as .tsv sheets is one and the same form") {
    const Form workbook = bundled("questionnaire/mobility_engagement.xlsx");
    const Form sheets = bundled("questionnaire");
    CHECK(workbook == sheets);
}

TEST_CASE("the bundled questionnaire is read whole") {
    const Form form = bundled("questionnaire");
    CHECK(form.settings.form_id == "mobility_engagement");
    CHECK(form.settings.version == "2026112301");
    CHECK(form.settings.default_language == "Russian (ru)");
    CHECK(form.settings.extra.at("x_min_k") == "5");
    CHECK(form.languages == std::vector<Language>{{"English (en)", "en"}, {"Russian (ru)", "ru"}});
    CHECK(form.lists.size() == 53);
    std::size_t choices = 0;
    for (const ChoiceList& list : form.lists) choices += list.choices.size();
    CHECK(choices == 419);
}

TEST_CASE("the bundled questionnaire keeps its extra columns") {
    const Form form = bundled("questionnaire");
    CHECK(item_of(form, "rseed").fill == Fill::random_31_bit);
    CHECK(item_of(form, "arm").fill == Fill::random_arm);
    CHECK(item_of(form, "arm").fill_arguments == std::vector<std::string>{"control", "treat"});
    const Item& sector = item_of(form, "sector_now");
    CHECK(sector.randomize);
    CHECK(sector.seed == "${rs_sector_now}");
    CHECK(sector.extra.at("x_table") == "R3");
    CHECK(sector.row > 2);
}

TEST_CASE("the visit diary is read without errors") {
    const auto form = read_xlsform(assets / "forms/visit");
    if (!form) FAIL(to_string(form.error().errors.front()));
    CHECK(sentences(form->warnings).empty());
}
