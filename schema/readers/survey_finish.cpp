#include "schema/readers/survey_finish.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::string_view last_saved = "__last-saved";

// Where an item stands.
struct Standing {
    Item* item = nullptr;
    std::string path;                  // "/data/group/question"
    std::vector<std::size_t> repeats;  // around it: lengths of their paths, from the outermost
};

class SurveyFinish {
  public:
    SurveyFinish(const Table& table, const SurveyNotes& notes, const Entities& entities, Form& form,
                 Faults& faults)
        : table_(table), notes_(notes), entities_(entities), form_(form), faults_(faults) {}

    void run() {
        walk(form_.items, "/" + form_.settings.root, {});
        check_siblings(form_.items);
        for (const auto& [row, names] : notes_.triggers) add_triggers(row, names);
        for (const auto& [row, name] : notes_.choices_from) take_choices_from(row, name);
        check_searches();
        for (Standing& each : all_) rewrite(each);
        if (!form_.settings.instance_name.empty()) rewrite(form_.settings.instance_name);
        gather_instances();
        check_geometries();
    }

  private:
    void walk(std::vector<Item>& items, const std::string& above, const std::vector<std::size_t>& repeats) {
        for (Item& item : items) {
            Standing here{&item, above + "/" + item.name, repeats};
            if (item.kind == ItemKind::repeat) here.repeats.push_back(here.path.size());
            const std::vector<std::size_t> inside = here.repeats;
            const std::string path = here.path;
            all_.push_back(std::move(here));
            if (!item.children.empty()) walk(item.children, path, inside);
        }
    }

    // Rows get siblings that stand in no row: x_count, x_other, generated notes, groups of loops.
    void check_siblings(const std::vector<Item>& items) {
        std::unordered_set<std::string_view> seen;
        for (const Item& item : items) {
            if (!seen.insert(item.name).second)
                faults_.error(
                    table_.name(), item.row, table_.header("name"),
                    "The name " + shown(item.name) +
                        " comes twice in the same group: a row that is made from another one (the count "
                        "of a repeat, the text of or_other) is called so, too. Rename yours.");
            if (!item.children.empty()) check_siblings(item.children);
        }
    }

    Standing* standing(std::string_view name) {
        if (by_name_.empty())
            for (std::size_t i = 0; i < all_.size(); ++i) by_name_.emplace(all_[i].item->name, i);
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : &all_[found->second];
    }

    Standing* standing(int row) {
        if (by_row_.empty())
            for (std::size_t i = 0; i < all_.size(); ++i) by_row_.emplace(all_[i].item->row, i);
        // Of several items that a row makes, the question itself is named in it.
        const auto [from, to] = by_row_.equal_range(row);
        for (auto each = from; each != to; ++each)
            if (notes_.names.contains(all_[each->second].item->name)) return &all_[each->second];
        return from == to ? nullptr : &all_[from->second];
    }

    void add_triggers(int row, const std::vector<std::string>& names) {
        Standing* target = standing(row);
        for (const std::string& name : names) {
            if (!notes_.questions.contains(name)) {
                faults_.error(table_.name(), row, table_.header("trigger"),
                              "There is no question ${" + name + "}. Correct the name, or add its row.");
                continue;
            }
            Standing* question = standing(name);
            if (!target || !question) continue;
            if (question->item->type == QuestionType::calculate) {
                faults_.error(table_.name(), row, table_.header("trigger"),
                              "The question ${" + name +
                                  "} is never shown, so it can't trigger anything. Name one that is asked.");
                continue;
            }
            if (target->item->parameters.contains("odk:setgeopoint")) {
                target->item->parameters["trigger"] +=
                    (target->item->parameters["trigger"].empty() ? "" : " ") + name;
                continue;
            }
            SetValue action;
            action.events = {Event::value_changed};
            action.ref = target->path;
            action.value = target->item->calculation;
            action.row = row;
            question->item->actions.push_back(std::move(action));
        }
        if (target) target->item->calculation.clear();
    }

    // The instances of the innermost repeat around `to`, seen from a question. Where a repeat holds both, the
    // way leads from there, so that only its instance's own are meant.
    static std::string path_from(const Standing& from, const Standing& to, const std::string& path) {
        std::size_t shared = 0;
        for (std::size_t i = 0; i < from.repeats.size() && i < to.repeats.size(); ++i)
            if (from.repeats[i] == to.repeats[i] &&
                from.path.compare(0, from.repeats[i], to.path, 0, to.repeats[i]) == 0)
                shared = from.repeats[i];
        if (shared == 0) return path;
        if (shared == to.repeats.back()) shared = from.path.rfind('/', shared - 1);
        std::string out;
        for (std::size_t i = shared; i < from.path.size(); ++i)
            if (from.path[i] == '/') out += "../";
        return out + path.substr(shared + 1);
    }

