#include <algorithm>
#include <queue>
#include <span>

#include "schema/form_compiler.h"
#include "schema/functions.h"

namespace fieldfare::schema {
namespace {

// From which cell to which, and in which scope both must lie.
struct Edge {
    CellId from = 0;
    Reader to;

    auto operator<=>(const Edge&) const = default;
};

// Finds what a cell's expression reads. Exact for references; for paths with predicates and axes it takes
// every template that they could lead to, so a cell may be looked at once too often, never once too seldom.
class Reads {
  public:
    Reads(const CompiledForm::Parts& parts, std::vector<Edge>& edges) : parts_(parts), edges_(edges) {}

    void collect(CellId cell, ExpressionId expression) {
        begin(cell);
        values(expression, {owner_});
    }

    /// The choices of an itemset: what its nodes are, and what each is called.
    void collect_itemset(CellId cell, ExpressionId nodeset, const ItemsetParts& itemset) {
        begin(cell);
        const std::vector<Reach> found = nodes(nodeset, {owner_});
        for (const Reach each : found) reads(each, What::text);
        for (const ExpressionId seen : {itemset.value, itemset.label})
            if (seen != no_expression) values(seen, found);
    }

    /// Whether what was collected answers in the language in use.
    bool uses_language() const { return uses_language_; }

  private:
    void begin(CellId cell) {
        cell_ = cell;
        const TemplateId owner = parts_.cells[cell].node;
        owner_ = {owner, parts_.templates[owner].scope};
    }

    // Whether the cell reads what a node holds, that it is there and relevant, or only its place.
    enum class What { text, presence, place };

    void reads(Reach reach, What what) {
        if (reach.node == none) return;
        const Template& node = parts_.templates[reach.node];
        if (what == What::text && node.kind == NodeKind::question && node.cell(Property::value) != none &&
            !(keeps_own_ && reach.node == owner_.node))
            add(node.cell(Property::value), reach.common);
        // What is not relevant is empty, so a reader of the node reads its relevance, too.
        const CellId gate = parts_.templates[node.gate].cell(Property::relevant);
        if (what != What::place && gate != none && !(keeps_own_ && reach.node == owner_.node))
            add(gate, reach.common);
        // Every repeat on the way down from the common scope can gain and lose instances.
        for (ScopeId scope = node.scope; scope != reach.common && scope != 0;
             scope = parts_.scopes[scope].parent) {
            const TemplateId repeat = parts_.templates[parts_.scopes[scope].instance].parent;
            const CellId instances = parts_.templates[repeat].cell(Property::instances);
            if (instances != cell_) add(instances, reach.common);
        }
        if (what != What::text && node.kind == NodeKind::instance && reach.common == node.scope) {
            // The place of the own instance among its siblings.
            const CellId instances = parts_.templates[node.parent].cell(Property::instances);
            if (instances != cell_) add(instances, parts_.scopes[node.scope].parent);
        }
    }

    void add(CellId from, ScopeId common) {
        const TemplateId source = parts_.cells[from].node;
        common = parts_.common_scope(common, parts_.templates[source].scope);
        edges_.push_back({from, {cell_, common}});
    }

    Reach reference(TemplateId target) const {
        const ScopeId around = parts_.scope_around(target);
        return {target, widened_ ? 0 : parts_.common_scope(owner_.common, around)};
    }

    // All nodes of the form that the expression can give, its own reads on the way being recorded.
    std::vector<Reach> nodes(ExpressionId expression, const std::vector<Reach>& focus) {
        const AstNode& node = parts_.ast.nodes[expression];
        switch (node.kind) {
            case AstKind::number:
            case AstKind::text:
                return {};
            case AstKind::reference:
                return {reference(node.target)};
            case AstKind::negate:
                values(parts_.ast.operands[node.first], focus);
                return {};
            case AstKind::chain: {
                const bool unite =
                    static_cast<Operator>(parts_.ast.operands[node.first + 1]) == Operator::unite;
                std::vector<Reach> all;
                for (std::uint32_t i = 0; i < node.count; i += 2) {
                    const ExpressionId term = parts_.ast.operands[node.first + i];
                    if (!unite) {
                        values(term, focus);
                        continue;
                    }
                    const auto some = nodes(term, focus);
                    all.insert(all.end(), some.begin(), some.end());
                }
                return all;
            }
            case AstKind::call:
                return call(node, focus);
            case AstKind::path:
                return path(node, focus);
        }
        return {};
    }

    void values(ExpressionId expression, const std::vector<Reach>& focus) {
        for (const Reach each : nodes(expression, focus)) reads(each, What::text);
    }

