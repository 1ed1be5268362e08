#include <algorithm>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_writer_parts.h"

namespace fieldfare::schema::readers {
namespace {

bool has_text(const Text& text) {
    return std::any_of(text.begin(), text.end(), [](const std::string& each) { return !each.empty(); });
}

// What nobody is asked has no control: calculations, and a question that is calculated and says nothing.
bool is_shown(const Item& item) {
    if (item.type == QuestionType::calculate) return false;
    const bool says_something = has_text(item.label) || has_text(item.hint) || !item.media.empty();
    return says_something || item.calculation.empty();
}

std::string_view element_of(QuestionType type) {
    switch (type) {
        case QuestionType::text:
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::note:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::barcode:
        case QuestionType::calculate:
            return "input";
        case QuestionType::select_one:
            return "select1";
        case QuestionType::select_multiple:
            return "select";
        case QuestionType::rank:
            return "odk:rank";
        case QuestionType::range:
            return "range";
        case QuestionType::acknowledge:
            return "trigger";
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return "upload";
    }
    return "input";
}

std::string_view media_type_of(QuestionType type) {
    if (type == QuestionType::image) return "image/*";
    if (type == QuestionType::audio) return "audio/*";
    if (type == QuestionType::video) return "video/*";
    return "application/*";
}

class Body {
  public:
    explicit Body(XFormWriter& writer) : writer_(writer), xml_(writer.xml) {}

    void write() { items(writer_.form.items); }

  private:
    void items(const std::vector<Item>& list) {
        for (const Item& item : list) {
            if (is_meta(item)) continue;
            switch (item.kind) {
                case ItemKind::question:
                    question(item);
                    break;
                case ItemKind::group:
                    group(item);
                    break;
                case ItemKind::repeat:
                    repeat(item);
                    break;
            }
        }
    }

    static bool has_label(const Item& item) { return has_text(item.label) || !item.media.empty(); }

    // Questions and repeats have one always: it is what tools take hold of.
    void label(const Item& item, int node) {
        if (has_label(item))
            writer_.shown_text("label", item.label, node, place_of(item, "label"));
        else
            xml_.empty("label");
    }

    void group(const Item& item) {
        const int node = writer_.paths.of(item);
        xml_.open("group");
        xml_.attribute("ref", writer_.paths[node].path);
        attributes(item, node);
        if (has_label(item)) label(item, node);
        if (has_text(item.hint))
            writer_.warn(place_of(item, "hint"), "ODK's tools show no hint of a group: it is left out.");
        items(item.children);
        actions(item, node);
        xml_.close();
    }

    void repeat(const Item& item) {
        const int node = writer_.paths.of(item);
        const std::string& path = writer_.paths[node].path;
        xml_.open("group");
        xml_.attribute("ref", path);
        label(item, node);
        xml_.open("repeat");
        xml_.attribute("nodeset", path);
        if (!item.repeat_count.empty()) xml_.attribute("jr:count", count(item, node));
        if (item.no_add_remove) xml_.attribute("jr:noAddRemove", "true()");
        attributes(item, node);
        items(item.children);
        new_instance_defaults(item);
        actions(item, node);
        xml_.close();
        xml_.close();
    }

    std::string count(const Item& item, int node) {
        const std::string made = count_node_of(item, writer_.paths);
        if (made.empty()) return writer_.xpath(item.repeat_count, node, place_of(item, "repeat_count"));
        const std::string& parent = writer_.paths[writer_.paths[node].parent].path;
        return writer_.paths[node].repeat == FormPaths::none ? " " + parent + "/" + made + " "
                                                             : " ../" + made + " ";
    }

    // Of the questions whose innermost repeat this is.
    void new_instance_defaults(const Item& repeat) {
        std::vector<const Item*> waiting{&repeat};
        while (!waiting.empty()) {
            const Item* item = waiting.back();
            waiting.pop_back();
            if (item->kind == ItemKind::question) writer_.dynamic_default(*item, "odk-new-repeat");
            writer_.new_entity_id(*item, "odk-new-repeat");
            for (auto child = item->children.rbegin(); child != item->children.rend(); ++child)
                if (child->kind != ItemKind::repeat) waiting.push_back(&*child);
        }
    }

    void question(const Item& item) {
        const int node = writer_.paths.of(item);
        if (!is_shown(item)) {
            if (!item.actions.empty())
                writer_.warn(
                    place_of(item, "trigger"),
                    "A row that nobody is asked sets off no action in ODK's tools: its trigger is left "
                    "out.");
            return;
        }
        xml_.open(element_of(item.type));
        xml_.attribute("ref", writer_.paths[node].path);
        attributes(item, node);
        label(item, node);
        writer_.shown_text("hint", item.hint, node, place_of(item, "hint"));
        choices(item, node);
        tags(item);
        actions(item, node);
        writer_.triggered_actions(item);
        xml_.close();
    }

    // What OpenMap's mapper asks of the thing that is chosen there.
    void tags(const Item& item) {
        const auto list = osm_list(item, writer_.lists);
        if (!list) return;
        for (std::size_t i = 0; i < list->choices.size(); ++i) {
            xml_.open("tag");
            xml_.attribute("key", list->choices[i].name);
            choice_label(*list, i);
            xml_.close();
        }
    }