    void take_choices_from(int row, const std::string& name) {
        Standing* select = standing(row);
        const Standing* question = standing(name);
        if (!select || !question) {
            faults_.error(table_.name(), row, table_.header("type"),
                          "There is no question ${" + name + "} to take choices from. Correct the name.");
            return;
        }
        const std::string above = question->path.substr(0, question->path.rfind('/'));
        Item& item = *select->item;
        const std::string nodeset = question->repeats.empty() ? above : path_from(*select, *question, above);
        std::string filter = item.choice_filter;
        if (filter.empty()) filter = "./" + name + " != ''";
        // In the filter a question of the same repeat is the one of the instance that is looked at.
        std::string out;
        std::size_t at = 0;
        for (const Reference& reference : references_in(filter)) {
            const Standing* other = reference.name.empty() ? nullptr : standing(reference.name);
            if (!other || !other->path.starts_with(above + "/")) continue;
            out += filter.substr(at, reference.begin - at) + "." + other->path.substr(above.size());
            at = reference.begin + reference.length;
        }
        item.itemset = {nodeset + "[" + out + filter.substr(at) + "]", name, name};
        item.choice_filter.clear();
    }

    void check_searches() {
        std::map<std::string, bool> searched;  // list -> a question uses it without search()
        const auto searches = [](const Item& item) {
            const std::size_t at = item.appearance.find("search");
            if (at == std::string::npos) return false;
            const std::size_t open = item.appearance.find_first_not_of(' ', at + 6);
            return open != std::string::npos && item.appearance[open] == '(' &&
                   (at == 0 || item.appearance[at - 1] == ' ');
        };
        for (const Standing& each : all_)
            if (searches(*each.item) && !each.item->list.empty()) searched.emplace(each.item->list, false);
        for (const Standing& each : all_) {
            const Item& item = *each.item;
            if (searches(item) && !item.itemset.nodeset.empty())
                faults_.error(
                    table_.name(), item.row, table_.header("appearance"),
                    "The choices already come from a file, so search() can't bring others. Remove it, or "
                    "write select_one with a list.");
            if (item.list.empty() || searches(item) || item.type == QuestionType::range) continue;
            if (!searched.contains(item.list)) continue;
            faults_.error(table_.name(), item.row, table_.header("type"),
                          "Another question uses the list " + shown(item.list) +
                              " with search(), this one without. Give one of them a list of its own.");
        }
        for (const auto& [list, without] : searched) search_lists_.insert(list);
    }

    void rewrite(Standing& each) {
        Item& item = *each.item;
        for (std::string* text :
             {&item.relevant, &item.constraint, &item.required, &item.read_only, &item.calculation,
              &item.default_value, &item.choice_filter, &item.repeat_count, &item.itemset.nodeset})
            rewrite(*text);
        for (Text* texts :
             {&item.label, &item.hint, &item.guidance_hint, &item.constraint_message, &item.required_message})
            for (std::string& text : *texts) rewrite(text, true);
        for (SetValue& action : item.actions) rewrite(action.value);
    }

    // ${last-saved#x} and ${instanceID} name no row of the form; XForms have paths for them.
    void rewrite(std::string& text, bool piped = false) {
        if (text.find("${last-saved#") == text.npos && text.find("${instanceID}") == text.npos) return;
        std::string out;
        std::size_t at = 0;
        for (const Reference& reference : references_in(text)) {
            std::string path;
            if (reference.last_saved) {
                const Standing* named = standing(reference.name);
                if (!named) continue;
                path = "instance('" + std::string(last_saved) + "')" + named->path;
                uses_last_saved_ = true;
            } else if (reference.name == "instanceID" && !notes_.names.contains("instanceID")) {
                path = "/" + form_.settings.root + "/meta/instanceID";
            } else {
                continue;
            }
            out += text.substr(at, reference.begin - at) + (piped ? "${" + path + "}" : " " + path + " ");
            at = reference.begin + reference.length;
        }
        text = out + text.substr(at);
    }

