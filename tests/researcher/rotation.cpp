#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/archive.h"
#include "crypto/withdrawal.h"
#include "tests/support/crypto_forger.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

/// While it lives, the disk keeps something else than a wrap that it is given.
struct DiskThatRuinsWraps {
    static inline bool here = false;
    DiskThatRuinsWraps() { here = true; }
    DiskThatRuinsWraps(const DiskThatRuinsWraps&) = delete;
    ~DiskThatRuinsWraps() { here = false; }

    static void asked_to_keep(int descriptor) {
        struct stat file {};
        if (here && ::fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode) &&
            file.st_size == static_cast<off_t>(crypto::wrap_size))
            CHECK(::pwrite(descriptor, "rot", 3, 100) == 3);
    }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

/// A study that was sealed to Anna's key and is now sealed to Ben's, and a device that has lived through it:
/// one batch under each, the earlier one still on its way.
struct Rotation : Desk {
    std::optional<Laptop> laptop;
    fs::path first_study;

    Rotation() {
        with_study();
        for (const char* name : {"ben", "archive"}) REQUIRE(key_new(name) == ExitCode::fine);
        laptop.emplace(*this);
        laptop->seals(1).hands_over();
        REQUIRE(laptop->is_enrolled() == ExitCode::fine);
        auto build = build_options();
        build.recipients = {folder / "ben.ffpub"};
        build.predecessor = study;
        build.out = folder / "second.ffstudy";
        REQUIRE_MESSAGE(said(run_study_build, build) == ExitCode::fine, err.str());
        first_study = std::exchange(study, build.out);
        laptop->updates().seals(2).hands_over();
    }
    fs::path key_of(const std::string& name) { return folder / (name + ".ffkey"); }

    nlohmann::json opened_with(const Words& names) {
        auto options = open_options();
        options.keys.clear();
        for (const std::string& name : names) options.keys.push_back(key_of(name));
        options.output = Output::json;
        options.overwrite = Overwrite::yes;
        options.salvage = salvage;
        options.earlier = earlier;
        said(run_open, options);
        INFO(err.str());
        return nlohmann::json::parse(out.str());
    }
    nlohmann::json salvaged_with(const Words& names) {
        salvage = Salvage::yes;
        auto opened = opened_with(names);
        salvage = Salvage::no;
        return opened;
    }
    Salvage salvage = Salvage::no;
    std::vector<fs::path> earlier;
    fs::path newest_batch() {
        return inbox / ("20261123-" + crypto::to_hex(laptop->files.back()) + ".batch");
    }
    Said rewrap(const Words& keys, Words more = {}, const std::string& to = "archive") {
        Words words = {"archive", "rewrap", "--inbox", inbox.string(), "--to", key_of(to).string()};
        for (const std::string& name : keys) words.insert(words.end(), {"--key", key_of(name).string()});
        words.insert(words.end(), more.begin(), more.end());
        return say_with_passphrases(words, *this);
    }
    std::vector<fs::path> wraps() {
        std::vector<fs::path> found;
        for (const fs::path& file : files_in(inbox))
            if (file.extension() == ".ffwrap") found.push_back(file);
        return found;
    }
};

}  // namespace

extern "C" {
int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor) {
    const int result = __real_fsync(descriptor);
    DiskThatRuinsWraps::asked_to_keep(descriptor);
    return result;
}
}

TEST_CASE("after the recipients change, late batches under the old key open with both keys at hand") {
    Rotation rotation;
    for (const Words& keys : {Words{"anna", "ben"}, Words{"ben", "anna"}}) {
        const auto opened = rotation.opened_with(keys);
        CHECK(opened["interviews"] == 2);
        CHECK(opened["refused"].empty());
        CHECK(opened["devices"].size() == 1);  // the same device, still enrolled
        CHECK(opened["devices"][0]["gaps"].empty());
    }
    CHECK(rotation.opened_lines().size() == 2);
}

