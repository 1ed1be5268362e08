#include "schema/readers/column_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

using Way = std::vector<std::string>;
using Aliases = std::map<std::string_view, Way, std::less<>>;
using Advice = std::map<std::string_view, std::string_view>;

const Aliases& media_aliases() {
    static const Aliases aliases = {
        {"image", {"media", "image"}},
        {"big-image", {"media", "big-image"}},
        {"audio", {"media", "audio"}},
        {"video", {"media", "video"}},
    };
    return aliases;
}

// pyxform's aliases.py, survey_header.
const Aliases& survey_aliases() {
    static const Aliases aliases = {
        {"caption", {"label"}},
        {"command", {"type"}},
        {"tag", {"name"}},
        {"value", {"name"}},
        {"relevant", {"bind", "relevant"}},
        {"relevance", {"bind", "relevant"}},
        {"required", {"bind", "required"}},
        {"constraint", {"bind", "constraint"}},
        {"calculation", {"bind", "calculate"}},
        {"calculate", {"bind", "calculate"}},
        {"read_only", {"bind", "readonly"}},
        {"readonly", {"bind", "readonly"}},
        {"constraint_message", {"bind", "jr:constraintMsg"}},
        {"constraining_message", {"bind", "jr:constraintMsg"}},
        {"required_message", {"bind", "jr:requiredMsg"}},
        {"requiredmsg", {"bind", "jr:requiredMsg"}},
        {"no_app_error_string", {"bind", "jr:noAppErrorString"}},
        {"noapperrorstring", {"bind", "jr:noAppErrorString"}},
        {"save_to", {"bind", "entities:saveto"}},
        {"appearance", {"control", "appearance"}},
        {"repeat_count", {"control", "jr:count"}},
        {"count", {"control", "jr:count"}},
        {"jr:count", {"control", "jr:count"}},
        {"autoplay", {"control", "autoplay"}},
        {"rows", {"control", "rows"}},
        {"intent", {"control", "intent"}},
        {"body", {"control"}},
        {"compact_tag", {"instance", "odk:tag"}},
    };
    return aliases;
}

const Aliases& choices_aliases() {
    static const Aliases aliases = {
        {"caption", {"label"}},
        {"value", {"name"}},
    };
    return aliases;
}

const Aliases& settings_aliases() {
    static const Aliases aliases = {
        {"title", {"form_title"}},
        {"set_form_title", {"form_title"}},
        {"id_string", {"form_id"}},
        {"set_form_id", {"form_id"}},
    };
    return aliases;
}

const Aliases& entities_aliases() {
    static const Aliases aliases = {{"list_name", {"dataset"}}};
    return aliases;
}

const Aliases& aliases(SheetKind kind) {
    switch (kind) {
        case SheetKind::survey:
            return survey_aliases();
        case SheetKind::choices:
        case SheetKind::external_choices:
            return choices_aliases();
        case SheetKind::settings:
            return settings_aliases();
        case SheetKind::entities:
            return entities_aliases();
    }
    return survey_aliases();
}

using Known = std::map<Way, std::string_view>;

Known known_columns(std::initializer_list<std::string_view> plain) {
    Known out;
    for (const std::string_view name : plain) out[{std::string(name)}] = name;
    return out;
}

void add_media(Known& out) {
    out[{"media", "image"}] = "media::image";
    out[{"media", "big-image"}] = "media::big-image";
    out[{"media", "audio"}] = "media::audio";
    out[{"media", "video"}] = "media::video";
}

