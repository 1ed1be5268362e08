#include <algorithm>
#include <array>

#include "schema/form_compiler.h"
#include "schema/functions.h"
#include "schema/regex.h"

namespace fieldfare::schema {
namespace {

// What pyxform takes for yes and no in required and readonly.
bool is_yes(std::string_view text) {
    constexpr std::array<std::string_view, 7> words{"yes", "Yes", "YES", "true", "True", "TRUE", "true()"};
    return std::find(words.begin(), words.end(), text) != words.end();
}
bool is_no(std::string_view text) {
    constexpr std::array<std::string_view, 7> words{"no", "No", "NO", "false", "False", "FALSE", "false()"};
    return std::find(words.begin(), words.end(), text) != words.end();
}

// A default is an expression when it refers to something or calls a function; otherwise it is the value
// itself.
bool is_dynamic(std::string_view text) {
    if (text.find("${") != std::string_view::npos) return true;
    const auto tokens = lex(text);
    if (!tokens) return false;
    return std::any_of(tokens->begin(), tokens->end(), [](const Token& token) {
        return token.kind == TokenKind::function && find_function(token.text);
    });
}

class ExpressionReader {
  public:
    explicit ExpressionReader(FormCompiler& compiler) : compiler_(compiler), parts_(compiler.parts) {}

    void run() {
        for (TemplateId id = 1; id < parts_.templates.size(); ++id) {
            if (parts_.templates[id].kind == NodeKind::repeat)
                repeat(id);
            else
                node(id);
        }
        choice_labels();
        for (const auto& [id, text] : parts_.form->texts)
            this->text(text, 0, "", {compiler_.file, "", 0, id});
        for (const SetValue& action : parts_.form->actions)
            this->action(action, 0, {compiler_.file, "", action.row, "setvalue"});
        const Settings& settings = parts_.form->settings;
        if (!settings.instance_name.empty())
            read(0, settings.instance_name, {compiler_.file, "settings", 2, "instance_name"});
    }

  private:
    // The row's own columns are reported once: by the repeat, not by its instance again.
    void repeat(TemplateId id) {
        const Item& item = *parts_.templates[id].item;
        ExpressionId relevant = read(id, item.relevant, item, "relevant");
        // Where it looks at the instance itself (position(.)), the repeat as a whole is as relevant as what
        // is above.
        if (relevant != no_expression && looks_inside(relevant)) relevant = no_expression;
        gate(id, relevant);
        const ExpressionId count = read(id, item.repeat_count, item, "repeat_count");
        compiler_.add_cell(id, Property::instances, count);
        if (count != no_expression && parts_.ast.nodes[count].kind == AstKind::number &&
            parts_.ast.nodes[count].number > max_instances)
            compiler_.fault(item, "repeat_count", "a repeat can have at most 10,000 instances");
        texts(item, id);
        const TemplateId instance = id + 1;
        const std::size_t faults = compiler_.findings.errors.size();
        const ExpressionId own = read(instance, item.relevant, item, "relevant");
        compiler_.findings.errors.resize(std::min(faults, compiler_.findings.errors.size()));
        gate(instance, own);
        flag(id, Property::read_only, item.read_only, "read_only");
        for (const SetValue& each : item.actions)
            action(each, instance, compiler_.place_of(item, "setvalue"));
    }

    // Whether an expression looks at its context node or below it, and not only from there upwards.
    bool looks_inside(ExpressionId expression) const {
        const AstNode& node = parts_.ast.nodes[expression];
        switch (node.kind) {
            case AstKind::number:
            case AstKind::text:
            case AstKind::reference:
                return false;
            case AstKind::path:
                if (node.start == PathStart::expression && looks_inside(node.target)) return true;
                return node.start == PathStart::context &&
                       (node.count == 0 || parts_.ast.steps[node.first].axis != Axis::parent);
            case AstKind::call:
                if (node.count == 0) return node.contextual;
                break;
            case AstKind::chain:
            case AstKind::negate:
                break;
        }
        const std::uint32_t step = node.kind == AstKind::call ? 1 : 2;  // in chains operators stand between
        for (std::uint32_t i = 0; i < node.count; i += step)
            if (looks_inside(parts_.ast.operands[node.first + i])) return true;
        return false;
    }

