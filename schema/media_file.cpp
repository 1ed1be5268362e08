#include "schema/media_file.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fieldfare::schema {
namespace {

constexpr std::uint32_t max_number = 9999;
constexpr std::size_t max_stem = 32;

constexpr std::array<std::string_view, 18> extensions = {"jpg", "png",  "webp", "heic", "gif", "m4a",
                                                         "mp3", "ogg",  "opus", "wav",  "amr", "flac",
                                                         "mp4", "webm", "3gp",  "mov",  "pdf", "bin"};

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string stem_of(std::string_view question) {
    std::string stem(question.substr(0, max_stem));
    std::ranges::replace_if(
        stem, [](char c) { return !is_plain(c); }, '_');
    return stem;
}

const Item* first_media_among(const std::vector<Item>& items) {
    for (const Item& item : items) {
        if (item.kind == ItemKind::question && is_media(item.type)) return &item;
        if (const Item* found = first_media_among(item.children)) return found;
    }
    return nullptr;
}

}  // namespace

bool is_media(QuestionType type) {
    return type == QuestionType::image || type == QuestionType::audio || type == QuestionType::video ||
           type == QuestionType::file;
}

const Item* first_media_question(const Form& form) {
    return first_media_among(form.items);
}

std::string media_name(std::string_view question, std::uint32_t number, std::string_view extension) {
    return stem_of(question) + "-" + std::to_string(number) + "." + std::string(extension);
}

std::string media_extension(std::string_view file_name) {
    const std::size_t dot = file_name.rfind('.');
    std::string word(dot == std::string_view::npos ? "" : file_name.substr(dot + 1));
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (word == "jpeg") word = "jpg";
    return std::ranges::find(extensions, word) != extensions.end() ? word : "bin";
}

std::optional<std::uint32_t> media_number(std::string_view name, std::string_view question) {
    const std::string before = stem_of(question) + "-";
    const std::size_t dot = name.rfind('.');
    if (!name.starts_with(before) || dot == std::string_view::npos) return {};
    const std::string_view extension = name.substr(dot + 1);
    std::uint32_t number = 0;
    const char* const from = name.data() + before.size();
    if (std::from_chars(from, name.data() + dot, number).ec != std::errc() || number < 1 ||
        number > max_number || std::ranges::find(extensions, extension) == extensions.end() ||
        media_name(question, number, extension) != name)
        return {};
    return number;
}

std::optional<std::uint32_t> media_number(std::string_view name) {
    const std::size_t hyphen = name.rfind('-');
    return hyphen == 0 || hyphen == std::string_view::npos ? std::nullopt
                                                           : media_number(name, name.substr(0, hyphen));
}

}  // namespace fieldfare::schema