const Known& known(SheetKind kind) {
    static const Known survey = [] {
        Known out = known_columns({"type", "name", "label", "hint", "guidance_hint", "choice_filter",
                                   "default", "parameters", "disabled", "trigger", "media", "x_fill",
                                   "x_handover", "x_arm", "x_extension", "x_max_length"});
        out[{"bind", "relevant"}] = "relevant";
        out[{"bind", "required"}] = "required";
        out[{"bind", "constraint"}] = "constraint";
        out[{"bind", "calculate"}] = "calculation";
        out[{"bind", "readonly"}] = "read_only";
        out[{"bind", "jr:constraintMsg"}] = "constraint_message";
        out[{"bind", "jr:requiredMsg"}] = "required_message";
        out[{"bind", "entities:saveto"}] = "save_to";
        out[{"control", "appearance"}] = "appearance";
        out[{"control", "jr:count"}] = "repeat_count";
        add_media(out);
        return out;
    }();
    static const Known choices = [] {
        Known out = known_columns({"list_name", "name", "label", "code", "pin", "exclusive"});
        add_media(out);
        return out;
    }();
    static const Known external = known_columns({"list_name", "name", "label"});
    static const Known settings =
        known_columns({"form_title", "form_id", "version", "default_language", "instance_name",
                       "allow_choice_duplicates", "name", "omit_instanceid", "public_key"});
    static const Known entities = known_columns({"dataset", "entity_id", "create_if", "update_if", "label"});
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::external_choices:
            return external;
        case SheetKind::settings:
            return settings;
        case SheetKind::entities:
            return entities;
    }
    return survey;
}

constexpr std::array<std::string_view, 9> translated = {
    "label",        "hint",         "guidance_hint",    "constraint_message", "required_message",
    "media::image", "media::audio", "media::big-image", "media::video"};

constexpr std::array<std::string_view, 9> kept_settings = {
    "submission_url", "auto_send",       "auto_delete", "style",     "namespaces",
    "instance_xmlns", "client_editable", "prefix",      "delimiter",
};

constexpr std::string_view no_sms = "Answers are never sent by SMS: this is not used.";

const Advice& ignored(SheetKind kind) {
    static const Advice survey = {
        {"sms_field", no_sms},       {"sms_option", no_sms},      {"sms_separator", no_sms},
        {"sms_allow_media", no_sms}, {"sms_date_format", no_sms}, {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    static const Advice choices = {{"sms_option", no_sms}};
    constexpr std::string_view xml = "This only matters to the XML of other tools: it is not used.";
    static const Advice settings = {
        {"instance_id", xml},
        {"clean_text_values", xml},
        {"add_none_option", "A choice 'none' is not added. Put it on the choices sheet."},
        {"flat", xml},
        {"sms_keyword", no_sms},
        {"sms_separator", no_sms},
        {"sms_allow_media", no_sms},
        {"sms_date_format", no_sms},
        {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    static const Advice none = {};
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
        case SheetKind::external_choices:
        case SheetKind::entities:
            return none;
    }
    return none;
}

}  // namespace

std::vector<std::string> column_behind(SheetKind kind, std::string_view name) {
    if (const auto alias = aliases(kind).find(name); alias != aliases(kind).end()) return alias->second;
    if (kind == SheetKind::survey || kind == SheetKind::choices)
        if (const auto alias = media_aliases().find(name); alias != media_aliases().end())
            return alias->second;
    return {std::string(name)};
}

std::optional<KnownColumn> known_column(SheetKind kind, const std::vector<std::string>& way) {
    for (std::size_t length = std::min<std::size_t>(way.size(), 2); length > 0; --length) {
        const auto found =
            known(kind).find(Way(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(length)));
        if (found != known(kind).end()) return KnownColumn{found->second, length};
    }
    return std::nullopt;
}

bool is_translated(std::string_view key) {
    return std::find(translated.begin(), translated.end(), key) != translated.end();
}

std::string_view nearest_column(SheetKind kind, std::string_view key) {
    for (const auto& [way, name] : known(kind))
        if (name.size() > 3 && distance(key, name) <= 2) return name;
    return {};
}

std::optional<std::string_view> why_ignored(SheetKind kind, std::string_view key) {
    const auto found = ignored(kind).find(key);
    return found == ignored(kind).end() ? std::nullopt : std::optional(found->second);
}

bool is_kept_setting(std::string_view key) {
    return std::find(kept_settings.begin(), kept_settings.end(), key) != kept_settings.end();
}

}  // namespace fieldfare::schema::readers