    void attributes(const Item& item, int node) {
        std::set<std::string, std::less<>> written;
        const auto add = [&](std::string_view name, std::string_view value) {
            if (value.empty() || name.empty() || !written.emplace(name).second) return;
            writer_.attribute(name, value, place_of(item, "body::" + std::string(name)));
        };
        for (const auto& [key, value] : item.body_attributes)
            add(key, writer_.xpath(value, node, place_of(item, "body::" + key)));
        add("appearance", writer_.xpath(item.appearance, node, place_of(item, "appearance")));
        if (item.kind != ItemKind::question) return;
        if (element_of(item.type) == "upload") add("mediatype", media_type_of(item.type));
        for (const auto& [key, value] : item.parameters) add(control_parameter(key), value);
        if (item.type != QuestionType::range) return;
        add("start", "1");
        add("end", "10");
        add("step", "1");
    }

    void choices(const Item& item, int node) {
        if (item.list.empty() && item.itemset.nodeset.empty()) return;
        const auto found = writer_.lists.find(item.list);
        const ChoiceList* list = found == writer_.lists.end() ? nullptr : found->second;
        const bool from_list = item.itemset.nodeset.empty();
        if (from_list && list && is_searched(item)) {
            for (std::size_t i = 0; i < list->choices.size(); ++i) inline_choice(*list, i);
            return;
        }
        const bool by_id = list && writer_.itext.has_list(*list);
        xml_.open("itemset");
        xml_.attribute("nodeset", nodeset(item, node));
        const auto parameter = [&](const char* key, std::string usual) {
            const auto found = item.parameters.find(key);
            return found == item.parameters.end() ? usual : found->second;
        };
        if (from_list) {
            xml_.empty("value", {{"ref", parameter("value", "name")}});
            xml_.empty("label", {{"ref", parameter("label", by_id ? "jr:itext(itextId)" : "label")}});
        } else {
            xml_.empty("value", {{"ref", item.itemset.value}});
            const bool names_label = item.itemset.label == "label" && is_shown_by_id(item.itemset.nodeset);
            xml_.empty("label", {{"ref", names_label ? "jr:itext(itextId)" : item.itemset.label}});
        }
        xml_.close();
    }

    // Whether instance('list') at the front names a list whose choices have an itextId instead of a label.
    bool is_shown_by_id(std::string_view nodeset) const {
        constexpr std::string_view call = "instance(";
        if (!nodeset.starts_with(call) || nodeset.size() < call.size() + 2) return false;
        const std::string_view id = nodeset.substr(call.size() + 1);
        const auto list = writer_.lists.find(id.substr(0, id.find(nodeset[call.size()])));
        return list != writer_.lists.end() && writer_.itext.has_list(*list->second);
    }

    std::string nodeset(const Item& item, int node) {
        std::string set;
        if (item.itemset.nodeset.empty())
            set = "instance(" + quoted(item.list) + ")/root/item";
        else
            set = writer_.path(item.itemset.nodeset, node, place_of(item, "type"));
        if (!item.choice_filter.empty())
            set += "[" +
                   writer_.xpath(item.choice_filter, node, place_of(item, "choice_filter"),
                                 SeenFrom::predicate) +
                   "]";
        if (!item.randomize) return set;
        const std::string seed = writer_.path(item.seed, node, place_of(item, "parameters"));
        return "randomize(" + set + (seed.empty() ? "" : ", " + seed) + ")";
    }

    void inline_choice(const ChoiceList& list, std::size_t index) {
        const Choice& choice = list.choices[index];
        xml_.open("item");
        choice_label(list, index);
        xml_.leaf("value", choice.name);
        xml_.close();
    }

    void choice_label(const ChoiceList& list, std::size_t index) {
        if (writer_.itext.has_list(list))
            xml_.empty("label", {{"ref", "jr:itext(" + quoted(ItextEntries::id_of(list, index)) + ")"}});
        else
            xml_.leaf("label", writer_.itext.inline_text(list.choices[index].label));
    }

    void actions(const Item& item, int node) {
        for (const SetValue& action : item.actions) writer_.set_value(action, node, events_of(action));
    }

    XFormWriter& writer_;
    XmlText& xml_;
};

}  // namespace

void XFormWriter::body() {
    Body(*this).write();
}

std::string_view control_parameter(std::string_view parameter) {
    constexpr std::string_view as_they_are[] = {"start", "end", "step", "rows", "incremental"};
    for (const std::string_view each : as_they_are)
        if (parameter == each) return each;
    if (parameter == "tick_interval" || parameter == "tick-interval") return "odk:tick-interval";
    if (parameter == "placeholder") return "odk:placeholder";
    if (parameter == "app") return "intent";
    if (parameter == "capture-accuracy") return "accuracyThreshold";
    if (parameter == "warning-accuracy") return "unacceptableAccuracyThreshold";
    return {};
}

}  // namespace fieldfare::schema::readers
