#include "schema/readers/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"

namespace fieldfare::schema::readers {
namespace {

bool keeps_case(std::string_view key) {
    return key == "reference-geometry" || key == "label" || key == "value" || key == "seed" ||
           key == "tick_labelset";
}

bool is_whole(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::string get(const Parameters& parameters, const std::string& key) {
    const auto found = parameters.find(key);
    return found == parameters.end() ? "" : found->second;
}

// The rules of the names of Android's packages, which a camera app is called by.
std::string package_fault(const std::string& name) {
    if (name.find('.') == name.npos) return "it has no period";
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('.', at), name.size());
        const std::string part = name.substr(at, end - at);
        if (part.empty()) return "a part between periods is empty";
        if (part.front() == '_' || (part.front() >= '0' && part.front() <= '9'))
            return "a part begins with a digit or an underscore";
        if (!std::all_of(part.begin(), part.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
            }))
            return "it holds something else than letters, digits, underscores and periods";
        at = end + 1;
    }
    return "";
}

}  // namespace

tl::expected<Parameters, std::string> parse_parameters(std::string_view cell) {
    // Tokens are runs without white space, "=", "," and ";"; each pair is token, "=", token.
    std::vector<std::string> tokens;
    std::string token;
    for (char c : plain(cell) + " ") {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ';';
        if (!space && c != '=') {
            token += c;
            continue;
        }
        if (!token.empty()) tokens.push_back(std::move(token));
        token.clear();
        if (c == '=') tokens.emplace_back("=");
    }
    const std::string sentence = "Parameters are written as key=value, with spaces or commas between them; " +
                                 shown(cell) + " is not.";
    Parameters out;
    for (std::size_t i = 0; i < tokens.size(); i += 3) {
        if (i + 2 >= tokens.size() || tokens[i] == "=" || tokens[i + 1] != "=" || tokens[i + 2] == "=")
            return tl::unexpected(sentence);
        const std::string key = lower(tokens[i]);
        out[key] = keeps_case(key) ? tokens[i + 2] : lower(tokens[i + 2]);
    }
    return out;
}

void check_keys(const Parameters& parameters, const std::vector<std::string_view>& accepted,
                ParameterFaults& faults) {
    for (const auto& [key, value] : parameters) {
        if (std::find(accepted.begin(), accepted.end(), key) != accepted.end()) continue;
        std::string known;
        for (const std::string_view each : accepted) known += (known.empty() ? "" : ", ") + std::string(each);
        faults.add("The parameter " + shown(key) + " means nothing on a row of this type. It knows " + known +
                   ".");
    }
}

void take_text_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults) {
    check_keys(parameters, {"rows"}, faults);
    const std::string rows = get(parameters, "rows");
    if (rows.empty()) return;
    if (!is_whole(rows)) faults.add("rows is a whole number; " + shown(rows) + " is none.");
    item.body_attributes["rows"] = rows;
}

void take_image_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults) {
    check_keys(parameters, {"app", "max-pixels"}, faults);
    if (const std::string pixels = get(parameters, "max-pixels"); !pixels.empty()) {
        if (!is_whole(pixels)) faults.add("max-pixels is a whole number; " + shown(pixels) + " is none.");
        item.bind_attributes["orx:max-pixels"] = pixels;
    }
    const std::string app = get(parameters, "app");
    if (app.empty() || (!item.appearance.empty() && item.appearance != "annotate")) return;
    if (const std::string fault = package_fault(app); !fault.empty())
        faults.add("The app " + shown(app) + " is no name of an Android package: " + fault + ".");
    item.body_attributes["intent"] = app;
}

void take_audio_parameters(const Parameters& parameters, Item& item, bool background,
                           ParameterFaults& faults) {
    check_keys(parameters, {"quality"}, faults);
    const std::string quality = get(parameters, "quality");
    if (quality.empty()) return;
    if (quality != "voice-only" && quality != "low" && quality != "normal" &&
        (background || quality != "external"))
        faults.add("The quality is voice-only, low or normal" +
                   std::string(background ? "" : ", or external") + "; " + shown(quality) +
                   " is none of them.");
    if (background)
        item.parameters["odk:quality"] = quality;
    else
        item.bind_attributes["odk:quality"] = quality;
}

