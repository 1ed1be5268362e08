#include "schema/readers/column_rules.h"

#include <map>
#include <set>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

using Aliases = std::map<std::string_view, std::string_view>;
using Advice = std::map<std::string_view, std::string_view>;

// Column names after lower-casing and spaces to underscores. The aliases are those of pyxform (aliases.py).
const Aliases& aliases(SheetKind kind) {
    static const Aliases survey = {
        {"caption", "label"},
        {"command", "type"},
        {"tag", "name"},
        {"value", "name"},
        {"relevance", "relevant"},
        {"calculate", "calculation"},
        {"readonly", "read_only"},
        {"constraining_message", "constraint_message"},
        {"jr:constraintmsg", "constraint_message"},
        {"requiredmsg", "required_message"},
        {"jr:requiredmsg", "required_message"},
        {"count", "repeat_count"},
        {"jr:count", "repeat_count"},
        {"big-image", "image"},
        {"big_image", "image"},
        {"noapperrorstring", "no_app_error_string"},
        {"body", "control"},
    };
    static const Aliases choices = {
        {"caption", "label"},   {"value", "name"},     {"big-image", "image"},
        {"big_image", "image"}, {"list", "list_name"},
    };
    static const Aliases settings = {
        {"title", "form_title"},
        {"set_form_title", "form_title"},
        {"id_string", "form_id"},
        {"set_form_id", "form_id"},
    };
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

const std::set<std::string_view>& known(SheetKind kind) {
    static const std::set<std::string_view> survey = {
        "type",       "name",     "label",       "hint",         "constraint_message", "required_message",
        "relevant",   "required", "constraint",  "calculation",  "choice_filter",      "read_only",
        "appearance", "default",  "parameters",  "disabled",     "repeat_count",       "x_fill",
        "x_handover", "x_arm",    "x_extension", "x_max_length",
    };
    static const std::set<std::string_view> choices = {"list_name", "name", "label",
                                                       "code",      "pin",  "exclusive"};
    static const std::set<std::string_view> settings = {
        "form_title", "form_id", "version", "default_language", "instance_name", "allow_choice_duplicates"};
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

constexpr std::string_view no_media =
    "Pictures, sound and video in a form are not supported yet. Say it in the label, and remove the column.";

const Advice& refusals(SheetKind kind) {
    static const Advice survey = {
        {"trigger",
         "Triggers are not supported yet. Use a calculation that names the question, and remove the column."},
        {"image", no_media},
        {"audio", no_media},
        {"video", no_media},
        {"media", no_media},
        {"autoplay", no_media},
        {"instance", "Attributes of the instance (instance::) are not supported. Remove the column."},
        {"bind",
         "This attribute of the bind (bind::) is not supported. Use the column of XLSForm that says the "
         "same."},
        {"control", "This attribute of the control (body::) is not supported. Use the column appearance."},
        {"guidance_hint",
         "Guidance hints are not supported yet. Put the text into hint, or rename the column to x_guidance."},
        {"save_to", "Entities are not supported. Remove the column."},
        {"list_name", "Name the list in the column type (select_one LIST), and remove this column."},
        {"no_app_error_string", "Other apps are not called. Remove the column."},
        {"intent", "Other apps are not called. Remove the column."},
    };
    static const Advice choices = {
        {"image", no_media}, {"audio", no_media}, {"video", no_media}, {"media", no_media}};
    static const Advice settings = {};
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

const Advice& ignored(SheetKind kind) {
    constexpr std::string_view sending =
        "Where and how answers are sent is settled in the study, not in the form: this is not used.";
    constexpr std::string_view no_sms = "Answers are never sent by SMS: this is not used.";
    constexpr std::string_view looks = "This does not change how the form looks here: it is not used.";
    constexpr std::string_view xml = "This only matters to the XML of other tools: it is not used.";
    static const Advice survey = {
        {"rows", looks},
        {"compact_tag", no_sms},
        {"sms_field", no_sms},
        {"sms_option", no_sms},
        {"sms_separator", no_sms},
        {"sms_allow_media", no_sms},
        {"sms_date_format", no_sms},
        {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    static const Advice choices = {};
    static const Advice settings = {
        {"public_key", "Answers are always sealed to the study's recipients: this key is not used."},
        {"submission_url", sending},
        {"auto_send", sending},
        {"auto_delete", sending},
        {"style", looks},
        {"name", xml},
        {"namespaces", xml},
        {"attribute", xml},
        {"instance_xmlns", xml},
        {"instance_id", xml},
        {"omit_instanceid", xml},
        {"client_editable", xml},
        {"clean_text_values", xml},
        {"prefix", no_sms},
        {"delimiter", no_sms},
        {"sms_keyword", no_sms},
        {"sms_separator", no_sms},
        {"sms_allow_media", no_sms},
        {"sms_date_format", no_sms},
        {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

}  // namespace

std::string_view column_behind(SheetKind kind, std::string_view name) {
    const auto alias = aliases(kind).find(name);
    return alias == aliases(kind).end() ? name : alias->second;
}

bool is_known_column(SheetKind kind, std::string_view key) {
    return known(kind).contains(key);
}

std::string_view nearest_column(SheetKind kind, std::string_view key) {
    for (std::string_view name : known(kind))
        if (name.size() > 3 && distance(key, name) <= 2) return name;
    return {};
}

std::optional<std::string_view> why_refused(SheetKind kind, std::string_view key) {
    const auto found = refusals(kind).find(key);
    return found == refusals(kind).end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string_view> why_ignored(SheetKind kind, std::string_view key) {
    const auto found = ignored(kind).find(key);
    return found == ignored(kind).end() ? std::nullopt : std::optional(found->second);
}

}  // namespace fieldfare::schema::readers