TEST_CASE("each key alone opens what was sealed to it, and the report says which key is missing") {
    Rotation rotation;
    for (const char* name : {"anna", "ben"}) {
        const auto opened = rotation.opened_with({name});
        CHECK(opened["interviews"] == 1);
        REQUIRE(opened["refused"].size() == 1);
        CHECK(opened["refused"][0]["reason"] == "not_openable");
        CHECK(contains(opened["refused"][0]["sentence"], "open again with that key"));
    }
}

TEST_CASE("a device that gets an old study file after the change shows another number, and is refused") {
    Rotation rotation;
    const fs::path newest = std::exchange(rotation.study, rotation.first_study);
    Laptop deceived(rotation);  // somebody hands it the file that is sealed to the old key
    rotation.study = newest;
    const std::string number = deceived.enrolment_number();
    Laptop rightly(rotation);
    rightly.key = std::move(*crypto::SigningKey::from_seed(deceived.key.expose_seed()));
    CHECK(rightly.enrolment_number() != number);  // of the same device with the new file

    deceived.seals(3).hands_over();
    const std::string roster = content(rotation.roster);
    CHECK(deceived.is_enrolled("laptop 9=" + number) == ExitCode::could_not);
    CHECK(contains(rotation.err.str(), "is that of an earlier study file than " + newest.string()));
    CHECK(contains(rotation.err.str(), "Nothing was added."));
    CHECK(content(rotation.roster) == roster);

    // Who knows that it got its file in its day can say so.
    CHECK(deceived.is_enrolled_with_earlier_file("laptop 9=" + number) == ExitCode::findings);
    CHECK(contains(rotation.err.str(), "is that of an earlier study file than " + newest.string()));
    CHECK(content(rotation.roster) != roster);

    auto build = rotation.build_options();  // a file that the newest one does not name as its past
    build.out = rotation.folder / "alien.ffstudy";
    build.version = 9;
    REQUIRE(rotation.said(run_study_build, build) == ExitCode::fine);
    rotation.study = build.out;
    Laptop stranger(rotation);
    rotation.study = newest;
    stranger.hands_over();
    CHECK(stranger.is_enrolled() == ExitCode::could_not);
    CHECK(stranger.is_enrolled_with_earlier_file() == ExitCode::could_not);
}

TEST_CASE(
    "a device that took in a newer study file before it is enrolled is told by the digits that it shows") {
    Rotation rotation;
    const fs::path newest = std::exchange(rotation.study, rotation.first_study);
    Laptop updated(rotation);
    rotation.study = newest;
    updated.updates().seals(3).hands_over();
    const auto opened = rotation.opened_with({"anna", "ben"});
    REQUIRE(opened["refused"].size() == 1);
    const std::string sentence = opened["refused"][0]["sentence"];
    CHECK(contains(sentence, updated.enrolment_number()));
    CHECK(contains(sentence, updated.enrolment_number(updated.study.digest())));

    // It has the newest by now, so nobody keeps it on an old one.
    RosterAddOptions options;
    const auto enrol = [&](Laptop& laptop) {
        options.study = rotation.study;
        options.root = rotation.root;
        options.roster = rotation.roster;
        options.inbox = rotation.inbox;
        options.keys = {rotation.key_of("anna"), rotation.key_of("ben")};
        options.enrolment_numbers = {laptop.enrolment_number()};
        return rotation.said(run_roster_add, options);
    };
    CHECK_MESSAGE(enrol(updated) == ExitCode::fine, rotation.err.str());
    CHECK(contains(rotation.err.str(), "has taken in the newest since"));
    CHECK_FALSE(contains(rotation.err.str(), "somebody has handed it an old one"));
    CHECK(rotation.opened_with({"anna", "ben"})["refused"].empty());
}

