// One thing that a person does to a vault as a whole, through the form app's own backend; for the tests whose
// disk fails meanwhile (faulty_disk.cpp). What it answers is told on descriptor 3 (support/told_backend.h).
// Whatever comes of it, it ends with 0. Passphrases are those of support/scripted_words.h.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "crypto/random.h"
#include "tests/support/scripted_words.h"
#include "tests/support/told_backend.h"

using namespace fieldfare;

namespace {

void tell(std::string line) {
    line += '\n';
    if (::write(3, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        std::_Exit(4);  // nobody listens any more
}

}  // namespace

int main(int argc, char** argv) {
    umask(077);
    const std::string task = argc > 2 ? argv[2] : "";
    if (argc < 3 || !crypto::start()) {
        std::fputs(
            "usage: fieldfare_vault_on_faulty_disk PROFILE make STUDY.ffstudy | update STUDY.ffstudy | "
            "change | recover KEY.ffkey "
            "PASSPHRASE | destroy | rescue\n",
            stderr);
        return 2;
    }
    tests::ToldBackend backend(argv[1], tell);
    backend.starts();
    if (task == "make" && argc == 4) {
        backend.makes(argv[3], tests::scripted_passphrase);
    } else if (task == "update" && argc == 4) {
        backend.unlocks(tests::scripted_passphrase);
        backend.updates(argv[3]);
    } else if (task == "change") {
        backend.unlocks(tests::scripted_passphrase);
        backend.changes(tests::scripted_passphrase, tests::new_passphrase);
    } else if (task == "recover" && argc == 5) {
        backend.recovers(argv[3], argv[4], tests::new_passphrase);
    } else if (task == "destroy") {
        backend.unlocks(tests::destroying_passphrase);
    } else if (task == "rescue") {
        backend.rescues(tests::scripted_passphrase);
    } else {
        return 2;
    }
    backend.locks();
    return 0;
}
