#include <doctest/doctest.h>

#include <utility>

#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

/// Two enrolled devices; the first has sealed three batches of one interview each.
struct Seizure : Desk {
    std::optional<Laptop> laptop, other;
    std::vector<crypto::BatchId> batches;  ///< of the first device

    Seizure() {
        with_study();
        laptop.emplace(*this);
        other.emplace(*this);
        for (std::uint64_t seed : {1, 2, 3}) seals_batch(seed);
        other->seals(11).hands_over();
        REQUIRE(laptop->is_enrolled("laptop 3=" + laptop->enrolment_number()) == ExitCode::fine);
        REQUIRE(other->is_enrolled("laptop 4=" + other->enrolment_number()) == ExitCode::fine);
    }
    void seals_batch(std::uint64_t seed) {
        laptop->seals(seed).hands_over();
        batches.push_back(laptop->next.open.previous_batch);
    }
    /// As whoever has seized the device would: another batch under any number, after any batch.
    void forges(std::uint64_t seed, std::uint64_t sequence, const crypto::BatchId& previous) {
        laptop->next.open.batch_sequence = sequence;
        laptop->next.open.previous_batch = previous;
        laptop->seals(seed).hands_over();
    }
    Said revoke(Words more, bool looking = false) {
        Words words = {"roster", "revoke",      "--study",  study.string(),
                       "--root", root.string(), "--roster", roster.string()};
        if (looking) words.insert(words.end(), {"--inbox", inbox.string(), "--key", key.string()});
        words.insert(words.end(), more.begin(), more.end());
        return say_with_passphrases(words, *this);
    }
    Said show(Words more = {}) {
        Words words = {"roster", "show", "--study", study.string(), "--roster", roster.string()};
        words.insert(words.end(), more.begin(), more.end());
        return say(words);
    }
    std::size_t refused(const std::string& piece) {
        std::size_t count = 0;
        const auto report = opened();
        for (const auto& file : report["refused"])
            count += file["reason"] == "revoked" &&
                     file["sentence"].get<std::string>().find(piece) != std::string::npos;
        return count;
    }
    /// Away from the inbox, as if it came later.
    fs::path hidden(std::uint64_t number) {
        const fs::path file = batch(laptop->device(), number);
        fs::rename(file, folder / file.filename());
        return file;
    }
    void comes(const fs::path& file) { fs::rename(folder / file.filename(), file); }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("of a revoked device the last accepted batch and those before it count, whatever it forges") {
    Seizure field;
    const auto id = crypto::to_hex(field.batches[1]);
    field.forges(4, 1, field.batches[0]);     // in the place of an accepted one
    field.forges(5, 0, {});                   // as a first batch
    field.forges(6, 2, field.batches[1]);     // as the next one
    field.forges(7, 1000, field.batches[2]);  // far ahead
    const Said said = field.revoke({"laptop 3", "--after", id}, true);
    REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
    CHECK(contains(said.out, "Revoked laptop 3 " + field.laptop->device()));
    CHECK(contains(
        said.out,
        "batch 1 and those before it: 2 records (interviews and withdrawals) in 2 batches of the inbox"));
    CHECK(contains(said.out, "refused      5 files of the device in the inbox"));

    const auto opened = field.opened();
    CHECK(opened["interviews"] == 3);  // two of them, and one of the other device
    CHECK(opened["refused"].size() == 5);
    CHECK(field.refused("whoever has the device may have made it up") == 5);
    for (const auto& device : opened["devices"]) CHECK(device["gaps"].empty());
    CHECK(contains(content(field.results / "report.txt"), ", revoked on " + iso_day(today_utc())));
}

TEST_CASE("nothing of a device counts that was revoked with --all") {
    Seizure field;
    REQUIRE(field.revoke({field.laptop->device().substr(0, 6), "--all"}).code == ExitCode::fine);
    CHECK(field.opened()["interviews"] == 1);
    CHECK(field.refused("and nothing of it counts") == 3);
}

TEST_CASE("ancestors of the last accepted batch count however late they come") {
    Seizure field;
    const fs::path middle = field.hidden(1);
    const Said said = field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[2])}, true);
    REQUIRE(said.code == ExitCode::fine);
    CHECK(contains(said.out, "batch 1 is not in the inbox; what came before it counts when it comes"));
    CHECK(field.opened()["interviews"] == 2);
    CHECK(field.refused("while batch 1 of that device is missing") == 1);
    field.comes(middle);
    CHECK(field.opened()["interviews"] == 4);
    CHECK(field.refused("") == 0);
}

TEST_CASE("while the last accepted batch itself is missing, the report says so and nothing is guessed") {
    Seizure field;
    const fs::path last = field.hidden(2);
    REQUIRE(field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[2])}).code == ExitCode::fine);
    CHECK(field.opened()["interviews"] == 1);
    CHECK(field.refused("is not in the inbox, so what stands before it can't be told") == 2);
    field.comes(last);
    CHECK(field.opened()["interviews"] == 4);
}

