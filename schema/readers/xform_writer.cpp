#include "schema/readers/xform_writer.h"

#include "schema/readers/cell_text.h"
#include "schema/readers/names.h"
#include "schema/readers/xform_writer_parts.h"

namespace fieldfare::schema {
namespace readers {
namespace {

struct Namespace {
    std::string_view prefix, uri;
};
constexpr Namespace usual[] = {
    {"", "http://www.w3.org/2002/xforms"},        {"h", "http://www.w3.org/1999/xhtml"},
    {"ev", "http://www.w3.org/2001/xml-events"},  {"xsd", "http://www.w3.org/2001/XMLSchema"},
    {"jr", "http://openrosa.org/javarosa"},       {"orx", "http://openrosa.org/xforms"},
    {"odk", "http://www.opendatakit.org/xforms"},
};
constexpr Namespace entities = {"entities", "http://www.opendatakit.org/xforms/entities"};

std::string_view setting(const Settings& settings, const char* column) {
    const auto found = settings.odk.find(column);
    return found == settings.odk.end() ? std::string_view() : std::string_view(found->second);
}

void declare(XFormWriter& writer, std::string_view prefix, std::string_view uri) {
    if (!writer.prefixes.emplace(prefix).second) return;
    writer.xml.attribute(prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix), uri);
}

bool uses_entities(const Form& form, const FormPaths& paths) {
    const auto is_theirs = [](std::string_view name) { return name.starts_with("entities:"); };
    for (const Attribute& each : form.settings.root_attributes)
        if (is_theirs(each.name)) return true;
    for (int node = 1; node < paths.rows_end(); ++node) {
        if (is_entity(*paths[node].item)) return true;
        for (const auto& [name, value] : paths[node].item->bind_attributes)
            if (is_theirs(name)) return true;
        for (const Attribute& each : paths[node].item->attributes)
            if (is_theirs(each.name)) return true;
    }
    return false;
}

// The settings' column namespaces: esri="http://esri.com/xforms" enk="…".
void declare_own(XFormWriter& writer, std::string_view text) {
    while (!(text = trimmed_view(text)).empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
        text.remove_prefix(word.size());
        const std::size_t equals = word.find('=');
        std::string_view uri = equals == std::string_view::npos ? "" : word.substr(equals + 1);
        while (!uri.empty() && (uri.front() == '"' || uri.front() == '\'')) uri.remove_prefix(1);
        while (!uri.empty() && (uri.back() == '"' || uri.back() == '\'')) uri.remove_suffix(1);
        const std::string_view prefix = word.substr(0, equals);
        if (is_name(prefix) && !prefix.starts_with("xml") && !uri.empty())
            declare(writer, prefix, uri);
        else
            writer.warn({"", "settings", 0, "namespaces"},
                        shown(word) + " is no namespace and is left out. Write prefix=\"address\".");
    }
}

// A name, or one with a prefix as in orx:meta.
bool is_node_name(std::string_view name, const XFormWriter& writer) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return is_name(name);
    return writer.prefixes.contains(name.substr(0, colon)) && is_name(name.substr(colon + 1));
}

void check_names(XFormWriter& writer) {
    const Settings& settings = writer.form.settings;
    if (!is_name(settings.root))
        writer.fault({"", "settings", 0, "name"},
                     shown(settings.root) + " can't name the form's root. " + std::string(name_rule));
    if (const Item* item = writer.paths.too_deep())
        writer.fault(place_of(*item, ""), "Groups stand in each other too deep here. Take some out.");
    for (int node = 1; node < writer.paths.rows_end(); ++node) {
        const Item& item = *writer.paths[node].item;
        if (!is_node_name(item.name.starts_with('@') ? item.name.substr(1) : item.name, writer))
            writer.fault(place_of(item, "name"),
                         shown(item.name) + " can't be a name in an XForm. " + std::string(name_rule));
    }
}

// A column of ours that has no counterpart: told once, where it is first used.
struct LeftBehind {
    const char* column;
    const char* sentence;
    int rows = 0;
    Place first = {};

