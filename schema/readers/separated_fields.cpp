#include "schema/readers/separated_fields.h"

#include <algorithm>

namespace fieldfare::schema::readers {

SeparatedFields::SeparatedFields(std::string_view bytes, char separator)
    : bytes_(bytes), separator_(separator), stops_{separator, '\r', '\n'} {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (bytes_.starts_with(byte_order_mark)) bytes_.remove_prefix(byte_order_mark.size());
}

std::optional<SeparatedFields::Field> SeparatedFields::next() {
    // A text that ends with a separator has one more, empty field.
    if (at_ >= bytes_.size() && !row_open_) return std::nullopt;
    Field field;
    if (at_ < bytes_.size() && bytes_[at_] == '"') {
        field = quoted();
    } else {
        const std::size_t end = std::min(bytes_.find_first_of(stops_, at_), bytes_.size());
        field.text = bytes_.substr(at_, end - at_);
        at_ = end;
    }
    field.ends_row = true;
    if (at_ < bytes_.size()) {
        const char stop = bytes_[at_++];
        if (stop == separator_)
            field.ends_row = false;
        else if (stop == '\r' && at_ < bytes_.size() && bytes_[at_] == '\n')
            ++at_;
    }
    row_open_ = !field.ends_row;
    return field;
}

SeparatedFields::Field SeparatedFields::quoted() {
    Field field;
    const std::size_t begin = ++at_;
    std::size_t end = bytes_.find('"', at_);
    if (end != bytes_.npos && end + 1 < bytes_.size() && bytes_[end + 1] == '"') {
        unquoted_.clear();
        std::size_t from = begin;
        while (end != bytes_.npos && end + 1 < bytes_.size() && bytes_[end + 1] == '"') {
            unquoted_ += bytes_.substr(from, end + 1 - from);
            from = end + 2;
            end = bytes_.find('"', from);
        }
        if (end != bytes_.npos) unquoted_ += bytes_.substr(from, end - from);
        field.text = unquoted_;
    } else if (end != bytes_.npos) {
        field.text = bytes_.substr(begin, end - begin);
    }
    if (end == bytes_.npos) {
        at_ = bytes_.size();
        return {{}, true, Fault::never_closed};
    }
    at_ = end + 1;
    if (at_ < bytes_.size() && stops_.find(bytes_[at_]) == std::string::npos) {
        field.fault = Fault::text_after_quote;
        at_ = std::min(bytes_.find_first_of(stops_, at_), bytes_.size());
    }
    return field;
}

}  // namespace fieldfare::schema::readers
