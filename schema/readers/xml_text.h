#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fieldfare::schema::readers {

/// How an element is laid out: its elements each on a line of their own, or text as it is.
enum class Layout { lines, text };

/// Writes XML from front to back: indented by two spaces, everything escaped, UTF-8. Characters that XML 1.0
/// does not have become U+FFFD. Names are the caller's care (is_name). Holds the text and the open names
/// only, so a document of any depth takes no stack.
class XmlText {
  public:
    XmlText();

    void open(std::string_view name, Layout layout = Layout::lines);
    void attribute(std::string_view name, std::string_view value);  ///< right behind open()
    void text(std::string_view text);                               ///< in an element of Layout::text
    void close();

    /// open, attribute for each pair, close.
    using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;
    void empty(std::string_view name, const Attributes& attributes = {});
    /// An element with nothing but text, and with no end tag of its own when that is empty.
    void leaf(std::string_view name, std::string_view content, const Attributes& attributes = {});

    /// The document, all elements being closed.
    std::string take() { return std::move(out_); }

  private:
    struct Open {
        std::string name;
        Layout layout;
        bool filled;
    };
    void fill();
    void line();
    void escape(std::string_view text, bool in_attribute);

    std::string out_;
    std::vector<Open> open_;
};

}  // namespace fieldfare::schema::readers
