#include "schema/readers/survey_sheet.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/column_rules.h"
#include "schema/readers/names.h"
#include "schema/readers/question_row.h"
#include "schema/readers/survey_loop.h"
#include "schema/readers/type_cell.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

// A begin row whose end has not come yet; the first stands for the form itself.
struct Open {
    Item item;
    bool loop = false;
    std::string list = {};                              // of a loop
    std::unordered_map<std::string, int> names = {};    // of its children: name -> row
    std::unordered_map<std::string, int> lowered = {};  // the same in small letters
};

class SurveyReader {
  public:
    SurveyReader(const Table& table, Languages& languages, const BesideSurvey& beside, Entities& entities,
                 Form& form, Faults& faults)
        : table_(table),
          beside_(beside),
          entities_(entities),
          form_(form),
          faults_(faults),
          questions_(table, languages, form.lists, faults) {
        if (!beside.external_choices) return;
        for (const Row& row : beside.external_choices->rows())
            external_lists_.insert(std::string(beside.external_choices->cell(row, "list_name")));
    }

    SurveyNotes read() {
        const std::string& sheet = table_.name();
        if (!table_.find("type")) {
            faults_.error(sheet, table_.header_row(), "type",
                          "The sheet has no column type. Add it to the header row.");
            return {};
        }
        open_.emplace_back();
        for (const Row& row : table_.rows()) read_row(row);
        while (open_.size() > 1) {
            const Item& item = open_.back().item;
            const std::string word = word_for(item.kind, open_.back().loop);
            faults_.error(sheet, item.row, table_.header("type"),
                          "The begin_" + word + " " + shown(item.name) + " is never closed. Add a row end_" +
                              word + " after its last question.");
            close();
        }
        form_.items = std::move(open_.front().item.children);
        if (!meta_.children.empty()) form_.items.push_back(std::move(meta_));
        return std::move(notes_);
    }

  private:
    static std::string word_for(ItemKind kind, bool loop) {
        return loop ? "loop" : std::string(word_of(kind));
    }

    void error(const Row& row, std::string_view key, std::string message) {
        questions_.error(row, key, std::move(message));
    }

    std::vector<Item>& siblings() { return open_.back().item.children; }

    void read_row(const Row& row) {
        if (const auto cell = table_.cell(row, "disabled"); !cell.empty()) {
            questions_.warning(row, "disabled",
                               "The column disabled is no part of XLSForm any more. Use relevant instead.");
            if (parse_yes_no(cell).value_or(false)) return;
        }
        const auto type = table_.cell(row, "type");
        if (type.empty()) {
            read_row_without_type(row);
            return;
        }
        const TypeCell parsed = parse_type(type);
        read_trigger(row);
        std::visit([&](const auto& each) { read_typed(row, each); }, parsed);
    }

    void read_typed(const Row& row, const PlainRow& type) {
        if (type.type->preload_parameters == "subscriberid" || type.type->preload_parameters == "simserial")
            questions_.warning(row, "type",
                               "Only old versions of ODK Collect on old devices fill in " +
                                   std::string(type.type->preload_parameters) + ".");
        Item item = questions_.read(row, type);
        if (item.name.empty() && item.type == QuestionType::note && type.type->word == "note")
            item.name = "generated_note_name_" + std::to_string(row.number);
        if (type.type->word == "image" || type.type->word == "photo")
            if (!item.bind_attributes.contains("orx:max-pixels"))
                questions_.warning(
                    row, "parameters",
                    "Write max-pixels=… to keep pictures small in ODK Collect; Fieldfare takes "
                    "them as they are.");
        if (const auto geometry = item.parameters.find("reference-geometry");
            geometry != item.parameters.end())
            notes_.geometries.push_back({geometry->second, row.number, table_.header("parameters")});
        add_question(row, std::move(item));
    }

    void read_typed(const Row& row, const OsmRow& type) { add_question(row, questions_.read(row, type)); }

    void read_typed(const Row& row, const AuditRow&) {
        meta().children.push_back(questions_.read_audit(row));
    }

    void read_typed(const Row& row, const SettingRow& type) {
        const std::string value = collapsed(table_.cell(row, "name"));
        (type.key == "form_id" ? form_.settings.form_id : form_.settings.form_title) = value;
    }

    void read_typed(const Row& row, const RefusedRow& type) {
        error(row, "type", type.sentence);
        remember_name(row);
    }