TEST_CASE("digits of a study file that came after a batch are not asked of the device that sealed it") {
    Rotation rotation;
    const fs::path newest = std::exchange(rotation.study, rotation.first_study);
    Laptop late(rotation);
    rotation.study = newest;
    late.seals(3).hands_over();
    const auto opened = rotation.opened_with({"anna", "ben"});
    REQUIRE(opened["refused"].size() == 1);
    const std::string sentence = opened["refused"][0]["sentence"];
    CHECK(contains(sentence, late.enrolment_number()));
    CHECK_FALSE(contains(sentence, late.enrolment_number(researcher::read_study(newest)->digest())));
}

TEST_CASE("roster add says in JSON which devices were taken in by an earlier study file") {
    Rotation rotation;
    const fs::path newest = std::exchange(rotation.study, rotation.first_study);
    Laptop late(rotation);
    rotation.study = newest;
    Laptop fresh(rotation);
    late.seals(3).hands_over();
    fresh.seals(4).hands_over();
    Words words = {"roster",
                   "add",
                   "--study",
                   rotation.study.string(),
                   "--root",
                   rotation.root.string(),
                   "--roster",
                   rotation.roster.string(),
                   "--inbox",
                   rotation.inbox.string(),
                   "--key",
                   rotation.key_of("anna").string(),
                   "--key",
                   rotation.key_of("ben").string(),
                   "--json",
                   "late=" + late.enrolment_number(),
                   "fresh=" + fresh.enrolment_number()};
    CHECK(say_with_passphrases(words, rotation).code == ExitCode::could_not);  // neither of them
    words.push_back("--earlier-file");
    const Said said = say_with_passphrases(words, rotation);
    CHECK_MESSAGE(said.code == ExitCode::findings, said.err);
    const auto added = nlohmann::json::parse(said.out)["added"];
    REQUIRE(added.size() == 2);
    CHECK(added[0]["earlier"] == true);
    CHECK(added[1]["earlier"] == false);
}

TEST_CASE("a device is told the newest verdict, also when it is one that was told before") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    REQUIRE(laptop.seals(1).hands_over().is_enrolled() == ExitCode::fine);
    const fs::path first = desk.study;
    auto build = desk.build_options();
    build.predecessor = first;
    build.out = desk.study = desk.folder / "second.ffstudy";
    REQUIRE_MESSAGE(desk.said(run_study_build, build) == ExitCode::fine, desk.err.str());
    laptop.updates().seals(2).hands_over();

    const auto receipts_made = [&] { return desk.opened()["receipts"]["made"].get<int>(); };
    CHECK(receipts_made() == 1);  // both are accepted
    CHECK(receipts_made() == 0);
    desk.study = first;  // by mistake: the second batch is of rules that it does not know
    CHECK(receipts_made() == 1);
    desk.study = build.out;
    CHECK(receipts_made() == 1);
    CHECK(receipts_made() == 0);
}

TEST_CASE("after rewrap the archive key opens everything, and the old keys may go") {
    Rotation rotation;
    rotation.opened_with({"anna", "ben"});
    const auto lines_before = rotation.opened_lines();
    const Said said = rotation.rewrap({"anna", "ben"});
    REQUIRE_MESSAGE(said.code == ExitCode::fine, said.out, said.err);
    CHECK(contains(said.out, "2 batches wrapped, 0 opened with archive.ffkey before"));
    CHECK(contains(said.out, "opens with archive.ffkey now"));
    CHECK(rotation.wraps().size() == 2);
    for (const char* name : {"anna", "ben"}) fs::remove(rotation.key_of(name));

    const auto opened = rotation.opened_with({"archive"});
    CHECK(opened["interviews"] == 2);
    CHECK(opened["refused"].empty());
    CHECK(rotation.opened_lines() == lines_before);
    rotation.key = rotation.key_of("archive");
    CHECK(rotation.inspected(rotation.wraps().front().replace_extension(".batch"))["records"] == 1);
}

