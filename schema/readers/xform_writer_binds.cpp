#include "schema/readers/xform_writer_parts.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

class Binds {
  public:
    explicit Binds(XFormWriter& writer) : writer_(writer), xml_(writer.xml) {}

    void write() {
        for (int node = 1; node < writer_.paths.rows_end(); ++node) {
            const Item& item = *writer_.paths[node].item;
            count(item, node);
            bind(item, node);
            writer_.dynamic_default(item, "odk-instance-first-load");
            writer_.model_action(item);
            writer_.entity_binds(item);
        }
        meta();
        for (const SetValue& action : writer_.form.actions)
            writer_.set_value(action, FormPaths::root, events_of(action));
    }

  private:
    using Values = std::vector<std::pair<std::string, std::string>>;

    void count(const Item& item, int node) {
        const std::string name = count_node_of(item, writer_.paths);
        if (name.empty()) return;
        const std::string& above = writer_.paths[writer_.paths[node].parent].path;
        xml_.empty("bind",
                   {{"nodeset", above + "/" + name},
                    {"type", "string"},
                    {"readonly", "true()"},
                    {"calculate", writer_.xpath(item.repeat_count, node, place_of(item, "repeat_count"))}});
    }

    void bind(const Item& item, int node) {
        Values values;
        const auto add = [&](std::string name, std::string value) {
            if (!value.empty()) values.emplace_back(std::move(name), std::move(value));
        };
        const auto expression = [&](std::string name, const std::string& source, const char* column) {
            if (!source.empty()) add(std::move(name), writer_.xpath(source, node, place_of(item, column)));
        };
        if (item.kind == ItemKind::question) add("type", std::string(bind_type(item)));
        const bool note = item.kind == ItemKind::question && item.type == QuestionType::note;
        expression("readonly", note && item.read_only.empty() ? "true()" : condition(item.read_only),
                   "read_only");
        expression("required", condition(item.required), "required");
        expression("relevant", condition(item.relevant), "relevant");
        expression("constraint", condition(item.constraint), "constraint");
        expression("calculate", condition(item.calculation), "calculation");
        if (item.fill != Fill::none && item.calculation.empty()) add("calculate", "''");
        add("jr:preload", item.preload);
        add("jr:preloadParams", item.preload_parameters);
        message("jr:constraintMsg", item.constraint_message, node, values);
        message("jr:requiredMsg", item.required_message, node, values);
        for (const auto& [key, value] : item.parameters)
            add(std::string(bind_parameter(key)), bind_parameter(key).empty() ? "" : value);
        for (const auto& [key, value] : item.bind_attributes)
            // "list#property": which list it is says the place.
            expression(key, key == "entities:saveto" ? value.substr(value.find('#') + 1) : value,
                       ("bind::" + key).c_str());
        if (values.empty()) return;

        xml_.open("bind");
        xml_.attribute("nodeset", writer_.paths[node].path);
        std::set<std::string> written;
        for (const auto& [key, value] : values)
            if (written.insert(key).second) writer_.attribute(key, value, place_of(item, "bind::" + key));
        xml_.close();
    }

    void message(const char* name, const Text& text, int node, Values& values) {
        const std::string id = writer_.paths[node].path + ":" + name;
        if (writer_.itext.has(id))
            values.emplace_back(name, "jr:itext('" + id + "')");
        else if (const auto shown = writer_.itext.inline_text(text); !shown.empty())
            values.emplace_back(name, shown);
    }

    void meta() {
        const Settings& settings = writer_.form.settings;
        const std::string above = "/" + settings.root + "/" + writer_.meta_name + "/";
        for (const std::string& name : writer_.made_meta) {
            xml_.open("bind");
            xml_.attribute("nodeset", above + name);
            xml_.attribute("type", "string");
            if (name == "instanceID") {
                xml_.attribute("readonly", "true()");
                xml_.attribute("jr:preload", "uid");
            } else {
                xml_.attribute("calculate", writer_.xpath(settings.instance_name, FormPaths::root,
                                                          {"", "settings", 0, "instance_name"}));
            }
            xml_.close();
        }
    }

    XFormWriter& writer_;
    XmlText& xml_;
};

}  // namespace

void XFormWriter::binds() {
    Binds(*this).write();
}

std::string events_of(const SetValue& action) {
    std::string events;
    for (const Event event : action.events) {
        if (!events.empty()) events += ' ';
        events += word_of(event_words, event);
    }
    return events;
}

std::string_view bind_parameter(std::string_view parameter) {
    if (parameter == "max-pixels") return "orx:max-pixels";
    if (parameter == "quality") return "odk:quality";
    if (parameter == "allow-mock-accuracy") return "odk:allow-mock-accuracy";
    if (parameter == "location-priority") return "odk:location-priority";
    if (parameter == "location-min-interval") return "odk:location-min-interval";
    if (parameter == "location-max-age") return "odk:location-max-age";
    if (parameter == "track-changes") return "odk:track-changes";
    if (parameter == "track-changes-reasons") return "odk:track-changes-reasons";
    if (parameter == "identify-user") return "odk:identify-user";
    return {};
}

}  // namespace fieldfare::schema::readers
