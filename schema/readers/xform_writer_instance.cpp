#include <map>
#include <optional>

#include "schema/readers/xform_writer_parts.h"

namespace fieldfare::schema::readers {
namespace {

enum class Copy { with_templates, template_itself, instance };

// The values of one instance that the form begins with, by their paths in it.
class Given {
  public:
    explicit Given(const std::vector<InitialValue>& values) {
        for (const InitialValue& value : values) by_path_.emplace(value.path, value.value);
    }
    std::optional<std::string_view> at(const std::string& path) const {
        const auto found = by_path_.find(path);
        if (found == by_path_.end()) return std::nullopt;
        return found->second;
    }
    /// Whether there is a value at or below the path.
    bool mentions(const std::string& path) const {
        if (by_path_.contains(path)) return true;
        const auto below = by_path_.lower_bound(path + "/");
        return below != by_path_.end() && below->first.starts_with(path + "/");
    }

  private:
    std::map<std::string, std::string_view, std::less<>> by_path_;
};

class PrimaryInstance {
  public:
    explicit PrimaryInstance(XFormWriter& writer) : writer_(writer), xml_(writer.xml) {}

    void write() {
        const Settings& settings = writer_.form.settings;
        xml_.open("instance");
        xml_.open(settings.root);
        root_attributes(settings);
        items(writer_.form.items, Copy::with_templates, nullptr, "");
        if (!meta_group(writer_.form) && !writer_.made_meta.empty()) {
            xml_.open("meta");
            made_meta();
            xml_.close();
        }
        xml_.close();
        xml_.close();
    }

  private:
    void root_attributes(const Settings& settings) {
        const Place place{"", "settings", 0, ""};
        std::set<std::string, std::less<>> written;
        const auto add = [&](std::string_view name, std::string_view value) {
            if (!value.empty() && written.emplace(name).second) writer_.attribute(name, value, place);
        };
        add("id", settings.form_id);
        add("version", settings.version);
        const auto setting = [&](const char* column) {
            const auto found = settings.odk.find(column);
            return found == settings.odk.end() ? std::string_view() : std::string_view(found->second);
        };
        add("xmlns", setting("instance_xmlns"));
        add("odk:prefix", setting("prefix"));
        add("odk:delimiter", setting("delimiter"));
        for (const Attribute& each : settings.root_attributes)
            if (!each.name.starts_with("xmlns:")) add(each.name, each.value);  // those stand at the top
        constexpr std::string_view own = "attribute::";
        for (const auto& [column, value] : settings.odk)
            if (column.starts_with(own)) add(std::string_view(column).substr(own.size()), value);
    }

    void made_meta() {
        for (const std::string& name : writer_.made_meta) xml_.empty(name);
    }

    void items(const std::vector<Item>& list, Copy copy, const Given* values, const std::string& at) {
        for (const Item& item : list) {
            if (item.name.starts_with('@')) continue;  // its element has it among its attributes
            if (const std::string count = count_node_of(item, writer_.paths); !count.empty())
                xml_.empty(count);
            switch (item.kind) {
                case ItemKind::question:
                    question(item, values, at + item.name);
                    break;
                case ItemKind::group:
                    open(item);
                    // In a template's groups pyxform gives inner repeats an instance, too.
                    items(item.children, copy == Copy::template_itself ? Copy::with_templates : copy, values,
                          at + item.name + "/");
                    if (&item == meta_group(writer_.form)) made_meta();
                    xml_.close();
                    break;
                case ItemKind::repeat:
                    repeat(item, copy, values, at + item.name);
                    break;
            }
        }
    }

    // As pyxform has it: the template first, with the templates of the repeats in it; then the instances that
    // the form begins with, one at least, without.
    void repeat(const Item& item, Copy copy, const Given* values, const std::string& at) {
        if (copy != Copy::instance) {
            xml_.open(item.name);
            xml_.attribute("jr:template", "");
            items(item.children, Copy::template_itself, nullptr, "");
            xml_.close();
        }
        if (copy == Copy::template_itself) return;
        std::size_t number = 0;
        if (values) {
            while (values->mentions(instance_path(at, number + 1))) {
                open(item);
                items(item.children, Copy::instance, values, instance_path(at, ++number) + "/");
                xml_.close();
            }
        } else {
            for (const std::vector<InitialValue>& instance : item.initial) {
                ++number;
                open(item);
                const Given given(instance);
                items(item.children, Copy::instance, &given, "");
                xml_.close();
            }
        }
        if (number > 0) return;
        open(item);
        items(item.children, Copy::instance, values, at + "/");
        xml_.close();
    }

    static std::string instance_path(const std::string& at, std::size_t number) {
        return number == 1 ? at : at + "[" + std::to_string(number) + "]";
    }

    void open(const Item& item, Layout layout = Layout::lines) {
        xml_.open(item.name, layout);
        const int node = writer_.paths.of(item);
        for (const Attribute& each : item.attributes)
            writer_.attribute(each.name, writer_.xpath(each.value, node, place_of(item, "instance::")),
                              place_of(item, "instance::" + each.name));
    }

    void question(const Item& item, const Given* values, const std::string& at) {
        std::string value = is_dynamic(item) ? "" : item.default_value;
        if (const auto given = values ? values->at(at) : std::nullopt) value = *given;
        if (item.type == QuestionType::image && !value.empty() && value.find("://") == std::string::npos)
            value = "jr://images/" + value;
        open(item, Layout::text);
        xml_.text(value);
        xml_.close();
    }

    XFormWriter& writer_;
    XmlText& xml_;
};

}  // namespace

void XFormWriter::primary_instance() {
    PrimaryInstance(*this).write();
}

}  // namespace fieldfare::schema::readers