TEST_CASE("an archive key gives way to the next, when the keys to which devices sealed are gone") {
    Rotation rotation;
    REQUIRE(rotation.key_new("next") == ExitCode::fine);
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    for (const char* name : {"anna", "ben"}) fs::remove(rotation.key_of(name));
    const auto before = files_in(rotation.inbox);
    const std::string wrap = content(rotation.wraps().front());

    // Not by the way: the first archive key loses what it opens.
    const Said unasked = rotation.rewrap({"archive"}, {}, "next");
    CHECK(unasked.code == ExitCode::findings);
    CHECK(contains(unasked.out, "then that other key opens this no more."));
    CHECK(contains(unasked.out, "DO NOT DESTROY the old key yet: 2 files do not open with next.ffkey."));
    CHECK(content(rotation.wraps().front()) == wrap);

    const Said said = rotation.rewrap({"archive"}, {"--force"}, "next");
    REQUIRE_MESSAGE(said.code == ExitCode::fine, said.out, said.err);
    CHECK(contains(said.out, "2 batches wrapped, 0 opened with next.ffkey before"));
    CHECK(contains(said.out, "2 of them had each another .ffwrap, which was replaced"));
    CHECK(files_in(rotation.inbox) == before);
    CHECK(rotation.opened_with({"archive"})["interviews"] == 0);
    const auto opened = rotation.opened_with({"next"});
    CHECK(opened["interviews"] == 2);
    CHECK(opened["refused"].empty());
}

TEST_CASE("a wrap stays until the one that is to take its place was seen to open the batch from the disk") {
    Rotation rotation;
    REQUIRE(rotation.key_new("next") == ExitCode::fine);
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    for (const char* name : {"anna", "ben"}) fs::remove(rotation.key_of(name));
    const auto before = files_in(rotation.inbox);
    {
        const DiskThatRuinsWraps disk;
        const Said said = rotation.rewrap({"archive"}, {"--force"}, "next");
        CHECK(said.code == ExitCode::findings);
        CHECK(contains(said.out, "0 batches wrapped, 0 opened with next.ffkey before"));
        CHECK(contains(said.out,
                       "so it was not put there, and what was there stays; the disk may be failing."));
        CHECK(contains(said.out, "DO NOT DESTROY the old key yet: 2 files do not open with next.ffkey."));
    }
    CHECK(files_in(rotation.inbox) == before);
    CHECK(rotation.opened_with({"archive"})["interviews"] == 2);
}

TEST_CASE("a folder in the place of a wrap keeps no other batch from being wrapped") {
    Rotation rotation;
    fs::create_directory(rotation.newest_batch().replace_extension(".ffwrap"));
    const auto report = nlohmann::json::parse(rotation.rewrap({"anna", "ben"}, {"--force", "--json"}).out);
    CHECK(report["wrapped"] == 1);
    REQUIRE(report["left"].size() == 1);
    CHECK(report["left"][0]["reason"] == "not_written");
    CHECK(contains(report["left"][0]["sentence"], "is a folder"));
}

TEST_CASE("a batch that is wrapped for another archive keeps no other batch from being wrapped") {
    Rotation rotation;
    REQUIRE(rotation.key_new("next") == ExitCode::fine);
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    rotation.laptop->seals(3).hands_over();
    const auto report = nlohmann::json::parse(rotation.rewrap({"anna", "ben"}, {"--json"}, "next").out);
    CHECK(report["wrapped"] == 1);
    CHECK(report["replaced"] == 0);
    REQUIRE(report["left"].size() == 2);
    CHECK(report["left"][0]["reason"] == "other_wrap");
}

TEST_CASE("while a batch does not open with the archive key, rewrap says that the old key must stay") {
    Rotation rotation;
    const Said half = rotation.rewrap({"anna"});
    CHECK(half.code == ExitCode::findings);
    CHECK(contains(half.out, "1 batch wrapped, 0 opened with archive.ffkey before"));
    CHECK(contains(half.out, "DO NOT DESTROY the old key yet: 1 file does not open with archive.ffkey."));

    const auto rest = nlohmann::json::parse(rotation.rewrap({"ben"}, {"--json"}).out);
    CHECK(rest["wrapped"] == 1);
    CHECK(rest["had"] == 1);
    CHECK(rest["left"].empty());
    rotation.laptop->seals(4).hands_over();  // comes later
    CHECK(rotation.opened_with({"archive"})["interviews"] == 2);
    CHECK(rotation.rewrap({"ben"}).code == ExitCode::fine);
    CHECK(rotation.opened_with({"archive"})["interviews"] == 3);
}

