#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// Walks over the elements of one name in an XML text and hands out each as a fragment of its own, so that a
/// sheet of a million rows is parsed row by row and never stands in memory as one tree. Comments, CDATA and
/// processing instructions are skipped; prefixes of names are ignored. No nesting of equal names.
class XmlElements {
  public:
    XmlElements(std::string_view xml, std::string_view name) : xml_(xml), name_(name) {}

    /// The next "<name …>…</name>" or "<name …/>". Nothing at the end, or when the text is not well formed
    /// (then damaged() is true).
    std::optional<std::string_view> next();

    bool damaged() const { return damaged_; }

  private:
    struct Tag {
        std::string_view name;  ///< without prefix
        bool closing = false, empty = false;
        std::size_t begin = 0, end = 0;
    };
    std::optional<Tag> next_tag();

    std::string_view xml_, name_;
    std::size_t at_ = 0;
    bool damaged_ = false;
};

/// True when the text ends with the end tag (or is the empty tag) of its first element: a cheap test for a
/// part that was cut off. False also for a text with a document type, which a spreadsheet never has and which
/// is how entity bombs come.
bool is_whole_xml(std::string_view xml);

}  // namespace fieldfare::schema::readers
