#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// Walks over text with fields between separators (RFC 4180): a field that begins with a double quote ends
/// with one, and holds separators, newlines and doubled quotes; quotes elsewhere are ordinary characters.
/// Rows end with LF, CR LF or CR. A byte order mark at the start is passed over.
class SeparatedFields {
  public:
    enum class Fault {
        none,
        never_closed,      ///< the quote of this field has no end: the rest of the text is not read
        text_after_quote,  ///< what stands between the closing quote and the separator was left out
    };
    struct Field {
        std::string_view text;  ///< valid until the next call
        bool ends_row = false;
        Fault fault = Fault::none;
    };

    /// `bytes` must outlive it. The separator is ',', ';', '|' or a tab.
    SeparatedFields(std::string_view bytes, char separator);

    /// The next field; nothing at the end of the text.
    std::optional<Field> next();

  private:
    Field quoted();

    std::string_view bytes_;
    char separator_;
    std::string stops_;
    std::string unquoted_;  ///< what the field's view looks at, when quotes in it were doubled
    std::size_t at_ = 0;
    bool row_open_ = false;
};

}  // namespace fieldfare::schema::readers
