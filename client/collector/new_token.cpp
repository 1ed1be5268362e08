#include "client/collector/new_token.h"

#include <cstdio>
#include <string>

#include "client/collector/start_confined.h"
#include "crypto/token.h"

namespace fieldfare::collector {

int new_token(const std::filesystem::path& file) {
    using crypto::Error;
    confine_alone({.reading = confinement::Reading::where_given,
                   .read = {},
                   .change = {file.has_parent_path() ? file.parent_path() : "."},
                   .devices = {"/dev/urandom"}});
    const std::string name = file.string();
    const auto made = crypto::create_token_file(file);
    if (made) {
        std::printf(
            "%s is a token file. Copy it once more to a safe place: a machine that wants it does not open\n"
            "without it. Then let a machine want it: Settings, Change the passphrase.\n",
            name.c_str());
        return 0;
    }
    const char* why = "could not be written. Is the stick plugged in, and not write-protected?";
    if (made.error() == Error::already_there) why = "is there already, and was left as it is.";
    if (made.error() == Error::no_randomness || made.error() == Error::out_of_memory)
        why = "was not made: the system gives no random numbers, or no memory. Restart it.";
    std::fprintf(stderr, "fieldfare: %s %s\n", name.c_str(), why);
    return 1;
}

}  // namespace fieldfare::collector
