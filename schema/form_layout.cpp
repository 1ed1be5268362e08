#include <algorithm>
#include <set>
#include <unordered_set>

#include "schema/form_compiler.h"

namespace fieldfare::schema {
namespace {

// XML's rule for names, "prefix:name" too, taking every character outside ASCII for a letter; "@name" is an
// attribute.
bool valid_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    if (const std::size_t colon = name.find(':');
        colon != std::string_view::npos && colon + 1 < name.size()) {
        if (!valid_name(name.substr(0, colon))) return false;
        name.remove_prefix(colon + 1);
    }
    if (name.empty() || !letter(name[0])) return false;
    return std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

}  // namespace

bool is_attribute(const Item& item) {
    return item.name.starts_with('@');
}

bool is_select(const Item& item) {
    return item.kind == ItemKind::question &&
           (item.type == QuestionType::select_one || item.type == QuestionType::select_multiple ||
            item.type == QuestionType::rank);
}

bool is_plain_name(std::string_view text) {
    return valid_name(text);
}

namespace {

class Layout {
  public:
    explicit Layout(FormCompiler& compiler) : compiler_(compiler), parts_(compiler.parts) {}

    void run() {
        const TemplateId root = add(NodeKind::root, nullptr, none, 0);
        parts_.scopes.push_back({root, none, 0, {root}});
        children(parts_.form->items, root, 1);
        parts_.templates[root].end = static_cast<TemplateId>(parts_.templates.size());
        if (given_nodes_ > max_instance_nodes)
            compiler_.fault_at({compiler_.file, "", 0, ""},
                               "the repeats of the form begin with more than 1,000,000 rows in all; give "
                               "them fewer instances");
    }

  private:
    TemplateId add(NodeKind kind, const Item* item, TemplateId parent, ScopeId scope) {
        const auto id = static_cast<TemplateId>(parts_.templates.size());
        Template node;
        node.kind = kind;
        node.item = item;
        node.parent = parent;
        node.scope = scope;
        if (parent != none) {
            const Template& above = parts_.templates[parent];
            const bool opens = kind == NodeKind::instance;
            node.slot = opens ? 0 : static_cast<std::uint32_t>(parts_.scopes[scope].slots.size());
            if (!opens) parts_.scopes[scope].slots.push_back(id);
            node.gate = above.gate;
            node.shown = above.shown && item->extension.empty();
        }
        parts_.templates.push_back(node);
        if (scope != 0) given_nodes_ = std::min(given_nodes_ + given_instances_, max_instance_nodes + 1);
        return id;
    }

    void children(const std::vector<Item>& items, TemplateId parent, int depth) {
        if (depth > max_group_depth) {
            compiler_.fault(items.front(), "type",
                            "groups nest deeper than " + std::to_string(max_group_depth) + " levels");
            return;
        }
        std::unordered_set<std::string_view> seen(items.size());
        const ScopeId scope = parts_.templates[parent].scope;
        for (const Item& item : items) {
            if (!valid_name(is_attribute(item) ? std::string_view(item.name).substr(1) : item.name)) {
                compiler_.fault(item, "name",
                                item.name.empty()
                                    ? "the row has no name"
                                    : "“" + item.name +
                                          "” cannot be a name: it must begin with a letter or an "
                                          "underscore and hold only letters, digits, “-”, “.” and “_”");
            } else if (!seen.insert(item.name).second) {
                compiler_.fault(item, "name", "the name “" + item.name + "” stands twice in the same group");
            }
            check(item);
            row(item, parent, scope, depth);
        }
    }