    void count(const char* sheet, int row) {
        if (rows++ == 0) first = {"", sheet, row, column};
    }
    void tell(XFormWriter& writer) const {
        if (rows == 0) return;
        const std::string others =
            rows == 1 ? "" : " So it is with " + std::to_string(rows) + " rows in all.";
        writer.warn(first, sentence + others);
    }
};

void tell_what_stays_behind(XFormWriter& writer) {
    LeftBehind fill{"x_fill",
                    "ODK's tools do not fill this row in: it has its calculation there, or nothing."};
    LeftBehind handover{"x_handover", "ODK's tools do not hand over: the group is one like others."};
    LeftBehind arm{"x_arm", "ODK's tools have no arms: the row is asked whenever it is relevant."};
    LeftBehind length{"x_max_length", "ODK's tools know no longest answer. Write a constraint for them."};
    LeftBehind extension{"x_extension",
                         "ODK's tools show this row, which waits for something not built yet."};
    LeftBehind exclusive{"exclusive",
                         "ODK's tools let this choice be taken together with others. Write a constraint."};
    LeftBehind pin{"pin", "ODK's tools shuffle this choice like the others."};
    for (int node = 1; node < writer.paths.rows_end(); ++node) {
        const Item& item = *writer.paths[node].item;
        if (item.fill != Fill::none) fill.count("survey", item.row);
        if (item.handover) handover.count("survey", item.row);
        if (item.arm) arm.count("survey", item.row);
        if (item.max_length) length.count("survey", item.row);
        if (!item.extension.empty()) extension.count("survey", item.row);
    }
    for (const ChoiceList& list : writer.form.lists)
        for (const Choice& choice : list.choices) {
            if (choice.exclusive) exclusive.count("choices", choice.row);
            if (choice.pin) pin.count("choices", choice.row);
        }
    for (const LeftBehind* each : {&fill, &handover, &arm, &length, &extension, &exclusive, &pin})
        each->tell(writer);
}

void submission(XFormWriter& writer) {
    const Settings& settings = writer.form.settings;
    const std::string_view url = setting(settings, "submission_url"), key = setting(settings, "public_key"),
                           send = setting(settings, "auto_send"), remove = setting(settings, "auto_delete");
    if (url.empty() && key.empty() && send.empty() && remove.empty()) return;
    writer.xml.open("submission");
    if (!url.empty()) {
        writer.xml.attribute("action", url);
        writer.xml.attribute("method", "post");
    }
    if (!key.empty()) writer.xml.attribute("base64RsaPublicKey", key);
    if (!send.empty()) writer.xml.attribute("orx:auto-send", send);
    if (!remove.empty()) writer.xml.attribute("orx:auto-delete", remove);
    writer.xml.close();
}

}  // namespace

XFormWriter::XFormWriter(const Form& written) : form(written), paths(written), itext(written, paths) {
    for (const ChoiceList& list : form.lists) lists.emplace(list.name, &list);
    for (int node = 1; node < paths.rows_end(); ++node) {
        const Item& item = *paths[node].item;
        const auto names = item.parameters.find("trigger");
        if (names == item.parameters.end()) continue;
        for (std::string_view rest = trimmed_view(names->second); !rest.empty(); rest = trimmed_view(rest)) {
            const std::string_view name = rest.substr(0, rest.find(' '));
            triggered.emplace(name, &item);
            rest.remove_prefix(name.size());
        }
    }
    const Item* meta = meta_group(form);
    if (meta) meta_name = meta->name;
    const auto make = [&](const std::string& name) {
        if (meta)
            for (const Item& item : meta->children)
                if (item.name == name || item.name == "orx:" + name) return;
        made_meta.push_back(name);
        paths.add_made(meta_name, name);
    };
    if (condition(std::string(setting(form.settings, "omit_instanceid"))) != "true()") make("instanceID");
    if (!form.settings.instance_name.empty()) make("instanceName");
}

void XFormWriter::document() {
    xml.open("h:html");
    for (const auto& [prefix, uri] : usual) declare(*this, prefix, uri);
    declare_own(*this, setting(form.settings, "namespaces"));
    for (const Attribute& each : form.settings.root_attributes)
        if (each.name.starts_with("xmlns:")) declare(*this, each.name.substr(6), each.value);
    if (uses_entities(form, paths)) declare(*this, entities.prefix, entities.uri);
    check_names(*this);
    if (!findings.errors.empty()) return;

    xml.open("h:head");
    xml.leaf("h:title", form.settings.form_title);
    xml.open("model");
    xml.attribute("odk:xforms-version", "1.0.0");
    if (const auto version = entities_version(paths); !version.empty())
        xml.attribute("entities:entities-version", version);
    submission(*this);
    translations();
    primary_instance();
    secondary_instances();
    binds();
    xml.close();
    xml.close();
    xml.open("h:body");
    if (const std::string_view style = setting(form.settings, "style"); !style.empty())
        xml.attribute("class", style);
    body();
    xml.close();
    xml.close();
    tell_what_stays_behind(*this);
}

}  // namespace readers

Result<WrittenXForm> to_xform(const Form& form) {
    readers::XFormWriter writer(form);
    writer.document();
    if (!writer.findings.errors.empty()) return tl::unexpected(std::move(writer.findings));
    return WrittenXForm{writer.xml.take(), std::move(writer.findings.warnings)};
}

}  // namespace fieldfare::schema
