#pragma once

// What the seeded person of programs/scripted_main.cpp types, and the tests look for in files.
namespace fieldfare::tests {

inline constexpr const char* scripted_passphrase = "thrush rowan october ferry";
inline constexpr const char* new_passphrase = "lantern gravel seventeen plums";
inline constexpr const char* destroying_passphrase = "marzipan eleven saddles";
/// Stand in each text that is answered, a number behind them.
inline constexpr const char* scripted_words[] = {"ъщъэщэфю", "zqzvqvkxxkqjzwjw"};

}  // namespace fieldfare::tests
