#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schema/problem.h"
#include "schema/readers/xform_writer_paths.h"

namespace fieldfare::schema::readers {

/// One text that the form may show, with the files shown or played with it.
struct ItextEntry {
    struct Value {
        std::string form;            ///< "" for the text itself; "guidance", "image", …
        const Text* text = nullptr;  ///< in the order of Form::languages
    };
    std::string id;
    int seen_from = FormPaths::root;  ///< where its ${name} are seen from
    Place place;
    std::vector<Value> values;
};

/// Which texts of a form stand in its itext, as pyxform chooses: those whose columns name languages; labels
/// with media, hints with guidance, and messages that hold ${name}. The others stand where they are shown.
/// Points into the form.
class ItextEntries {
  public:
    ItextEntries(const Form& form, const FormPaths& paths);

    const std::vector<ItextEntry>& entries() const { return entries_; }
    bool has(const std::string& id) const { return ids_.contains(id); }

    /// Whether any entry has a text or file in that language.
    bool speaks(std::size_t language) const { return spoken_.contains(language); }

    /// What stands where a text is shown, when it is not in the itext.
    std::string_view inline_text(const Text& text) const {
        return plain_language_ < text.size() ? std::string_view(text[plain_language_]) : std::string_view();
    }

    /// Whether the choices of a list are shown by itextId.
    bool has_list(const ChoiceList& list) const { return lists_.contains(&list); }
    static std::string id_of(const ChoiceList& list, std::size_t choice);

  private:
    void item(const Item& item, const FormPaths::Node& at, int node);
    void list(const ChoiceList& list);
    void asked_texts(const Form& form);
    void add(ItextEntry entry);

    struct Columns {
        bool label = false, hint = false, constraint_message = false, required_message = false,
             choice = false;
    };
    bool is_plain(const Text& text) const;  ///< nothing but in the plain language
    bool differs(const Text& text) const;   ///< … and not the same in all languages
    bool stands_apart(const Text& text, bool translated) const {
        return translated || (has_plain_language_ && !is_plain(text));
    }
    void find_translated_columns(const Form& form, const FormPaths& paths);

    Columns translated_;
    bool has_plain_language_ = false;
    std::size_t plain_language_ = 0;  ///< of columns without a language; else the default one
    std::vector<ItextEntry> entries_;
    std::set<std::size_t> spoken_;
    std::unordered_set<std::string> ids_;
    std::unordered_set<const ChoiceList*> lists_;
};

}  // namespace fieldfare::schema::readers
