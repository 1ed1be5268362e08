#include <doctest/doctest.h>
#include <sodium.h>

#include <set>

#include "client/researcher/key_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/study_file.h"
#include "client/study/enrolment.h"
#include "crypto/custody.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
namespace crypto = fieldfare::crypto;

namespace {

/// Whose receipts the study lists, and so whose signing keys it has.
enum class Signers { analyst, custodians };

/// A study that any two of three custodians open together, for an analyst who is none of them.
struct Board : Desk {
    explicit Board(Signers signers = Signers::analyst) {
        with_keys();
        for (const char* name : {"ben", "cleo", "analyst"}) REQUIRE(key_new(name) == ExitCode::fine);
        write_small_form(form);
        fs::create_directories(store);
        auto options = build_options();
        options.recipients = {folder / "anna.ffpub", folder / "ben.ffpub", folder / "cleo.ffpub"};
        options.custodians = 2;
        if (signers == Signers::analyst) options.analysts = {folder / "analyst.ffpub"};
        REQUIRE_MESSAGE(said(run_study_build, options) == ExitCode::fine, err.str());
    }

    CustodyExtractOptions extraction(const std::string& custodian) {
        CustodyExtractOptions options;
        options.study = study;
        options.inbox = inbox;
        options.key = folder / (custodian + ".ffkey");
        options.analyst = folder / "analyst.ffpub";
        options.out = folder / (custodian + ".ffshare");
        return options;
    }
    ExitCode extract(const std::string& custodian) {
        return said(run_custody_extract, extraction(custodian));
    }

    OpenOptions with_shares(const std::vector<std::string>& custodians) {
        OpenOptions options = open_options();
        options.keys = {folder / "analyst.ffkey"};
        for (const std::string& custodian : custodians)
            options.shares.push_back(folder / (custodian + ".ffshare"));
        options.overwrite = Overwrite::yes;
        return options;
    }
    /// What `key show` prints for this person.
    std::string digits_of(const std::string& name) {
        return crypto::to_string(crypto::fingerprint_of(*read_public_key(folder / (name + ".ffpub"))));
    }
    nlohmann::json opened_by(const std::vector<std::string>& custodians) {
        auto options = with_shares(custodians);
        options.output = Output::json;
        said(run_open, options);
        return nlohmann::json::parse(out.str());
    }
    /// A file of shares in Anna's name that somebody makes who knows the public keys and the sealed batch.
    void stranger_releases(const std::string& as) {
        const auto anna = *read_public_key(folder / "anna.ffpub");
        const auto analyst = *read_public_key(folder / "analyst.ffpub");
        const auto stranger = *crypto::SigningKey::generate();
        const auto append = [](crypto::Bytes& bytes, const auto& more) {
            bytes.insert(bytes.end(), more.begin(), more.end());
        };
        crypto::Bytes head = {0x89, 'F', 'F', 'H', '\r', '\n', 0x1a, '\n', 1, 0, 0, 0, 1, 0, 0, 0};
        append(head, anna.box_key.bytes);
        append(head, stranger.verify_key().bytes);
        append(head, analyst.box_key.bytes);
        const std::string batch = content(files_in(inbox).front());
        crypto::Bytes entry;
        append(entry, crypto::outline_of(crypto::bytes_of(batch))->header_tag);
        append(entry, crypto::Bytes{2, 3, 1, 0});
        entry.resize(92, 7);
        crypto::Bytes sealed(entry.size() + crypto_box_SEALBYTES);
        crypto_box_seal(sealed.data(), entry.data(), entry.size(), analyst.box_key.bytes.data());
        crypto::Bytes file = head;
        append(file, stranger.sign("FFH1 share file ", {head, sealed}));
        append(file, sealed);
        write(folder / (as + ".ffshare"), std::string(file.begin(), file.end()));
    }
    ExitCode open_with(const std::vector<std::string>& custodians) {
        return said(run_open, with_shares(custodians));
    }
};

}  // namespace

