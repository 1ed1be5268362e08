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
    void enrols(const Laptop& laptop) {
        RosterAddOptions options;
        options.study = study;
        options.root = root;
        options.roster = roster;
        options.inbox = inbox;
        options.keys = {folder / "anna.ffkey", folder / "ben.ffkey"};
        options.enrolment_numbers = {"laptop 3=" + laptop.enrolment_number()};
        REQUIRE(said(run_roster_add, options) == ExitCode::fine);
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
    eve.enrols(laptop);
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

TEST_CASE("a rehearsal is not over while a file opens with nothing: it may be a newest batch") {
    Eve eve;
    Laptop laptop(eve);
    laptop.hands_over();
    eve.enrols(laptop);
    REQUIRE(eve.rehearse({"anna", "ben"}).code == ExitCode::fine);
    // From here on its program seals to somebody else.
    laptop.next.open.recipients = {read_public_key(eve.folder / "cleo.ffpub")->box_key};
    laptop.hands_over();
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "1 file opens with nothing that was given, and may be the newest of a device"));
    CHECK(contains(said.out, "Not ready."));
    CHECK(eve.rehearsed({"anna", "ben"})["ready"] == false);
}

TEST_CASE("what is no sealed batch keeps no rehearsal from being over") {
    Eve eve;
    write(eve.inbox / "junk.batch", "no batch at all");
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK_MESSAGE(said.code == ExitCode::fine, said.out);
    CHECK(contains(said.out, "1 file is no sealed batch\n"));
}

TEST_CASE(
    "a device whose newest batch is of earlier rules is not ready; earlier keys need not open newer ones") {
    Eve eve;
    auto build = eve.build_options();
    build.recipients = {eve.folder / "ben.ffpub", eve.folder / "cleo.ffpub"};
    build.predecessor = eve.study;
    build.out = eve.study = eve.folder / "second.ffstudy";
    REQUIRE_MESSAGE(eve.said(run_study_build, build) == ExitCode::fine, eve.err.str());
    Laptop laptop(eve);
    laptop.hands_over();
    eve.enrols(laptop);
    const Said said = eve.rehearse({"anna", "ben", "cleo"});
    CHECK(said.code == ExitCode::findings);
    std::vector<std::string> verdicts;
    const auto report = eve.rehearsed({"anna", "ben", "cleo"});
    for (const auto& device : report["devices"]) {
        verdicts.push_back(device["verdict"]);
        if (device["device"] == laptop.device()) CHECK(device["not_opened_by"].empty());
    }
    CHECK(sorted(verdicts).back() == "opens");  // the laptop
    CHECK(std::ranges::count(verdicts, "opens") == 1);
}

TEST_CASE("a batch of earlier rules rehearses nothing of the newer ones, though all keys open it") {
    Eve eve;
    auto build = eve.build_options();
    build.recipients = {eve.folder / "anna.ffpub", eve.folder / "ben.ffpub"};
    build.quorum = 1;
    build.predecessor = eve.study;
    build.out = eve.study = eve.folder / "second.ffstudy";
    REQUIRE_MESSAGE(eve.said(run_study_build, build) == ExitCode::fine, eve.err.str());
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "opened by anna, ben; sealed under an earlier study file"));
    CHECK(contains(said.out, "Not ready."));
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