    void read_typed(const Row& row, const ExternalRow& type) {
        Item item;
        item.name = collapsed(table_.cell(row, "name"));
        item.row = row.number;
        if (!check_name(row, item)) return;
        const bool repeated = open_.size() <= deepest_group + 1 &&
                              std::any_of(open_.begin(), open_.end(), [](const Open& each) {
                                  return each.item.kind == ItemKind::repeat;
                              });
        if (repeated)
            error(row, "type",
                  "A file beside the form belongs to the whole form. Move this row out of the repeat.");
        notes_.questions.insert(item.name);
        const std::string file = item.name + "." + type.extension;
        notes_.instances.push_back({item.name, external_source(file), row.number, true});
        notes_.files.insert(item.name);
    }

    void read_typed(const Row& row, const SelectRow& type) {
        Item item = questions_.read(row, type);
        if (type.from == ChoicesFrom::file) {
            notes_.instances.push_back({file_stem(type.list), external_source(type.list), row.number, false});
            notes_.files.insert(file_stem(type.list));
        }
        if (type.from == ChoicesFrom::question) notes_.choices_from[row.number] = only_reference(type.list);
        if (type.from == ChoicesFrom::external_sheet) check_external_list(row, type);
        if (type.from == ChoicesFrom::sheet && form_.lists.empty() && !beside_.no_choices_hint.empty())
            error(row, "type", "There is no sheet named choices." + beside_.no_choices_hint);
        if (table_list_) take_table_list(row, type, item);
        const std::string name = item.name;
        if (!add_question(row, std::move(item)) || !type.or_other) return;
        add_other(row, type);
        Item other;
        other.name = name + "_other";
        other.row = row.number;
        other.label = Text(std::max<std::size_t>(1, form_.languages.size()), "Specify other.");
        other.relevant = "selected(../" + name + ", 'other')";
        siblings().push_back(std::move(other));
    }

    void read_typed(const Row& row, const BeginRow& type) {
        Item item = questions_.read(row, type);
        check_name(row, item);
        remember_entities(row, item.name, true, false);
        if (open_.size() == deepest_group + 1)
            error(row, "type",
                  "Groups stand in groups more than " + std::to_string(deepest_group) +
                      " deep here. Bring the form into a flatter shape.");
        if (item.kind == ItemKind::repeat) {
            check_repeat_name(row, item.name);
            item.initial.emplace_back();  // as in pyxform's XForm
        }
        if (type.loop) {
            if (type.list.empty())
                error(row, "type",
                      "The row names no choice list. Write begin_loop over and the list's name.");
            else if (!questions_.list(type.list))
                error(row, "type",
                      "The choices sheet has no list " + shown(type.list) + "." +
                          questions_.nearest_list(type.list));
        }
        if (!item.repeat_count.empty() && only_reference(item.repeat_count).empty()) add_count(item);
        begin_table_list(item);
        open_.push_back({std::move(item), type.loop, type.list});
    }

    void read_typed(const Row& row, const EndRow& type) {
        remember_entities(row, "", false, true);
        table_list_.reset();
        const std::string word = word_for(type.kind, type.loop);
        if (open_.size() == 1) {
            error(row, "type",
                  "This end_" + word +
                      " closes nothing: every begin row above it is closed already. Remove it, or add "
                      "the begin_" +
                      word + " that it belongs to.");
            return;
        }
        const Item& begun = open_.back().item;
        const std::string begun_word = word_for(begun.kind, open_.back().loop);
        const std::string name = collapsed(table_.cell(row, "name"));
        if (begun_word != word) {
            error(row, "type",
                  "This end_" + word + " meets the begin_" + begun_word + " " + shown(begun.name) +
                      " of row " + std::to_string(begun.row) + ". Write end_" + begun_word +
                      ", or close that one first.");
        } else if (!name.empty() && name != begun.name) {
            // pyxform does not look at this name; yet it often shows a begin row that stands wrong.
            questions_.warning(row, "name",
                               "This end_" + word + " names " + shown(name) + " but closes " +
                                   shown(begun.name) + " of row " + std::to_string(begun.row) +
                                   ". Correct or clear the name, or close that one first.");
        }
        close();
    }

    // As pyxform: a row that says nothing that would be asked is a remark, another lacks its type.
    void read_row_without_type(const Row& row) {
        const bool named = !table_.cell(row, "name").empty();
        bool labelled = false, anything = false;
        for (const Cell& cell : row.cells) {
            const Column* column = table_.at(cell.column);
            labelled |= column && column->key == "label";
            anything |= column && column->meaning == Meaning::known;
        }
        if (named || labelled) {
            error(row, "type", "The row has no type. Write one, e.g. text or note, or clear the row.");
            remember_name(row);
            return;
        }
        if (anything)
            questions_.warning(row, "type",
                               "The row has neither type nor name nor label, so it is not read.");
    }