TEST_CASE("a longer version of the last accepted batch does not push it out") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).seals(2).hands_over_open_batch();
    const crypto::BatchId accepted = laptop.writer->current(laptop.key)->id;
    laptop.is_enrolled();
    laptop.seals(3).hands_over_open_batch().seals(4).hands_over();
    REQUIRE(laptop.is_revoked_after(accepted) == ExitCode::fine);
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 2);
    CHECK(opened["refused"].size() == 2);
}

TEST_CASE("a shorter version of the last accepted batch is its beginning and no forgery") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over_open_batch().seals(2).hands_over();
    laptop.is_enrolled();
    REQUIRE(laptop.is_revoked_after(laptop.next.open.previous_batch) == ExitCode::fine);
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 2);
    CHECK(opened["superseded"] == 1);
    CHECK(opened["refused"].empty());
}

TEST_CASE("a revoked device is told nothing of what was refused") {
    Seizure field;
    REQUIRE(field.revoke({"laptop 3", "--all"}).code == ExitCode::fine);
    CHECK(field.opened()["receipts"]["made"] == 1);  // to the other device
}

TEST_CASE("a device is named by its label or the beginning of its id, and by nothing that fits two") {
    Seizure field;
    Laptop third(field);
    third.seals(21).hands_over();
    REQUIRE(third.is_enrolled("laptop 4=" + third.enrolment_number()) == ExitCode::fine);
    const std::string before = content(field.roster);
    const Said two = field.revoke({"laptop 4", "--all"});
    CHECK(two.code == ExitCode::could_not);
    CHECK(contains(two.err, third.device()));
    CHECK(contains(two.err, field.other->device()));
    CHECK(contains(two.err, "Nothing was changed."));
    CHECK(field.revoke({"laptop 9", "--all"}).code == ExitCode::could_not);
    CHECK(field.revoke({third.device().substr(0, 3), "--all"}).code == ExitCode::could_not);
    CHECK(content(field.roster) == before);
    CHECK(field.revoke({third.device().substr(0, 8), "--all"}).code == ExitCode::fine);
}

TEST_CASE("a batch that the device has not sealed revokes nothing, since it could not be taken back") {
    Seizure field;
    const std::string before = content(field.roster);
    std::string id = crypto::to_hex(field.batches[1]);
    std::swap(id[10], id[11]);
    if (id == crypto::to_hex(field.batches[1])) id[10] = id[10] == '0' ? '1' : '0';
    const Said wrong = field.revoke({"laptop 3", "--after", id}, true);
    CHECK(wrong.code == ExitCode::could_not);
    CHECK(contains(wrong.err, "No batch of this device in the inbox has the id " + id));
    CHECK(field.revoke({"laptop 4", "--after", crypto::to_hex(field.batches[1])}, true).code ==
          ExitCode::could_not);  // of the other device
    CHECK(content(field.roster) == before);
    CHECK(field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[1]).substr(0, 12)}, true).code ==
          ExitCode::fine);
}

TEST_CASE("revoking wants to know what still counts") {
    Seizure field;
    const std::string before = content(field.roster);
    const std::string id = crypto::to_hex(field.batches[1]);
    for (const Words& words :
         {Words{"laptop 3"}, Words{"laptop 3", "--all", "--after", id},
          Words{"laptop 3", "--after", "a batch"}, Words{"laptop 3", "--after", std::string(64, '0')},
          Words{"laptop 3", "--after", id.substr(0, 12)},
          Words{"laptop 3", "--after", id, "--inbox", field.inbox.string()}})
        CHECK(field.revoke(words).code == ExitCode::usage);
    CHECK(content(field.roster) == before);
}

TEST_CASE("a revocation is said once and for all") {
    Seizure field;
    REQUIRE(field.revoke({"laptop 3", "--all"}).code == ExitCode::fine);
    const std::string before = content(field.roster);
    const Said again = field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[2])});
    CHECK(again.code == ExitCode::could_not);
    CHECK(contains(again.err, "was revoked on"));
    CHECK(content(field.roster) == before);
}

TEST_CASE("roster show tells version, age and digest, and the last batch that counts of who was revoked") {
    Seizure field;
    const fs::path before = field.folder / "before.ffroster";
    fs::copy_file(field.roster, before);
    REQUIRE(field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[1])}).code == ExitCode::fine);
    const Said said = field.show({"--since", before.string()});
    REQUIRE(said.code == ExitCode::fine);
    CHECK(contains(said.out, "Roster version 3 of " + iso_day(today_utc()) + " (of today), 2 devices"));
    CHECK(contains(said.out, "  continues " + before.string()));
    CHECK(contains(said.out, "last batch that counts: " + crypto::to_hex(field.batches[1])));
    const auto shown = nlohmann::json::parse(field.show({"--json"}).out);
    CHECK(shown["version"] == 3);
    CHECK(shown["age_days"] == 0);
    fs::rename(before, field.roster);
    CHECK(shown["previous"] == nlohmann::json::parse(field.show({"--json"}).out)["digest"]);
}

