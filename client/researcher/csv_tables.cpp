#include "client/researcher/csv_tables.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>

#include "client/researcher/csv_row.h"
#include "client/researcher/media_inbox.h"

namespace fieldfare::researcher {

using schema::Answer;
using schema::Choice;
using schema::Form;
using schema::Item;
using schema::ItemKind;
using schema::Missing;
using schema::QuestionType;
using schema::Submission;
using schema::SubmissionNode;

namespace {

using Nodes = std::vector<SubmissionNode>;
using Instances = std::vector<Nodes>;

constexpr std::string_view provenance_columns[] = {"DAY", "LANGUAGE", "VERSION", "DEVICE", "BATCH", "RECORD"};

bool recorded(const Item& item) {
    return item.kind != ItemKind::question || item.type != QuestionType::note;
}

std::string code_of(Missing missing) {
    return std::to_string(static_cast<int>(missing));
}

std::optional<Missing> state_of(const Choice& choice) {
    return choice.code ? schema::missing_from_code(*choice.code) : std::nullopt;
}

std::string export_of(const Choice& choice) {
    return choice.code ? std::to_string(*choice.code) : choice.name;
}

/// Choices that are nodes of an instance: what they are called is known in the interview only.
bool choices_unknown(const Item& item) {
    const bool has_choices = item.type == QuestionType::select_one ||
                             item.type == QuestionType::select_multiple || item.type == QuestionType::rank;
    return has_choices && item.list.empty();
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

/// File names come from the form's author; only what is safe on every system goes through.
std::string safe_file_part(std::string_view name) {
    std::string part;
    for (const char c : name) {
        const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
        part += safe ? c : '_';
    }
    std::size_t length = std::min<std::size_t>(part.size(), 100);
    while (length < part.size() && length > 0 && (static_cast<unsigned char>(part[length]) & 0xc0) == 0x80)
        --length;
    return part.substr(0, length);  // never in the middle of a character
}

/// Gives each column of one file a name of its own, letter case aside (SQLite and R's readers fold it).
class Names {
  public:
    std::string take(const std::string& wanted, const std::string& longer) {
        if (add(wanted)) return wanted;
        if (add(longer)) return longer;
        for (int n = 2;; ++n) {
            const std::string numbered = longer + "~" + std::to_string(n);
            if (add(numbered)) return numbered;
        }
    }

  private:
    bool add(const std::string& name) { return taken_.insert(lower_case(name)).second; }
    std::set<std::string> taken_;
};

/// The pieces of a select_multiple's or rank's value, which is choice names separated by one space.
std::vector<std::string_view> words(std::string_view value) {
    std::vector<std::string_view> result;
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(' '), value.size());
        if (end > 0) result.push_back(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return result;
}

}  // namespace

struct CsvTables::Layout {
    Salvage salvaged = Salvage::no;
    std::shared_ptr<const Form> form;
    std::map<std::string, std::map<std::string_view, const Choice*>, std::less<>> choices;  // list, name
    std::vector<Table> tables;
    std::map<const Item*, std::size_t> table_of_repeat;
    std::vector<Names> names;  // of columns, a table
    Names files;

    const std::vector<Choice>& list(const Item& question) const;
    void add_columns(const std::vector<Item>& items, std::size_t table, const std::string& groups);
    void add_column(std::size_t table, const std::string& name, const std::string& groups);
    void add_table(const Item& repeat, const std::string& groups);