TEST_CASE(
    "a slot of another key in which nonsense stands does not keep the archive key from opening a batch") {
    Rotation rotation;
    const fs::path batch = rotation.newest_batch();  // sealed to Ben
    const auto identity = [&](const std::string& name) {
        auto secret = *crypto::SecretText::copy_of(rotation.passphrases.passphrase);
        return *crypto::Identity::from_file_bytes(crypto::bytes_of(content(rotation.key_of(name))), secret);
    };
    const auto anna = identity("anna"), ben = identity("ben");
    test::Forger device(crypto::bytes_of(content(batch)), ben);
    device.slot[4] ^= 1;  // a key that is not this batch's
    for (std::size_t slot = 0; slot < 4; ++slot) {
        std::uint8_t* sealed = device.header.data() + 64 + 128 * slot;
        std::array<std::uint8_t, 64> plaintext{};
        if (crypto_box_seal_open(plaintext.data(), sealed, 112, ben.recipient().box_key.bytes.data(),
                                 ben.expose_box_secret()->data()) == 0)
            continue;
        crypto_box_seal(sealed, device.slot.data(), device.slot.size(),
                        anna.recipient().box_key.bytes.data());
        break;
    }
    device.seal_all_again().close_again(rotation.laptop->key);
    const auto bytes = device.build();
    fs::remove(batch);
    write(rotation.inbox / "handed over.batch", std::string(bytes.begin(), bytes.end()));
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    for (const Words& keys : {Words{"archive"}, Words{"anna", "archive"}, Words{"archive", "anna"}})
        CHECK(rotation.opened_with(keys)["interviews"] == 2);
}

TEST_CASE("what has rotted is wrapped as far as it is there, named, and opens when another copy turns up") {
    Rotation rotation;
    rotation.laptop->seals(3).seals(4).hands_over();
    const fs::path batch = rotation.newest_batch();
    const std::string whole = content(batch);
    flip_byte(batch, 64 + 4 * 128 + 32 + 2 * 1041 + 100);  // its second interview
    const Said said = rotation.rewrap({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "3 batches wrapped"));
    CHECK(contains(said.out, batch.filename().string() + ": Part of it has rotted"));
    CHECK_FALSE(contains(said.out, "DO NOT DESTROY"));
    const auto again = nlohmann::json::parse(rotation.rewrap({"ben"}, {"--json"}).out);
    CHECK(again["rotten"] == nlohmann::json{batch.filename().string()});
    CHECK(again["redacted"] == 0);
    CHECK(again["left"].empty());
    CHECK(rotation.opened_with({"archive"})["interviews"] == 2);
    CHECK(rotation.salvaged_with({"archive"})["interviews"] == 3);
    CHECK(rotation.salvaged_with({"archive"})["salvaged"].size() == 1);

    write(batch, whole);  // out of a backup
    CHECK(rotation.opened_with({"archive"})["interviews"] == 4);
}