    std::vector<Reach> call(const AstNode& node, const std::vector<Reach>& focus) {
        const FunctionInfo& info = function_info(node.function);
        const auto argument = [&](std::uint32_t i) { return parts_.ast.operands[node.first + i]; };
        if (info.traits.label_of_choice || info.name == "jr:itext") uses_language_ = true;
        if (info.name == "current") return {owner_};
        if (info.name == "instance") return {};
        if (node.count == 0 && info.traits.uses_context) {
            for (const Reach each : focus) reads(each, info.traits.structural ? What::presence : What::text);
            return {};
        }
        if (info.traits.keeps_own_value) keeps_own_ = true;
        std::vector<Reach> result;
        const bool gives_nodes = info.name == "randomize" || info.name == "if" ||
                                 info.name == "indexed-repeat" || info.name == "once";
        for (std::uint32_t i = 0; i < node.count; ++i) {
            if (info.traits.label_of_choice && i == 1) {  // names a question, whose choices it looks at
                const AstNode& question = parts_.ast.nodes[argument(i)];
                if (question.kind != AstKind::reference) continue;
                const CellId choices = parts_.templates[question.target].cell(Property::choices);
                if (choices != none && choices != cell_) add(choices, reference(question.target).common);
                continue;
            }
            const bool widened = widened_;
            if (info.name == "indexed-repeat" && i % 2 == 0 && i > 0) {
                values(argument(i), focus);
                continue;
            }
            if (info.name == "indexed-repeat") widened_ = true;
            const auto some = nodes(argument(i), focus);
            widened_ = widened;
            for (const Reach each : some) {
                if (info.name == "indexed-repeat" && i > 0)
                    reads(each, What::place);
                else if (gives_nodes)
                    result.push_back(each);
                else
                    reads(each, kind_of_read(info.traits, i));
            }
        }
        return result;
    }

    static What kind_of_read(const FunctionTraits& traits, std::uint32_t argument) {
        if (!traits.structural || argument > 0) return What::text;
        return traits.places ? What::place : What::presence;
    }

    std::vector<Reach> path(const AstNode& node, const std::vector<Reach>& focus) {
        std::vector<Reach> at;
        switch (node.start) {
            case PathStart::context:
                at = focus;
                break;
            case PathStart::root:
                at = {{none, 0}};
                break;
            case PathStart::expression:
                at = nodes(node.target, focus);
                for (std::uint32_t i = 0; i < node.start_predicates; ++i)
                    values(parts_.ast.operands[node.more + i], at);
                break;
        }
        for (std::uint32_t i = 0; i < node.count; ++i) {
            const Step& step = parts_.ast.steps[node.first + i];
            at = follow(parts_, step, at);
            for (std::uint32_t j = 0; j < step.count; ++j) values(parts_.ast.operands[step.first + j], at);
            // A predicate counts and filters nodes, so it matters which are there.
            if (step.count > 0)
                for (const Reach each : at) reads(each, What::presence);
        }
        return at;
    }

    const CompiledForm::Parts& parts_;
    std::vector<Edge>& edges_;
    CellId cell_ = 0;
    Reach owner_;
    bool keeps_own_ = false;
    bool widened_ = false;
    bool uses_language_ = false;
};

class Ordering {
  public:
    explicit Ordering(FormCompiler& compiler) : compiler_(compiler), parts_(compiler.parts) {}

    void run() {
        collect();
        std::sort(edges_.begin(), edges_.end());
        edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
        store();
        order();
    }

  private:
    void collect() {
        for (CellId id = 0; id < parts_.cells.size(); ++id) {
            const Cell& cell = parts_.cells[id];
            const Template& node = parts_.templates[cell.node];
            Reads reads(parts_, edges_);
            const bool itemset = cell.property == Property::choices && node.itemset != none;
            if (cell.expression != no_expression && itemset)
                reads.collect_itemset(id, cell.expression, parts_.itemsets[node.itemset]);
            else if (cell.expression != no_expression)
                reads.collect(id, cell.expression);
            if (reads.uses_language() && !itemset) parts_.language_cells.push_back(id);
            switch (cell.property) {
                case Property::relevant: {
                    // Relevance is inherited.
                    const TemplateId above = parts_.templates[node.parent].gate;
                    link(parts_.templates[above].cell(Property::relevant), id);
                    break;
                }
                case Property::constraint:
                    link(node.cell(Property::value), id);
                    break;
                case Property::choices:
                    if (node.seed != no_expression) Reads(parts_, edges_).collect(id, node.seed);
                    // An answer that is no longer on offer is taken back; but not while nobody is asked.
                    link(parts_.templates[node.gate].cell(Property::relevant), id);
                    link(id, node.cell(Property::value));
                    break;
                case Property::value:
                case Property::required:
                case Property::read_only:
                case Property::instances:
                    break;
            }
        }
    }

    void link(CellId from, CellId to) {
        if (from == none || to == none) return;
        const ScopeId common = parts_.common_scope(parts_.templates[parts_.cells[from].node].scope,
                                                   parts_.templates[parts_.cells[to].node].scope);
        edges_.push_back({from, {to, common}});
    }

    void store() {
        parts_.readers.reserve(edges_.size());
        for (const Edge& edge : edges_) {
            Cell& from = parts_.cells[edge.from];
            if (from.reader_count == 0) from.first_reader = static_cast<std::uint32_t>(parts_.readers.size());
            ++from.reader_count;
            parts_.readers.push_back(edge.to);
        }
    }