TEST_CASE("two of three custodians release the shares with which the analyst opens everything") {
    Board board;
    board.with_interviews(40, 3);
    REQUIRE_MESSAGE(board.extract("anna") == ExitCode::fine, board.err.str());
    CHECK(board.out.str().find("Study \"Small form\"") != std::string::npos);
    CHECK(board.out.str().find("to \"analyst\"") != std::string::npos);
    CHECK(board.out.str().find("Any 2 of the 3 custodians open them together.") != std::string::npos);
    REQUIRE(board.extract("cleo") == ExitCode::fine);
    REQUIRE_MESSAGE(board.open_with({"cleo", "anna"}) == ExitCode::fine, board.out.str(), board.err.str());
    CHECK(board.opened_lines() == board.true_lines());
    CHECK(board.err.str().find("anna.ffshare: shares of ") != std::string::npos);
    CHECK(board.err.str().find(
              " batches, in the name of anna. If it was they who signed it, \"key show\" gives "
              "them the digits " +
              board.digits_of("anna")) != std::string::npos);
    CHECK(board.out.str().find("Receipts: 3 made") != std::string::npos);
}

TEST_CASE("one custodian's shares, or a custodian's own key, open nothing, and the report says why") {
    Board board;
    board.with_interviews(10, 1);
    REQUIRE(board.extract("ben") == ExitCode::fine);
    CHECK(board.open_with({"ben"}) == ExitCode::findings);
    CHECK(board.out.str().find("0 interviews from 0 batches") != std::string::npos);
    CHECK(board.out.str().find("too few are here") != std::string::npos);
    auto alone = board.with_shares({});
    alone.keys = {board.key};  // anna's
    CHECK(board.said(run_open, alone) == ExitCode::findings);
    CHECK(board.opened_lines().empty());
    CHECK(board.open_with({}) == ExitCode::findings);
}

TEST_CASE("a custodian who analyses needs one other's shares") {
    Board board;
    board.with_interviews(10, 1);
    auto options = board.extraction("ben");
    options.analyst = board.folder / "anna.ffpub";
    REQUIRE(board.said(run_custody_extract, options) == ExitCode::fine);
    auto opening = board.with_shares({"ben"});
    opening.keys = {board.key};
    board.said(run_open, opening);
    CHECK(board.opened_lines() == board.true_lines());
}

TEST_CASE("a forged share is named, and harms nothing as long as enough others are good") {
    Board board;
    board.with_interviews(10, 1);
    for (const char* custodian : {"anna", "ben", "cleo"}) REQUIRE(board.extract(custodian) == ExitCode::fine);
    // Ben's program gives something else than what his slot holds.
    FixedPassphrases passphrases;
    const auto identity = [&](const std::string& name) {
        const std::string bytes = content(board.folder / (name + ".ffkey"));
        return std::move(*crypto::Identity::from_file_bytes(crypto::bytes_of(bytes),
                                                            *passphrases.passphrase_for("", Ask::once)));
    };
    const auto ben = identity("ben"), analyst = identity("analyst");
    const std::string file = content(board.folder / "ben.ffshare");
    auto opened = crypto::open_shares(crypto::bytes_of(file), {&analyst, 1});
    REQUIRE(opened.has_value());
    for (auto& share : opened->shares) share.share.part.storage()[7] ^= 1;
    const auto forged = crypto::seal_shares(opened->shares, ben, analyst.recipient());
    write(board.folder / "ben.ffshare", std::string(forged->begin(), forged->end()));

    CHECK(board.open_with({"ben", "anna", "cleo"}) == ExitCode::findings);
    CHECK(board.out.str().find(" in the name of ben is not the share that the device made for them. Whether "
                               "they made it is not known here: compare the digits " +
                               board.digits_of("ben")) != std::string::npos);
    CHECK(board.opened_lines() == board.true_lines());
    auto options = board.with_shares({"ben", "anna"});
    options.output = Output::json;
    CHECK(board.said(run_open, options) == ExitCode::findings);
    const auto report = nlohmann::json::parse(board.out.str());
    CHECK(report["interviews"] == 0);
    CHECK(report["forged_shares"][0]["custodian"] == "ben");
    CHECK(report["forged_shares"][0]["signer"] == board.digits_of("ben"));
    CHECK(report["forged_shares"][0]["signed_by_custodian"] == nullptr);
    CHECK(report["refused"][0]["reason"] == "too_few_shares");
}

