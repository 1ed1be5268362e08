#include "client/researcher/help_format.h"

#include <algorithm>

namespace fieldfare::researcher {
namespace {

constexpr std::size_t help_width = 100, help_column = 30;

/// Breaks lines between words, keeping the ones that are there.
std::string wrapped(const std::string& text, std::size_t width) {
    std::string result, word;
    std::size_t column = 0;
    const auto put_word = [&] {
        if (column > 0 && column + 1 + word.size() > width) {
            result += '\n';
            column = 0;
        } else if (column > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word.size();
        word.clear();
    };
    for (const char c : text) {
        if (c != ' ')
            word += c;
        else
            put_word();
    }
    put_word();
    return result;
}

}  // namespace

HelpFormat::HelpFormat() {
    column_width(help_column);
}

std::string HelpFormat::make_description(const CLI::App* app) const {
    return wrapped(app->get_description(), help_width) + "\n";
}

std::string HelpFormat::make_subcommand(const CLI::App* verb) const {
    const std::string text = verb->get_description();
    const std::size_t end = text.find_first_of(".:");
    std::string name = "  " + verb->get_name();
    name.resize(std::max(name.size() + 1, help_column), ' ');
    std::string what = wrapped(text.substr(0, end), help_width - help_column);
    for (std::size_t at = 0; (at = what.find('\n', at)) != std::string::npos; at += 1 + help_column)
        what.insert(at + 1, help_column, ' ');
    return name + what + "\n";
}

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
    return wrapped(option->get_description(), help_width - help_column);
}

std::string HelpFormat::make_option_opts(const CLI::Option* option) const {
    if (option->get_type_size() == 0) return "";  // a flag
    std::string text = option->get_type_name();
    for (const char* check : {":{", ":INT", ":NONNEGATIVE"}) text = text.substr(0, text.find(check));
    text = text == "TEXT" ? "" : " " + text;
    const std::string preset = option->get_default_str();
    return text + (preset.empty() ? "" : " (" + preset + ")");
}

}  // namespace fieldfare::researcher