    // Kahn's algorithm, taking the cell that stands first in the form whenever there is a choice.
    void order() {
        std::vector<std::uint32_t> waiting_for(parts_.cells.size(), 0);
        for (const Reader& reader : parts_.readers) ++waiting_for[reader.cell];
        std::priority_queue<CellId, std::vector<CellId>, std::greater<>> ready;
        for (CellId id = 0; id < parts_.cells.size(); ++id)
            if (waiting_for[id] == 0) ready.push(id);
        int released = 0;  // edges up to this kind do not hold any more
        const auto release = [&](CellId reader) {
            if (--waiting_for[reader] == 0) ready.push(reader);
        };
        for (;;) {
            while (!ready.empty()) {
                const CellId id = ready.top();
                ready.pop();
                parts_.cells[id].rank = static_cast<std::uint32_t>(parts_.order.size());
                parts_.order.push_back(id);
                for (const Reader& reader : readers_of(id))
                    if (kind_of_edge(id, reader) > released) release(reader.cell);
            }
            if (parts_.order.size() == parts_.cells.size()) return;
            if (++released == lasting) break;
            for (CellId id = 0; id < parts_.cells.size(); ++id) {
                if (waiting_for[id] == 0) continue;
                for (const Reader& reader : readers_of(id)) {
                    if (kind_of_edge(id, reader) != released) continue;
                    parts_.cells[id].circular = true;
                    release(reader.cell);
                }
            }
        }
        report_cycles(waiting_for);
    }

    // Some circles end by themselves, and forms of the field are written with them:
    // - choices that depend on what was chosen, by this question elsewhere or by others: taking an answer
    // back
    //   can only make answers fewer;
    // - a repeat_count that depends on how many instances there are, or on what the last one holds ("another
    //   one?"): the bound on instances ends it.
    static constexpr int takes_back = 1, counts = 2, lasting = 3;
    int kind_of_edge(CellId id, const Reader& reader) const {
        const Cell& cell = parts_.cells[id];
        if (cell.property == Property::choices &&
            reader.cell == parts_.templates[cell.node].cell(Property::value))
            return takes_back;
        if (cell.property == Property::instances && cell.expression != no_expression) return counts;
        return lasting;
    }

    std::span<const Reader> readers_of(CellId id) const {
        return std::span(parts_.readers)
            .subspan(parts_.cells[id].first_reader, parts_.cells[id].reader_count);
    }

    // Every cell that was never ready lies on a cycle or behind one. Going backwards along cells that were
    // never ready must come round: that is a cycle. Its cells are then taken out and the next one is looked
    // for.
    void report_cycles(const std::vector<std::uint32_t>& waiting_for) {
        std::vector<std::vector<CellId>> before(parts_.cells.size());
        for (CellId id = 0; id < parts_.cells.size(); ++id) {
            if (waiting_for[id] == 0) continue;
            for (const Reader& reader : readers_of(id))
                if (kind_of_edge(id, reader) == lasting) before[reader.cell].push_back(id);
        }
        std::vector<char> state(parts_.cells.size(), 0);  // 1: on the way now, 2: done
        for (CellId start = 0; start < parts_.cells.size(); ++start) {
            if (waiting_for[start] == 0) continue;
            std::vector<CellId> way;
            for (CellId at = start; at != none && state[at] != 2;) {
                if (state[at] == 1) {
                    report(std::vector<CellId>(std::find(way.begin(), way.end(), at), way.end()));
                    break;
                }
                state[at] = 1;
                way.push_back(at);
                CellId next = none;
                for (const CellId candidate : before[at])
                    if (state[candidate] != 2 && next == none) next = candidate;
                at = next;
            }
            for (const CellId each : way) state[each] = 2;
        }
    }

    // `way` goes from a cell to what it reads, and so on, and the last reads the first: a → b → a.
    void report(std::vector<CellId> way) {
        std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
        std::vector<std::string> names;
        for (const CellId id : way) {
            const Template& node = parts_.templates[parts_.cells[id].node];
            const std::string& name = node.item->name;
            if (names.empty() || names.back() != name) names.push_back(name);
        }
        if (names.size() > 1 && names.front() == names.back()) names.pop_back();
        std::string circle;
        for (const std::string& name : names) circle += name + " → ";
        circle += names.front();
        const auto with_expression = std::find_if(
            way.begin(), way.end(), [&](CellId id) { return parts_.cells[id].expression != no_expression; });
        const Cell& cell = parts_.cells[with_expression == way.end() ? way.front() : *with_expression];
        compiler_.fault(*parts_.templates[cell.node].item, column_of(cell.property),
                        "the form depends on itself: " + circle);
    }

    static std::string column_of(Property property) {
        switch (property) {
            case Property::relevant:
                return "relevant";
            case Property::value:
                return "calculation";
            case Property::required:
                return "required";
            case Property::read_only:
                return "read_only";
            case Property::constraint:
                return "constraint";
            case Property::choices:
                return "choice_filter";
            case Property::instances:
                return "repeat_count";
        }
        return "";
    }

    FormCompiler& compiler_;
    CompiledForm::Parts& parts_;
    std::vector<Edge> edges_;
};

}  // namespace

void FormCompiler::order_cells() {
    Ordering(*this).run();
}

}  // namespace fieldfare::schema