    void row(const Item& item, TemplateId parent, ScopeId scope, int depth) {
        switch (item.kind) {
            case ItemKind::question: {
                const TemplateId id = add(NodeKind::question, &item, parent, scope);
                name(item, id);
                select(item, id);
                if (item.fill != Fill::none && scope != 0)
                    compiler_.fault(item, "x_fill",
                                    "a row that the program fills in cannot stand in a repeat");
                if (!item.children.empty()) children(item.children, id, depth + 1);
                parts_.templates[id].end = static_cast<TemplateId>(parts_.templates.size());
                return;
            }
            case ItemKind::group: {
                const TemplateId id = add(NodeKind::group, &item, parent, scope);
                name(item, id);
                children(item.children, id, depth + 1);
                parts_.templates[id].end = static_cast<TemplateId>(parts_.templates.size());
                return;
            }
            case ItemKind::repeat: {
                const TemplateId id = add(NodeKind::repeat, &item, parent, scope);
                name(item, id);
                const std::size_t around = given_instances_;
                given_instances_ = std::min(around * item.initial.size(), max_instance_nodes + 1);
                const auto inner = static_cast<ScopeId>(parts_.scopes.size());
                const TemplateId instance = add(NodeKind::instance, &item, id, inner);
                parts_.scopes.push_back({instance, scope, parts_.scopes[scope].depth + 1, {instance}});
                children(item.children, instance, depth + 1);
                parts_.templates[instance].end = static_cast<TemplateId>(parts_.templates.size());
                parts_.templates[id].end = parts_.templates[instance].end;
                given_instances_ = around;
                return;
            }
        }
    }

    void name(const Item& item, TemplateId id) { parts_.names[item.name].push_back(id); }

    void select(const Item& item, TemplateId id) {
        if (!is_select(item) || !item.itemset.nodeset.empty()) return;
        const auto found = parts_.list_names.find(item.list);
        if (found != parts_.list_names.end())
            parts_.templates[id].list = found->second;
        else
            compiler_.fault(item, "type",
                            item.list.empty()
                                ? "a select needs the name of a choice list behind its type"
                                : "there is no choice list “" + item.list + "” on the choices sheet");
    }

    void check(const Item& item) {
        const bool question = item.kind == ItemKind::question;
        const bool calculate = question && item.type == QuestionType::calculate;
        if (item.fill != Fill::none && !calculate)
            compiler_.fault(item, "x_fill", "only a calculate row can be filled in by the program");
        if (item.fill == Fill::random_arm && item.fill_arguments.empty())
            compiler_.fault(item, "x_fill",
                            "random-arm needs the names of the arms, e.g. “random-arm control treat”");
        if (item.randomize && !is_select(item))
            compiler_.fault(item, "parameters", "only the choices of a select can be randomized");
        if (!item.choice_filter.empty() && !is_select(item))
            compiler_.fault(item, "choice_filter", "only a select can have a choice_filter");
        if (!item.repeat_count.empty() && item.kind != ItemKind::repeat)
            compiler_.fault(item, "repeat_count", "only a repeat can have a repeat_count");
        if (item.initial.size() > max_instances)
            compiler_.fault(item, "", "a repeat can have at most 10,000 instances");
        if (item.max_length && *item.max_length < 1)
            compiler_.fault(item, "x_max_length", "the greatest length must be 1 or more");
    }

