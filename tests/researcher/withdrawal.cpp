#include <doctest/doctest.h>

#include "client/researcher/withdrawals.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

// Who withdraws is in none of the results, whichever way the code came, and whatever came first.

namespace {

crypto::WithdrawalCode code_of(std::uint8_t respondent) {
    crypto::WithdrawalCode code;
    code.bytes.fill(respondent);
    return code;
}

std::string written(std::uint8_t respondent) {
    return crypto::to_string(code_of(respondent));
}

/// An interviewer's laptop whose interviews are of respondents 1, 2, … who have kept their codes.
struct Field {
    Desk desk;
    std::optional<Laptop> laptop;
    std::map<std::uint8_t, std::string> ids;

    Field() {
        desk.with_study();
        laptop.emplace(desk);
    }
    Field& interviews(std::initializer_list<std::uint8_t> respondents) {
        for (const std::uint8_t respondent : respondents) {
            auto submission =
                synthetic_submission({laptop->form, "s", "", "2026-11-23"}, mixed(9, respondent));
            submission.withdrawal = crypto::to_hex(crypto::withdrawal_hash(code_of(respondent)));
            ids[respondent] = submission.id;
            laptop->seals_payload(submission.id, to_json(submission, laptop->study.form()));
        }
        return *this;
    }
    /// On the laptop.
    Field& withdraws(std::uint8_t respondent) {
        const auto code = code_of(respondent).bytes;
        laptop->seals_payload("00000000-0000-4000-8000-0000000000" + std::to_string(10 + respondent),
                              std::string(code.begin(), code.end()), crypto::RecordType::withdraw);
        return *this;
    }
    Field& hands_over(const std::string& name = {}) {
        laptop->hands_over();
        if (!name.empty())
            fs::rename(desk.inbox / ("20261123-" + crypto::to_hex(laptop->files.back()) + ".batch"),
                       desk.inbox / name);
        return *this;
    }
    Field& enrolled() {
        REQUIRE_MESSAGE(laptop->is_enrolled() == ExitCode::fine, desk.err.str());
        return *this;
    }

    WithdrawOptions asked(std::vector<std::string> codes) {
        WithdrawOptions options;
        options.codes = desk.folder / "codes";
        write(options.codes, joined(codes));
        options.study = desk.study;
        options.inbox = desk.inbox;
        options.keys = {desk.key};
        return options;
    }
    ExitCode withdraw(std::vector<std::string> codes) {
        return desk.said(run_withdraw, asked(std::move(codes)));
    }

    /// Which of the respondents are in any file of the results.
    std::vector<int> present() {
        std::string all;
        for (const fs::path& file : files_in(desk.results)) all += file.string() + content(file);
        std::vector<int> found;
        for (const auto& [respondent, id] : ids)
            if (all.find(id) != std::string::npos) found.push_back(respondent);
        return found;
    }
};

using Respondents = std::vector<int>;

}  // namespace

TEST_CASE("a withdrawn submission is in none of the outputs, in whatever order the batches come") {
    for (const auto& [interviews, withdrawal] :
         {std::pair{"a.batch", "b.batch"}, std::pair{"b.batch", "a.batch"}}) {
        Field field;
        field.interviews({1, 2, 3}).hands_over(interviews).withdraws(2).hands_over(withdrawal).enrolled();
        auto options = field.desk.open_options();
        options.formats = {Format::csv, Format::odk_xml};
        REQUIRE_MESSAGE(field.desk.said(run_open, options) == ExitCode::fine, field.desk.out.str());
        CHECK(field.present() == Respondents{1, 3});
        CHECK(
            field.desk.out.str().starts_with("2 interviews from 2 batches of 1 device; 1 was taken back by "
                                             "its respondent and left out\n"));
        CHECK(field.desk.out.str().find(field.ids[2]) == std::string::npos);
        const auto again = field.desk.opened();
        CHECK(again["withdrawn"] == 1);
        CHECK(again["interviews"] == 2);
        CHECK(again["unknown_codes"] == 0);
        CHECK(field.present() == Respondents{1, 3});
    }
}

TEST_CASE("a withdrawal in the batch of its submission acts, before or after it") {
    Field before;
    before.withdraws(2).interviews({1, 2}).hands_over().enrolled();
    CHECK(before.desk.opened()["withdrawn"] == 1);
    CHECK(before.present() == Respondents{1});
    Field after;
    after.interviews({1, 2}).withdraws(2).hands_over().enrolled();
    CHECK(after.desk.opened()["withdrawn"] == 1);
    CHECK(after.present() == Respondents{1});
}

