#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fieldfare::schema {

/// Writes XML 1.0 to the end of a string, always well formed: what XML can't hold (control characters, bytes
/// that are not UTF-8, U+FFFE, U+FFFF) becomes U+FFFD. Names are written as they are given: they are checked
/// where forms are read. An element without content is "<a/>".
class XmlText {
  public:
    explicit XmlText(std::string& out) : out_(out) {}

    void open(std::string_view name);
    /// Only between open() and what the element holds. Line breaks and tabs survive.
    void attribute(std::string_view name, std::string_view value);
    void text(std::string_view text);
    void close();  ///< the innermost element that is open

  private:
    void end_tag();

    std::string& out_;
    std::vector<std::string> names_;
    bool in_tag_ = false;
};

}  // namespace fieldfare::schema
