#include <limits>

#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/geometry.h"

namespace fieldfare::schema {
namespace {

// The places that arguments hold: each of a node-set's nodes, and every argument that is none. Nothing where
// a text is no place; `any` says whether there was a text at all.
std::optional<std::vector<GeoPoint>> places_of(Call& call, bool& any) {
    std::vector<GeoPoint> places;
    any = false;
    const auto take = [&](const std::string& text) {
        if (text.empty()) return true;
        any = true;
        return read_points(text, places);
    };
    for (std::size_t i = 0; i < call.size(); ++i) {
        const Value value = call.value(i);
        if (const auto* nodes = std::get_if<NodeSet>(&value)) {
            for (const NodeRef node : *nodes)
                if (!take(call.evaluator().text_of(node))) return std::nullopt;
        } else if (!take(call.evaluator().to_text(value))) {
            return std::nullopt;
        }
    }
    return places;
}

Value area(Call& call) {
    bool any = false;
    const auto places = places_of(call, any);
    return places ? area_of(*places) : std::numeric_limits<double>::quiet_NaN();
}

Value distance(Call& call) {
    bool any = false;
    const auto places = places_of(call, any);
    if (!places || !any) return std::numeric_limits<double>::quiet_NaN();
    return length_of(*places);
}

Value geofence(Call& call) {
    std::vector<GeoPoint> point, shape;
    if (!read_points(call.text(0), point) || point.size() != 1) return false;
    if (!read_points(call.text(1), shape) || shape.size() < 2 || shape.front() != shape.back()) return false;
    return lies_inside(point.front(), shape);
}

// Whether a geotrace or geoshape crosses or touches itself.
Value intersects(Call& call) {
    std::string storage;
    const std::string_view text = call.text(0, storage);
    std::vector<GeoPoint> line;
    if (text.empty()) return false;
    if (!read_points(text, line)) {
        call.world().complain("“intersects” wants a geotrace or a geoshape.");
        return false;
    }
    const auto met = meets_itself(line);
    if (!met) call.world().complain("“intersects” takes lines of up to 5,000 segments.");
    return met.value_or(false);
}

constexpr FunctionInfo table[]{
    {"area", 1, 1, area},         {"enclosed-area", 1, 1, area},    {"distance", 1, -1, distance},
    {"geofence", 2, 2, geofence}, {"intersects", 1, 1, intersects},
};

}  // namespace

std::span<const FunctionInfo> geometry_functions() {
    return table;
}

}  // namespace fieldfare::schema
