#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>

#include "client/study/study_package.h"
#include "tests/support/journey.h"
#include "tests/support/journey_person.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

const std::filesystem::path assets = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets";

using Row = std::map<std::string, std::string>;

/// The rows of survey.csv (RFC 4180) by their KEY.
std::map<std::string, Row> rows_of(const std::filesystem::path& file) {
    const std::string text = read_text(file);
    std::vector<std::vector<std::string>> table(1);
    std::string field;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;  // a doubled quote does so twice; no answer here holds one
        } else if (!quoted && (c == ',' || c == '\n')) {
            table.back().push_back(std::exchange(field, {}));
            if (c == '\n') table.emplace_back();
        } else {
            field += c;
        }
    }
    std::map<std::string, Row> rows;
    for (std::size_t i = 1; i + 1 < table.size(); ++i) {
        REQUIRE(table[i].size() == table[0].size());
        Row row;
        for (std::size_t j = 0; j < table[0].size(); ++j) row[table[0][j]] = table[i][j];
        rows[row.at("KEY")] = row;
    }
    return rows;
}

schema::Form form_of(const Researcher& researcher) {
    const std::string bytes = read_text(researcher.study());
    const auto package = study::StudyPackage::open(crypto::bytes_of(bytes));
    REQUIRE(package);
    return package->form();
}

std::string code_of(const schema::Form& form, const std::string& list, const std::string& name) {
    for (const schema::ChoiceList& choices : form.lists) {
        for (const schema::Choice& choice : choices.choices) {
            if (choices.name == list && choice.name == name) return std::to_string(choice.code.value());
        }
    }
    FAIL("no choice ", name);
    return {};
}

/// Each select_one outside of repeats stands in the CSV as its choice's code. Answers how many it compared.
int compare_codes(const schema::Form& form, const std::vector<schema::Item>& items, const std::string& path,
                  const std::map<std::string, std::string>& answers, const Row& row) {
    int compared = 0;
    for (const schema::Item& item : items) {
        const std::string here = path + "/" + item.name;
        if (item.kind == schema::ItemKind::group) {
            compared += compare_codes(form, item.children, here, answers, row);
        } else if (item.kind == schema::ItemKind::question && item.type == schema::QuestionType::select_one &&
                   answers.contains(here)) {
            CAPTURE(here);
            CHECK(row.at(item.name) == code_of(form, item.list, answers.at(here)));
            ++compared;
        }
    }
    return compared;
}

std::string member(const std::string& payload, const std::string& name) {
    const std::string opening = "\"" + name + "\":\"";
    const std::size_t at = payload.rfind(opening);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + opening.size();
    return payload.substr(from, payload.find('"', from) - from);
}

/// What the person said stands in the payload, each under its path.
void check_told(const std::map<std::string, std::string>& told, const std::string& payload) {
    const auto received = answers_of(payload);
    for (const auto& [path, value] : told) {
        CAPTURE(path);
        REQUIRE(received.contains(path));
        CHECK(received.at(path) == value);
    }
}

}  // namespace

TEST_CASE("what people said at the form app reaches the researcher, and the receipts come back") {
    Researcher researcher(assets / "questionnaire/mobility_engagement.xlsx");
    Person person(researcher.folder() / "profile");
    person.first_run(researcher.study());

    {
        person.begin();
        person.set_language("ru");
        person.fill({.seed = 1, .says = "Ёжик шёл домой: «да»"});
        person.finalise();

        person.begin();
        person.set_language("en");
        person.fill({.seed = 2, .says = "Much, and then more", .keyboard_only = true});
        person.finalise();

        person.begin();  // another language in the middle
        person.set_language("ru");
        person.fill({.seed = 3, .skips_percent = 10, .pages = 4});
        person.set_language("en");
        person.fill({.seed = 33});
        person.finalise();

        person.begin();
        person.fill({.seed = 4, .skips_percent = 30, .refuses_percent = 80});
        person.finalise();

        person.begin();  // locked in the middle
        person.set_language("en");
        person.fill({.seed = 5, .pages = 5});
        person.press_text("app.lock");
        person.unlock();
        person.resume_draft();
        person.fill({.seed = 55, .refuses_percent = 10});
        person.finalise();
    }
    REQUIRE(person.sealed.size() == 5);
    person.hand_over();
    CHECK(person.sees("Handed over"));
    CHECK(person.session().counts == app::Counts{0, 0, 5, 0});

    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(sorted(researcher.submissions()) == sorted(person.sealed));
    // Two people who talk find out whether the newest file has come.
    const crypto::Fingerprint newest{person.session().newest.digits};
    CHECK(read_text(researcher.results() / "report.txt").find(crypto::to_string(newest)) !=
          std::string::npos);
    CHECK(person.sees("The newest sealed file of this machine"));

    const schema::Form form = form_of(researcher);
    const auto rows = rows_of(researcher.results() / "survey.csv");
    CHECK(rows.size() == 5);
    int compared = 0;
    std::size_t said = 0;
    for (std::size_t i = 0; i < person.sealed.size(); ++i) {
        const std::string& payload = person.sealed[i];
        check_told(person.told[i], payload);
        said += person.told[i].size();
        compared += compare_codes(form, form.items, "", answers_of(payload), rows.at(member(payload, "id")));
    }
    MESSAGE(said, " answers compared with what was said, ", compared, " with their codes");
    CHECK(said > 200);
    CHECK(compared > 150);
    CHECK(member(person.sealed[0], "lang") == "ru");
    CHECK(member(person.sealed[1], "lang") == "en");
    CHECK(member(person.sealed[2], "lang") == "en");
    const auto states = missing_of(person.sealed[3]);
    const auto has = [&](schema::Missing state) {
        return std::ranges::count(states, std::to_string(static_cast<int>(state)),
                                  [](const auto& one) { return one.second; }) > 0;
    };
    CHECK(has(schema::Missing::refused));
    CHECK(has(schema::Missing::skipped));

    REQUIRE(researcher.fetch() == 0);  // takes the receipts to the store
    person.hand_over();
    CHECK(person.session().counts == app::Counts{0, 0, 0, 5});
}

TEST_CASE("the visit form makes the same journey, with dates, decimals and payments added by hand") {
    Researcher researcher(assets / "forms/visit");
    Person person(researcher.folder() / "profile");
    person.first_run(researcher.study());
    for (const std::uint64_t seed : {11, 12, 13}) {
        person.begin();
        person.set_language(seed % 2 == 0 ? "ru" : "en");
        person.fill(
            {.seed = seed, .skips_percent = 10, .refuses_percent = 10, .says = "Очередь с шести утра"});
        person.finalise();
    }
    person.hand_over();
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(sorted(researcher.submissions()) == sorted(person.sealed));
    for (std::size_t i = 0; i < person.sealed.size(); ++i) check_told(person.told[i], person.sealed[i]);
    REQUIRE(researcher.fetch() == 0);
    person.hand_over();
    CHECK(person.session().counts.confirmed == 3);
}
