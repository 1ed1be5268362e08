#include <algorithm>
#include <unordered_set>

#include "schema/readers/cell_text.h"
#include "schema/readers/names.h"
#include "schema/readers/xform_writer_parts.h"

namespace fieldfare::schema::readers {
namespace {

// An instance whose nodes stand in document order, each with its depth.
void write_nodes(const std::vector<InstanceNode>& nodes, XmlText& xml) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const InstanceNode& node = nodes[i];
        if (node.attribute) continue;  // written with its element
        const auto depth = static_cast<std::size_t>(std::max(node.depth, 0));
        for (; open > depth; --open) xml.close();
        xml.open(node.name, node.text.empty() ? Layout::lines : Layout::text);
        std::size_t next = i + 1;
        for (; next < nodes.size() && nodes[next].attribute; ++next)
            xml.attribute(nodes[next].name, nodes[next].text);
        xml.text(node.text);
        ++open;
    }
    for (; open > 0; --open) xml.close();
}

// The files that pulldata() reads: 'name' in pulldata('name', …). pyxform declares an instance for each.
void add_pulldata(std::string_view expression, std::vector<std::string>& names) {
    constexpr std::string_view call = "pulldata";
    for (std::size_t at = expression.find(call); at != std::string_view::npos;
         at = expression.find(call, at + 1)) {
        std::string_view rest = trimmed_view(expression.substr(at + call.size()));
        if (!rest.starts_with('(')) continue;
        rest = trimmed_view(rest.substr(1));
        if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) continue;
        const std::size_t end = rest.find(rest[0], 1);
        if (end == std::string_view::npos) continue;
        const std::string name(trimmed_view(rest.substr(1, end - 1)));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
}

class Lists {
  public:
    explicit Lists(XFormWriter& writer) : writer_(writer), xml_(writer.xml) {}

    void write() {
        find_in_questions();
        std::set<std::string, std::less<>> ids;
        for (const SecondaryInstance& instance : writer_.form.instances) {
            if (!ids.insert(instance.id).second) continue;
            xml_.open("instance");
            xml_.attribute("id", instance.id);
            if (instance.source.empty())
                write_nodes(instance.nodes, xml_);
            else
                xml_.attribute("src", instance.source);
            xml_.close();
        }
        mentioned(ids);
        for (const ChoiceList& list : writer_.form.lists)
            if (ids.insert(list.name).second) write(list);
    }

  private:
    // Instances that expressions name without a row of their own.
    void mentioned(std::set<std::string, std::less<>>& ids) {
        std::vector<std::string> files;
        bool last_saved = false;
        const auto look_at = [&](std::string_view expression) {
            add_pulldata(expression, files);
            last_saved = last_saved || expression.find(last_saved_mark) != std::string_view::npos;
        };
        for (int node = 1; node < writer_.paths.rows_end(); ++node) {
            const Item& item = *writer_.paths[node].item;
            for (const std::string* each :
                 {&item.relevant, &item.constraint, &item.required, &item.read_only, &item.calculation,
                  &item.default_value, &item.choice_filter, &item.repeat_count, &item.seed})
                look_at(*each);
            for (const SetValue& action : item.actions) look_at(action.value);
            for (const Text* text : {&item.label, &item.hint, &item.guidance_hint})
                for (const std::string& each : *text) look_at(each);
        }
        look_at(writer_.form.settings.instance_name);
        for (const std::string& file : files)
            if (ids.insert(file).second)
                xml_.empty("instance", {{"id", file}, {"src", "jr://file-csv/" + file + ".csv"}});
        if (last_saved && ids.emplace(last_saved_instance).second)
            xml_.empty("instance", {{"id", last_saved_instance}, {"src", "jr://instance/last-saved"}});
    }

    void write(const ChoiceList& list) {
        if (in_questions_.contains(list.name)) return;
        xml_.open("instance");
        xml_.attribute("id", list.name);
        xml_.open("root");
        for (std::size_t i = 0; i < list.choices.size(); ++i) choice(list, i);
        xml_.close();
        xml_.close();
    }

    // The choices of search() and the tags of OpenStreetMap stand in the question.
    void find_in_questions() {
        std::unordered_set<std::string_view> otherwise;
        for (int node = 1; node < writer_.paths.rows_end(); ++node) {
            const Item& item = *writer_.paths[node].item;
            if (const ChoiceList* tags = osm_list(item, writer_.lists)) in_questions_.insert(tags->name);
            if (!item.list.empty()) (is_searched(item) ? in_questions_ : otherwise).insert(item.list);
        }
        for (const std::string_view list : otherwise) in_questions_.erase(list);
    }

    void choice(const ChoiceList& list, std::size_t index) {
        const Choice& choice = list.choices[index];
        const Place place{"", "choices", choice.row, ""};
        xml_.open("item");
        if (writer_.itext.has_list(list))
            xml_.leaf("itextId", ItextEntries::id_of(list, index));
        else if (const auto label = writer_.itext.inline_text(choice.label); !label.empty())
            xml_.leaf("label", label);
        xml_.leaf("name", choice.name);
        if (choice.code) xml_.leaf("code", std::to_string(*choice.code));
        if (choice.pin) xml_.leaf("pin", "yes");
        if (choice.exclusive) xml_.leaf("exclusive", "yes");
        for (const auto& [column, value] : choice.columns) {
            if (value.empty()) continue;
            if (is_name(column))
                xml_.leaf(column, value);
            else
                writer_.warn({"", "choices", choice.row, column},
                             "This column can't be a name in XML and is left out. " + std::string(name_rule));
        }
        xml_.close();
    }

    XFormWriter& writer_;
    XmlText& xml_;
    std::unordered_set<std::string_view> in_questions_;
};

}  // namespace

void XFormWriter::secondary_instances() {
    Lists(*this).write();
}

const ChoiceList* osm_list(const Item& item, const ListsByName& lists) {
    const auto name = item.parameters.find("osm");
    if (name == item.parameters.end()) return nullptr;
    const auto list = lists.find(name->second);
    return list == lists.end() ? nullptr : list->second;
}

bool is_searched(const Item& item) {
    return item.appearance.find("search(") != std::string::npos;
}

}  // namespace fieldfare::schema::readers
