#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include "crypto/random.h"
#include "tests/support/journey.h"
#include "tests/support/scripted_run.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

int kills_wanted() {
    const char* text = std::getenv("FIELDFARE_KILLS");
    return text ? std::atoi(text) : 40;
}

}  // namespace

TEST_CASE("whenever the program is killed, every acknowledged answer and interview is there exactly once") {
    REQUIRE(crypto::start());
    Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire/mobility_engagement.xlsx");
    const fs::path profile = researcher.folder() / "profile";
    {
        ScriptedRun first({.profile = profile, .study = researcher.study()});
        REQUIRE(first.wait() == 0);
    }
    Told told;
    std::mt19937_64 random(2026);
    int at_start = 0;
    int at_seal = 0;
    int afterwards = 0;
    const int kills = kills_wanted();
    for (int number = 1; number <= kills; ++number) {
        ScriptedRun run({.profile = profile, .number = number, .seed = random(), .interviews = 1000});
        if (number % 6 == 0) {
            run.listen(std::chrono::milliseconds(random() % 200));
            ++at_start;
        } else {
            REQUIRE(run.listen(std::chrono::seconds(60), "unlocked\n"));
            // Sealing is short beside answering: every third kill is aimed at it, and every third comes after
            // it, so that a slow machine, too, has interviews to lose.
            const bool aimed = number % 3 == 1;
            if (aimed) REQUIRE(run.listen(std::chrono::seconds(60), "sealing\t"));
            if (number % 3 == 2) REQUIRE(run.listen(std::chrono::seconds(60), "sealed\t"));
            REQUIRE(run.listen(std::chrono::milliseconds(random() % (aimed ? 25 : 400))));
            ++(aimed ? at_seal : afterwards);
        }
        run.kill();
        told.lines(run.text());
    }
    {
        ScriptedRun last({.profile = profile,
                          .number = kills + 1,
                          .seed = random(),
                          .interviews = 2});  // goes on in peace, locks and ends
        REQUIRE(last.wait() == 0);
        told.lines(last.text());
    }
    CHECK(told.failures.empty());
    for (const std::string& failure : told.failures) MESSAGE(failure);

    const Kept kept = check_kept(told, researcher, profile);
    MESSAGE(kills, " kills (", at_start, " during the start, ", at_seal, " while sealing, ", afterwards,
            " after unlocking), ", told.drafts.size(), " interviews, ", told.acknowledged_answers,
            " acknowledged answers, ", told.acknowledged_interviews, " acknowledged seals, ",
            kept.interrupted, " killed between asking for the seal and its word, ", kept.drafts,
            " drafts left, ", kept.batches, " batches");
    CHECK(told.acknowledged_interviews >= kills / 3);
    CHECK(kept.drafts_compared > 0);
}
