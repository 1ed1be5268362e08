#include "client/study/parts.h"

#include <utf8proc.h>

namespace fieldfare::study {

void PartWriter::number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void PartWriter::raw(crypto::ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void PartWriter::text(std::string_view text) {
    number(text.size(), 2);
    raw(crypto::bytes_of(text));
}

void PartWriter::part(crypto::ByteView bytes) {
    number(bytes.size(), 4);
    raw(bytes);
}

crypto::ByteView PartReader::take(std::size_t size) {
    if (!good_ || size > bytes_.size()) {
        good_ = false;
        return {};
    }
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
}

std::uint64_t PartReader::number(std::size_t size, std::uint64_t least, std::uint64_t most) {
    std::uint64_t value = 0;
    const auto bytes = take(size);
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    if (value < least || value > most) good_ = false;
    return good_ ? value : 0;
}

std::string PartReader::text(std::size_t least, std::size_t most) {
    const auto size = static_cast<std::size_t>(number(2, least, most));
    const auto bytes = take(size);
    std::string text(bytes.begin(), bytes.end());
    if (!is_plain_text(text)) good_ = false;
    return good_ ? text : "";
}

crypto::ByteView PartReader::part() {
    const auto size = static_cast<std::size_t>(number(4, 0, UINT32_MAX));
    return take(size);
}

bool is_plain_text(std::string_view text) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t point = 0;
        const auto length =
            utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
        if (length <= 0) return false;
        at += static_cast<std::size_t>(length);
        const auto category = utf8proc_category(point);
        const bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        if (turns || category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
            category == UTF8PROC_CATEGORY_ZP) {
            return false;
        }
    }
    return true;
}

}  // namespace fieldfare::study
