#include <algorithm>
#include <limits>

#include "schema/interview_state.h"

namespace fieldfare::schema {

Interview::State::State(std::shared_ptr<const CompiledForm> compiled, const Surroundings& given,
                        bool defaults)
    : form(std::move(compiled)),
      parts(form->parts()),
      surroundings(given),
      choice_of_node(parts.itemsets.size()),
      language(parts.default_language),
      with_defaults(defaults) {
    steps_left = surroundings.most_steps;
    free_blocks.resize(parts.scopes.size());
    create(0, no_node);
}

// Makes the nodes of one instance of a scope, with the instances of repeats in it that the form gives.
NodeId Interview::State::create(ScopeId scope, NodeId parent, Initial initial) {
    const std::vector<TemplateId>& slots = parts.scopes[scope].slots;
    if (scope != 0) instance_nodes += slots.size();
    auto base = static_cast<NodeId>(nodes.size());
    if (!free_blocks[scope].empty()) {
        base = free_blocks[scope].back();
        free_blocks[scope].pop_back();
    } else {
        nodes.resize(nodes.size() + slots.size());
    }
    const bool relevant = parent == no_node || nodes[parent].relevant;
    for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
        InterviewNode node;
        node.template_id = slots[slot];
        node.base = base;
        node.relevant = relevant;
        node.number = std::numeric_limits<double>::quiet_NaN();
        const Template& shape = parts.templates[slots[slot]];
        if (shape.cell(Property::required) != none)
            node.required = parts.cells[shape.cell(Property::required)].constant;
        if (shape.cell(Property::read_only) != none)
            node.read_only = parts.cells[shape.cell(Property::read_only)].constant;
        node.parent = slot == 0 ? parent : base + parts.templates[shape.parent].slot;
        NodeId& above = node.parent;
        if (above != no_node) {
            node.index = static_cast<std::uint32_t>(nodes[above].children.size());
            nodes[above].children.push_back(base + slot);
        }
        nodes[base + slot] = std::move(node);
    }
    if (with_defaults) {
        for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
            const Template& shape = parts.templates[slots[slot]];
            if (shape.kind == NodeKind::repeat && initial == Initial::as_the_form_says)
                add_initial_instances(base + slot);
            if (shape.kind != NodeKind::question) continue;
            if (shape.default_value != no_expression) {
                waiting_defaults.push_back(base + slot);
            } else if (!shape.item->default_value.empty()) {
                auto value = checked(base + slot, shape.item->default_value, nullptr).value_or(std::string{});
                nodes[base + slot].number = number_of_text(value);
                nodes[base + slot].value = std::move(value);
            }
            if (!shape.item->preload.empty()) preload(base + slot);
        }
    }
    return base;
}

void Interview::State::add_initial_instances(NodeId repeat) {
    const std::size_t given = item_of(repeat).initial.size();
    while (nodes[repeat].children.size() < given && has_room(repeat))
        create_instance(repeat, item_of(repeat).initial[nodes[repeat].children.size()]);
}

// Values name the inner instances one by one; without any, these are as in every new instance.
NodeId Interview::State::create_instance(NodeId repeat, const std::vector<InitialValue>& values) {
    const ScopeId scope = parts.templates[nodes[repeat].template_id + 1].scope;
    const bool names_inner = std::any_of(values.begin(), values.end(), [](const InitialValue& value) {
        return value.path.find('[') != std::string::npos;
    });
    const NodeId base = create(scope, repeat, names_inner ? Initial::none : Initial::as_the_form_says);
    for (const InitialValue& value : values) set_initial_value(base, value);
    return base;
}

