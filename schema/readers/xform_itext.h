#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/readers/xml_tree.h"

namespace fieldfare::schema::readers {

struct XFormParts;

/// The translations of a form: texts by id, language and form ("" for the plain one, "image", "guidance", …).
struct Itext {
    using Forms = std::map<std::string, std::string, std::less<>>;

    std::vector<Language> languages{{"", ""}};
    std::string default_language;
    std::map<std::string, std::vector<Forms>, std::less<>> texts;  ///< one for each language
    std::set<std::string, std::less<>> shown;  ///< ids that a label, hint or message names

    /// One form of a text in all languages; empty when no language has it.
    Text text(std::string_view id, std::string_view form) const;
    /// The same text in all languages.
    Text everywhere(const std::string& text) const;
};

/// What a label or hint says.
struct ElementText {
    Text text, guidance;
    std::map<std::string, Text> media;
};

void read_itext(XFormParts& form);

/// Of a label, hint or value: its ref, or what stands in it.
ElementText text_of(XFormParts& form, XmlNode element);

/// Of jr:constraintMsg and the like: jr:itext('id'), or the text itself.
Text message_of(XFormParts& form, XmlNode element, std::string_view message);

/// The id in jr:itext('id'); "" for any other expression.
std::string itext_id(std::string_view expression);

/// Form::texts: those that expressions can ask for, by jr:itext('id') or by an id that is only known later.
void keep_asked_texts(XFormParts& form, XmlNode document);

}  // namespace fieldfare::schema::readers