    void read_trigger(const Row& row) {
        const auto cell = table_.cell(row, "trigger");
        if (cell.empty()) return;
        std::vector<std::string> names;
        std::string_view rest = cell;
        for (bool more = true; more;) {
            const std::size_t comma = rest.find(',');
            const std::string_view part = rest.substr(0, comma);
            more = comma != rest.npos;
            if (more) rest.remove_prefix(comma + 1);
            const auto found = references_in(part);
            if (found.size() > 1) {
                error(row, "trigger", "Between two names of a trigger stands a comma: ${a}, ${b}.");
                return;
            }
            for (const Reference& reference : found) {
                if (reference.name.empty()) {
                    error(row, "trigger", shown(part) + " names no question. Write ${name}.");
                    return;
                }
                names.push_back(reference.name);
            }
        }
        if (cell.find("${") == cell.npos)
            error(row, "trigger", "A trigger is one question or more, ${name}; " + shown(cell) + " is none.");
        notes_.triggers[row.number] = std::move(names);
    }

    bool add_question(const Row& row, Item item) {
        const bool sound = check_name(row, item);
        remember_entities(row, item.name, false, false);
        if (!sound) return false;
        notes_.questions.insert(item.name);
        siblings().push_back(std::move(item));
        return true;
    }

    void remember_entities(const Row& row, const std::string& name, bool begin, bool end) {
        const std::string save_to = collapsed(table_.cell(row, "save_to"));
        if ((save_to.empty() && !entities_.any()) || open_.size() > deepest_group + 1) return;
        std::vector<EntityContainer> path;
        for (std::size_t i = 1; i < open_.size(); ++i)
            path.push_back({open_[i].item.name, open_[i].item.kind == ItemKind::repeat});
        std::string fault = entities_.take_row(row.number, save_to, name, std::move(path), begin || end);
        if (!fault.empty()) error(row, "save_to", std::move(fault));
    }

    // A count that is no single ${name} is worked out in a row of its own, as pyxform does.
    void add_count(Item& item) {
        Item count;
        count.type = QuestionType::calculate;
        count.name = item.name + "_count";
        count.row = item.row;
        count.calculation = item.repeat_count;
        count.read_only = "true()";
        item.repeat_count = "${" + count.name + "}";
        siblings().push_back(std::move(count));
    }

    void begin_table_list(Item& item) {
        const auto words = words_of(item.appearance);
        if (std::find(words.begin(), words.end(), "table-list") == words.end()) return;
        table_list_ = "";
        item.appearance = "field-list";
        for (const std::string& word : words)
            if (word != "table-list") item.appearance += " " + word;
        if (item.label.empty() && item.hint.empty()) return;
        Item note;
        note.type = QuestionType::note;
        note.name = "generated_table_list_label_" + std::to_string(item.row);
        note.row = item.row;
        note.label = std::move(item.label);
        note.hint = std::move(item.hint);
        item.label.clear();
        item.hint.clear();
        item.children.push_back(std::move(note));
    }

    void take_table_list(const Row& row, const SelectRow& type, Item& item) {
        if (table_list_->empty()) {
            table_list_ = type.list;
            if (!item.choice_filter.empty())
                error(row, "choice_filter", "A choice_filter does not go with table-list. Clear the cell.");
            Item header;
            header.type = type.type;
            header.name = "reserved_name_for_field_list_labels_" + std::to_string(row.number);
            header.row = row.number;
            header.appearance = "label";
            header.list = item.list;
            siblings().push_back(std::move(header));
        }
        if (*table_list_ != type.list)
            error(row, "type",
                  "All questions of a table-list have the same choices; the first has " +
                      shown(*table_list_) + ", this one " + shown(type.list) + ".");
        item.appearance = "list-nolabel";
    }

    void check_external_list(const Row& row, const SelectRow& type) {
        if (external_lists_.empty())
            error(row, "type",
                  "There is no sheet external_choices with the columns list_name and name." +
                      beside_.no_external_choices_hint);
        else if (!external_lists_.contains(type.list))
            error(row, "type", "The sheet external_choices has no list " + shown(type.list) + ".");
    }

    void add_other(const Row& row, const SelectRow& type) {
        if (!table_.cell(row, "choice_filter").empty())
            error(row, "choice_filter",
                  "A choice_filter does not go with or_other. Add the choice other yourself.");
        const auto list = std::find_if(form_.lists.begin(), form_.lists.end(),
                                       [&](const ChoiceList& each) { return each.name == type.list; });
        if (list == form_.lists.end() || list->choices.empty()) {
            if (type.from != ChoicesFrom::sheet)
                error(row, "type", "or_other needs a list of the choices sheet.");
            return;
        }
        if (form_.languages.size() > 1)
            questions_.warning(row, "type",
                               "What or_other adds is not translated. Better add a choice other, and a text "
                               "question after this row.");
        if (std::any_of(list->choices.begin(), list->choices.end(),
                        [](const Choice& choice) { return choice.name == "other"; }))
            return;
        Choice other;
        other.name = "other";
        other.label = Text(std::max<std::size_t>(1, form_.languages.size()), "Other");
        list->choices.push_back(std::move(other));
    }