TEST_CASE("who makes a wrong share in a custodian's name has it told of the name, not of the custodian") {
    Board board;
    board.with_interviews(4, 1);
    for (const char* custodian : {"ben", "cleo"}) REQUIRE(board.extract(custodian) == ExitCode::fine);
    board.stranger_releases("anna");
    CHECK(board.open_with({"anna", "ben", "cleo"}) == ExitCode::findings);
    CHECK(board.opened_lines() == board.true_lines());
    CHECK(board.out.str().find("WRONG SHARE: what came for ") != std::string::npos);
    CHECK(board.out.str().find("if they differ, somebody else made it") != std::string::npos);
    CHECK(board.out.str().find("what anna released") == std::string::npos);
    const auto report = board.opened_by({"anna", "ben", "cleo"});
    REQUIRE(report["forged_shares"].size() == 1);
    CHECK(report["forged_shares"][0]["signer"] != board.digits_of("anna"));
    CHECK(board.err.str().find(report["forged_shares"][0]["signer"].get<std::string>()) != std::string::npos);
}

TEST_CASE(
    "where the study file lists a custodian's signing key, a file that another key signed is named so") {
    Board board(Signers::custodians);
    board.with_interviews(4, 1);
    for (const char* custodian : {"anna", "ben", "cleo"}) REQUIRE(board.extract(custodian) == ExitCode::fine);
    CHECK(board.open_with({"anna", "ben"}) == ExitCode::fine);
    CHECK(board.err.str().find("from anna, signed with the key that the study file lists for them.") !=
          std::string::npos);
    board.stranger_releases("forged");
    CHECK(board.open_with({"forged", "ben", "cleo"}) == ExitCode::findings);
    CHECK(board.opened_lines() == board.true_lines());
    CHECK(board.out.str().find(
              " in the name of anna is not the share that the device made for them. It was not "
              "signed with the key that the study file lists for them") != std::string::npos);
    CHECK(board.out.str().find("SHARES OF ANOTHER HAND: ") != std::string::npos);
    const auto report = board.opened_by({"forged", "ben", "cleo"});
    CHECK(report["forged_shares"][0]["signed_by_custodian"] == false);
    CHECK(report["share_files"][0]["signed_by_custodian"] == false);
    CHECK(report["share_files"][1]["signed_by_custodian"] == true);
}

TEST_CASE("a file of shares that can't be read is reported, and stops nothing while the others suffice") {
    Board board;
    board.with_interviews(4, 1);
    for (const char* custodian : {"anna", "ben", "cleo"}) REQUIRE(board.extract(custodian) == ExitCode::fine);
    flip_byte(board.folder / "ben.ffshare", 200);
    CHECK(board.open_with({"anna", "ben", "cleo"}) == ExitCode::findings);
    CHECK(board.opened_lines() == board.true_lines());
    CHECK(board.out.str().find("SHARES NOT READ: ") != std::string::npos);
    CHECK(board.out.str().find("is not what its signer signed") != std::string::npos);
    const auto report = board.opened_by({"anna", "ben", "cleo"});
    CHECK(report["interviews"] == 4);
    REQUIRE(report["share_files"].size() == 3);
    CHECK_FALSE(report["share_files"][0].contains("refused"));
    CHECK(report["share_files"][1].contains("refused"));
}

TEST_CASE("a custodian releases nothing of another study, and nothing unasked") {
    Board board, other;
    board.with_interviews(4, 1);
    auto looking = board.extraction("anna");
    looking.list = true;
    CHECK(board.said(run_custody_extract, looking) == ExitCode::fine);
    CHECK(board.out.str().find("Would release the shares of 1 batch ") != std::string::npos);
    CHECK_FALSE(fs::exists(looking.out));
    // Anna is asked for this inbox in the name of a study of the same people.
    auto options = other.extraction("anna");
    options.inbox = board.inbox;
    options.key = board.folder / "anna.ffkey";
    CHECK(other.said(run_custody_extract, options) == ExitCode::findings);
    CHECK(other.out.str().find("This is of another study") != std::string::npos);
    CHECK_FALSE(fs::exists(options.out));
    // Who is no custodian has nothing to release.
    auto stranger = board.extraction("analyst");
    CHECK(board.said(run_custody_extract, stranger) == ExitCode::findings);
    CHECK(board.out.str().find("1 file is sealed to others.") != std::string::npos);
}