void take_geo_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults) {
    const auto accuracy = [&](const std::string& key, const std::string& attribute) {
        const std::string value = get(parameters, key);
        if (value.empty()) return;
        if (!is_number(value)) faults.add(key + " is a number of metres; " + shown(value) + " is none.");
        item.body_attributes[attribute] = value;
    };
    if (item.type == QuestionType::geopoint) {
        check_keys(parameters,
                   {"allow-mock-accuracy", "capture-accuracy", "reference-geometry", "warning-accuracy"},
                   faults);
        accuracy("capture-accuracy", "accuracyThreshold");
        accuracy("warning-accuracy", "unacceptableAccuracyThreshold");
    } else {
        check_keys(parameters, {"allow-mock-accuracy", "incremental", "reference-geometry"}, faults);
        if (const std::string incremental = get(parameters, "incremental"); !incremental.empty()) {
            if (parse_yes_no(incremental) != true)
                faults.add("incremental is true, or is not written; " + shown(incremental) + " is neither.");
            item.body_attributes["incremental"] = "true";
        }
    }
    if (const std::string mock = get(parameters, "allow-mock-accuracy"); !mock.empty()) {
        if (mock != "true" && mock != "false")
            faults.add("allow-mock-accuracy is true or false, not " + shown(mock) + ".");
        item.bind_attributes["odk:allow-mock-accuracy"] = mock;
    }
    if (const std::string geometry = get(parameters, "reference-geometry"); !geometry.empty())
        item.parameters["reference-geometry"] = geometry;
}

void take_audit_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults) {
    constexpr std::array<const char*, 3> location = {"location-priority", "location-min-interval",
                                                     "location-max-age"};
    check_keys(parameters,
               {"identify-user", "location-max-age", "location-min-interval", "location-priority",
                "track-changes", "track-changes-reasons"},
               faults);
    for (const char* key : {"track-changes", "identify-user"}) {
        const std::string value = get(parameters, key);
        if (value.empty()) continue;
        if (value != "true" && value != "false")
            faults.add(std::string(key) + " is true or false, not " + shown(value) + ".");
        item.bind_attributes["odk:" + std::string(key)] = value;
    }
    if (const std::string reasons = get(parameters, "track-changes-reasons"); !reasons.empty()) {
        if (reasons != "on-form-edit")
            faults.add("track-changes-reasons is on-form-edit, not " + shown(reasons) + ".");
        item.bind_attributes["odk:track-changes-reasons"] = reasons;
    }
    const auto given = std::count_if(location.begin(), location.end(),
                                     [&](const char* key) { return parameters.contains(key); });
    if (given == 0) return;
    if (given != 3) {
        faults.add(
            "Of location-priority, location-min-interval and location-max-age all or none are needed.");
        return;
    }
    const std::string priority = get(parameters, location[0]);
    if (priority != "no-power" && priority != "low-power" && priority != "balanced" &&
        priority != "high-accuracy")
        faults.add("location-priority is no-power, low-power, balanced or high-accuracy, not " +
                   shown(priority) + ".");
    const auto interval = parse_whole_number(get(parameters, location[1]));
    const auto age = parse_whole_number(get(parameters, location[2]));
    for (std::size_t i = 1; i < location.size(); ++i) {
        const std::string value = get(parameters, location[i]);
        if (!is_whole(value) || value.starts_with('-'))
            faults.add(std::string(location[i]) + " is a whole number of seconds from 0; " + shown(value) +
                       " is not.");
    }
    if (interval && age && *age < *interval)
        faults.add("location-max-age must not be below location-min-interval.");
    for (const char* key : location) item.bind_attributes["odk:" + std::string(key)] = get(parameters, key);
}

}  // namespace fieldfare::schema::readers
