#include "schema/readers/entities_sheet.h"

#include <algorithm>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/names.h"

namespace fieldfare::schema::readers {
namespace {

bool is_prefixed_name(std::string_view text) {
    const std::size_t colon = text.find(':');
    return is_name(text) ||
           (colon != text.npos && is_name(text.substr(0, colon)) && is_name(text.substr(colon + 1)));
}

std::string shown_path(const EntityPath& path) {
    std::string out = "/survey";
    for (const EntityContainer& each : path) out += "/" + each.name;
    return out;
}

EntityPath first(const EntityPath& path, std::size_t count) {
    return {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(count)};
}

// The innermost repeat around, or the form: one submission has one entity of each there.
EntityPath scope_of(const EntityPath& path) {
    for (std::size_t i = path.size(); i > 0; --i)
        if (path[i - 1].repeat) return first(path, i);
    return {};
}

std::size_t repeats(const EntityPath& path) {
    return static_cast<std::size_t>(
        std::count_if(path.begin(), path.end(), [](const EntityContainer& each) { return each.repeat; }));
}

std::size_t groups_below_scope(const EntityPath& path) {
    return path.size() - scope_of(path).size();
}

bool begins_with(const EntityPath& path, const EntityPath& start) {
    return start.size() <= path.size() && std::equal(start.begin(), start.end(), path.begin());
}

}  // namespace

Entities::Entities(const Table* table, Faults& faults) : table_(table), faults_(faults) {
    if (!table) return;
    for (const Row& row : table->rows()) declare(row);
}

bool Entities::has(std::string_view name) const {
    return std::any_of(declared_.begin(), declared_.end(),
                       [&](const Declared& each) { return each.name == name; });
}

std::vector<std::string> Entities::names() const {
    std::vector<std::string> out;
    for (const Declared& each : declared_) out.push_back(each.name);
    return out;
}

void Entities::error(int row, std::string_view column, std::string message) {
    faults_.error(table_->name(), row, table_->header(column), std::move(message));
}

void Entities::declare(const Row& row) {
    Declared list{collapsed(table_->cell(row, "dataset")), row.number, false, {}, {}};
    const auto id = table_->cell(row, "entity_id"), create_if = table_->cell(row, "create_if"),
               update_if = table_->cell(row, "update_if"), label = table_->cell(row, "label");
    if (list.name.empty())
        error(row.number, "dataset", "The list of entities has no name. Write one.");
    else if (list.name.starts_with("__"))
        error(row.number, "dataset", "The name of a list of entities must not begin with two underscores.");
    else if (list.name.find('.') != std::string::npos)
        error(row.number, "dataset", "The name of a list of entities must not hold a period.");
    else if (!is_prefixed_name(list.name))
        error(row.number, "dataset",
              "The name " + shown(list.name) + " is not valid. " + std::string(name_rule));
    else if (has(list.name))
        error(row.number, "dataset", "The list " + shown(list.name) + " stands in another row already.");
    if (id.empty() && !update_if.empty())
        error(row.number, "update_if",
              "Entities can only be updated where entity_id says which. Write entity_id, "
              "or put the condition into create_if.");
    if (!id.empty() && !create_if.empty() && update_if.empty())
        error(row.number, "update_if",
              "With entity_id and create_if there must be an update_if. Write one, or clear entity_id.");
    if (id.empty() && label.empty())
        error(row.number, "label", "New entities need a label. Write one, or an entity_id to update others.");
    list.updates = !id.empty();
    list.written = {{}, list.name, plain(id), plain(create_if), plain(update_if), plain(label), row.number};
    for (const std::string_view cell : {id, create_if, update_if, label})
        for (const readers::Reference& reference : references_in(cell)) {
            auto& lists = named_by_[reference.name];
            if (std::find(lists.begin(), lists.end(), declared_.size()) == lists.end())
                lists.push_back(declared_.size());
        }
    declared_.push_back(std::move(list));
}

std::string Entities::property_fault(const Declared& list, std::string_view property) const {
    if (property.empty() || !is_prefixed_name(property))
        return "The property " + shown(property) + " has no valid name. " + std::string(name_rule);
    if (lower(property) == "name" || lower(property) == "label")
        return "A property can't be called name or label. Choose another name.";
    if (property.starts_with("__")) return "The name of a property must not begin with two underscores.";
    for (const Reference& each : list.references)
        if (each.property == property)
            return "Row " + std::to_string(each.row) + " saves to the property " + shown(property) +
                   " already.";
    return "";
}

std::string Entities::take_row(int row, std::string save_to, const std::string& question, EntityPath path,
                               bool container) {
    std::string fault;
    if (!save_to.empty()) {
        if (declared_.empty())
            return "There is no sheet entities that declares what is saved. Add it, or clear the cell.";
        const auto hashes = std::count(save_to.begin(), save_to.end(), '#');
        const std::size_t hash = save_to.find('#');
        std::size_t index = 0;
        if (hashes > 1) return "save_to holds one # at most: list#property.";
        if (hashes == 0 && declared_.size() > 1)
            return "There are several lists of entities. Write which is meant: list#property.";
        if (hashes == 1) {
            const std::string wanted = save_to.substr(0, hash);
            index = static_cast<std::size_t>(
                std::find_if(declared_.begin(), declared_.end(),
                             [&](const Declared& each) { return each.name == wanted; }) -
                declared_.begin());
            if (index == declared_.size())
                return "The sheet entities has no list " + shown(wanted) +
                       ". Correct the name, or add its row.";
            save_to.erase(0, hash + 1);
        }
        if (container) return "Groups and repeats can't be saved. Move save_to to a question.";
        fault = property_fault(declared_[index], save_to);
        if (fault.empty()) declared_[index].references.push_back({path, row, save_to, ""});
    }
    const auto named = named_by_.find(question);
    if (question.empty() || named == named_by_.end()) return fault;
    for (const std::size_t index : named->second)
        declared_[index].references.push_back({path, row, "", question});
    return fault;
}

bool Entities::request(std::size_t index, Request& out) {
    const Declared& list = declared_[index];
    // The deepest scope that anything of the list stands in; what is saved decides before what is only named.
    const Reference* deepest = nullptr;
    const Reference* deepest_saved = nullptr;
    EntityPath scope;
    for (const Reference& each : list.references) {
        const EntityPath here = scope_of(each.path);
        const bool deeper = !deepest || repeats(here) > repeats(scope);
        if (deeper) {
            if (!deepest || here != scope) {
                deepest = &each;
                if (!each.property.empty()) deepest_saved = &each;
            }
            scope = here;
        }
        if (here == scope && groups_below_scope(each.path) > groups_below_scope(deepest->path))
            deepest = &each;
        if (each.property.empty()) continue;
        if (std::find(out.lineages.begin(), out.lineages.end(), each.path) == out.lineages.end())
            out.lineages.push_back(each.path);
        if (!deepest_saved ||
            (here == scope && groups_below_scope(each.path) > groups_below_scope(deepest_saved->path)))
            deepest_saved = &each;
    }
    out.declared = index;
    out.scope = scope;
    out.wanted = deepest_saved ? deepest_saved->path : deepest->path;
    if (!out.lineages.empty()) {
        EntityPath common = out.lineages.front();
        for (const EntityPath& each : out.lineages) {
            std::size_t length = 0;
            while (length < common.size() && length < each.size() && common[length] == each[length]) ++length;
            common = first(common, length);
        }
        const EntityPath saved_scope = scope_of(deepest_saved->path);
        const auto depth = [](const EntityPath& path) {
            return std::pair(repeats(path), groups_below_scope(path));
        };
        out.wanted = out.lineages.size() == 1 || depth(common) >= depth(saved_scope) ? common : saved_scope;
    }
    const EntityPath wanted_scope = scope_of(out.wanted);
    for (const Reference& each : list.references) {
        const EntityPath here = scope_of(each.path);
        const bool saved = !each.property.empty();
        if (begins_with(scope, here) && (!saved || here == wanted_scope)) continue;
        const EntityPath& other = begins_with(scope, here) ? out.wanted : scope;
        const std::string sentence =
            "The list " + shown(list.name) + " is used in " + shown_path(other) + " and in " +
            shown_path(each.path) +
            ", which are not repeated together. Bring the values into one of them with a "
            "calculate.";
        if (saved)
            faults_.error("survey", each.row, "save_to", sentence);
        else
            error(list.row, "label", sentence);
        return false;
    }
    return true;
}

void Entities::allocate(std::vector<Request> requests) {
    if (requests.size() == 1 && requests.front().scope.empty()) return place(requests.front(), {});
    std::stable_sort(requests.begin(), requests.end(),
                     [](const Request& a, const Request& b) { return a.declared < b.declared; });
    // Each container holds one entity; those between what is saved and its entity are taken with it.
    std::map<EntityPath, std::size_t> taken;
    std::set<EntityPath> scopes;
    for (const Request& each : requests) scopes.insert(each.scope);
    for (const EntityPath& scope : scopes)
        for (const Request& each : requests) {
            if (each.scope != scope) continue;
            bool placed = false;
            for (std::size_t depth = each.wanted.size() + 1; depth > scope.size() && !placed; --depth) {
                const EntityPath here = first(each.wanted, depth - 1);
                if (taken.contains(here)) {
                    const bool saved_elsewhere =
                        std::any_of(each.lineages.begin(), each.lineages.end(),
                                    [&](const EntityPath& path) { return taken.contains(path); });
                    if (saved_elsewhere) break;
                    continue;
                }
                placed = true;
                place(each, here);
                taken.emplace(here, each.declared);
                for (const EntityPath& lineage : each.lineages)
                    for (std::size_t length = lineage.size(); length + 1 > here.size() && length > 0;
                         --length)
                        taken[first(lineage, length)] = each.declared;
            }
            if (!placed)
                error(declared_[each.declared].row, "dataset",
                      "Each group, repeat and the form itself can hold one list of entities, and in " +
                          shown_path(scope) +
                          " none is left for this one. Put what it saves into a group of its own.");
        }
}

void Entities::place(const Request& request, EntityPath path) {
    placed_.push_back(declared_[request.declared].written);
    placed_.back().path = std::move(path);
}

void Entities::finish(const std::set<std::string>& files) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < declared_.size(); ++i) {
        if (declared_[i].updates && !files.contains(declared_[i].name))
            error(declared_[i].row, "dataset",
                  "To update entities the form needs their list as a file. Add a row csv-external " +
                      shown(declared_[i].name) + ", or a select from that file.");
        Request wanted;
        if (declared_[i].references.empty()) {
            wanted.declared = i;
            requests.push_back(std::move(wanted));
        } else if (request(i, wanted)) {
            requests.push_back(std::move(wanted));
        } else {
            return;
        }
    }
    allocate(std::move(requests));
}

}  // namespace fieldfare::schema::readers