TEST_CASE("where none of the files of shares is for us, or one at all, nothing is opened") {
    Board board;
    board.with_interviews(4, 1);
    REQUIRE(board.extract("anna") == ExitCode::fine);
    auto options = board.with_shares({"anna"});
    options.keys = {board.folder / "ben.ffkey"};
    CHECK(board.said(run_open, options) == ExitCode::could_not);
    CHECK(board.err.str().find("is sealed to somebody else") != std::string::npos);
    write(board.folder / "ben.ffshare", "no shares");
    CHECK(board.open_with({"ben"}) == ExitCode::could_not);
    CHECK(board.err.str().find("is no file of shares") != std::string::npos);
    flip_byte(board.folder / "anna.ffshare", 200);
    CHECK(board.open_with({"anna"}) == ExitCode::could_not);
    CHECK(board.err.str().find("is not what its signer signed") != std::string::npos);
}

TEST_CASE("what the device signed of one batch is shown with the shares of enough custodians") {
    Board board;
    board.with_interviews(4, 1);
    REQUIRE(board.extract("anna") == ExitCode::fine);
    REQUIRE(board.extract("ben") == ExitCode::fine);
    InspectOptions options;
    options.file = files_in(board.inbox).front();
    options.study = board.study;
    options.keys = {board.folder / "analyst.ffkey"};
    options.shares = {board.folder / "anna.ffshare"};
    options.output = Output::json;
    CHECK(board.said(run_inspect, options) == ExitCode::findings);
    CHECK(nlohmann::json::parse(board.out.str())["refused"] == "too_few_shares");
    options.shares.push_back(board.folder / "ben.ffshare");
    REQUIRE_MESSAGE(board.said(run_inspect, options) == ExitCode::fine, board.err.str());
    const auto shown = nlohmann::json::parse(board.out.str());
    CHECK(shown["kind"] == "batch");
    CHECK(shown["records"] == 4);
    CHECK(shown["batch_id"] == board.opened_by({"anna", "ben"})["devices"][0]["newest_ids"][0]);
}

TEST_CASE("devices are taken into the roster of such a study with the custodians' shares") {
    Board board;
    board.with_interviews(4, 1);
    REQUIRE(board.extract("anna") == ExitCode::fine);
    REQUIRE(board.extract("ben") == ExitCode::fine);
    RosterAddOptions options;
    options.study = board.study;
    options.root = board.root;
    options.roster = board.folder / "new.ffroster";
    options.inbox = board.inbox;
    options.keys = {board.folder / "analyst.ffkey"};
    const auto study = read_study(board.study);
    const auto device = read_roster(board.roster, *study).value()->roster.devices.front().key;
    options.enrolment_numbers = {
        fieldfare::study::enrolment_number(study->policy().study_id, study->root(), study->digest(), device)
            .digits};
    CHECK(board.said(run_roster_add, options) == ExitCode::could_not);
    options.shares = {board.folder / "anna.ffshare", board.folder / "ben.ffshare"};
    CHECK_MESSAGE(board.said(run_roster_add, options) == ExitCode::fine, board.err.str());
}

TEST_CASE("a study can't demand more custodians than it has, nor one alone") {
    Board board;
    auto options = board.build_options();
    options.overwrite = Overwrite::yes;
    options.recipients = {board.folder / "anna.ffpub", board.folder / "ben.ffpub"};
    for (const int custodians : {1, 3}) {
        options.custodians = custodians;
        CHECK(board.said(run_study_build, options) == ExitCode::usage);
        CHECK(board.err.str().find("--custodians wants a number from 2") != std::string::npos);
    }
    StudyShowOptions show;
    show.file = board.study;
    REQUIRE(board.said(run_study_show, show) == ExitCode::fine);
    CHECK(board.out.str().find("any 2 of the 3 recipients together, none of them alone") !=
          std::string::npos);
}

TEST_CASE("a link that is called as a batch is named to the custodian, whose share of it is not released") {
    Board board;
    board.with_interviews(4, 1);
    fs::create_symlink("elsewhere.batch", board.inbox / "moved.batch");
    CHECK(board.said(run_custody_extract, board.extraction("anna")) == ExitCode::findings);
    CHECK(board.out.str().find("  moved.batch: This is a link and not a file") != std::string::npos);
    CHECK(board.out.str().find("Released the shares of 1 batch") != std::string::npos);
}

