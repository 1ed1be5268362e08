#include "schema/readers/xform.h"

#include <utility>

#include "schema/readers/cell_text.h"
#include "schema/readers/instance_sources.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema {
namespace {

using namespace readers;

/// The parts of the document that matter.
struct Landmarks {
    std::optional<XmlNode> title, model, body;
};

// At most three levels down: h:html, h:head, model. JavaRosa takes any arrangement of them.
Landmarks find_landmarks(XFormParts& form, XmlNode root) {
    Landmarks found;
    std::vector<XmlNode> elements = root.elements();
    for (const XmlNode& child : root.elements())
        if (child.local() == "head")
            for (const XmlNode& inner : child.elements()) elements.push_back(inner);
    for (const XmlNode& element : elements) {
        const std::string_view name = element.local();
        if (name == "title" && !found.title) {
            found.title = element;
        } else if (name == "body" && !found.body) {
            found.body = element;
        } else if (name == "model") {
            if (found.model)
                form.warning(element, "The form has a second model. Only the first is read.");
            else
                found.model = element;
        }
    }
    return found;
}

std::optional<XmlNode> primary_instance(XFormParts& form) {
    for (const XmlNode& child : form.model.elements()) {
        if (child.local() != "instance") continue;
        const std::vector<XmlNode> roots = child.elements();
        if (roots.size() == 1) return roots.front();
        form.error(child, roots.empty()
                              ? "The first instance holds no element. Its child is what a submission will be."
                              : "The first instance holds more than one element. Keep one.");
        return std::nullopt;
    }
    form.error(form.model, "The model has no instance. Its first one is what a submission will be.");
    return std::nullopt;
}

void tell_unknown(XFormParts& form) {
    for (const XmlNode& child : form.model.elements()) {
        const std::string_view name = child.local();
        if (name != "instance" && name != "bind" && name != "itext" && name != "submission" &&
            !is_action(child))
            form.error(child, "The element " + shown(child.name()) +
                                  " can't stand in the model. Remove it, or move it to where it belongs.");
    }
}

void read_submission(XFormParts& form, XmlNode element) {
    auto& odk = form.form.settings.odk;
    const auto keep = [&](const char* setting, std::string value) {
        if (!value.empty()) odk[setting] = std::move(value);
    };
    keep("submission_url", attribute_text(element, "action"));
    keep("public_key", attribute_text(element, "base64RsaPublicKey"));
    keep("auto_send", attribute_text(element, "auto-send", xml_spaces::openrosa));
    keep("auto_delete", attribute_text(element, "auto-delete", xml_spaces::openrosa));
    if (odk.contains("public_key"))
        form.warning(element,
                     "The public key is for ODK's encryption and is not used: this program encrypts "
                     "submissions for the researchers that the study names.");
}

void read_settings(XFormParts& form, const Landmarks& found, const std::string& file) {
    Settings& settings = form.form.settings;
    if (found.title) settings.form_title = trimmed(found.title->text());
    if (settings.form_id.empty()) {
        settings.form_id = file.substr(0, file.find('.'));
        form.warning(form.root, "The primary instance has no id. The form is called " +
                                    shown(settings.form_id) + ", as its file is.");
    }
    settings.default_language = form.itext.default_language;
    form.form.languages = form.itext.languages;
    if (found.body)
        if (std::string style = attribute_text(*found.body, "class"); !style.empty())
            settings.odk["style"] = std::move(style);
    for (const XmlNode& child : form.model.elements())
        if (child.local() == "submission") read_submission(form, child);
}

/// What all external files may hold together: one may be named by many instances.
struct ExternalBudget {
    std::size_t bytes = limits::unpacked_bytes, nodes = most_instance_nodes;
};

void read_external(XFormParts& form, XmlNode element, SecondaryInstance& instance,
                   const Attachments& attachments, ExternalBudget& budget) {
    const std::string source = lower(instance.source);
    if (source == "jr://instance/last-saved") return;
    if (!source.starts_with("jr://file/") && !source.starts_with("jr://file-csv/")) {
        form.warning(element, "The source " + shown(instance.source) + " of the instance " +
                                  shown(instance.id) +
                                  " is not known. Write jr://file/… or jr://file-csv/….");
        return;
    }
    const std::string_view name = file_name_of_source(instance.source);
    const auto bytes = attachments ? attachments(name) : std::nullopt;
    if (!bytes) {
        form.warning(element, "The file " + shown(name) + " of the instance " + shown(instance.id) +
                                  " is not there. The instance is empty.");
        return;
    }
    if (bytes->size() > budget.bytes)
        return form.error(element,
                          "The files of the instances are larger than 256 MiB together. Shorten them.");
    budget.bytes -= bytes->size();
    auto read = read_instance(instance.id, instance.source, *bytes);
    if (read && read->nodes.size() > budget.nodes)
        return form.error(element,
                          "The files of the instances have more than 5,000,000 cells together. "
                          "Shorten them.");
    if (read) {
        budget.nodes -= read->nodes.size();
        instance = std::move(*read);
        return;
    }
    // Rows are the file's own.
    for (const Problem& problem : read.error().errors)
        form.error(element, "The file of the instance " + shown(instance.id) +
                                " can't be read: " + to_string(problem));
}

void read_secondary_instances(XFormParts& form, const Attachments& attachments) {
    std::set<std::string, std::less<>> ids;
    ExternalBudget budget;
    bool primary = true;
    for (const XmlNode& child : form.model.elements()) {
        if (child.local() != "instance") continue;
        if (std::exchange(primary, false)) continue;
        SecondaryInstance instance;
        instance.id = attribute_text(child, "id");
        instance.source = attribute_text(child, "src");
        if (instance.id.empty()) {
            form.warning(child, "The instance has no id. Nothing can name it.");
            continue;
        }
        if (!ids.insert(instance.id).second) {
            form.error(child, "Two instances have the id " + shown(instance.id) + ". Give each its own.");
            continue;
        }
        if (!instance.source.empty())
            read_external(form, child, instance, attachments, budget);
        else if (const auto roots = child.elements(); !roots.empty())
            instance.nodes = nodes_of_xml(roots.front());
        form.form.instances.push_back(std::move(instance));
    }
}

}  // namespace

Result<ReadForm> read_xform(std::string_view bytes, const std::string& file, const Attachments& attachments) {
    const auto tree = XmlTree::parse(bytes, file);
    if (!tree) return tl::unexpected(tree.error());
    Faults faults(file);
    XFormParts form{faults, tree->root(), tree->root(), std::nullopt, {}, {}, {}, {}, {}, {}};
    const Landmarks found = find_landmarks(form, tree->root());
    if (!found.model) {
        form.error(tree->root(), "This is no XForm: no model stands in h:html/h:head.");
        return tl::unexpected(faults.take());
    }
    form.model = *found.model;
    form.body = found.body;
    if (!found.body) form.warning(tree->root(), "The form has no h:body. Nothing is asked.");
    const auto root = primary_instance(form);
    if (!root) return tl::unexpected(faults.take());
    form.root = *root;

    tell_unknown(form);
    read_itext(form);
    find_repeats(form);
    read_primary_instance(form);
    read_binds(form);
    read_body(form);
    read_model_actions(form);
    read_secondary_instances(form, attachments);
    read_settings(form, found, file);
    keep_asked_texts(form, tree->root());
    if (faults.any_error()) return tl::unexpected(faults.take());
    return ReadForm{std::move(form.form), faults.take().warnings};
}

}  // namespace fieldfare::schema
