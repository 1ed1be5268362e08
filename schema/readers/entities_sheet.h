#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/columns.h"
#include "schema/readers/references.h"

namespace fieldfare::schema::readers {

/// A group or repeat around a row.
struct EntityContainer {
    std::string name;
    bool repeat = false;

    bool operator==(const EntityContainer&) const = default;
    auto operator<=>(const EntityContainer&) const = default;
};
using EntityPath = std::vector<EntityContainer>;  ///< from the outermost; empty for the form itself

/// An entity that has found its group or repeat, with its row's expressions as written.
struct PlacedEntity {
    EntityPath path;
    std::string name, entity_id, create_if, update_if, label;
    int row = 0;
};

/// The sheet entities, with what the survey says of it, by pyxform's rules: each row declares a list of
/// entities that submissions create or update, and save_to names the property that an answer goes into.
/// Nothing in a study uses them; the rules are checked so that the form is as valid here as there.
class Entities {
  public:
    /// `table` may be nullptr: no such sheet.
    Entities(const Table* table, Faults& faults);

    bool any() const { return !declared_.empty(); }
    bool has(std::string_view name) const;
    std::vector<std::string> names() const;

    /// Looks at one row of the survey. What is wrong with its save_to, "" for nothing.
    std::string take_row(int row, std::string save_to, const std::string& question, EntityPath path,
                         bool container);

    /// Once all rows are seen: each list must find a group or repeat of its own for what it saves. `files`
    /// are the ids of instances from files.
    void finish(const std::set<std::string>& files);

    /// Those that finish() has found a place for.
    const std::vector<PlacedEntity>& placed() const { return placed_; }

  private:
    struct Reference {
        EntityPath path;
        int row = 0;
        std::string property, question;  ///< one of them
    };
    struct Declared {
        std::string name;
        int row = 0;
        bool updates = false;
        PlacedEntity written = {};
        std::vector<Reference> references = {};
    };
    struct Request {
        EntityPath scope, wanted;
        std::size_t declared = 0;
        std::vector<EntityPath> lineages = {};
    };

    void declare(const Row& row);
    std::string property_fault(const Declared& list, std::string_view property) const;
    bool request(std::size_t index, Request& out);
    void allocate(std::vector<Request> requests);
    void place(const Request& request, EntityPath path);
    void error(int row, std::string_view column, std::string message);

    const Table* table_;
    Faults& faults_;
    std::vector<Declared> declared_;
    std::vector<PlacedEntity> placed_;
    std::map<std::string, std::vector<std::size_t>> named_by_;  ///< question -> lists whose cells name it
};

}  // namespace fieldfare::schema::readers