// "group/inner[2]/question": makes the instances that it names, then gives the value.
void Interview::State::set_initial_value(NodeId instance, const InitialValue& given) {
    NodeId at = instance;
    for (std::string_view path = given.path; !path.empty();) {
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        const std::string_view name = part.substr(0, part.find('['));
        const auto& below = nodes[at].children;
        const auto found = std::find_if(below.begin(), below.end(),
                                        [&](NodeId child) { return item_of(child).name == name; });
        if (found == below.end()) return;
        at = *found;
        if (template_of(at).kind != NodeKind::repeat) continue;
        const double index = part.size() > name.size() + 1
                                 ? number_of_text(part.substr(name.size() + 1, part.size() - name.size() - 2))
                                 : 1;
        if (!(index >= 1) || index > max_instances) return;
        const ScopeId scope = parts.templates[nodes[at].template_id + 1].scope;
        while (static_cast<double>(nodes[at].children.size()) < index) {
            if (!has_room(at)) return;
            create(scope, at, Initial::none);
        }
        at = nodes[at].children[static_cast<std::size_t>(index) - 1];
    }
    if (template_of(at).kind != NodeKind::question) return;
    auto value =
        given.value.empty() ? std::string{} : checked(at, given.value, nullptr).value_or(std::string{});
    nodes[at].number = number_of_text(value);
    nodes[at].value = std::move(value);
}

bool Interview::State::counted(NodeId repeat) const {
    return parts.cells[template_of(repeat).cell(Property::instances)].expression != no_expression;
}

bool Interview::State::has_room(NodeId repeat) const {
    const ScopeId scope = parts.templates[nodes[repeat].template_id + 1].scope;
    return nodes[repeat].children.size() < max_instances &&
           instance_nodes + parts.scopes[scope].slots.size() <= max_instance_nodes;
}

bool Interview::State::add_instance(NodeId repeat) {
    if (!has_room(repeat)) return false;
    const ScopeId scope = parts.templates[nodes[repeat].template_id + 1].scope;
    // What repeat_count makes is first what stands in the form.
    const auto& given = item_of(repeat).initial;
    const std::size_t place = nodes[repeat].children.size();
    const bool stands_in_form = with_defaults && counted(repeat) && place < given.size();
    const NodeId base = stands_in_form ? create_instance(repeat, given[place]) : create(scope, repeat);
    wait_for_new(base, scope);
    if (!stands_in_form) new_instances.push_back(base);
    return true;
}

void Interview::State::move_last_instance(NodeId repeat, std::size_t place) {
    auto& instances = nodes[repeat].children;
    std::rotate(instances.begin() + static_cast<std::ptrdiff_t>(place), instances.end() - 1, instances.end());
    for (std::size_t i = place; i < instances.size(); ++i)
        nodes[instances[i]].index = static_cast<std::uint32_t>(i);
}

void Interview::State::remove_instance(NodeId instance) {
    // Inner instances first; the repeats of one scope stand in its slots.
    const ScopeId scope = template_of(instance).scope;
    const auto size = static_cast<NodeId>(parts.scopes[scope].slots.size());
    for (NodeId node = instance; node < instance + size; ++node)
        if (template_of(node).kind == NodeKind::repeat)
            while (!nodes[node].children.empty()) remove_last_instance(node);
    auto& siblings = nodes[nodes[instance].parent].children;
    siblings.erase(siblings.begin() + nodes[instance].index);
    for (std::uint32_t i = nodes[instance].index; i < siblings.size(); ++i) nodes[siblings[i]].index = i;
    instance_nodes -= size;
    for (NodeId node = instance; node < instance + size; ++node) {
        nodes[node] = InterviewNode{};
        offers.erase(node);
        withheld.erase(node);
    }
    free_blocks[scope].push_back(instance);
}

NodeId Interview::State::base_in(NodeId node, ScopeId scope) const {
    ScopeId at = template_of(node).scope;
    NodeId base = nodes[node].base;
    while (at != scope) {
        base = nodes[nodes[base].parent].base;  // the repeat around the instance
        at = parts.scopes[at].parent;
    }
    return base;
}

