#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fieldfare::schema {

/// Writes canonical JSON (sorted keys, no white space) to the end of a string. Keys must be added in byte
/// order: that is what makes equal values equal bytes, so it is asserted.
class JsonText {
  public:
    explicit JsonText(std::string& out) : out_(out) {}

    void open(char bracket);   ///< '{' or '['
    void close(char bracket);  ///< '}' or ']'
    void key(std::string_view name);
    void string(std::string_view text);  ///< valid UTF-8
    void number(long long value);
    void boolean(bool value);

  private:
    void separate();

    std::string& out_;
    bool after_key_ = false;
};

/// The deepest nesting of brackets in a JSON text, without parsing it: what lies in strings does not count.
std::size_t json_depth(std::string_view text);

}  // namespace fieldfare::schema
