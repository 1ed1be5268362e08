#include <doctest/doctest.h>

#include "client/researcher/key_file.h"
#include "crypto/batch_salvage.h"
#include "crypto/custody.h"
#include "tests/support/crypto_forger.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

/// A study of two researchers, or of three custodians of whom any two co-operate, and two enrolled devices
/// that have said "I am here".
struct Eve : Desk {
    explicit Eve(int custodians = 0, const Words& more = {}) {
        with_keys();
        for (const char* name : {"ben", "cleo", "analyst"}) REQUIRE(key_new(name) == ExitCode::fine);
        for (const std::string& name : more) REQUIRE(key_new(name) == ExitCode::fine);
        write_small_form(form);
        fs::create_directories(store);
        auto options = build_options();
        options.recipients = {folder / "anna.ffpub", folder / "ben.ffpub"};
        if (custodians > 0) {
            options.recipients.push_back(folder / "cleo.ffpub");
            for (const std::string& name : more) options.recipients.push_back(folder / (name + ".ffpub"));
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
    /// What is said of this device.
    nlohmann::json rehearsed_of(const Laptop& laptop, const Words& keys, const Words& shares = {}) {
        const auto report = rehearsed(keys, shares);
        for (const auto& device : report["devices"])
            if (device["device"] == laptop.device()) return device;
        return {};
    }
    fs::path newest_batch(const Laptop& laptop) {
        return inbox / ("20261123-" + crypto::to_hex(laptop.files.back()) + ".batch");
    }
    void enrols(const Laptop& laptop, const Words& more = {}) {
        RosterAddOptions options;
        options.study = study;
        options.root = root;
        options.roster = roster;
        options.inbox = inbox;
        options.keys = {folder / "anna.ffkey", folder / "ben.ffkey"};
        for (const std::string& key : more) options.keys.push_back(folder / (key + ".ffkey"));
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

crypto::Identity identity_of(const Eve& eve, const std::string& name) {
    auto secret = *crypto::SecretText::copy_of(eve.passphrases.passphrase);
    const std::string bytes = content(eve.folder / (name + ".ffkey"));
    return std::move(*crypto::Identity::from_file_bytes(crypto::bytes_of(bytes), secret));
}

/// The share of this custodian fits the header and lies on another polynomial than it did.
void move_share(test::Forger& device, const crypto::Identity& identity, std::uint8_t by) {
    const auto& key = identity.recipient().box_key.bytes;
    for (std::size_t at = 64; at + 128 <= device.header.size(); at += 128) {
        std::uint8_t* sealed = device.header.data() + at;
        std::array<std::uint8_t, 64> plain{};
        if (crypto_box_seal_open(plain.data(), sealed, 112, key.data(),
                                 identity.expose_box_secret()->data()) != 0)
            continue;
        plain[4] ^= by;
        crypto_box_seal(sealed, plain.data(), plain.size(), key.data());
        crypto::Bytes tagged = crypto::Bytes(16);
        std::memcpy(tagged.data(), "FFB1 share tag  ", 16);
        tagged.insert(tagged.end(), device.header.begin(), device.header.begin() + 64);
        tagged.insert(tagged.end(), plain.begin() + 1, plain.begin() + 4);
        tagged.insert(tagged.end(), key.begin(), key.end());
        tagged.insert(tagged.end(), plain.begin() + 40, plain.end());
        crypto_generichash(sealed + 112, 16, tagged.data(), tagged.size(), plain.data() + 4, 32);
    }
}

/// A batch of custodians as a device seals it that means ill: the shares of these are off.
std::string with_shares_off(const Eve& eve, const Laptop& laptop, const std::string& batch,
                            const Words& custodians) {
    const crypto::ByteView file = crypto::bytes_of(batch);
    std::vector<crypto::Share> shares;
    for (const char* name : {"anna", "ben", "cleo"})
        if (shares.size() < laptop.next.open.quorum)
            shares.push_back(std::move(crypto::extract_share(file, identity_of(eve, name))->share));
    test::Forger device(file, crypto::join_shares(shares)->expose());
    std::uint8_t by = 0;
    for (const std::string& custodian : custodians) move_share(device, identity_of(eve, custodian), ++by);
    const auto bytes = device.seal_all_again().close_again(laptop.key).build();
    return {bytes.begin(), bytes.end()};
}

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

    write(eve.inbox / "huge.batch", "");
    fs::resize_file(eve.inbox / "huge.batch", 10'000'000'000);
    const Said again = eve.rehearse({"anna", "ben"});
    CHECK(again.code == ExitCode::fine);
    CHECK(contains(again.out, "2 files are no sealed batches\n"));
}

TEST_CASE("a link among the batches may lead to a newest one, so that a rehearsal is not over") {
    Eve eve;
    fs::create_symlink("elsewhere.batch", eve.inbox / "moved.batch");
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "  moved.batch: This is a link and not a file, so it was not looked at."));
    CHECK(contains(said.out, "Not ready."));
    CHECK(eve.rehearsed({"anna", "ben"})["not_looked_at"] == nlohmann::json{"moved.batch"});
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
    CHECK(contains(all.out, "Ready: every device's batch opens with the shares of any 2 custodians."));

    const Said two = eve.rehearse({"analyst"}, {"anna", "cleo"});
    CHECK(two.code == ExitCode::findings);
    CHECK(contains(two.out, "shares of 2 of 3 custodians open it, 2 at a time: anna, cleo\n"));
    CHECK(contains(two.out, "NOT TRIED: ben; no share of theirs was given"));

    CHECK(eve.rehearse({"anna", "ben", "cleo"}).code == ExitCode::fine);  // the custodians in one room
    const Said one = eve.rehearse({"anna"});
    CHECK(one.code == ExitCode::findings);
    CHECK(contains(one.out, "2 files open with nothing that was given"));
    CHECK(contains(one.out, "Of these, shares of anna were given, and with those alone no device's newest"));
    CHECK_FALSE(contains(one.out, "no share of theirs was given"));
    CHECK(eve.rehearsed({"anna"})["given_in_vain"] == nlohmann::json{"anna"});
    CHECK(contains(one.out, "NEVER HEARD OF in what opens here; "));
}

TEST_CASE("of a share that fits and does not open with the others the device is blamed, and no custodian") {
    Eve eve(2);
    Laptop laptop(eve);
    laptop.next.open.quorum = 2;
    laptop.hands_over();
    eve.enrols(laptop);
    const fs::path batch = eve.newest_batch(laptop);
    const std::string honest = content(batch);
    fs::remove(batch);
    for (const std::string off : {"anna", "ben", "cleo"}) {  // in whichever place theirs stands
        CAPTURE(off);
        write(eve.inbox / "handed over.batch", with_shares_off(eve, laptop, honest, {off}));
        const Said said = eve.rehearse({"anna", "ben", "cleo"});
        CHECK(said.code == ExitCode::findings);
        CHECK(contains(said.out, "NOT TOGETHER WITH THEM: " + off +
                                     "; each share is as the device made it, so its program is faulty"));
        CHECK_FALSE(contains(said.out, "NOT OPENED by"));
        const auto device = eve.rehearsed_of(laptop, {"anna", "ben", "cleo"});
        CHECK(device["verdict"] == "does_not_open");
        CHECK(device["not_together_with_them"] == nlohmann::json{off});
        CHECK(device["not_opened_by"].empty());
        CHECK(device["opened_by"].size() == 2);
        fs::remove(eve.inbox / "handed over.batch");
    }
}

TEST_CASE(
    "where a device made two of five shares wrongly, those that open the batch are found wherever they are") {
    const Words all = {"anna", "ben", "cleo", "dora", "emil"};
    Eve eve(3, {"dora", "emil"});
    Laptop laptop(eve);
    laptop.next.open.quorum = 3;
    laptop.hands_over();
    eve.enrols(laptop, {"cleo"});
    const fs::path batch = eve.newest_batch(laptop);
    const std::string honest = content(batch);
    fs::remove(batch);
    for (std::size_t first = 0; first < all.size(); ++first)
        for (std::size_t second = first + 1; second < all.size(); ++second) {
            const Words off = {all[first], all[second]};
            CAPTURE(off[0] + ", " + off[1]);
            write(eve.inbox / "handed over.batch", with_shares_off(eve, laptop, honest, off));
            const auto device = eve.rehearsed_of(laptop, all);
            CHECK(device["verdict"] == "does_not_open");
            CHECK(device["not_together_with_them"] == nlohmann::json(off));
            CHECK(device["not_opened_by"].empty());
            CHECK(device["opened_by"].size() == 3);
        }
}

TEST_CASE(
    "a share that is none of the batch is said to be in somebody's name, unless theirs is here as well") {
    Eve eve(2);
    for (const char* custodian : {"anna", "ben", "cleo"}) eve.extract(custodian);
    const auto analyst = identity_of(eve, "analyst");
    auto released =
        crypto::open_shares(crypto::bytes_of(content(eve.folder / "anna.ffshare")), {&analyst, 1});
    REQUIRE(released);
    for (crypto::ReleasedShare& share : released->shares) share.share.part.storage()[0] ^= 1;
    const auto forged = crypto::seal_shares(released->shares, identity_of(eve, "anna"), analyst.recipient());
    write(eve.folder / "wrong.ffshare", std::string(forged->begin(), forged->end()));
    const Said said = eve.rehearse({"analyst"}, {"wrong", "ben", "cleo"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "2 at a time: ben, cleo, WRONG SHARE in the name of anna\n"));
    CHECK(eve.rehearse({"analyst"}, {"wrong", "anna", "ben", "cleo"}).code == ExitCode::fine);
}

TEST_CASE("a custodian who released no share of one device's batch is named there") {
    Eve eve(2);
    eve.extract("cleo");
    Laptop laptop(eve);
    laptop.next.open.quorum = 2;
    laptop.hands_over();
    eve.enrols(laptop);
    eve.extract("anna");
    eve.extract("ben");
    const Said said = eve.rehearse({"analyst"}, {"anna", "ben", "cleo"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "2 at a time: anna, ben, NO SHARE of it from cleo\n"));
    CHECK_FALSE(contains(said.out, "NOT TRIED"));
    CHECK(eve.rehearsed_of(laptop, {"analyst"}, {"anna", "ben", "cleo"})["no_share_from"] ==
          nlohmann::json{"cleo"});
}

TEST_CASE("nobody rehearses with an older roster than the inbox has seen") {
    Eve eve;
    const fs::path older = eve.folder / "older.ffroster";
    fs::copy_file(eve.roster, older);
    Laptop laptop(eve);
    laptop.hands_over();
    eve.enrols(laptop);
    fs::rename(older, eve.roster);
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::could_not);
    CHECK(contains(said.err, "This roster is older than the one in use"));
    CHECK(said.out.empty());

    write(seen_roster_file(eve.inbox, *read_study(eve.study)), "no roster");
    const Said unguarded = eve.rehearse({"anna", "ben"});
    CHECK(unguarded.code == ExitCode::findings);
    CHECK(contains(unguarded.err, "can't be read"));
    CHECK(eve.rehearsed({"anna", "ben"})["roster_unguarded"] == true);
}

TEST_CASE("a device of whose newest batch records were redacted here has been heard of, and is ready") {
    Eve eve;
    Laptop laptop(eve);
    laptop.seals(1).hands_over();
    eve.enrols(laptop);
    const fs::path batch = eve.newest_batch(laptop);
    const auto anna = identity_of(eve, "anna");
    const std::vector<std::uint32_t> first = {1};
    const auto redacted = *crypto::redact_records(crypto::bytes_of(content(batch)), first, {&anna, 1});
    write(batch, std::string(redacted.begin(), redacted.end()));
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK_MESSAGE(said.code == ExitCode::fine, said.out);
    CHECK(contains(said.out, "opened by anna, ben; records of it were redacted here\n"));
    CHECK_FALSE(contains(said.out, "NEVER HEARD OF"));
    CHECK_FALSE(contains(said.out, "nothing that was given"));
    CHECK(eve.rehearsed_of(laptop, {"anna", "ben"})["redacted"] == true);
}

TEST_CASE("a device whose newest batch has rotted here has been heard of, and what to do is told") {
    Eve eve;
    Laptop laptop(eve);
    laptop.seals(1).hands_over();
    eve.enrols(laptop);
    const fs::path batch = eve.newest_batch(laptop);
    const std::string whole = content(batch);
    flip_byte(batch, 64 + 4 * 128 + 32 + 1041 + 100);  // its interview
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "opened by anna, ben; DAMAGED here: move " + batch.filename().string()));
    CHECK_FALSE(contains(said.out, "NEVER HEARD OF"));
    CHECK_FALSE(contains(said.out, "nothing that was given"));
    CHECK(eve.rehearsed_of(laptop, {"anna", "ben"})["verdict"] == "damaged");

    write(eve.inbox / "another copy.batch", whole);
    CHECK(eve.rehearse({"anna", "ben"}).code == ExitCode::fine);
}

TEST_CASE("of a file that was cut short no key is said not to open it") {
    Eve eve;
    Laptop laptop(eve);
    laptop.hands_over();
    eve.enrols(laptop);
    const fs::path batch = eve.newest_batch(laptop);
    write(batch, content(batch).substr(0, 1000));
    const Said said = eve.rehearse({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "1 file is damaged, so that it can't be told whose"));
    CHECK_FALSE(contains(said.out, "nothing that was given"));
    CHECK(eve.rehearsed({"anna", "ben"})["files_damaged"] == 1);
}
