#pragma once

#include <filesystem>

namespace fieldfare::store {

// How often in a row a passphrase did not open a profile: a number in the file `tries` beside the keyslots.
// Whoever asks for passphrases waits by it. It stops a person at the keyboard, who may guess a few words an
// hour instead of a few a second; whoever has a copy of the files guesses as fast as Argon2id lets them. So
// nothing is ever wiped by it, and a file that is missing or can't be read counts as none. Where a full disk
// takes no new number an old one stays, and whoever asks keeps count in memory as well.

inline constexpr int free_tries = 3;  ///< nobody waits before so many have failed

int failed_tries(const std::filesystem::path& profile);
void set_failed_tries(const std::filesystem::path& profile, int tries);

/// How long the next try has to wait after so many: nothing, then 5 seconds, twice as long each time, at most
/// a minute. Counted from when the screen appears, by a clock that nobody can set: with the program begun
/// anew the whole wait begins anew. A minute, since a person who has forgotten which of ten passphrases it
/// was still finds it within a quarter of an hour, and somebody who guesses has sixty tries an hour.
int seconds_to_wait(int failed);

}  // namespace fieldfare::store