void Interview::State::nodes_of(TemplateId target, ScopeId scope, NodeId base,
                                std::vector<NodeId>& out) const {
    const Template& shape = parts.templates[target];
    std::vector<ScopeId> way;  // from the target's scope outwards
    for (ScopeId at = shape.scope; at != scope; at = parts.scopes[at].parent) way.push_back(at);
    std::vector<NodeId> bases{base};
    while (!way.empty()) {
        const Template& instance = parts.templates[parts.scopes[way.back()].instance];
        way.pop_back();
        std::vector<NodeId> inner;
        for (const NodeId each : bases) {
            const auto& instances = nodes[each + parts.templates[instance.parent].slot].children;
            inner.insert(inner.end(), instances.begin(), instances.end());
        }
        bases = std::move(inner);
    }
    for (const NodeId each : bases) out.push_back(each + shape.slot);
}

bool Interview::State::stands_before(NodeId a, NodeId b) const {
    // Lifts both to the scope that they share, remembering through which instance.
    std::int64_t index_a = -1, index_b = -1;
    const auto lift = [this](NodeId& node, std::int64_t& index) {
        const NodeId instance = nodes[node].base;
        index = nodes[instance].index;
        node = nodes[instance].parent;
    };
    while (nodes[a].base != nodes[b].base) {
        const std::uint32_t depth_a = parts.scopes[template_of(a).scope].depth;
        const std::uint32_t depth_b = parts.scopes[template_of(b).scope].depth;
        if (depth_a >= depth_b) lift(a, index_a);
        if (depth_b >= depth_a) lift(b, index_b);
    }
    return a != b ? a < b : index_a < index_b;
}

std::string Interview::State::path_of(NodeId node) const {
    std::vector<NodeId> way;
    for (NodeId at = node; at != root_node; at = nodes[at].parent)
        if (template_of(at).kind != NodeKind::repeat || at == node) way.push_back(at);
    std::string path;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        path += "/" + item_of(*at).name;
        if (template_of(*at).kind == NodeKind::instance)
            path += "[" + std::to_string(nodes[*at].index + 1) + "]";
    }
    return path.empty() ? "/" : path;
}

// --- World ---

const schema::Document& Interview::State::document(std::uint32_t index) const {
    if (index == 0) return *this;
    return parts.lists[index - 1];
}

std::optional<NodeRef> Interview::State::instance(std::string_view id) const {
    const auto found = parts.list_names.find(id);
    if (found == parts.list_names.end()) return std::nullopt;
    return NodeRef{found->second + 1, parts.lists[found->second].root()};
}

void Interview::State::reference(TemplateId target, NodeRef owner, NodeSet& out) const {
    const ScopeId around = parts.scope_around(target);
    const ScopeId common = parts.common_scope(template_of(owner.node).scope, around);
    std::vector<NodeId> found;
    const NodeId base = base_in(owner.node, common);
    if (parts.templates[target].kind == NodeKind::instance) {
        std::vector<NodeId> repeats;
        nodes_of(parts.templates[target].parent, common, base, repeats);
        for (const NodeId repeat : repeats)
            found.insert(found.end(), nodes[repeat].children.begin(), nodes[repeat].children.end());
    } else {
        nodes_of(target, common, base, found);
    }
    for (const NodeId node : found) out.push_back({0, node});
}

std::optional<std::uint32_t> Interview::State::single(TemplateId target, NodeRef owner) const {
    const Template& shape = parts.templates[target];
    if (shape.kind == NodeKind::instance) return std::nullopt;
    if (shape.scope == 0) return shape.slot;
    ScopeId at = template_of(owner.node).scope;
    NodeId base = nodes[owner.node].base;
    while (at != shape.scope) {
        if (at == 0) return std::nullopt;
        base = nodes[nodes[base].parent].base;
        at = parts.scopes[at].parent;
    }
    return base + shape.slot;
}

std::string_view Interview::State::single_text(std::uint32_t node) const {
    return nodes[node].relevant ? std::string_view(nodes[node].value) : std::string_view{};
}

