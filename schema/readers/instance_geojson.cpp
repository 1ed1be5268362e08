#include <nlohmann/json.hpp>

#include "schema/number_text.h"
#include "schema/readers/cell_text.h"
#include "schema/readers/instance_sources.h"

namespace fieldfare::schema::readers {
namespace {

using json = nlohmann::ordered_json;

// Depths as the parser's callback counts them: the collection is 0, its list of features 1.
constexpr int feature_depth = 2;
constexpr int most_depth = 32;

std::string scalar(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return {};
        case json::value_t::string:
            return value.get<std::string>();
        case json::value_t::number_float:
            return number_to_text(value.get<double>());
        default:
            return value.dump();  // a list or object keeps its JSON
    }
}

class GeoJsonInstance {
  public:
    explicit GeoJsonInstance(Faults& faults) : faults_(faults) {}

    InstanceNodes read(std::string_view bytes) {
        nodes_.push_back({0, false, "root", ""});
        // Features are taken one by one and dropped, so that the file never stands in memory as one tree.
        const auto filter = [&](int depth, json::parse_event_t event, json& value) {
            if (event == json::parse_event_t::key && depth == 1) key_ = value.get<std::string>();
            if (event == json::parse_event_t::array_start && depth == 1 && key_ == "features")
                has_features_ = true;
            if (depth > most_depth &&
                (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)) {
                too_deep_ = true;
                return false;
            }
            const bool ends = event == json::parse_event_t::object_end ||
                              event == json::parse_event_t::array_end || event == json::parse_event_t::value;
            if (!ends || depth != feature_depth || key_ != "features") return true;
            take_feature(value);
            return false;
        };
        const json collection = json::parse(bytes, filter, false);
        if (collection.is_discarded())
            error("The file is not JSON. GeoJSON is expected because its name says so.");
        else if (too_deep_)
            error("The GeoJSON is nested more than 32 deep. Nest it less.");
        else if (!collection.is_object() || !collection.contains("type") ||
                 collection["type"] != "FeatureCollection")
            error("The GeoJSON is no FeatureCollection. Export it as one.");
        else if (!has_features_)
            error("The FeatureCollection has no list of features.");
        return std::move(nodes_);
    }

  private:
    void error(std::string message) { faults_.error("", 0, "", std::move(message)); }
    void error_in_feature(std::string what) {
        error("Feature number " + std::to_string(count_) + " " + std::move(what));
    }

    void add(std::string name, std::string text) {
        nodes_.push_back({2, false, std::move(name), std::move(text)});
    }

    void take_feature(const json& feature) {
        ++count_;
        if (!feature.is_object() || feature.value("type", json()) != "Feature")
            return error_in_feature("is no object of type Feature.");
        nodes_.push_back({1, false, "item", ""});
        if (feature.contains("geometry") && !feature["geometry"].is_null()) geometry(feature["geometry"]);
        bool has_id = feature.contains("id") && !feature["id"].is_null();
        const std::string id = has_id ? scalar(feature["id"]) : std::string{};
        if (const auto properties = feature.find("properties");
            properties != feature.end() && !properties->is_null()) {
            if (!properties->is_object()) return error_in_feature("has properties that are no object.");
            for (const auto& [name, value] : properties->items()) {
                if (nodes_.size() >= most_instance_nodes) {
                    if (nodes_.size() == most_instance_nodes)
                        error("The file has more than 5,000,000 properties. Shorten it.");
                    return;
                }
                add(name, name == "id" && has_id ? id : scalar(value));
                if (name == "id") has_id = false;
            }
        }
        if (has_id) add("id", id);
    }

    void geometry(const json& geometry) {
        const std::string type =
            geometry.is_object() && geometry.contains("type") ? scalar(geometry["type"]) : std::string{};
        const json& places =
            geometry.is_object() && geometry.contains("coordinates") ? geometry["coordinates"] : none_;
        std::string text;
        bool sound = places.is_array();
        if (type == "Point") {
            sound = sound && point(places, text);
        } else if (type == "LineString") {
            sound = sound && line(places, text);
        } else if (type == "Polygon") {
            // The outer ring; ODK's geoshape has no holes.
            sound = sound && (places.empty() || line(places.front(), text));
        } else {
            return error_in_feature("has a geometry of type " + shown(type) +
                                    ". Points, LineStrings and Polygons can be used.");
        }
        if (!sound) return error_in_feature("has coordinates that are not pairs of numbers.");
        add("geometry", std::move(text));
    }

    static bool line(const json& places, std::string& text) {
        if (!places.is_array()) return false;
        for (const json& place : places) {
            if (!text.empty()) text += "; ";
            if (!point(place, text)) return false;
        }
        return true;
    }

    // GeoJSON has longitude first; ODK's geopoint is latitude, longitude, altitude, accuracy.
    static bool point(const json& place, std::string& text) {
        if (!place.is_array() || place.size() < 2 || !place[0].is_number() || !place[1].is_number())
            return false;
        text +=
            number_to_text(place[1].get<double>()) + " " + number_to_text(place[0].get<double>()) + " 0 0";
        return true;
    }

    Faults& faults_;
    InstanceNodes nodes_;
    const json none_;
    std::string key_;
    std::size_t count_ = 0;
    bool has_features_ = false, too_deep_ = false;
};

}  // namespace

InstanceNodes nodes_of_geojson(std::string_view bytes, Faults& faults) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
    return GeoJsonInstance(faults).read(bytes);
}

}  // namespace fieldfare::schema::readers