    FormCompiler& compiler_;
    CompiledForm::Parts& parts_;
    std::size_t given_instances_ = 1;  ///< of the scope, that the form begins with
    std::size_t given_nodes_ = 0;      ///< in all of them
};

}  // namespace

void FormCompiler::lay_out() {
    const Form& form = *parts.form;
    std::size_t& language = parts.default_language;
    for (std::size_t i = 0; i < form.languages.size(); ++i)
        if (form.languages[i].name == form.settings.default_language) language = i;
    std::set<std::string_view> seen;
    for (const ChoiceList& list : form.lists) {
        const auto place = [&](const Choice& choice, const char* column) {
            return Place{file, "choices", choice.row, column};
        };
        if (!seen.insert(list.name).second)
            fault_at({file, "choices", 0, "list_name"}, "the choice list “" + list.name + "” stands twice");
        parts.list_names.emplace(list.name, static_cast<std::uint32_t>(parts.lists.size()));
        StaticDocument& document = parts.lists.emplace_back();
        std::vector<std::uint32_t>& items = parts.list_items.emplace_back();
        const std::uint32_t root = document.add(document.root(), DocumentNodeKind::element, "root");
        std::set<std::string_view> names;
        for (const Choice& choice : list.choices) {
            if (choice.name.empty()) fault_at(place(choice, "name"), "the choice has no name");
            if (choice.name.find_first_of(" \t\n\r") != std::string::npos)
                fault_at(place(choice, "name"),
                         "“" + choice.name + "” cannot be a choice's name: it must not hold spaces");
            if (!names.insert(choice.name).second)
                fault_at(place(choice, "name"),
                         "the choice “" + choice.name + "” stands twice in the list “" + list.name + "”");
            const std::uint32_t item = document.add(root, DocumentNodeKind::element, "item");
            items.push_back(item);
            document.add(item, DocumentNodeKind::element, "name", choice.name);
            if (language < choice.label.size())
                document.add(item, DocumentNodeKind::element, "label", choice.label[language]);
            // Our own columns are columns, too: other tools see them in the list.
            if (choice.code)
                document.add(item, DocumentNodeKind::element, "code", std::to_string(*choice.code));
            if (choice.pin) document.add(item, DocumentNodeKind::element, "pin", "yes");
            if (choice.exclusive) document.add(item, DocumentNodeKind::element, "exclusive", "yes");
            for (const auto& [column, value] : choice.columns)
                document.add(item, DocumentNodeKind::element, column, value);
        }
    }
    for (const SecondaryInstance& instance : form.instances) {
        const auto index = static_cast<std::uint32_t>(parts.lists.size());
        if (!parts.list_names.emplace(instance.id, index).second)
            fault_at({file, "", 0, ""}, "the instance “" + instance.id + "” stands twice");
        add_instance_nodes(instance, parts.lists.emplace_back());
        parts.list_items.emplace_back();
    }
    Layout(*this).run();
}

// The nodes stand in document order; each goes below the last one that is less deep.
void FormCompiler::add_instance_nodes(const SecondaryInstance& instance, StaticDocument& document) {
    std::vector<std::uint32_t> way{document.root()};
    for (const InstanceNode& node : instance.nodes) {
        const auto depth = static_cast<std::size_t>(std::max(node.depth, 0));
        way.resize(std::min(depth + 1, way.size()));
        if (node.attribute)
            document.add_attribute(way.back(), node.name, node.text);
        else
            way.push_back(document.add(way.back(), DocumentNodeKind::element, node.name, node.text));
    }
}

void FormCompiler::fault_at(Place place, std::string message) {
    message[0] =
        message[0] >= 'a' && message[0] <= 'z' ? static_cast<char>(message[0] - 'a' + 'A') : message[0];
    findings.errors.push_back({std::move(place), std::move(message) + "."});
}

void FormCompiler::fault(const Item& item, std::string column, std::string message) {
    fault_at(place_of(item, std::move(column)), std::move(message));
}

Place FormCompiler::place_of(const Item& item, std::string column) const {
    return {file, "survey", item.row, std::move(column)};
}

TemplateId FormCompiler::resolve(std::string_view name, const Place& place) {
    const auto found = parts.names.find(name);
    if (found == parts.names.end()) {
        fault_at(place, "${" + std::string(name) + "} names no row of the survey sheet");
        return none;
    }
    if (found->second.size() > 1) {
        std::string rows;
        for (const TemplateId id : found->second)
            rows += (rows.empty() ? "" : ", ") + std::to_string(parts.templates[id].item->row);
        fault_at(place, "${" + std::string(name) + "} could mean any of the rows " + rows +
                            "; give them different names");
        return none;
    }
    return found->second.front();
}

CellId FormCompiler::add_cell(TemplateId node, Property property, ExpressionId expression) {
    const auto id = static_cast<CellId>(parts.cells.size());
    Cell cell;
    cell.node = node;
    cell.property = property;
    cell.expression = expression;
    parts.cells.push_back(cell);
    parts.templates[node].cells[static_cast<std::size_t>(property)] = id;
    return id;
}

}  // namespace fieldfare::schema
