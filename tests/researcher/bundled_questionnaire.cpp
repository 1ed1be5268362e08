#include <doctest/doctest.h>

#include <map>

#include "client/researcher/csv_row.h"
#include "client/researcher/study_file.h"
#include "schema/submission.h"
#include "tests/support/researcher.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

using Row = std::map<std::string, std::string>;

/// RFC 4180, read by other code than wrote it.
std::vector<Row> rows_of(const std::string& text) {
    std::vector<std::vector<std::string>> table(1);
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            field += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == ',' || c == '\n')) {
            table.back().push_back(std::exchange(field, {}));
            if (c == '\n') table.emplace_back();
        } else {
            field += c;
        }
    }
    REQUIRE_FALSE(quoted);
    REQUIRE(table.back().empty());
    table.pop_back();
    std::vector<Row> rows;
    for (std::size_t i = 1; i < table.size(); ++i) {
        REQUIRE(table[i].size() == table[0].size());
        for (std::size_t j = 0; j < table[i].size(); ++j)
            (i > rows.size() ? rows.emplace_back() : rows.back())[table[0][j]] = table[i][j];
    }
    return rows;
}

std::string code_of(const schema::Form& form, const std::string& list, const std::string& name) {
    for (const schema::ChoiceList& choices : form.lists)
        if (choices.name == list)
            for (const schema::Choice& choice : choices.choices)
                if (choice.name == name) return std::to_string(choice.code.value());
    FAIL("no choice ", name);
    return {};
}

int compared = 0;

void compare(const schema::Form& form, const std::vector<schema::Item>& items,
             const std::vector<schema::SubmissionNode>& nodes, const Row& row) {
    for (const schema::SubmissionNode& node : nodes) {
        const auto item = std::ranges::find(items, node.name, &schema::Item::name);
        REQUIRE(item != items.end());
        if (const auto* group = std::get_if<std::vector<schema::SubmissionNode>>(&node.content)) {
            compare(form, item->children, *group, row);
            continue;
        }
        const auto* answer = std::get_if<schema::Answer>(&node.content);
        if (!answer) continue;  // a repeat: in its own file
        const std::string missing = answer->missing ? std::to_string(static_cast<int>(*answer->missing)) : "";
        CAPTURE(node.name);
        ++compared;
        if (item->type == schema::QuestionType::select_one) {
            CHECK(row.at(node.name) ==
                  (answer->missing ? missing : code_of(form, item->list, answer->value)));
        } else if (item->type == schema::QuestionType::select_multiple) {
            std::istringstream picked(answer->value);
            std::string state = missing;
            std::vector<std::string> names;
            for (std::string name; picked >> name; names.push_back(name))
                if (const std::string code = code_of(form, item->list, name); code.starts_with("-9"))
                    state = code;
            CHECK(row.at(node.name + "__miss") == state);
            for (const auto& [column, cell] : row) {
                if (!column.starts_with(node.name + "__") || column == node.name + "__miss") continue;
                const std::string name = column.substr(node.name.size() + 2);
                CHECK(cell == (!state.empty()                                  ? state
                               : std::ranges::find(names, name) != names.end() ? "1"
                                                                               : "0"));
            }
        } else if (item->type == schema::QuestionType::integer) {
            CHECK(row.at(node.name) == (answer->missing ? missing : answer->value));
            CHECK(row.at(node.name + "__miss") == missing);
        } else {
            const std::string& cell = row.at(node.name);
            CHECK((cell == answer->value || cell == researcher::guarded(answer->value)));
            CHECK(row.at(node.name + "__miss") == missing);
        }
    }
}

}  // namespace

TEST_CASE(
    "the bundled questionnaire: what 150 respondents answered is in the JSONL and, as codes, in the CSV") {
    Desk desk;
    desk.form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire/mobility_engagement.xlsx";
    desk.with_keys();
    fs::create_directories(desk.store);
    REQUIRE_MESSAGE(desk.build() == ExitCode::fine, desk.err.str());
    desk.with_interviews(150, 3);
    REQUIRE_MESSAGE(desk.open() == ExitCode::fine, desk.out.str());
    CHECK(desk.opened_lines() == desk.true_lines());

    const auto study = researcher::read_study(desk.study);
    std::map<std::string, Row> rows;
    for (Row& row : rows_of(content(desk.results / "survey.csv"))) rows[row["KEY"]] = std::move(row);
    const auto stays = rows_of(content(desk.results / "survey-stay.csv"));
    CHECK(rows.size() == 150);
    std::size_t instances = 0;
    for (const std::string& line : desk.opened_lines()) {
        const auto submission = schema::submission_from_json(line, study->form());
        REQUIRE(submission);
        compare(study->form(), study->form().items, submission->answers, rows.at(submission->id));
        instances += static_cast<std::size_t>(
            std::ranges::count(stays, submission->id, [](const Row& row) { return row.at("PARENT_KEY"); }));
    }
    CHECK(instances == stays.size());
    CHECK(instances > 0);
    CHECK(compared > 150 * 90);
}