TEST_CASE("a withdrawal stays when the batch that brought it is here no more") {
    Field field;
    field.interviews({1, 2}).hands_over().withdraws(2).hands_over("w.batch").enrolled();
    REQUIRE(field.desk.opened()["withdrawn"] == 1);
    fs::remove(field.desk.inbox / "w.batch");
    CHECK(field.desk.opened()["withdrawn"] == 1);
    CHECK(field.present() == Respondents{1});
}

TEST_CASE("a respondent's code that a researcher is told takes the interview out of what is opened") {
    Field field;
    field.interviews({1, 2, 3}).hands_over().enrolled();
    REQUIRE(field.desk.opened()["interviews"] == 3);
    CHECK(field.withdraw({written(3)}) == ExitCode::fine);
    CHECK(field.desk.out.str().starts_with("1 submission was withdrawn. "));
    CHECK(field.desk.out.str().find(field.ids[3]) == std::string::npos);
    CHECK(field.desk.opened()["withdrawn"] == 1);
    CHECK(field.present() == Respondents{1, 2});
    CHECK(field.desk.opened()["devices"][0]["records"] == 3);  // which device it was is not told
}

TEST_CASE("a code that comes before its interview waits for it") {
    Field field;
    field.interviews({1}).hands_over().enrolled();
    CHECK(field.withdraw({written(2)}) == ExitCode::unknown_code);
    auto opened = field.desk.opened();
    CHECK(opened["unknown_codes"] == 1);
    CHECK(opened["withdrawn"] == 0);
    field.interviews({2}).hands_over();
    opened = field.desk.opened();
    CHECK(opened["unknown_codes"] == 0);
    CHECK(opened["withdrawn"] == 1);
    CHECK(field.present() == Respondents{1});
}

TEST_CASE("one mistyped character of a code withdraws nothing and is told") {
    Field field;
    field.interviews({1}).hands_over().enrolled();
    std::string typed = written(1);
    typed[6] = typed[6] == '7' ? '8' : '7';
    CHECK(field.withdraw({written(2), typed}) == ExitCode::usage);
    CHECK(field.desk.err.str().find("Line 2: a character of this code is mistyped") != std::string::npos);
    CHECK(field.desk.err.str().find(typed) == std::string::npos);
    CHECK(field.withdraw({"1234"}) == ExitCode::usage);
    CHECK_FALSE(fs::exists(field.desk.inbox / "withdrawn"));
    CHECK(field.desk.opened()["interviews"] == 1);
}

TEST_CASE("an unknown code has an exit code of its own, and its line is named among known ones") {
    Field field;
    field.interviews({1, 2}).hands_over().enrolled();
    auto options = field.asked({written(1), written(9)});
    options.output = Output::json;
    CHECK(field.desk.said(run_withdraw, options) == ExitCode::unknown_code);
    const auto said = nlohmann::json::parse(field.desk.out.str());
    CHECK(said == nlohmann::json{{"codes", 2},
                                 {"submissions", 1},
                                 {"redacted_lines", nlohmann::json::array()},
                                 {"unknown_lines", {2}}});
    CHECK(static_cast<int>(ExitCode::unknown_code) == 4);
}

TEST_CASE("codes come through standard input or a file, blank lines aside, and none given is asked wrongly") {
    Field field;
    field.interviews({1, 2}).hands_over().enrolled();
    auto options = field.asked({});
    CHECK(field.desk.said(run_withdraw, options) == ExitCode::usage);
    std::istringstream in("\n  " + written(1) + "  \r\n\n" + written(9) + "\n");
    options.codes = "-";
    options.in = &in;
    CHECK(field.desk.said(run_withdraw, options) == ExitCode::unknown_code);
    CHECK(field.desk.out.str().find("Line 4: no submission") != std::string::npos);
    CHECK(field.desk.out.str().find(written(9)) == std::string::npos);
}