double Interview::State::single_number(std::uint32_t node) const {
    return nodes[node].relevant ? nodes[node].number : std::numeric_limits<double>::quiet_NaN();
}

std::string Interview::State::kept_text(NodeRef node) const {
    return node.document == 0 && exists(node.node) ? nodes[node.node].value : std::string{};
}

std::string Interview::State::itext(std::string_view id) const {
    const auto found = parts.form->texts.find(std::string(id));
    if (found == parts.form->texts.end()) return {};
    const std::string text = pick(found->second, language);
    if (text.find("${") == std::string::npos) return text;
    // Its outputs are evaluated, and evaluating takes the interview as a World that can draw random numbers.
    auto& world = const_cast<State&>(*this);
    const QuotedLabel level(world);
    return level.too_deep() ? std::string{} : world.piped(text, text_reader, language);
}

std::size_t Interview::State::position_of(NodeRef ref) const {
    if (ref.document == 0 && exists(ref.node)) {
        return template_of(ref.node).kind == NodeKind::instance ? nodes[ref.node].index + 1 : 1;
    }
    const schema::Document& tree = document(ref.document);
    const std::uint32_t above = tree.parent(ref.node);
    if (above == no_document_node) return 1;
    std::vector<std::uint32_t> siblings;
    tree.children(above, siblings);
    std::size_t position = 1;
    for (const std::uint32_t each : siblings) {
        if (each == ref.node) break;
        position += tree.name(each) == tree.name(ref.node) ? 1 : 0;
    }
    return position;
}

int Interview::State::offset_minutes(std::int64_t seconds_since_1970) const {
    return surroundings.offset_minutes ? surroundings.offset_minutes(seconds_since_1970)
                                       : World::offset_minutes(seconds_since_1970);
}

void Interview::State::complain(std::string_view sentence) {
    constexpr std::size_t most = 16;
    if (heard.size() < most && std::find(heard.begin(), heard.end(), sentence) == heard.end())
        heard.emplace_back(sentence);
}

// --- Document ---

DocumentNodeKind Interview::State::kind(std::uint32_t node) const {
    if (node == document_node) return DocumentNodeKind::root;
    return node != root_node && is_attribute(item_of(node)) ? DocumentNodeKind::attribute
                                                            : DocumentNodeKind::element;
}

std::uint32_t Interview::State::parent(std::uint32_t node) const {
    if (node == document_node) return no_document_node;
    if (node == root_node) return document_node;
    const NodeId above = nodes[node].parent;
    return template_of(above).kind == NodeKind::repeat ? nodes[above].parent : above;
}

void Interview::State::children(std::uint32_t node, std::vector<std::uint32_t>& out) const {
    if (node == document_node) {
        out.push_back(root_node);
        return;
    }
    for (const NodeId child : nodes[node].children) {
        if (template_of(child).kind == NodeKind::repeat)
            out.insert(out.end(), nodes[child].children.begin(), nodes[child].children.end());
        else if (!is_attribute(item_of(child)))
            out.push_back(child);
    }
}

void Interview::State::attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const {
    if (node == document_node) return;
    for (const NodeId child : nodes[node].children)
        if (is_attribute(item_of(child))) out.push_back(child);
}

std::string_view Interview::State::name(std::uint32_t node) const {
    if (node == document_node) return {};
    if (node == root_node) return parts.form->settings.root;
    const std::string_view own = item_of(node).name;
    return is_attribute(item_of(node)) ? own.substr(1) : own;
}

// A group has no text of its own, as in JavaRosa: what its questions hold is asked of them.
std::string Interview::State::text(std::uint32_t node) const {
    return node == document_node ? std::string{} : std::string(single_text(node));
}

bool Interview::State::before(std::uint32_t a, std::uint32_t b) const {
    if (a == document_node || b == document_node) return a == document_node && b != document_node;
    return stands_before(a, b);
}

bool Interview::State::visible(std::uint32_t node) const {
    return node == document_node || nodes[node].relevant;
}

}  // namespace fieldfare::schema