    static std::size_t count(const std::vector<Item>& items) {
        std::size_t out = items.size();
        for (const Item& item : items) out += count(item.children);
        return out;
    }

    void unroll(Open& loop) {
        constexpr std::size_t most_rows = 200'000;
        const ChoiceList* list = questions_.list(loop.list);
        if (!list) return;
        unrolled_ += list->choices.size() * (1 + count(loop.item.children));
        if (unrolled_ <= most_rows)
            loop.item.children = unrolled(loop.item, *list);
        else if (!std::exchange(told_of_loops_, true))
            faults_.error(table_.name(), loop.item.row, table_.header("type"),
                          "The loops of the form stand for more than 200,000 rows. Use a repeat instead.");
    }

    Item& meta() {
        meta_.kind = ItemKind::group;
        meta_.name = "meta";
        return meta_;
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        if (open_.size() > deepest_group + 1) return;
        if (done.loop) unroll(done);
        siblings().push_back(std::move(done.item));
    }

    // A refused row still takes its name, so that one fault does not bring others after it.
    void remember_name(const Row& row) {
        const std::string name = collapsed(table_.cell(row, "name"));
        open_.back().names.emplace(name, row.number);
        notes_.names.emplace(name, 1);
        notes_.questions.insert(name);
    }

    bool check_name(const Row& row, const Item& item) {
        if (item.name.empty()) {
            error(row, "name",
                  "The " + std::string(word_of(item.kind)) +
                      " has no name. Give it a short one without spaces.");
            return false;
        }
        const std::size_t colon = item.name.find(':');
        const bool prefixed = colon != std::string::npos && is_name(item.name.substr(0, colon)) &&
                              is_name(item.name.substr(colon + 1));
        if (!is_name(item.name) && !prefixed) {
            error(row, "name", "The name " + shown(item.name) + " is not valid. " + std::string(name_rule));
            return false;
        }
        if (prefixed)
            faults_.not_for_studies(table_.name(), row.number, table_.header("name"),
                                    "The name " + shown(item.name) + " holds a colon. Use an underscore.");
        if (item.name.size() > 250) {
            error(row, "name", "The name is longer than 250 bytes. Shorten it.");
            return false;
        }
        ++notes_.names[item.name];
        if (item.name == "meta") {
            error(row, "name", "The name 'meta' is reserved by XForms. Choose another.");
            return false;
        }
        const auto [sibling, first_here] = open_.back().names.emplace(item.name, row.number);
        if (!first_here) {
            error(row, "name",
                  "The name " + shown(item.name) + " stands in row " + std::to_string(sibling->second) +
                      " already. Give each question, group and repeat its own.");
            return false;
        }
        const auto [like, first_like] = open_.back().lowered.emplace(lower(item.name), row.number);
        if (!first_like)
            questions_.warning(row, "name",
                               "The name " + shown(item.name) + " differs from that of row " +
                                   std::to_string(like->second) +
                                   " only in capitals, which some programs of analysis don't tell apart.");
        const auto [other, first] = everywhere_.emplace(item.name, row.number);
        if (!first)
            questions_.warning(row, "name",
                               "The name " + shown(item.name) + " stands in row " +
                                   std::to_string(other->second) +
                                   " too, in another group: no expression can name either of them.");
        return true;
    }

    void check_repeat_name(const Row& row, const std::string& name) {
        if (name == form_.settings.root)
            error(row, "name", "A repeat can't be called " + shown(name) + " as the form itself is.");
        const auto [other, first] = repeats_.emplace(name, row.number);
        if (!first && !name.empty())
            error(row, "name",
                  "The name " + shown(name) + " is that of the repeat in row " +
                      std::to_string(other->second) +
                      ". The name of a repeat must be the only one of its kind in the form.");
    }

    const Table& table_;
    const BesideSurvey& beside_;
    Entities& entities_;
    Form& form_;
    Faults& faults_;
    QuestionReader questions_;
    SurveyNotes notes_;
    Item meta_;
    std::vector<Open> open_;
    std::size_t unrolled_ = 0;  // rows that loops stand for
    bool told_of_loops_ = false;
    std::optional<std::string> table_list_;  // "": begun, its first select has not come
    std::set<std::string> external_lists_;
    std::unordered_map<std::string, int> everywhere_, repeats_;  // name -> row
};

}  // namespace

SurveyNotes read_survey(const Table& table, Languages& languages, const BesideSurvey& beside,
                        Entities& entities, Form& form, Faults& faults) {
    return SurveyReader(table, languages, beside, entities, form, faults).read();
}

}  // namespace fieldfare::schema::readers
