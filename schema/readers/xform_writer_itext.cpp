#include "schema/readers/xform_writer_itext.h"

#include <algorithm>
#include <functional>

namespace fieldfare::schema::readers {
namespace {

bool is_empty(const Text& text) {
    return std::all_of(text.begin(), text.end(), [](const std::string& each) { return each.empty(); });
}

bool is_piped(const Text& text) {
    return std::any_of(text.begin(), text.end(),
                       [](const std::string& each) { return each.find("${") != std::string::npos; });
}

using Media = std::map<std::string, Text>;
bool is_empty(const Media& media) {
    return std::all_of(media.begin(), media.end(), [](const auto& each) { return is_empty(each.second); });
}

void add_value(ItextEntry& entry, std::string form, const Text& text) {
    if (!is_empty(text)) entry.values.push_back({std::move(form), &text});
}

void add_media(ItextEntry& entry, const Media& media) {
    for (const auto& [form, files] : media) add_value(entry, form, files);
}

}  // namespace

ItextEntries::ItextEntries(const Form& form, const FormPaths& paths) {
    find_translated_columns(form, paths);
    for (const ChoiceList& each : form.lists) list(each);
    for (int node = 1; node < paths.rows_end(); ++node) item(*paths[node].item, paths[node], node);
    asked_texts(form);
}

// What jr:itext() names in an XForm; "id;image" is the image of "id". It comes last: a label read from the
// same XForm has its id and its text already.
void ItextEntries::asked_texts(const Form& form) {
    for (auto each = form.texts.begin(); each != form.texts.end();) {
        const std::string id = each->first.substr(0, each->first.find(';'));
        ItextEntry entry{id, FormPaths::root, {"", "itext", 0, id}, {}};
        for (; each != form.texts.end() && each->first.substr(0, each->first.find(';')) == id; ++each)
            add_value(entry, each->first.size() > id.size() ? each->first.substr(id.size() + 1) : "",
                      each->second);
        add(std::move(entry));
    }
}

// The columns that name languages are the ones that pyxform translates. Where the form has texts without a
// language, those are told by it. Otherwise the reader has given such columns to the default language or to
// all, and a column counts as translated when its texts differ anywhere.
void ItextEntries::find_translated_columns(const Form& form, const FormPaths& paths) {
    const auto language = [&](std::string_view name) {
        std::size_t at = 0;
        while (at < form.languages.size() && form.languages[at].name != name) ++at;
        return at;
    };
    for (const std::string_view plain : {"", "default"}) {
        plain_language_ = language(plain);
        has_plain_language_ = plain_language_ < form.languages.size();
        if (has_plain_language_) return;
    }
    plain_language_ = language(form.settings.default_language);
    if (plain_language_ == form.languages.size()) plain_language_ = 0;
    if (form.languages.size() < 2) {
        translated_ = {true, true, true, true, true};
        return;
    }
    for (int node = 1; node < paths.rows_end(); ++node) {
        const Item& item = *paths[node].item;
        translated_.label = translated_.label || differs(item.label);
        translated_.hint = translated_.hint || differs(item.hint) || differs(item.guidance_hint);
        translated_.constraint_message = translated_.constraint_message || differs(item.constraint_message);
        translated_.required_message = translated_.required_message || differs(item.required_message);
    }
    for (const ChoiceList& list : form.lists)
        for (const Choice& choice : list.choices)
            translated_.choice = translated_.choice || differs(choice.label);
}

bool ItextEntries::differs(const Text& text) const {
    return !is_plain(text) &&
           std::adjacent_find(text.begin(), text.end(), std::not_equal_to<>()) != text.end();
}

bool ItextEntries::is_plain(const Text& text) const {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i != plain_language_ && !text[i].empty()) return false;
    return true;
}

void ItextEntries::item(const Item& item, const FormPaths::Node& at, int node) {
    const auto entry = [&](std::string_view what) {
        return ItextEntry{
            at.path + ":" + std::string(what), node, {"", "survey", item.row, std::string(what)}, {}};
    };
    if (stands_apart(item.label, translated_.label) || !is_empty(item.media)) {
        ItextEntry label = entry("label");
        add_value(label, "", item.label);
        add_media(label, item.media);
        add(std::move(label));
    }
    if (stands_apart(item.hint, translated_.hint) || !is_empty(item.guidance_hint)) {
        ItextEntry hint = entry("hint");
        add_value(hint, "", item.hint);
        add_value(hint, "guidance", item.guidance_hint);
        add(std::move(hint));
    }
    const auto message = [&](std::string_view what, const Text& text, bool translated) {
        if (!stands_apart(text, translated) && !is_piped(text)) return;
        ItextEntry made = entry(what);
        add_value(made, "", text);
        add(std::move(made));
    };
    message("jr:constraintMsg", item.constraint_message, translated_.constraint_message);
    message("jr:requiredMsg", item.required_message, translated_.required_message);
}

void ItextEntries::list(const ChoiceList& list) {
    const auto shows_more = [](const Choice& choice) {
        return is_piped(choice.label) || !is_empty(choice.media);
    };
    const auto is_translated = [&](const Choice& choice) {
        return !is_empty(choice.label) && stands_apart(choice.label, translated_.choice);
    };
    if (!std::any_of(list.choices.begin(), list.choices.end(), shows_more) &&
        !std::any_of(list.choices.begin(), list.choices.end(), is_translated))
        return;
    lists_.insert(&list);
    for (std::size_t i = 0; i < list.choices.size(); ++i) {
        const Choice& choice = list.choices[i];
        ItextEntry entry{id_of(list, i), FormPaths::root, {"", "choices", choice.row, "label"}, {}};
        add_value(entry, "", choice.label);
        add_media(entry, choice.media);
        add(std::move(entry));
    }
}

std::string ItextEntries::id_of(const ChoiceList& list, std::size_t choice) {
    return list.name + "-" + std::to_string(choice);
}

void ItextEntries::add(ItextEntry entry) {
    if (entry.values.empty() || !ids_.insert(entry.id).second) return;
    for (const ItextEntry::Value& value : entry.values)
        for (std::size_t i = 0; i < value.text->size(); ++i)
            if (!(*value.text)[i].empty()) spoken_.insert(i);
    entries_.push_back(std::move(entry));
}

}  // namespace fieldfare::schema::readers
