#include <doctest/doctest.h>

#include "client/researcher/key_file.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

/// A study of two researchers, or of three custodians of whom any two co-operate, and two enrolled devices
/// that have said "I am here".
struct Eve : Desk {
    explicit Eve(int custodians = 0) {
        with_keys();
        for (const char* name : {"ben", "cleo", "analyst"}) REQUIRE(key_new(name) == ExitCode::fine);
        write_small_form(form);
        fs::create_directories(store);
        auto options = build_options();
        options.recipients = {folder / "anna.ffpub", folder / "ben.ffpub"};
        if (custodians > 0) {
            options.recipients.push_back(folder / "cleo.ffpub");
            options.analysts = {folder / "analyst.ffpub"};
        }
        options.custodians = custodians;
        REQUIRE_MESSAGE(said(run_study_build, options) == ExitCode::fine, err.str());
        with_interviews(0, 2);
    }
    Said rehearse(const Words& keys, const Words& shares = {}, const Words& more = {}) {
        Words words = {"key",      "rehearse",      "--study", study.string(),
                       "--roster", roster.string(), "--inbox", inbox.string()};
        for (const std::string& key : keys)
            words.insert(words.end(), {"--key", (folder / (key + ".ffkey")).string()});
        for (const std::string& share : shares)
            words.insert(words.end(), {"--shares", (folder / (share + ".ffshare")).string()});
        words.insert(words.end(), more.begin(), more.end());
        return say_with_passphrases(words, *this);
    }
    nlohmann::json rehearsed(const Words& keys, const Words& shares = {}) {
        return nlohmann::json::parse(rehearse(keys, shares, {"--json"}).out);
    }
    void extract(const std::string& custodian) {
        const Said said = say_with_passphrases(
            {"custody", "extract", "--study", study.string(), "--inbox", inbox.string(), "--key",
             (folder / (custodian + ".ffkey")).string(), "--for", (folder / "analyst.ffpub").string(),
             "--out", (folder / (custodian + ".ffshare")).string()},
            *this);
        REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
    }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("a rehearsal is good when each researcher's key alone opens a batch of each device") {
    Eve eve;
    const auto before = files_in(eve.folder / "");
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK_MESSAGE(said.code == ExitCode::fine, said.out, said.err);
    CHECK(contains(said.out, "batch 0, opened by anna, ben\n"));
    CHECK(contains(said.out, "Ready: every device's batch opens with every recipient's key."));
    CHECK(files_in(eve.folder / "") == before);  // nothing exported, nothing told
    CHECK(eve.rehearsed({"anna", "ben"})["ready"] == true);
}

TEST_CASE("a rehearsal without somebody's key is not over") {
    Eve eve;
    const Said said = eve.rehearse({"anna"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "NOT TRIED: ben; run this with their keys as well"));
    CHECK(eve.rehearsed({"anna"})["not_tried"] == nlohmann::json{"ben"});
}

TEST_CASE("a key that does not open is named, though another one does") {
    Eve eve;
    const Said said = eve.rehearse({"anna", "cleo", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "opened by anna, ben, NOT OPENED by cleo"));
    CHECK(eve.rehearsed({"cleo"})["files_not_opened"] == 2);
}

TEST_CASE("a device whose slot for one researcher is bad is found before fieldwork") {
    Eve eve;
    Laptop laptop(eve);
    laptop.next.open.recipients.pop_back();  // its program leaves one of them out
    laptop.hands_over();
    const crypto::BoxKey kept = laptop.next.open.recipients.front();
    const bool anna = kept.bytes == read_public_key(eve.folder / "anna.ffpub")->box_key.bytes;
    RosterAddOptions options;
    options.study = eve.study;
    options.root = eve.root;
    options.roster = eve.roster;
    options.inbox = eve.inbox;
    options.keys = {eve.folder / "anna.ffkey", eve.folder / "ben.ffkey"};
    options.enrolment_numbers = {"laptop 3=" + laptop.enrolment_number()};
    REQUIRE(eve.said(run_roster_add, options) == ExitCode::fine);
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(
        contains(said.out, anna ? "opened by anna, NOT OPENED by ben" : "opened by ben, NOT OPENED by anna"));
}

TEST_CASE("a device that was never heard of is named; a revoked one is left out") {
    Eve eve;
    fs::remove(files_in(eve.inbox).front());
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "NEVER HEARD OF; have it sync, fetch, and run this again"));
    const auto report = eve.rehearsed({"anna", "ben"});
    for (const auto& device : report["devices"]) {
        if (device["verdict"] != "never_heard_of") continue;
        REQUIRE(say_with_passphrases(
                    {"roster", "revoke", "--study", eve.study.string(), "--root", eve.root.string(),
                     "--roster", eve.roster.string(), device["device"].get<std::string>(), "--all"},
                    eve)
                    .code == ExitCode::fine);
    }
    CHECK(eve.rehearse({"anna", "ben"}).code == ExitCode::fine);
}

TEST_CASE("a batch of a device that nobody enrolled rehearses nothing") {
    Eve eve;
    Laptop stranger(eve);
    stranger.hands_over();
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::fine);
    CHECK(contains(said.out, "1 file is of a device that is not in the roster"));
}

TEST_CASE("where custodians co-operate the rehearsal says whose shares were seen, and tries each") {
    Eve eve(2);
    for (const char* custodian : {"anna", "ben", "cleo"}) eve.extract(custodian);
    const Said all = eve.rehearse({"analyst"}, {"anna", "ben", "cleo"});
    CHECK_MESSAGE(all.code == ExitCode::fine, all.out, all.err);
    CHECK(contains(all.out, "shares of 3 of 3 custodians open it, 2 at a time: anna, ben, cleo\n"));

    const Said two = eve.rehearse({"analyst"}, {"anna", "cleo"});
    CHECK(two.code == ExitCode::findings);
    CHECK(contains(two.out, "shares of 2 of 3 custodians open it, 2 at a time: anna, cleo\n"));
    CHECK(contains(two.out, "NOT TRIED: ben; no share of theirs was given"));

    CHECK(eve.rehearse({"anna", "ben", "cleo"}).code == ExitCode::fine);  // the custodians in one room
    const Said one = eve.rehearse({"anna"});
    CHECK(one.code == ExitCode::findings);
    CHECK(contains(one.out, "2 files open with nothing that was given"));
}
