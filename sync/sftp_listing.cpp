#include "sync/sftp_listing.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

constexpr std::string_view no_files = "dlpscbD";

// The word at that place, counted from 0; empty when there is none.
std::string_view word_of(std::string_view line, int place) {
    for (;;) {
        const auto begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos) return {};
        line.remove_prefix(begin);
        const auto word = line.substr(0, line.find(' '));
        if (place-- == 0) return word;
        line.remove_prefix(word.size());
    }
}

std::optional<std::uint64_t> size_in(std::string_view line) {
    const auto word = word_of(line, 4);
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return size;
}

}  // namespace

std::vector<ListedFile> parse_sftp_listing(std::string_view lines, std::string_view prefix) {
    std::vector<ListedFile> files;
    while (!lines.empty()) {
        auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool has_mode = word_of(line, 0).size() >= 10 && !word_of(line, 1).empty();  // "-rw-r--r--"
        if (has_mode && no_files.find(line.front()) != std::string_view::npos) continue;
        std::string name = std::string(prefix).append(line.substr(line.rfind(' ') + 1));
        if (!is_object_name(name)) continue;
        const auto size = size_in(line);
        files.push_back({std::move(name), size.value_or(0), size.has_value()});
    }
    std::ranges::stable_sort(files, {}, &ListedFile::name);
    const auto same_name = [](const ListedFile& a, const ListedFile& b) { return a.name == b.name; };
    files.erase(std::unique(files.begin(), files.end(), same_name), files.end());
    return files;
}

}  // namespace fieldfare::sync