TEST_CASE("a list of codes that is too long is refused whole, from a file and from standard input") {
    Field field;
    field.interviews({1, 2}).hands_over().enrolled();
    std::vector<std::string> codes(50'000, written(9));
    codes.push_back(written(1));
    CHECK(field.withdraw(codes) == ExitCode::could_not);
    CHECK(field.desk.err.str().find("longer than") != std::string::npos);
    auto options = field.asked({});
    std::istringstream in(joined(codes));
    options.codes = "-";
    options.in = &in;
    CHECK(field.desk.said(run_withdraw, options) == ExitCode::could_not);
    CHECK(field.desk.err.str().find("longer than") != std::string::npos);
    CHECK_FALSE(fs::exists(field.desk.inbox / "withdrawn"));
}

TEST_CASE("codes in withdrawals of devices that are of no submission are counted") {
    Field field;
    field.interviews({1}).withdraws(7).withdraws(8).hands_over().enrolled();
    const auto opened = field.desk.opened();
    CHECK(opened["unknown_codes"] == 2);
    CHECK(opened["interviews"] == 1);
    CHECK(opened["devices"][0]["records"] == 1);
    CHECK(field.desk.open_options().overwrite == Overwrite::no);
}

TEST_CASE("a hundred interviews, three codes: the rest is as it was, byte for byte") {
    Field field;
    for (std::uint8_t respondent = 1; respondent <= 100; ++respondent) field.interviews({respondent});
    field.hands_over().enrolled();
    field.desk.opened();
    const auto before = field.desk.opened_lines();
    CHECK(field.withdraw({written(5), written(50), written(100)}) == ExitCode::fine);
    CHECK(field.desk.opened()["withdrawn"] == 3);
    const auto after = field.desk.opened_lines();
    CHECK(after.size() == 97);
    CHECK(std::ranges::includes(before, after));
    const auto present = field.present();
    for (const int gone : {5, 50, 100}) CHECK(std::ranges::find(present, gone) == present.end());
}

TEST_CASE("a device can't withdraw what others said by the uuid or the hash of it") {
    Field field;
    field.interviews({1}).hands_over();
    const std::string hash = crypto::to_hex(crypto::withdrawal_hash(code_of(1)));
    const auto bytes = *crypto::from_hex(hash.substr(0, 20));
    // Under the uuid of the other's submission, with a part of its hash, and a code of its own.
    field.laptop->seals_payload(field.ids[1], std::string(bytes.begin(), bytes.end()),
                                crypto::RecordType::withdraw);
    field.withdraws(6).hands_over().enrolled();
    const auto opened = field.desk.opened();
    CHECK(opened["withdrawn"] == 0);
    CHECK(opened["interviews"] == 1);
}

TEST_CASE("a device that is not in the roster withdraws nothing") {
    Field field;
    field.interviews({1}).hands_over().enrolled();
    Laptop stranger(field.desk);
    const auto code = code_of(1).bytes;
    stranger
        .seals_payload("00000000-0000-4000-8000-000000000011", std::string(code.begin(), code.end()),
                       crypto::RecordType::withdraw)
        .hands_over();
    CHECK(field.desk.opened()["interviews"] == 1);
}

TEST_CASE("a withdrawal acts though its batch waits for another version of the form") {
    Field field;
    field.interviews({1, 2}).hands_over();
    field.laptop->next.open.form_hash[0] ^= 1;
    field.withdraws(2).hands_over().enrolled();
    const auto opened = field.desk.opened();
    CHECK(opened["refused"][0]["reason"] == "other_form");
    CHECK(opened["withdrawn"] == 1);
    CHECK(field.present() == Respondents{1});
}

TEST_CASE("a withdrawn submission that comes twice is one, and its batches are confirmed") {
    Field field;
    field.interviews({1, 2}).hands_over().interviews({2, 3}).hands_over().enrolled();
    CHECK(field.withdraw({written(2)}) == ExitCode::fine);
    const auto opened = field.desk.opened();
    CHECK(opened["withdrawn"] == 1);
    CHECK(opened["repeated"] == 0);
    CHECK(opened["interviews"] == 2);
    CHECK(opened["receipts"]["made"] == 1);
}

TEST_CASE("nothing is opened while the list of the withdrawn is damaged") {
    Field field;
    field.interviews({1, 2}).hands_over().enrolled();
    REQUIRE(field.withdraw({written(2)}) == ExitCode::fine);
    flip_byte(field.desk.inbox / "withdrawn", 3);
    CHECK(field.desk.open() == ExitCode::could_not);
    CHECK(field.desk.err.str().find("no withdrawal code") != std::string::npos);
    CHECK(files_in(field.desk.results).empty());
    CHECK(field.withdraw({written(1)}) == ExitCode::could_not);
}

TEST_CASE("a code withdraws in a damaged batch as well, and from what is salvaged") {
    Field field;
    field.interviews({1, 2, 3}).hands_over("a.batch").enrolled();
    flip_byte(field.desk.inbox / "a.batch", 64 + 512 + 32 + 1041 + 100);
    CHECK(field.withdraw({written(2)}) == ExitCode::fine);
    auto options = field.desk.open_options();
    options.salvage = Salvage::yes;
    CHECK(field.desk.said(run_open, options) == ExitCode::findings);
    CHECK(field.present() == Respondents{3});
}

TEST_CASE("withdraw says what it does, and asks for what it needs") {
    const Said help = say({"withdraw", "--help"});
    CHECK(help.out.find("Ends with 2 when") != std::string::npos);
    CHECK(say({"withdraw"}).code == ExitCode::usage);
}

TEST_CASE("a withdrawal that a device has signed acts in a damaged batch, too, whatever is asked for") {
    Field field;
    field.interviews({1, 2})
        .hands_over("a.batch")
        .withdraws(2)
        .interviews({3})
        .hands_over("b.batch")
        .enrolled();
    flip_byte(field.desk.inbox / "b.batch", 64 + 512 + 32 + 2 * 1041 + 100);  // what came after it
    const auto opened = field.desk.opened();
    REQUIRE(opened["refused"].size() == 1);
    CHECK(opened["refused"][0]["reason"] == "damaged");
    CHECK(opened["withdrawn"] == 1);
    CHECK(field.present() == Respondents{1});
}

TEST_CASE("who withdraws is in none of the results that --force replaces, whatever was asked for before") {
    const std::vector<Format> both{Format::csv, Format::odk_xml};
    for (const std::vector<Format>& first : {both, {Format::csv}, {Format::odk_xml}})
        for (const std::vector<Format>& second : {both, {Format::csv}, {Format::odk_xml}}) {
            Field field;
            field.interviews({1, 2}).hands_over().enrolled();
            auto options = field.desk.open_options();
            options.formats = first;
            REQUIRE(field.desk.said(run_open, options) == ExitCode::fine);
            REQUIRE(field.present() == Respondents{1, 2});
            const std::vector<std::string> own{"survey-notes.csv", "notes.xml", "report.md",
                                               field.ids[2] + ".xml.bak"};
            for (const std::string& name : own) write(field.desk.results / name, "the researcher's own");
            REQUIRE(field.withdraw({written(2)}) == ExitCode::fine);
            options.formats = second;
            options.overwrite = Overwrite::yes;
            CHECK(field.desk.said(run_open, options) == ExitCode::fine);
            for (const std::string& name : own) {
                CHECK(content(field.desk.results / name) == "the researcher's own");
                fs::remove(field.desk.results / name);
            }
            CHECK(field.present() == Respondents{1});
        }
}

TEST_CASE(
    "what may be of an earlier run or the researcher's own is left, named, and the program ends with 1") {
    Field field;
    field.interviews({1}).hands_over().enrolled();
    REQUIRE(field.desk.open() == ExitCode::fine);
    const fs::path derived = field.desk.results / "survey-clean.csv",
                   version = field.desk.results / "version-0";
    fs::copy(field.desk.results / "survey.csv", derived);
    fs::create_directories(version);
    fs::copy(field.desk.results / "survey.jsonl", version / "survey.jsonl");
    const auto opened = field.desk.opened();
    CHECK(opened["stayed"].empty());
    CHECK(sorted(opened["doubtful"]) == std::vector<std::string>{derived.string(), version.string()});
    CHECK(field.desk.err.str().find("may be of an earlier run, or your own") != std::string::npos);
    CHECK(fs::exists(derived));
    CHECK(fs::exists(version / "survey.jsonl"));
    fs::remove(derived);
    fs::remove_all(version);
    CHECK(field.desk.opened()["doubtful"].empty());
}

TEST_CASE("what could not be removed of an earlier run is named, and the program ends with 1") {
    Field field;
    field.interviews({1}).hands_over().enrolled();
    const fs::path stays = field.desk.results / "media" / field.ids[1] / "photo-1.jpg";
    write(stays / "inside", "a folder that is not empty is not removed");
    const auto opened = field.desk.opened();
    CHECK(opened["stayed"] == nlohmann::json{stays.string()});
    CHECK(field.desk.err.str().find("could not be removed") != std::string::npos);
    auto options = field.desk.open_options();
    options.overwrite = Overwrite::yes;
    CHECK(field.desk.said(run_open, options) == ExitCode::findings);
}

TEST_CASE("a code that another command notes meanwhile is not lost") {
    struct NotesMeanwhile final : PassphraseSource {
        fs::path inbox;
        FixedPassphrases fixed;
        Result<crypto::SecretText> passphrase_for(const std::string& what, Ask ask) override {
            Withdrawals other;
            other.add(code_of(9));
            REQUIRE(other.add_to(inbox));
            return fixed.passphrase_for(what, ask);
        }
    } meanwhile;
    Field field;
    field.interviews({1, 2}).hands_over().withdraws(2).hands_over().enrolled();
    meanwhile.inbox = field.desk.inbox;
    Console console{field.desk.out, field.desk.err, false, meanwhile};
    const auto noted = [&] { return Withdrawals::read(field.desk.inbox)->by_hash().size(); };
    REQUIRE(run_withdraw(field.asked({written(1)}), console) == ExitCode::fine);
    CHECK(noted() == 2);
    fs::remove(field.desk.inbox / "withdrawn");
    run_open(field.desk.open_options(), console);  // finds one in a batch, after the other was noted
    CHECK(noted() == 2);
}
