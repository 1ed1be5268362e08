#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "crypto/random.h"
#include "tests/support/fat_medium.h"
#include "tests/support/journey.h"
#include "tests/support/scripted_run.h"
#include "tests/support/scripted_words.h"
#include "tests/support/skip.h"
#include "tests/support/told_backend.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

/// A profile is made on it, answered into, killed, opened with another passphrase and destroyed, and the
/// stick is pulled out and put in again between them.
void lives_on(FatMedium& stick, const Researcher& researcher) {
    const fs::path profile = stick.path() / "profile";
    const auto replug = [&] {
        REQUIRE(stick.unplug());
        REQUIRE(stick.plug_in());
    };
    {
        ScriptedRun first({.profile = profile, .study = researcher.study()});
        REQUIRE(first.wait() == 0);
    }
    Told told;
    for (int number = 1; number <= 4; ++number) {
        replug();
        ScriptedRun run({.profile = profile,
                         .number = number,
                         .seed = 90U + static_cast<unsigned>(number),
                         .interviews = 1000});
        REQUIRE(run.listen(std::chrono::seconds(60), "sealed\t"));
        run.listen(std::chrono::milliseconds(37 * number));
        run.kill();
        told.lines(run.text());
    }
    {
        ScriptedRun last({.profile = profile, .number = 5, .seed = 95, .interviews = 2, .hands_over = true});
        CHECK(last.wait() == 0);
        told.lines(last.text());
    }
    CHECK(told.failures == std::vector<std::string>{});
    replug();
    const Kept kept = check_kept(told, researcher, profile);
    CHECK(kept.interviews >= told.acknowledged_interviews);

    std::string answer;
    ToldBackend backend(profile, [&](const std::string& line) { answer = line; });
    backend.unlocks(scripted_passphrase);
    backend.changes(scripted_passphrase, new_passphrase);
    CHECK(answer == "changed");
    backend.locks();
    replug();
    CHECK(check_kept(told, researcher, profile, new_passphrase).interviews == kept.interviews);
    backend.unlocks(new_passphrase);
    backend.sets_destroying(new_passphrase, destroying_passphrase);
    CHECK(answer == "set");
    backend.locks();
    backend.unlocks(destroying_passphrase);
    CHECK(answer == "empty");
    backend.locks();
    replug();
    backend.unlocks(new_passphrase);
    CHECK(answer == "failed\tstore.wrong_passphrase");
    backend.unlocks(destroying_passphrase);
    CHECK(answer == "empty");
    backend.locks();
    MESSAGE(kept.interviews, " interviews in ", kept.batches, " batches, ", kept.drafts, " drafts");
}

}  // namespace

TEST_CASE("a profile on a memory stick as cameras format them keeps what was acknowledged through kills") {
    REQUIRE(crypto::start());
    if (::geteuid() != 0) return skipped("only root mounts a memory stick");
    Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit");
    std::string why_not;
    bool any = false;
    for (const auto kind : {FatMedium::Kind::vfat, FatMedium::Kind::exfat}) {
        CAPTURE(static_cast<int>(kind));
        const fs::path folder = researcher.folder() / std::to_string(static_cast<int>(kind));
        fs::create_directory(folder);
        std::string why;
        const auto stick = FatMedium::make(folder, kind, why);
        why_not += why + " ";
        if (stick == nullptr) continue;
        any = true;
        lives_on(*stick, researcher);
    }
    if (!any) skipped_on_this_machine(why_not);
}
