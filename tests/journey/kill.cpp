#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "crypto/random.h"
#include "tests/support/files_below.h"
#include "tests/support/journey.h"
#include "tests/support/memory_search.h"
#include "tests/support/scripted_run.h"
#include "tests/support/scripted_words.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

int kills_wanted() {
    const char* text = std::getenv("FIELDFARE_KILLS");
    return text ? std::atoi(text) : 40;
}

std::vector<std::string> typed_words() {
    std::vector<std::string> words(std::begin(scripted_words), std::end(scripted_words));
    words.emplace_back(scripted_passphrase);
    return words;
}

/// Batches that the next start has to find.
int left_open(const fs::path& profile) {
    int files = 0;
    for (const auto& entry : fs::directory_iterator(profile / "outbox/open"))
        files += entry.path().filename().string().starts_with('.') ? 0 : 1;
    return files;
}

/// That the search in the profile's files finds what stands there, in whatever spelling.
void finds_what_is_planted(const fs::path& profile) {
    const fs::path planted = profile / "outbox/planted";
    for (const std::string& word : typed_words()) {
        for (const auto& [spelling, bytes] : spellings_of(word)) {
            CAPTURE(spelling);
            std::ofstream(planted, std::ios::binary) << "something " << bytes << " more";
            CHECK(!files_with_any(profile, {word}).empty());
        }
    }
    fs::remove(planted);
}

/// What stands in sealed files below this folder, sorted.
std::vector<std::string> sealed_below(const fs::path& folder) {
    std::vector<std::string> contents;
    for (const auto& [path, content] : contents_of(folder))
        if (fs::path(path).extension() == ".batch") contents.push_back(content);
    return sorted(contents);
}

}  // namespace

TEST_CASE(
    "whenever the program is killed, every acknowledged answer and interview is there exactly once, "
    "and none of them can be read in the profile's files") {
    REQUIRE(crypto::start());
    Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire/mobility_engagement.xlsx");
    const fs::path profile = researcher.folder() / "profile";
    {
        ScriptedRun first({.profile = profile, .study = researcher.study()});
        REQUIRE(first.wait() == 0);
    }
    finds_what_is_planted(profile);
    const fs::path copy = researcher.folder() / "copy";
    Told told;
    std::mt19937_64 random(2026);
    int at_start = 0;
    int at_seal = 0;
    int afterwards = 0;
    int typed = 0;
    const int kills = kills_wanted();
    for (int number = 1; number <= kills; ++number) {
        const int left = left_open(profile);
        const int found_before = told.found_batches;
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
        if (run.text().find("found\t") != std::string::npos) CHECK(told.found_batches - found_before == left);
        typed += run.text().find(typed_words().front()) == std::string::npos ? 0 : 1;
        // Most of the time of a long campaign would go into looking.
        if (number % (kills > 100 ? 10 : 1) == 0)
            CHECK(files_with_any(profile, typed_words()) == std::vector<std::string>{});
        // What is lost now may be answered anew later. On a copy, since looking changes what a kill has left.
        if (number % (kills > 100 ? 20 : 4) == 0) {
            CAPTURE(number);
            fs::remove_all(copy);
            fs::copy(profile, copy, fs::copy_options::recursive);
            (void)check_kept(told, researcher, copy);
        }
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
            kept.interrupted, " killed between asking for the seal and its word, ", told.found_sealed,
            " and ", told.found_unfinished, " of which starts said that they are sealed and not, ",
            kept.drafts, " drafts left, ", kept.batches, " batches");
    CHECK(told.acknowledged_interviews >= kills / 3);
    CHECK(kept.drafts_compared > 0);
    CHECK(told.found_batches > kills / 10);
    CHECK(typed > kills / 10);  // runs in which there was something to find
}

TEST_CASE(
    "whenever the program is killed while it hands over, each sealed file is in the store once in the end, "
    "and none is forgotten") {
    REQUIRE(crypto::start());
    Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit");
    const fs::path profile = researcher.folder() / "profile";
    {
        ScriptedRun first({.profile = profile, .study = researcher.study()});
        REQUIRE(first.wait() == 0);
    }
    Told told;
    std::mt19937_64 random(2027);
    int killed_in_a_pass = 0;
    const int kills = std::max(24, kills_wanted() / 10);
    for (int number = 1; number <= kills; ++number) {
        CAPTURE(number);
        // Every third time there are the files of two more runs to be handed over.
        const bool hands_over = number % 3 == 0;
        ScriptedRun run({.profile = profile,
                         .number = number,
                         .seed = random(),
                         .interviews = hands_over ? 1 : 1000,
                         .hands_over = hands_over});
        REQUIRE(run.listen(std::chrono::seconds(60), hands_over ? "handing\n" : "sealed\t"));
        run.listen(std::chrono::milliseconds(random() % 40));
        run.kill();
        told.lines(run.text());
        killed_in_a_pass += hands_over && !run.text().ends_with("handed\n") ? 1 : 0;
        const auto on_the_machine = sealed_below(profile);
        for (const std::string& stored : sealed_below(researcher.store()))
            CHECK(std::ranges::binary_search(on_the_machine, stored));
    }
    ScriptedRun last(
        {.profile = profile, .number = kills + 1, .seed = random(), .interviews = 1, .hands_over = true});
    CHECK(last.wait() == 0);
    told.lines(last.text());
    CHECK(told.failures == std::vector<std::string>{});
    CHECK(killed_in_a_pass > 0);

    const auto stored = sealed_below(researcher.store());
    CHECK(stored == sealed_below(profile));
    CHECK(std::ranges::adjacent_find(stored) == stored.end());
    const Kept kept = check_kept(told, researcher, profile);
    CHECK(kept.batches == static_cast<int>(stored.size()));
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(static_cast<int>(researcher.submissions().size()) == kept.interviews);
    MESSAGE(kills, " kills, ", killed_in_a_pass, " of them in a pass; ", told.passes,
            " passes came to their end; ", stored.size(), " files with ", kept.interviews,
            " interviews, each in the store once");
}