    void gather_instances() {
        std::vector<SurveyNotes::Instance> instances = notes_.instances;
        for (const Standing& each : all_) gather_pulldata(*each.item, instances);
        std::unordered_map<std::string, std::string> sources;
        std::unordered_set<std::string> of_rows;
        for (const SurveyNotes::Instance& each : instances) {
            const auto place = [&](std::string sentence) {
                faults_.error(table_.name(), each.row, table_.header("type"), std::move(sentence));
            };
            if (each.of_row && !of_rows.insert(each.id).second) {
                place("The file " + shown(each.id) + " stands in another row already. Remove one of them.");
                continue;
            }
            const auto [known, fresh] = sources.emplace(each.id, each.source);
            if (!fresh) {
                if (known->second != each.source)
                    place("Two files would be called " + shown(each.id) + " in expressions: " +
                          known->second + " and " + each.source + ". Rename one of them.");
                continue;
            }
            const bool list =
                std::any_of(form_.lists.begin(), form_.lists.end(), [&](const ChoiceList& of_sheet) {
                    return of_sheet.name == each.id && !search_lists_.contains(of_sheet.name);
                });
            if (list)
                place("The file " + shown(each.source) + " and the list " + shown(each.id) +
                      " of the choices sheet would be called the same in expressions. Rename one of them.");
            form_.instances.push_back({each.id, each.source, {}});
        }
        if (uses_last_saved_)
            form_.instances.push_back({std::string(last_saved), "jr://instance/last-saved", {}});
    }

    // pulldata('file', …) reads file.csv.
    static void gather_pulldata(const Item& item, std::vector<SurveyNotes::Instance>& out) {
        for (const std::string* text : {&item.calculation, &item.constraint, &item.read_only, &item.required,
                                        &item.relevant, &item.choice_filter, &item.default_value})
            for (std::size_t at = text->find("pulldata"); at != text->npos;
                 at = text->find("pulldata", at + 8)) {
                std::size_t open = at + 8;
                while (open < text->size() && (*text)[open] == ' ') ++open;
                if (open >= text->size() || (*text)[open] != '(') continue;
                const std::size_t comma = text->find(',', open);
                if (comma == text->npos) continue;
                std::string id = trimmed(std::string_view(*text).substr(open + 1, comma - open - 1));
                std::erase_if(id, [](char c) { return c == '\'' || c == '"'; });
                out.push_back({trimmed(id), "jr://file-csv/" + trimmed(id) + ".csv", item.row, false});
            }
    }

    // The map of a geo question shows these, too. Instances of a repeat without a place are left out.
    static void take_geometries(Item* item, const std::string& nodeset, std::string value,
                                std::string label) {
        std::string filter = item->choice_filter;
        if (filter.empty() && value == "geometry") filter = "./geometry != ''";
        if (!filter.empty()) filter = "[" + filter + "]";
        item->itemset = {nodeset + filter, std::move(value), std::move(label)};
        item->choice_filter.clear();
    }

    void check_geometries() {
        for (const SurveyNotes::Target& each : notes_.geometries) {
            const bool list =
                std::any_of(form_.lists.begin(), form_.lists.end(),
                            [&](const ChoiceList& of_sheet) { return of_sheet.name == each.name; });
            const std::string repeat = only_reference(each.name);
            const Standing* named = repeat.empty() ? nullptr : standing(repeat);
            Standing* question = standing(each.row);
            if (named && named->item->kind == ItemKind::repeat) {
                if (question) take_geometries(question->item, named->path, "geometry", "geometry");
                continue;
            }
            if (list || notes_.files.contains(each.name) || entities_.has(each.name)) {
                if (question)
                    take_geometries(question->item, "instance('" + each.name + "')/root/item", "name",
                                    "label");
                continue;
            }
            faults_.error(
                table_.name(), each.row, each.header,
                "reference-geometry names a choice list, a list of entities, a file of the form without its "
                "ending, or a repeat, ${name}; " +
                    shown(each.name) + " is none of them.");
        }
    }

    const Table& table_;
    const SurveyNotes& notes_;
    const Entities& entities_;
    Form& form_;
    Faults& faults_;
    std::vector<Standing> all_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::unordered_multimap<int, std::size_t> by_row_;
    std::unordered_set<std::string> search_lists_;
    bool uses_last_saved_ = false;
};

}  // namespace

void finish_survey(const Table& table, const SurveyNotes& notes, const Entities& entities, Form& form,
                   Faults& faults) {
    SurveyFinish(table, notes, entities, form, faults).run();
}

}  // namespace fieldfare::schema::readers
