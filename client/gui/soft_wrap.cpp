#include "client/gui/soft_wrap.h"

#include <algorithm>

namespace fieldfare::gui::soft_wrap {

namespace {

constexpr std::string_view mark = "\xE2\x80\x8B";

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

std::string without_line_ends(std::string_view text) {
    std::string plain(text);
    std::erase(plain, '\n');
    return plain;
}

/// As the answer will have it: a typed line end is one character and one byte.
struct Size {
    std::size_t characters = 0, bytes = 0;
};

Size size_of(std::string_view plain) {
    Size size{
        static_cast<std::size_t>(std::ranges::count_if(plain, [](char byte) { return !continues(byte); })),
        plain.size()};
    for (std::size_t at = plain.find(mark); at != std::string_view::npos;
         at = plain.find(mark, at + mark.size()))
        size.bytes -= mark.size() - 1;
    return size;
}

// Puts line ends into text that has marks only, and carries the cursor along.
Text break_lines(const std::string& plain, std::size_t cursor, const BreakAt& break_at) {
    Text result;
    const auto append = [&](std::size_t from, std::size_t to) {
        if (cursor >= from && cursor <= to) result.cursor = result.bytes.size() + (cursor - from);
        result.bytes.append(plain, from, to - from);
    };
    std::size_t from = 0;
    while (true) {
        const std::size_t found = plain.find(mark, from);
        const std::size_t end = found == std::string::npos ? plain.size() : found;
        while (from < end) {
            const char* at = break_at(plain.data() + from, plain.data() + end);
            std::size_t stop = std::max(static_cast<std::size_t>(at - plain.data()), from + 1);
            while (stop < end && (plain[stop] == ' ' || continues(plain[stop]))) ++stop;
            append(from, stop);
            if (stop < end) result.bytes += '\n';
            from = stop;
        }
        append(from, end);
        if (found == std::string::npos) break;
        append(found, found + mark.size());
        result.bytes += '\n';
        from = found + mark.size();
    }
    // After a break the cursor belongs to the line that begins there.
    if (result.cursor < result.bytes.size() && result.bytes[result.cursor] == '\n' && cursor > 0)
        ++result.cursor;
    return result;
}

}  // namespace

std::string wrapped(std::string_view typed, const BreakAt& break_at) {
    std::string plain;
    for (const char byte : typed) {
        if (byte == '\n') {
            plain += mark;
        } else {
            plain += byte;
        }
    }
    return break_lines(plain, 0, break_at).bytes;
}

std::string unwrapped(std::string_view edited) {
    std::string typed = without_line_ends(edited);
    for (std::size_t at = typed.find(mark); at != std::string::npos; at = typed.find(mark, at)) {
        typed.replace(at, mark.size(), "\n");
    }
    return typed;
}

Text shortened(Text edited, std::string_view before, std::size_t most, std::size_t most_bytes) {
    const auto begin = edited.bytes.begin();
    edited.cursor -=
        static_cast<std::size_t>(std::count(begin, begin + static_cast<std::ptrdiff_t>(edited.cursor), '\n'));
    std::erase(edited.bytes, '\n');
    const Size now = size_of(edited.bytes), then = size_of(without_line_ends(before));
    const auto excess = [](std::size_t is, std::size_t was, std::size_t limit) {
        return is > limit && is > was ? std::min(is - limit, is - was) : 0;
    };
    const std::size_t characters = excess(now.characters, then.characters, most);
    const std::size_t bytes = excess(now.bytes, then.bytes, most_bytes);
    std::size_t from = edited.cursor;
    for (Size gone; from > 0 && (gone.characters < characters || gone.bytes < bytes);) {
        const std::size_t to = from--;
        while (from > 0 && continues(edited.bytes[from])) --from;
        const Size one = size_of(std::string_view(edited.bytes).substr(from, to - from));
        gone = {gone.characters + one.characters, gone.bytes + one.bytes};
    }
    edited.bytes.erase(from, edited.cursor - from);
    edited.cursor = from;
    return edited;
}

Text rewrap(Text edited, std::string_view before, const BreakAt& break_at, Erased erased) {
    const auto cursor_at = edited.bytes.begin() + static_cast<std::ptrdiff_t>(edited.cursor);
    std::size_t cursor =
        edited.cursor - static_cast<std::size_t>(std::count(edited.bytes.begin(), cursor_at, '\n'));
    std::string plain = without_line_ends(edited.bytes);
    if (erased != Erased::nothing && plain == without_line_ends(before)) {
        std::size_t from = cursor;
        std::size_t to = cursor;
        if (erased == Erased::before && cursor > 0) {
            do {
                --from;
            } while (from > 0 && continues(plain[from]));
        } else if (erased == Erased::after && cursor < plain.size()) {
            do {
                ++to;
            } while (to < plain.size() && continues(plain[to]));
        }
        plain.erase(from, to - from);
        cursor = from;
    }
    return break_lines(plain, cursor, break_at);
}

}  // namespace fieldfare::gui::soft_wrap