    void node(TemplateId id) {
        if (parts_.templates[id].kind == NodeKind::instance) return;  // read with its repeat
        const Item& item = *parts_.templates[id].item;
        gate(id, read(id, item.relevant, item, "relevant"));
        texts(item, id);
        for (const SetValue& each : item.actions) action(each, id, compiler_.place_of(item, "trigger"));
        if (item.kind != ItemKind::question) {
            flag(id, Property::read_only, item.read_only, "read_only");
            return;
        }

        const bool filled = item.fill != Fill::none;
        const ExpressionId calculation =
            filled ? no_expression : read(id, item.calculation, item, "calculation");
        compiler_.add_cell(id, Property::value, calculation);
        parts_.templates[id].keeps_calculated = calculation != no_expression && calls_once_;
        flag(id, Property::required, item.required, "required");
        flag(id, Property::read_only, item.read_only, "read_only");
        if (!item.constraint.empty())
            compiler_.add_cell(id, Property::constraint, read(id, item.constraint, item, "constraint"));
        if (!item.default_is_literal && !item.default_value.empty() && is_dynamic(item.default_value))
            parts_.templates[id].default_value = read(id, item.default_value, item, "default");
        choices(id, item);
    }

    void gate(TemplateId id, ExpressionId relevant) {
        Template& node = parts_.templates[id];
        node.gate = parts_.templates[node.parent].gate;
        const bool hidden = !node.shown && parts_.templates[node.parent].shown;
        // An instance's relevance is always its own: it takes part in what its repeat's expression says of
        // it.
        if (relevant == no_expression && !hidden && node.kind != NodeKind::instance) return;
        node.gate = id;
        const CellId cell = compiler_.add_cell(id, Property::relevant, hidden ? no_expression : relevant);
        parts_.cells[cell].constant = !hidden;
    }

    void flag(TemplateId id, Property property, const std::string& source, const char* column) {
        if (source.empty() || is_no(source)) return;
        const bool yes = is_yes(source);
        const CellId cell = compiler_.add_cell(
            id, property, yes ? no_expression : read(id, source, *parts_.templates[id].item, column));
        parts_.cells[cell].constant = yes;
    }

    // A choice list is the path instance(list)/root/item[choice_filter], so that lists and external instances
    // are searched, indexed and filtered by the same code.
    void choices(TemplateId id, const Item& item) {
        if (!item.itemset.nodeset.empty()) return itemset(id, item);
        if (parts_.templates[id].list == none) return;
        if (item.randomize && item.seed.empty()) parts_.draws_order = true;
        if (!item.seed.empty())
            parts_.templates[id].seed = read(id, item.seed, item, "parameters");
        ExpressionId path = no_expression;
        if (!item.choice_filter.empty()) {
            const Place place = compiler_.place_of(item, "choice_filter");
            const ExpressionId filter = parse(item.choice_filter, place);
            if (filter != no_expression) {
                path = list_path(item.list, filter);
                resolve(path, id, true, place);
            }
        }
        if (path != no_expression || parts_.templates[id].seed != no_expression)
            compiler_.add_cell(id, Property::choices, path);
    }

    void itemset(TemplateId id, const Item& item) {
        const ExpressionId nodes = read(id, item.itemset.nodeset, item, "itemset");
        const Place place = compiler_.place_of(item, "itemset");
        ItemsetParts parts;
        parts.value = seen_from_nodes(id, item.itemset.value, place);
        parts.label = seen_from_nodes(id, item.itemset.label, place);
        parts_.templates[id].itemset = static_cast<std::uint32_t>(parts_.itemsets.size());
        parts_.itemsets.push_back(parts);
        if (!item.seed.empty()) parts_.templates[id].seed = read(id, item.seed, item, "parameters");
        if (item.randomize && item.seed.empty()) parts_.draws_order = true;
        compiler_.add_cell(id, Property::choices, nodes);
    }

    // An expression whose context will be the nodes of an itemset, not its owner.
    ExpressionId seen_from_nodes(TemplateId owner, const std::string& source, const Place& place) {
        if (source.empty()) return no_expression;
        const ExpressionId expression = parse(source, place);
        if (expression != no_expression) resolve(expression, owner, false, place);
        return expression;
    }

