#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/memory_search.h"
#include "tests/support/window_study.h"

// Words of the tests that look for what was typed: in memory, in files.
namespace fieldfare::tests {

// Nobody's words, eight letters in each half. Letters come again in an order of their own, by which the drawn
// word is known.
inline const std::string said = "zqzvqvkxxkqjzwjw";
inline const std::string told_more = "ъщъэщэфюцюфшъгшг";
inline const std::string name = "wvwkjkqxzxqwvjzk";
inline const std::string brief = "jzvkxwqj";  // so short that it stands within a std::string
inline const std::string number = "48153624";
inline const std::string canary_passphrase = "qjxzwvkq vzqxjwkv kwzjxqvz jvqkzxwj";
inline const std::string other_passphrase = "xvjqkwzx jxvkqzwv qvkjwxzq";

inline const std::vector<std::string> canary_answers{said, told_more, name, brief, number};

inline std::vector<std::string> all_canaries() {
    auto all = canary_answers;
    all.insert(all.end(), {canary_passphrase, other_passphrase});
    return all;
}

/// A form that asks for them, quotes them and calculates with them.
inline std::filesystem::path canary_form() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/canary";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv") << "type,name,label::English (en),appearance,calculation\n"
                                            "text,said,What do you say?,,\n"
                                            "text,more,What else?,multiline,\n"
                                            "text,brief,In a word?,,\n"
                                            "integer,number,How many?,,\n"
                                            "text,who,Who are you?,,\n"
                                            "calculate,greeting,,,\"concat('Hello ', ${who})\"\n"
                                            "note,greet,\"So you are ${who}, and ${greeting}.\",,\n"
                                            "select_one yn,sure,Are you sure?,,\n";
    std::ofstream(folder / "choices.csv") << "list_name,name,label::English (en)\nyn,yes,Yes\nyn,no,No\n";
    std::ofstream(folder / "settings.csv") << "form_title,form_id,version,default_language\n"
                                              "Canary,canary,1,English (en)\n";
    return folder;
}

/// One that asks for a file and gives the respondent a code.
inline std::filesystem::path file_canary_form() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/file_canary";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv") << "type,name,label::English (en)\nfile,paper,The paper\n";
    std::ofstream(folder / "settings.csv") << "form_title,form_id,version,default_language,x_withdrawal\n"
                                              "Canary,canary,1,English (en),yes\n";
    return folder;
}

/// One that gives the respondent a code.
inline std::filesystem::path code_canary_form() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/code_canary";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv")
        << "type,name,label::English (en)\nselect_one yn,sure,Are you sure?\n";
    std::ofstream(folder / "choices.csv") << "list_name,name,label::English (en)\nyn,yes,Yes\nyn,no,No\n";
    std::ofstream(folder / "settings.csv") << "form_title,form_id,version,default_language,x_withdrawal\n"
                                              "Canary,canary,1,English (en),yes\n";
    return folder;
}

inline const std::map<std::string, std::string> canary_texts{
    {"said", said}, {"more", told_more}, {"who", name}, {"brief", brief}, {"number", number}};

/// The form app on a laptop of its own: home and temporary folder are empty, so that whatever is put there
/// shows.
inline AppWindow::Start on_own_laptop(const Researcher& researcher) {
    for (const auto* folder : {"home", "tmp"})
        std::filesystem::create_directories(researcher.folder() / folder);
    AppWindow::Start start = in_profile(researcher, researcher.study());
    start.environment.emplace_back("HOME", researcher.folder() / "home");
    start.environment.emplace_back("TMPDIR", researcher.folder() / "tmp");
    for (const auto* name : {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
        start.environment.emplace_back(name, researcher.folder() / "home" / name);
    return start;
}

/// What is in the memory of the process: each of these, drawn on the screen as well; or nothing of any.
inline void finds_each(pid_t process, const std::vector<std::string>& texts) {
    const auto found = search_memory(process, texts);
    for (const auto& text : texts) {
        CAPTURE(text);
        CHECK(std::ranges::find(found, text, &Sighting::text) != found.end());
    }
    CHECK(std::ranges::find(found, "drawn", &Sighting::spelling) != found.end());
}

inline void finds_none(pid_t process, const std::vector<std::string>& texts) {
    const auto found = search_memory(process, texts);
    INFO(tests::told(found));
    CHECK(found.empty());
}

}  // namespace fieldfare::tests