TEST_CASE("a batch that no device has signed is not wrapped, and rewrap says why") {
    Rotation rotation;
    const fs::path batch = rotation.newest_batch();
    auto secret = *crypto::SecretText::copy_of(rotation.passphrases.passphrase);
    const auto ben =
        *crypto::Identity::from_file_bytes(crypto::bytes_of(content(rotation.key_of("ben"))), secret);
    test::Forger forger(crypto::bytes_of(content(batch)), ben);
    forger.signature[0] ^= 1;
    const auto forged = forger.build();
    SUBCASE("ever") {}
    SUBCASE("any more, when it was wrapped before") {
        REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    }
    write(batch, std::string(forged.begin(), forged.end()));
    const Said said = rotation.rewrap({"anna", "ben"}, {"--force"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "DO NOT DESTROY the old key yet: 1 file does not open with archive.ffkey."));
    const auto left = nlohmann::json::parse(rotation.rewrap({"anna", "ben"}, {"--json"}).out)["left"];
    REQUIRE(left.size() == 1);
    CHECK(left[0]["file"] == batch.filename().string());
    CHECK(left[0]["reason"] == "forged");
}

TEST_CASE("a submission is redacted with the archive key when the old keys are gone, and stays so") {
    Rotation rotation;
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    rotation.opened_with({"archive"});
    const auto first = nlohmann::json::parse(rotation.opened_lines().front());
    ArchiveRedactOptions options;
    options.study = rotation.study;
    options.earlier = {rotation.first_study};
    options.inbox = rotation.inbox;
    options.keys = {rotation.key_of("archive")};
    options.submissions = {first.at("id")};
    REQUIRE_MESSAGE(rotation.said(run_archive_redact, options) == ExitCode::fine, rotation.out.str(),
                    rotation.err.str());
    CHECK(rotation.salvaged_with({"archive"})["interviews"] == 1);
    CHECK(rotation.salvaged_with({"anna", "ben"})["interviews"] == 1);

    for (const fs::path& wrap : rotation.wraps()) fs::remove(wrap);
    const Said said = rotation.rewrap({"anna", "ben"});
    CHECK(said.code == ExitCode::fine);
    CHECK(contains(said.out, "1 of them has records that were redacted"));
    CHECK(rotation.salvaged_with({"archive"})["interviews"] == 1);
}

TEST_CASE("rewrap says of a folder without batches that nothing was wrapped, not that all of them open") {
    Rotation rotation;
    for (const fs::path& file : files_in(rotation.inbox)) fs::remove(file);
    const Said said = rotation.rewrap({"anna", "ben"});
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find("There is no batch in") != std::string::npos);
    CHECK(said.out.empty());
}

TEST_CASE("a wrap that was damaged, or moved beside another batch, opens nothing; rewrap makes it anew") {
    Rotation rotation;
    REQUIRE(rotation.rewrap({"anna", "ben"}).code == ExitCode::fine);
    const auto wraps = rotation.wraps();
    const std::string first = content(wraps[0]);
    write(wraps[0], content(wraps[1]));
    CHECK(rotation.opened_with({"archive"})["interviews"] == 1);
    CHECK(rotation.opened_with({"archive", "anna", "ben"})["interviews"] == 2);  // it stands in nobody's way
    write(wraps[0], first);
    flip_byte(wraps[0], 150);
    CHECK(rotation.opened_with({"archive"})["interviews"] == 1);

    const Said said = rotation.rewrap({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "0 batches wrapped, 1 opened with archive.ffkey before"));
    CHECK(contains(said.out, "The .ffwrap beside it is of another archive key, or damaged. --force"));
    CHECK(rotation.rewrap({"anna", "ben"}, {"--force"}).code == ExitCode::fine);
    CHECK(rotation.opened_with({"archive"})["interviews"] == 2);
}

TEST_CASE("an archive key must be a researcher's, and another than the one that goes") {
    Rotation rotation;
    CHECK(say_with_passphrases({"archive", "rewrap", "--inbox", rotation.inbox.string(), "--key",
                                rotation.key.string(), "--to", rotation.root.string()},
                               rotation)
              .code == ExitCode::could_not);
    CHECK(say_with_passphrases({"archive", "rewrap", "--inbox", rotation.inbox.string(), "--key",
                                rotation.key.string(), "--to", rotation.key.string()},
                               rotation)
              .code == ExitCode::usage);
    CHECK(rotation.wraps().empty());
}