    void action(const SetValue& source, TemplateId owner, const Place& place) {
        Action action;
        action.owner = owner;
        action.source = &source;
        action.target = read(owner, source.ref, place);
        const bool one =
            action.target != no_expression && parts_.ast.nodes[action.target].kind == AstKind::reference;
        const TemplateId seen_from = one ? parts_.ast.nodes[action.target].target : owner;
        if (!source.value.empty()) action.value = read(seen_from, source.value, place);
        const auto index = static_cast<std::uint32_t>(parts_.actions.size());
        parts_.actions.push_back(action);
        bool loads = false;
        for (const Event event : source.events) {
            switch (event) {
                case Event::first_load:
                case Event::load:
                    loads = true;
                    break;
                case Event::new_repeat:
                    parts_.instance_actions[instance_around(owner)].push_back(index);
                    break;
                case Event::value_changed:
                    parts_.change_actions[owner].push_back(index);
                    break;
            }
        }
        if (loads) parts_.load_actions.push_back(index);
    }

    TemplateId instance_around(TemplateId id) const {
        return parts_.scopes[parts_.templates[id].scope].instance;
    }

    ExpressionId list_path(const std::string& list, ExpressionId filter) {
        Ast& ast = parts_.ast;
        AstNode name;
        name.kind = AstKind::text;
        name.text = compiler_.parser.intern(list);
        ast.nodes.push_back(name);
        AstNode call;
        call.kind = AstKind::call;
        call.function = *find_function("instance");
        call.first = static_cast<std::uint32_t>(ast.operands.size());
        call.count = 1;
        ast.operands.push_back(static_cast<std::uint32_t>(ast.nodes.size() - 1));
        ast.nodes.push_back(call);
        AstNode path;
        path.kind = AstKind::path;
        path.start = PathStart::expression;
        path.target = static_cast<std::uint32_t>(ast.nodes.size() - 1);
        path.first = static_cast<std::uint32_t>(ast.steps.size());
        path.count = 2;
        ast.steps.push_back({Axis::child, NodeTest::name, compiler_.parser.intern("root"), 0, 0});
        ast.steps.push_back({Axis::child, NodeTest::name, compiler_.parser.intern("item"),
                             static_cast<std::uint32_t>(ast.operands.size()), 1});
        ast.operands.push_back(filter);
        ast.nodes.push_back(path);
        return static_cast<ExpressionId>(ast.nodes.size() - 1);
    }

    ExpressionId parse(std::string_view source, const Place& place) {
        auto parsed = compiler_.parser.parse(source);
        if (parsed) return *parsed;
        std::string where;
        if (parsed.error().offset > 0 || source.size() > 1)
            where = " (at character " + std::to_string(character(source, parsed.error().offset)) + ")";
        compiler_.fault_at(place, parsed.error().message + where);
        return no_expression;
    }

    static std::size_t character(std::string_view source, std::size_t offset) {
        std::size_t count = 1;
        for (const char c : source.substr(0, std::min(offset, source.size())))
            count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
        return count;
    }

    // Most cells of most rows are empty: a place is made for what is read.
    ExpressionId read(TemplateId owner, const std::string& source, const Item& item, const char* column) {
        calls_once_ = false;
        return is_blank(source) ? no_expression : read(owner, source, compiler_.place_of(item, column));
    }

    static bool is_blank(std::string_view source) {
        return source.find_first_not_of(" \t\r\n") == std::string_view::npos;
    }

    ExpressionId read(TemplateId owner, const std::string& source, const Place& place) {
        calls_once_ = false;
        if (is_blank(source)) return no_expression;
        const ExpressionId expression = parse(source, place);
        whole_ = expression;
        if (expression != no_expression) resolve(expression, owner, true, place);
        return expression;
    }

    // Gives every ${name} its template, and turns paths that lead to one template into such references.
    void resolve(ExpressionId expression, TemplateId owner, bool focus_is_owner, const Place& place) {
        AstNode node = parts_.ast.nodes[expression];
        switch (node.kind) {
            case AstKind::number:
            case AstKind::text:
                return;
            case AstKind::reference: {
                const TemplateId target = compiler_.resolve(parts_.ast.strings[node.text], place);
                parts_.ast.nodes[expression].target = target == none ? 0 : instance_if_repeat(target);
                return;
            }
            case AstKind::chain:
            case AstKind::negate:
                for (std::uint32_t i = 0; i < node.count; i += 2)
                    resolve(parts_.ast.operands[node.first + i], owner, focus_is_owner, place);
                return;
            case AstKind::call:
                call(node, owner, focus_is_owner, place);
                return;
            case AstKind::path:
                path(expression, owner, focus_is_owner, place);
                return;
        }
    }