    struct Rows {
        std::span<std::string> done;
        const Submission& submission;
    };
    void fields(const std::vector<Item>& items, const Nodes* nodes, const std::string& key,
                const std::string& path, std::string& row, Rows& rows) const;
    void answer_fields(const Item& question, const Answer& answer, const std::string& submission,
                       std::string& row) const;
};

const std::vector<Choice>& CsvTables::Layout::list(const Item& question) const {
    static const std::vector<Choice> none;
    const auto found = std::ranges::find(form->lists, question.list, &schema::ChoiceList::name);
    return found == form->lists.end() ? none : found->choices;
}

void CsvTables::Layout::add_column(std::size_t table, const std::string& name, const std::string& groups) {
    tables[table].header += "," + csv_field(names[table].take(name, groups + name));
}

void CsvTables::Layout::add_table(const Item& repeat, const std::string& groups) {
    const std::size_t table = tables.size();
    const std::string file =
        files.take("survey-" + safe_file_part(repeat.name), "survey-" + safe_file_part(groups + repeat.name));
    tables.push_back({file + ".csv", "KEY"});
    names.emplace_back();
    names[table].take("KEY", "KEY");
    table_of_repeat[&repeat] = table;
    add_column(table, "PARENT_KEY", "");
    add_columns(repeat.children, table, "");
    tables[table].header += '\n';
}

void CsvTables::Layout::add_columns(const std::vector<Item>& items, std::size_t table,
                                    const std::string& groups) {
    for (const Item& item : items) {
        if (!recorded(item)) continue;
        if (item.kind == ItemKind::group) {
            add_columns(item.children, table, groups + item.name + "-");
        } else if (item.kind == ItemKind::repeat) {
            add_table(item, groups);
        } else if (choices_unknown(item)) {
            add_column(table, item.name, groups);
            add_column(table, item.name + "__miss", groups);
        } else if (item.type == QuestionType::rank) {
            add_column(table, item.name, groups);
            for (std::size_t place = 1; place <= list(item).size(); ++place)
                add_column(table, item.name + "__" + std::to_string(place), groups);
            add_column(table, item.name + "__miss", groups);
        } else if (item.type == QuestionType::select_multiple) {
            for (const Choice& choice : list(item))
                if (!state_of(choice)) add_column(table, item.name + "__" + choice.name, groups);
            add_column(table, item.name + "__miss", groups);
        } else {
            add_column(table, item.name, groups);
            if (item.type != QuestionType::select_one) add_column(table, item.name + "__miss", groups);
        }
    }
}

void CsvTables::Layout::answer_fields(const Item& question, const Answer& answer,
                                      const std::string& submission, std::string& row) const {
    const auto add = [&row](std::string_view field) {
        row += ',';
        row += field;
    };
    const auto& by_name = choices.find(question.list);
    const auto choice_of = [&](std::string_view name) -> const Choice* {
        if (by_name == choices.end()) return nullptr;
        const auto found = by_name->second.find(name);
        return found == by_name->second.end() ? nullptr : found->second;
    };
    const std::string missing = answer.missing ? code_of(*answer.missing) : "";

    const auto export_name = [&](std::string_view name) {
        const Choice* choice = choice_of(name);
        const std::string text = choice ? export_of(*choice) : std::string(name);
        return csv_field(is_plain_number(text) ? text : guarded(text));
    };

    if (choices_unknown(question)) {
        add(csv_field(guarded(answer.value)));
        add(missing);
        return;
    }
    switch (question.type) {
        case QuestionType::select_one:
            add(answer.missing ? missing : export_name(answer.value));
            return;
        case QuestionType::select_multiple: {
            const std::vector<std::string_view> picked = words(answer.value);
            std::string state = missing;
            bool ordinary =
                false;  // picked beside a choice that stands for a state: its 1 is not thrown away
            for (const std::string_view name : picked) {
                const Choice* choice = choice_of(name);
                if (choice && state_of(*choice)) {
                    state = code_of(*state_of(*choice));
                } else {
                    ordinary = true;
                }
            }
            for (const Choice& choice : list(question)) {
                if (state_of(choice)) continue;
                if (!state.empty() && !ordinary) {
                    add(state);
                } else {
                    add(std::ranges::find(picked, choice.name) != picked.end() ? "1" : "0");
                }
            }
            add(state);
            return;
        }
        case QuestionType::rank: {
            const std::vector<std::string_view> order = words(answer.value);
            add(csv_field(guarded(answer.value)));
            for (std::size_t place = 0; place < list(question).size(); ++place)
                add(place < order.size() ? export_name(order[place]) : missing);
            add(missing);
            return;
        }
        case QuestionType::acknowledge:
            add(answer.value.empty() ? "" : "1");
            add(missing);
            return;
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::range:
            add(answer.missing ? missing : csv_field(answer.value));
            add(missing);
            return;
        case QuestionType::text:
        case QuestionType::barcode:
            add(csv_field(guarded(answer.value)));
            add(missing);
            return;
        case QuestionType::date:
        case QuestionType::calculate:  // may hold a typed text, by way of concat()
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
            add(csv_field(is_plain_numbers(answer.value) ? answer.value : guarded(answer.value)));
            add(missing);
            return;
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            add(answer.value.empty() ? "" : csv_field(media_path(submission, answer.value)));
            add(missing);
            return;
        case QuestionType::note:
            return;
    }
}

void CsvTables::Layout::fields(const std::vector<Item>& items, const Nodes* nodes, const std::string& key,
                               const std::string& path, std::string& row, Rows& rows) const {
    static const Answer not_asked{"", Missing::not_asked};
    std::size_t next = 0;  // nodes stand in the form's order, so each search goes on where the last ended
    for (const Item& item : items) {
        if (!recorded(item)) continue;
        const SubmissionNode* node = nullptr;
        if (nodes) {
            for (std::size_t i = 0; i < nodes->size() && !node; ++i) {
                const std::size_t at = (next + i) % nodes->size();
                if ((*nodes)[at].name == item.name) {
                    node = &(*nodes)[at];
                    next = at + 1;
                }
            }
        }
        const std::string here = path + "/" + item.name;
        if (item.kind == ItemKind::group) {
            fields(item.children, node ? std::get_if<Nodes>(&node->content) : nullptr, key, here, row, rows);
        } else if (item.kind == ItemKind::repeat) {
            const Instances* instances = node ? std::get_if<Instances>(&node->content) : nullptr;
            std::string& file = rows.done[table_of_repeat.at(&item)];
            for (std::size_t i = 0; instances && i < instances->size(); ++i) {
                const std::string instance_path = here + "[" + std::to_string(i + 1) + "]";
                const std::string instance_key = rows.submission.id + instance_path;
                std::string instance_row = csv_field(instance_key) + "," + csv_field(key);
                fields(item.children, &(*instances)[i], instance_key, instance_path, instance_row, rows);
                file += instance_row;
                file += '\n';
            }
        } else {
            const Answer* answer = node ? std::get_if<Answer>(&node->content) : nullptr;
            answer_fields(item, answer ? *answer : not_asked, rows.submission.id, row);
        }
    }
}

CsvTables::CsvTables(std::shared_ptr<const Form> form, Salvage salvaged) {
    auto layout = std::make_unique<Layout>();
    layout->salvaged = salvaged;
    layout->form = std::move(form);
    for (const schema::ChoiceList& list : layout->form->lists)
        for (const Choice& choice : list.choices) layout->choices[list.name].emplace(choice.name, &choice);

    layout->files.take("survey", "survey");
    layout->tables.push_back({"survey.csv", "KEY"});
    layout->names.emplace_back();
    layout->names[0].take("KEY", "KEY");
    for (const std::string_view name : provenance_columns) layout->add_column(0, std::string(name), "");
    if (salvaged == Salvage::yes) layout->add_column(0, "SALVAGED", "");
    layout->add_columns(layout->form->items, 0, "");
    layout->tables[0].header += '\n';
    layout_ = std::move(layout);
}

CsvTables::~CsvTables() = default;
CsvTables::CsvTables(CsvTables&&) noexcept = default;

std::span<const CsvTables::Table> CsvTables::tables() const {
    return layout_->tables;
}

void CsvTables::append(const Submission& submission, const Provenance& provenance,
                       std::span<std::string> rows) const {
    assert(rows.size() == layout_->tables.size());
    std::string row = csv_field(submission.id);
    for (const std::string& field : {submission.day, submission.language, submission.version,
                                     provenance.device, provenance.batch, std::to_string(provenance.record)})
        row += "," + csv_field(guarded(field));
    if (layout_->salvaged == Salvage::yes) row += provenance.salvaged ? ",1" : ",0";
    Layout::Rows done{rows, submission};
    layout_->fields(layout_->form->items, &submission.answers, submission.id, "", row, done);
    rows[0] += row;
    rows[0] += '\n';
}

}  // namespace fieldfare::researcher