TEST_CASE("an older roster, which would bring a revoked device back, is noticed where a newer one was used") {
    Seizure field;
    const fs::path older = field.folder / "older.ffroster", newer = field.folder / "newer.ffroster";
    fs::copy_file(field.roster, older);
    REQUIRE(field.revoke({"laptop 3", "--all"}).code == ExitCode::fine);
    fs::copy_file(field.roster, newer);
    CHECK(field.opened()["interviews"] == 1);
    fs::remove_all(field.results);

    fs::copy_file(older, field.roster, fs::copy_options::overwrite_existing);
    CHECK(field.open() == ExitCode::could_not);
    CHECK(contains(field.err.str(), "This roster is older than the one in use"));
    CHECK(contains(field.err.str(), "Version 3 of " + iso_day(today_utc()) + " was used with this inbox"));
    CHECK(files_in(field.results).empty());
    CHECK(field.other->is_enrolled() == ExitCode::could_not);  // nor does anything continue it
    CHECK(field.revoke({"laptop 4", "--after", crypto::to_hex(field.batches[0])}, true).code ==
          ExitCode::could_not);
    fs::remove(field.roster);
    CHECK(field.open() == ExitCode::could_not);

    fs::copy_file(older, field.roster);  // another past of the same number
    REQUIRE(field.revoke({"laptop 4", "--all"}).code == ExitCode::fine);
    CHECK(field.open() == ExitCode::could_not);
    CHECK(contains(field.err.str(), "continue the same past differently"));
    CHECK(field.show({"--since", newer.string()}).code == ExitCode::could_not);

    fs::copy_file(newer, field.roster, fs::copy_options::overwrite_existing);
    CHECK(field.opened()["interviews"] == 1);
}

TEST_CASE(
    "a revocation that was made with the inbox at hand counts there before anything is opened with it") {
    Seizure field;
    REQUIRE(field.opened()["interviews"] == 4);
    const fs::path older = field.folder / "older.ffroster";
    fs::copy_file(field.roster, older);
    REQUIRE(field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[0])}, true).code ==
            ExitCode::fine);
    fs::rename(older, field.roster);
    fs::remove_all(field.results);
    CHECK(field.open() == ExitCode::could_not);
    CHECK(contains(field.err.str(), "This roster is older than the one in use"));
}

TEST_CASE("a device that was added with the inbox at hand is not forgotten there") {
    Seizure field;
    const fs::path older = field.folder / "older.ffroster";
    fs::copy_file(field.roster, older);
    Laptop third(field);
    third.seals(21).hands_over();
    REQUIRE(third.is_enrolled() == ExitCode::fine);
    fs::rename(older, field.roster);
    CHECK(field.open() == ExitCode::could_not);
    CHECK(contains(field.err.str(), "This roster is older than the one in use"));
}

TEST_CASE("a revocation while the inbox is opened stays the newest that it has seen, and is told") {
    struct RevokesMeanwhile final : PassphraseSource {
        Seizure* field = nullptr;
        FixedPassphrases fixed;
        Result<crypto::SecretText> passphrase_for(const std::string& what, Ask ask) override {
            if (Seizure* there = std::exchange(field, nullptr))
                REQUIRE(there->revoke({"laptop 3", "--all"}, true).code == ExitCode::fine);
            return fixed.passphrase_for(what, ask);
        }
    };
    for (const bool in_the_same_file : {false, true}) {
        Seizure field;
        auto options = field.open_options();
        if (!in_the_same_file) {
            options.roster = field.folder / "old.ffroster";
            fs::copy(field.roster, options.roster);
        }
        options.output = Output::json;
        RevokesMeanwhile meanwhile;
        meanwhile.field = &field;
        std::ostringstream out, err;
        Console console{out, err, false, meanwhile};
        CHECK(run_open(options, console) == ExitCode::findings);
        CHECK(content(seen_roster_file(field.inbox, *read_study(field.study))) == content(field.roster));
        CHECK(contains(err.str(), "Version 3"));
        CHECK(contains(err.str(), "Open again with it"));
        const auto said = nlohmann::json::parse(out.str());
        CHECK(said["roster"]["version"] == 2);
        CHECK(said["roster_overtaken"] == true);
        CHECK(said["receipts"]["made"] == 0);
        CHECK(said["roster_kept"] == true);
        const auto again = field.opened();
        CHECK(again["roster_overtaken"] == false);
        CHECK(again["receipts"]["made"] > 0);
    }
}

TEST_CASE("when no copy of a new roster can be kept with the inbox, that is told, and the roster stands") {
    Seizure field;
    const fs::path copy = seen_roster_file(field.inbox, *read_study(field.study));
    fs::remove(copy);
    fs::create_directories(copy / "in the way");
    const Said said = field.revoke({"laptop 3", "--after", crypto::to_hex(field.batches[0])}, true);
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.err, "no copy of it was kept with the inbox"));
    CHECK(contains(said.out, "Roster version 3"));
}