    TemplateId instance_if_repeat(TemplateId id) const {
        return parts_.templates[id].kind == NodeKind::repeat ? id + 1 : id;
    }

    void call(const AstNode& node, TemplateId owner, bool focus_is_owner, const Place& place) {
        const FunctionInfo& info = function_info(node.function);
        const auto argument = [&](std::uint32_t i) { return parts_.ast.operands[node.first + i]; };
        if (info.traits.keeps_own_value) calls_once_ = true;
        if (info.traits.label_of_choice) {
            // The question is named in a text: jr:choice-name(${q}, '${q}').
            const AstNode named = parts_.ast.nodes[argument(1)];
            if (named.kind == AstKind::text) {
                const ExpressionId inner = parse(std::string(parts_.ast.strings[named.text]), place);
                if (inner == no_expression) return;
                parts_.ast.operands[node.first + 1] = inner;
            }
        }
        for (std::uint32_t i = 0; i < node.count; ++i) resolve(argument(i), owner, focus_is_owner, place);
        if (info.traits.label_of_choice) {
            const AstNode& question = parts_.ast.nodes[argument(1)];
            const bool select = question.kind == AstKind::reference &&
                                parts_.templates[question.target].kind == NodeKind::question &&
                                is_select(*parts_.templates[question.target].item);
            if (!select)
                compiler_.fault_at(
                    place, "the second argument of jr:choice-name must name a select, as in '${question}'");
        }
        if (info.name == "regex") {
            const AstNode& pattern = parts_.ast.nodes[argument(1)];
            if (pattern.kind == AstKind::text)
                if (const auto wrong = regex_fault(parts_.ast.strings[pattern.text]))
                    compiler_.fault_at(place, "the regular expression is not valid: " + *wrong);
        }
        if (info.name == "instance") {
            const AstNode& name = parts_.ast.nodes[argument(0)];
            if (name.kind != AstKind::text)
                compiler_.fault_at(place, "instance() needs the name of a choice list in quotes");
            else if (!parts_.list_names.contains(parts_.ast.strings[name.text]))
                compiler_.fault_at(place, "there is no choice list “" + parts_.ast.strings[name.text] + "”");
        }
        if (info.name == "indexed-repeat") {
            if (node.count % 2 == 0)
                compiler_.fault_at(
                    place, "indexed-repeat() takes a question and then pairs of a repeat and an index");
            for (std::uint32_t i = 1; i + 1 < node.count; i += 2) {
                const AstNode& repeat = parts_.ast.nodes[argument(i)];
                if (repeat.kind != AstKind::reference ||
                    parts_.templates[repeat.target].kind != NodeKind::instance)
                    compiler_.fault_at(place, "argument " + std::to_string(i + 1) +
                                                  " of indexed-repeat() must name a repeat");
            }
            outermost_first(node);
        }
    }

    // indexed-repeat() goes from the outer repeat to the inner one, in whatever order they are written.
    void outermost_first(const AstNode& call) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;  // repeat, index
        for (std::uint32_t i = 1; i + 1 < call.count; i += 2)
            pairs.emplace_back(parts_.ast.operands[call.first + i], parts_.ast.operands[call.first + i + 1]);
        std::stable_sort(pairs.begin(), pairs.end(), [this](const auto& a, const auto& b) {
            return depth_of(a.first) < depth_of(b.first);
        });
        for (std::uint32_t i = 0; i < pairs.size(); ++i) {
            parts_.ast.operands[call.first + 1 + 2 * i] = pairs[i].first;
            parts_.ast.operands[call.first + 2 + 2 * i] = pairs[i].second;
        }
    }

    std::uint32_t depth_of(ExpressionId reference) const {
        const AstNode& node = parts_.ast.nodes[reference];
        if (node.kind != AstKind::reference) return 0;
        return parts_.scopes[parts_.templates[node.target].scope].depth;
    }

