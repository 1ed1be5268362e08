#include "sync/outbox_note.h"

#include <nlohmann/json.hpp>

namespace fieldfare::sync {

using nlohmann::json;

std::string to_json(const OutboxNote& note) {
    json handed_over = json::array();
    for (const HandOver& one : note.handed_over) {
        json entry = {{"name", one.name}, {"store", one.store}};
        if (one.day) entry["day"] = day_text(*one.day);
        if (one.first) entry["first"] = day_text(*one.first);
        if (one.times != 1) entry["times"] = one.times;
        if (one.unlisted) entry["unlisted"] = true;
        handed_over.push_back(std::move(entry));
    }
    json whole = {{"day", day_text(note.day)},
                  {"handed_over", std::move(handed_over)},
                  {"study", note.study_tag},
                  {"version", 0}};
    if (note.held) whole["held"] = true;
    if (note.earlier) whole["earlier"] = true;
    return whole.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<OutboxNote> outbox_note_from_json(std::string_view text) {
    const json whole = json::parse(text, nullptr, false);
    if (!whole.is_object() || whole.size() > 6) return std::nullopt;
    const auto text_at = [](const json& object, const char* key) -> std::optional<std::string> {
        const auto found = object.find(key);
        if (found == object.end() || !found->is_string()) return std::nullopt;
        return found->get<std::string>();
    };
    const auto day = parse_day(text_at(whole, "day").value_or(""));
    const auto study = text_at(whole, "study");
    const auto handed_over = whole.find("handed_over");
    if (!day || !study || handed_over == whole.end() || !handed_over->is_array()) return std::nullopt;
    OutboxNote note{*study, *day, {}, whole.contains("held"), whole.contains("earlier")};
    for (const json& one : *handed_over) {
        if (!one.is_object()) return std::nullopt;
        const auto times = one.find("times");
        note.handed_over.push_back({text_at(one, "store").value_or(""), text_at(one, "name").value_or(""),
                                    parse_day(text_at(one, "day").value_or("")), 1,
                                    parse_day(text_at(one, "first").value_or("")), one.contains("unlisted")});
        if (times != one.end() && times->is_number_unsigned()) note.handed_over.back().times = *times;
    }
    // Written anew it must be the same: this refuses other versions, extra keys and everything else at once.
    if (to_json(note) != text) return std::nullopt;
    return note;
}

}  // namespace fieldfare::sync
