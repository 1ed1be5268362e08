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

Text shortened(Text edited, std::string_view before, std::size_t most) {
    const auto begin = edited.bytes.begin();
    edited.cursor -=
        static_cast<std::size_t>(std::count(begin, begin + static_cast<std::ptrdiff_t>(edited.cursor), '\n'));
    std::erase(edited.bytes, '\n');
    const auto characters = [](const std::string& text) {
        return static_cast<std::size_t>(
            std::ranges::count_if(text, [](char byte) { return !continues(byte); }));
    };
    const std::size_t now = characters(edited.bytes), then = characters(without_line_ends(before));
    std::size_t excess = now > most && now > then ? std::min(now - most, now - then) : 0;
    for (; excess > 0 && edited.cursor > 0; --excess) {
        std::size_t from = edited.cursor - 1;
        while (from > 0 && continues(edited.bytes[from])) --from;
        edited.bytes.erase(from, edited.cursor - from);
        edited.cursor = from;
    }
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