    void path(ExpressionId expression, TemplateId owner, bool focus_is_owner, const Place& place) {
        const AstNode node = parts_.ast.nodes[expression];
        if (node.start == PathStart::expression) {
            resolve(node.target, owner, focus_is_owner, place);
            for (std::uint32_t i = 0; i < node.start_predicates; ++i)
                resolve(parts_.ast.operands[node.more + i], owner, false, place);
        }
        bool plain = node.start_predicates == 0;
        for (std::uint32_t i = 0; i < node.count; ++i) {
            const Step step = parts_.ast.steps[node.first + i];
            for (std::uint32_t j = 0; j < step.count; ++j)
                resolve(parts_.ast.operands[step.first + j], owner, false, place);
            plain = plain && step.count == 0 &&
                    (step.axis == Axis::child || step.axis == Axis::parent || step.axis == Axis::attribute);
        }
        if (node.count == 0) return;
        std::vector<Reach> reached;
        const Reach self{owner, parts_.templates[owner].scope};
        if (!start_of(parts_, node, self, focus_is_owner, reached)) return;
        for (std::uint32_t i = 0; i < node.count; ++i)
            reached = follow(parts_, parts_.ast.steps[node.first + i], reached);
        if (reached.empty() && plain) {
            // Mostly a text that lacks its quotes. ODK's tools take it as the empty value that it is; the
            // check of forms warns of it.
            if (expression == whole_ && node.start == PathStart::context && node.count == 1) return;
            compiler_.fault_at(place,
                               "the path " + dump(parts_.ast, expression) + " leads to nothing in this form");
            return;
        }
        // Absolute paths mean the current instance of the repeats around, as in JavaRosa, so all plain paths
        // to one template are references.
        if (!plain || reached.size() != 1) return;
        const TemplateId target = reached.front().node;
        const bool exact =
            reached.front().common == parts_.common_scope(self.common, parts_.scope_around(target));
        if (parts_.templates[target].kind != NodeKind::question &&
            parts_.templates[target].kind != NodeKind::instance)
            return;
        if (node.start != PathStart::root && !exact) return;
        AstNode& resolved = parts_.ast.nodes[expression];
        resolved.kind = AstKind::reference;
        resolved.contextual = false;
        const Step& last = parts_.ast.steps[node.first + node.count - 1];
        resolved.text = last.axis == Axis::child && last.test == NodeTest::name
                            ? last.name
                            : compiler_.parser.intern(parts_.templates[target].item->name);
        resolved.target = target;
    }

    void texts(const Item& item, TemplateId id) {
        const auto read = [&](const Text& text, const char* column) {
            if (holds_references(text)) this->text(text, id, column, compiler_.place_of(item, ""));
        };
        read(item.label, "label");
        read(item.hint, "hint");
        read(item.guidance_hint, "guidance_hint");
        read(item.constraint_message, "constraint_message");
        read(item.required_message, "required_message");
        for (const auto& [form, files] : item.media) read(files, form.c_str());
    }

    static bool holds_references(const Text& text) {
        return std::any_of(text.begin(), text.end(), [](const std::string& each) {
            return each.find("${") != std::string::npos;
        });
    }

    void choice_labels() {
        for (const ChoiceList& list : parts_.form->lists)
            for (const Choice& choice : list.choices)
                if (holds_references(choice.label))
                    text(choice.label, 0, "label", {compiler_.file, "choices", choice.row, ""});
    }

    void text(const Text& text, TemplateId owner, const char* column, Place place) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i].find("${") == std::string::npos) continue;
            if (*column != 0) place.column = column;
            if (i < parts_.form->languages.size() && !parts_.form->languages[i].name.empty())
                place.column += "::" + parts_.form->languages[i].name;
            split_piped(
                text[i], [](std::string_view) {},
                [&](std::string_view inside) { output(inside, owner, place); });
        }
    }

    // The text of a choice is shown by any select of its list: seen from there, it is resolved when shown.
    void output(std::string_view inside, TemplateId owner, const Place& place) {
        if (is_plain_name(inside)) {
            compiler_.resolve(inside, place);
            return;
        }
        const auto [kept, is_new] = parts_.outputs.emplace(std::pair(owner, inside), no_expression);
        if (!is_new) return;
        const ExpressionId expression = parse(inside, place);
        if (expression == no_expression) return;
        resolve(expression, owner, owner != 0, place);
        kept->second = expression;
    }

    FormCompiler& compiler_;
    CompiledForm::Parts& parts_;
    bool calls_once_ = false;
    ExpressionId whole_ = no_expression;  ///< being read, not a part of it
};

}  // namespace

void FormCompiler::parse() {
    ExpressionReader(*this).run();
}

}  // namespace fieldfare::schema