TEST_CASE(
    "how many open a batch together is held to the rules of its day, and to none that nobody has here") {
    Rotation rotation;
    auto build = rotation.build_options();
    build.recipients = {rotation.folder / "anna.ffpub", rotation.folder / "ben.ffpub"};
    build.custodians = 2;
    build.predecessor = rotation.study;
    build.out = rotation.folder / "third.ffstudy";
    REQUIRE_MESSAGE(rotation.said(run_study_build, build) == ExitCode::fine, rotation.err.str());
    const fs::path second_study = std::exchange(rotation.study, build.out);

    // Two batches of the days when one key was enough, as an altered program could still seal them.
    auto opened = rotation.opened_with({"anna", "ben"});
    CHECK(opened["interviews"] == 0);
    REQUIRE(opened["refused"].size() == 2);
    for (const auto& refused : opened["refused"]) {
        CHECK(refused["reason"] == "earlier_quorum");
        CHECK(contains(refused["sentence"], "by one key alone"));
        CHECK(contains(refused["sentence"], "--earlier"));
    }
    rotation.earlier = {rotation.first_study, second_study};
    opened = rotation.opened_with({"anna", "ben"});
    CHECK(opened["interviews"] == 2);
    CHECK(opened["refused"].empty());
}

TEST_CASE("what several custodians open together is not wrapped for one key, and the report says so") {
    Rotation rotation;
    auto build = rotation.build_options();
    build.recipients = {rotation.folder / "anna.ffpub", rotation.folder / "ben.ffpub"};
    build.custodians = 2;
    build.predecessor = rotation.study;
    build.out = rotation.folder / "third.ffstudy";
    REQUIRE_MESSAGE(rotation.said(run_study_build, build) == ExitCode::fine, rotation.err.str());
    rotation.study = build.out;
    rotation.laptop->updates();
    rotation.laptop->next.open.quorum = 2;
    rotation.laptop->seals(3).hands_over();
    for (const Words& keys : {Words{"anna"}, Words{"anna", "ben"}}) {
        const Said said = rotation.rewrap(keys);
        CHECK(said.code == ExitCode::findings);
        CHECK(contains(said.out, "Several custodians open this together"));
    }
    CHECK(rotation.wraps().size() == 2);
}

TEST_CASE("while a batch lies elsewhere, behind a link, rewrap says that the old key must stay") {
    Rotation rotation;
    fs::create_symlink("elsewhere.batch", rotation.inbox / "moved.batch");
    const Said said = rotation.rewrap({"anna", "ben"});
    CHECK(said.code == ExitCode::findings);
    CHECK(contains(said.out, "moved.batch: This is a link and not a file"));
    CHECK(contains(said.out, "DO NOT DESTROY the old key yet: 1 file does not open"));
}

TEST_CASE("who withdraws is found with the archive key, when the old key is gone") {
    Desk desk;
    desk.with_study();
    REQUIRE(desk.key_new("archive") == ExitCode::fine);
    Laptop laptop(desk);
    crypto::WithdrawalCode code;
    code.bytes.fill(7);
    auto submission = synthetic_submission({laptop.form, "s", "", "2026-11-23"}, 1);
    submission.withdrawal = crypto::to_hex(crypto::withdrawal_hash(code));
    laptop.seals_payload(submission.id, to_json(submission, laptop.study.form())).hands_over();
    ArchiveRewrapOptions wrap;
    wrap.inbox = desk.inbox;
    wrap.keys = {desk.key};
    wrap.archive = desk.folder / "archive.ffkey";
    REQUIRE_MESSAGE(desk.said(run_archive_rewrap, wrap) == ExitCode::fine, desk.out.str(), desk.err.str());
    WithdrawOptions options;
    options.codes = desk.folder / "codes";
    write(options.codes, crypto::to_string(code) + "\n");
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.keys = {wrap.archive};
    CHECK(desk.said(run_withdraw, options) == ExitCode::fine);
    CHECK(contains(desk.out.str(), "1 submission was withdrawn."));
}