TEST_CASE("what a custodian reads before a release is this program's word, whatever the files are called") {
    Board board;
    board.with_interviews(4, 1);
    const std::string batch = content(files_in(board.inbox).front());
    write(board.inbox / "\x1b[2J\x1b[HReleased nothing.batch", batch);
    write(board.inbox / "line\nWould release nothing.batch", "no batch");
    auto looking = board.extraction("anna");
    looking.list = true;
    board.said(run_custody_extract, looking);
    CHECK(board.out.str().find('\x1b') == std::string::npos);
    CHECK(board.out.str().find("\nWould release nothing") == std::string::npos);
    CHECK(board.out.str().find("  ?[2J?[HReleased nothing.batch\n") != std::string::npos);
}

TEST_CASE("a custodian who only looks is told in JSON what would be released, and that nothing was") {
    Board board;
    board.with_interviews(4, 1);
    auto options = board.extraction("anna");
    options.output = Output::json;
    options.list = true;
    REQUIRE(board.said(run_custody_extract, options) == ExitCode::fine);
    auto report = nlohmann::json::parse(board.out.str());
    CHECK(report["released"] == 0);
    CHECK(report["files"][0]["verdict"] == "would_release");
    options.list = false;
    REQUIRE(board.said(run_custody_extract, options) == ExitCode::fine);
    report = nlohmann::json::parse(board.out.str());
    CHECK(report["released"] == 1);
    CHECK(report["files"][0]["verdict"] == "released");
}

TEST_CASE("a custodian is told of each batch how many of how many open it, where the study's rules changed") {
    Board board;
    Laptop laptop(board);
    laptop.next.open.quorum = 2;
    laptop.seals(1).hands_over();
    REQUIRE(board.key_new("dora") == ExitCode::fine);
    auto build = board.build_options();
    for (const char* name : {"ben", "cleo", "dora"})
        build.recipients.push_back(board.folder / (std::string(name) + ".ffpub"));
    build.custodians = 3;
    build.analysts = {board.folder / "analyst.ffpub"};
    build.predecessor = board.study;
    build.out = board.folder / "second.ffstudy";
    REQUIRE_MESSAGE(board.said(run_study_build, build) == ExitCode::fine, board.err.str());
    board.study = build.out;
    laptop.updates();
    laptop.next.open.quorum = 3;
    laptop.seals(2).hands_over().seals(3).hands_over();

    auto options = board.extraction("anna");
    options.list = true;
    REQUIRE(board.said(run_custody_extract, options) == ExitCode::fine);
    CHECK(board.out.str().find("Any 2 of the 3 custodians open 1 of the batches together.\n"
                               "Any 3 of the 4 custodians open 2 of the batches together.\n") !=
          std::string::npos);
    options.output = Output::json;
    REQUIRE(board.said(run_custody_extract, options) == ExitCode::fine);
    std::multiset<std::pair<int, int>> told;
    const auto report = nlohmann::json::parse(board.out.str());
    for (const auto& file : report["files"]) told.emplace(file.value("quorum", 0), file.value("of", 0));
    CHECK((told == std::multiset<std::pair<int, int>>{{2, 3}, {3, 4}, {3, 4}}));
}

TEST_CASE("a batch that has rotted accuses no device of anything") {
    Board board;
    board.with_interviews(4, 1);
    const fs::path batch = files_in(board.inbox).front();
    const std::string whole = content(batch);
    std::string rotten = whole;
    SUBCASE("cut short") {
        rotten.resize(3000);
    }
    SUBCASE("in what says of each share that it fits") {
        for (std::size_t slot = 0; slot < 4; ++slot) rotten[64 + 128 * slot + 112] ^= 1;
    }
    write(batch, rotten);
    CHECK(board.extract("anna") == ExitCode::findings);
    CHECK(board.out.str().find(": This was damaged or altered after it was sealed.") != std::string::npos);
    CHECK(board.out.str().find("program") == std::string::npos);
}

TEST_CASE("a share that its device did not mean is told as that") {
    Board board;
    board.with_interviews(4, 1);
    const fs::path batch = files_in(board.inbox).front();
    std::string file = content(batch);
    for (std::size_t slot = 0; slot < 4; ++slot) file[64 + 128 * slot + 112] ^= 1;
    fs::remove(batch);
    write(board.inbox / "handed over.batch", file);  // a name that promises nothing
    CHECK(board.extract("anna") == ExitCode::findings);
    CHECK(board.out.str().find("handed over.batch: The share in this batch is not the one") !=
          std::string::npos);
}
