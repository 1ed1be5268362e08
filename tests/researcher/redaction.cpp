#include <doctest/doctest.h>

#include "client/researcher/withdrawals.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

// `archive redact`: a submission goes from the sealed batches; the others stay as the device signed them.

namespace {

crypto::WithdrawalCode code_of(std::uint8_t respondent) {
    crypto::WithdrawalCode code;
    code.bytes.fill(respondent);
    return code;
}

/// An inbox with two batches of an enrolled device, of respondents 1 to 4 and 5 to 8.
struct KeptBatches {
    Desk desk;
    std::optional<Laptop> laptop;
    std::vector<std::string> ids{""};  ///< by respondent

    KeptBatches() {
        desk.with_study();
        laptop.emplace(desk);
        for (std::uint8_t respondent = 1; respondent <= 8; ++respondent) {
            auto submission =
                synthetic_submission({laptop->form, "s", "", "2026-11-23"}, mixed(9, respondent));
            submission.withdrawal = crypto::to_hex(crypto::withdrawal_hash(code_of(respondent)));
            ids.push_back(submission.id);
            laptop->seals_payload(submission.id, to_json(submission, laptop->study.form()));
            if (respondent == 3) laptop->hands_over_open_batch();
            if (respondent % 4 == 0) laptop->hands_over();
        }
        REQUIRE(laptop->is_enrolled() == ExitCode::fine);
    }
    ArchiveRedactOptions options() {
        ArchiveRedactOptions options;
        options.study = desk.study;
        options.inbox = desk.inbox;
        options.keys = {desk.key};
        options.output = Output::json;
        return options;
    }
    nlohmann::json redacted(std::vector<std::string> submissions, bool withdrawn = false) {
        auto asked = options();
        asked.submissions = std::move(submissions);
        asked.withdrawn = withdrawn;
        code = desk.said(run_archive_redact, asked);
        INFO(desk.err.str());
        return nlohmann::json::parse(desk.out.str());
    }
    nlohmann::json salvaged() {
        auto asked = desk.open_options();
        asked.overwrite = Overwrite::yes;
        asked.salvage = Salvage::yes;
        asked.output = Output::json;
        code = desk.said(run_open, asked);
        return nlohmann::json::parse(desk.out.str());
    }
    bool present(std::size_t respondent) {
        return content(desk.results / "survey.jsonl").find(ids[respondent]) != std::string::npos;
    }
    /// Of batch 0 the version that is whole.
    fs::path batch() {
        for (const fs::path& file : files_in(desk.inbox)) {
            if (file.extension() != ".batch") continue;
            const auto seen = desk.inspected(file);
            if (seen["batch"] == 0 && seen["records"] == 4) return file;
        }
        FAIL("no such batch");
        return {};
    }
    /// Batch 0 in copies of which other respondents were cut out: first these, then this one.
    void redacted_in_copies(std::size_t first, const std::vector<std::string>& copies, std::size_t then) {
        const fs::path file = batch();
        const std::string before = content(file);
        redacted({ids[first]});
        const std::string copy = content(file);
        write(file, before);
        redacted({ids[then]});
        for (const std::string& name : copies) write(desk.inbox / name, copy);
    }
    std::string report() { return content(desk.results / "report.txt"); }
    ExitCode code = ExitCode::fine;
};

}  // namespace

TEST_CASE("a redacted submission opens with no key, and the others of its batch come as signed") {
    KeptBatches kept;
    const auto said = kept.redacted({kept.ids[2]});
    CHECK(kept.code == ExitCode::fine);
    CHECK(said == nlohmann::json{{"records", 2},
                                 {"submissions", 1},
                                 {"files", 2},  // two versions of the batch
                                 {"media", 0},
                                 {"unknown", nlohmann::json::array()},
                                 {"unread", nlohmann::json::array()}});
    const auto opened = kept.salvaged();
    CHECK(opened["interviews"] == 7);
    CHECK_FALSE(kept.present(2));
    CHECK(kept.present(1));
    CHECK(kept.present(4));
    REQUIRE(opened["salvaged"].size() == 1);
    CHECK(opened["salvaged"][0]["lost"] == nlohmann::json::parse(R"([{"record":1,"why":"redacted"}])"));
    CHECK(content(kept.desk.results / "report.txt").find("Redacted: record 1. Records were cut out") !=
          std::string::npos);
    CHECK(opened["devices"][0]["gaps"].empty());
}

TEST_CASE("a redacted batch is refused without --salvage, and not called damaged") {
    KeptBatches kept;
    kept.redacted({kept.ids[2]});
    const auto opened = kept.desk.opened();
    CHECK(opened["interviews"] == 4);
    REQUIRE(opened["refused"].size() == 2);
    CHECK(opened["refused"][0]["reason"] == "redacted");
    CHECK(opened["refused"][0]["sentence"].get<std::string>().find("the others open with --salvage") !=
          std::string::npos);
}

TEST_CASE("who has withdrawn is cut out of the sealed batches, whichever way the code came") {
    KeptBatches kept;
    Withdrawals noted;
    noted.add(code_of(3));
    noted.add(code_of(8));
    REQUIRE(noted.add_to(kept.desk.inbox));
    const auto said = kept.redacted({}, true);
    CHECK(said["submissions"] == 2);
    CHECK(kept.code == ExitCode::fine);
    fs::remove(kept.desk.inbox / "withdrawn");
    CHECK(kept.salvaged()["interviews"] == 6);
    CHECK_FALSE(kept.present(3));
    CHECK_FALSE(kept.present(8));
    REQUIRE(noted.add_to(kept.desk.inbox));
    CHECK(kept.redacted({}, true)["records"] == 0);  // nothing is left to be cut out
    CHECK(kept.code == ExitCode::fine);
}

TEST_CASE("redaction changes neither names nor lengths, and no batch without the submission") {
    KeptBatches kept;
    std::map<fs::path, std::string> before;
    for (const fs::path& file : files_in(kept.desk.inbox)) before[file] = content(file);
    kept.redacted({kept.ids[5]});
    std::size_t changed = 0;
    for (const auto& [file, bytes] : before) {
        REQUIRE(fs::exists(file));
        CHECK(content(file).size() == bytes.size());
        changed += content(file) != bytes;
    }
    CHECK(changed == 1);
    CHECK(files_in(kept.desk.inbox).size() == before.size() + 1);  // the note of what was redacted
}

TEST_CASE("a submission that is in no batch is named, and so is a file that may hold it") {
    KeptBatches kept;
    const std::string nobody = "00000000-0000-4000-8000-000000000000";
    CHECK(kept.redacted({nobody, kept.ids[1]})["unknown"] == nlohmann::json{nobody});
    CHECK(kept.code == ExitCode::findings);
    write(kept.desk.inbox / "rotten.batch", "rotten");
    CHECK(kept.redacted({kept.ids[5]})["unread"] == nlohmann::json{"rotten.batch"});
    CHECK(kept.code == ExitCode::findings);
}

TEST_CASE("a batch of which a record rotted may hold what was to go, and is named") {
    KeptBatches kept;
    const fs::path file = files_in(kept.desk.inbox).front();
    flip_byte(file, 64 + 512 + 32 + 1041 + 100);
    CHECK(kept.redacted({kept.ids[2], kept.ids[6]})["unread"] == nlohmann::json{file.filename().string()});
    CHECK(kept.code == ExitCode::findings);
    kept.salvaged();
    CHECK_FALSE(kept.present(2));
    CHECK_FALSE(kept.present(6));
}

TEST_CASE("redact wants to know what is to go, by ids that are some") {
    KeptBatches kept;
    CHECK(kept.desk.said(run_archive_redact, kept.options()) == ExitCode::usage);
    auto options = kept.options();
    options.submissions = {kept.ids[1], "everything"};
    CHECK(kept.desk.said(run_archive_redact, options) == ExitCode::usage);
    CHECK(kept.desk.opened()["interviews"] == 8);
    CHECK(say({"archive", "redact", "--help"}).out.find("can't be undone") != std::string::npos);
}

TEST_CASE("a disk that fills up while redacting leaves each file whole") {
    KeptBatches kept;
    std::map<fs::path, std::string> before;
    for (const fs::path& file : files_in(kept.desk.inbox)) before[file] = content(file);
    auto options = kept.options();
    options.submissions = {kept.ids[2]};
    {
        const FileSizeLimit full(4 * 1024);
        CHECK(kept.desk.said(run_archive_redact, options) == ExitCode::could_not);
    }
    for (const auto& [file, bytes] : before) CHECK(content(file) == bytes);
    CHECK(files_in(kept.desk.inbox).size() == before.size() + 1);  // the note of what is to go
}

TEST_CASE("inspect says of a redacted batch that it was redacted, and not that it is damaged") {
    KeptBatches kept;
    kept.redacted({kept.ids[2]});
    std::size_t redacted = 0;
    for (const fs::path& file : files_in(kept.desk.inbox))
        if (file.extension() == ".batch")
            redacted += kept.desk.inspected(file).value("refused", "") == "redacted";
    CHECK(redacted == 2);
}

TEST_CASE("a link that is called as a batch may lead to one, and is named among what could not be read") {
    KeptBatches kept;
    fs::create_symlink("elsewhere.batch", kept.desk.inbox / "moved.batch");
    CHECK(kept.redacted({kept.ids[2]})["unread"] == nlohmann::json{"moved.batch"});
    CHECK(kept.code == ExitCode::findings);
}

TEST_CASE("what was redacted stays out of the results when another copy of its batch comes, and is told of") {
    KeptBatches kept;
    const fs::path batch = kept.desk.batch(kept.laptop->device(), 0);
    std::map<fs::path, std::string> before;
    for (const fs::path& file : files_in(kept.desk.inbox)) before[file] = content(file);
    kept.redacted({kept.ids[2]});
    for (const auto& [file, bytes] : before)
        if (file != batch && bytes != content(file)) write(kept.desk.inbox / "stick.batch", bytes);
    write(kept.desk.inbox / "colleague.batch", before[batch]);
    for (const bool salvaging : {false, true}) {
        const auto opened = salvaging ? kept.salvaged() : kept.desk.opened();
        CHECK(opened["interviews"] == 7);
        CHECK_FALSE(kept.present(2));
        CHECK(kept.present(1));
        REQUIRE(opened["came_back"].size() == 1);
        CHECK(opened["came_back"][0]["submission"] == kept.ids[2]);
        CHECK(content(kept.desk.results / "report.txt")
                  .find("\"archive redact --submission " + kept.ids[2] + "\"") != std::string::npos);
    }
    CHECK(kept.code == ExitCode::findings);
    CHECK(kept.redacted({kept.ids[2]})["files"] == 2);
    CHECK(kept.salvaged()["came_back"].empty());
    CHECK(kept.code == ExitCode::fine);
}

TEST_CASE("what was cut out of one copy and stands in another is named with each file in which it stands") {
    KeptBatches kept;
    const std::string batch = kept.batch().filename().string();
    kept.redacted_in_copies(2, {"stick.batch", "stick2.batch"}, 3);
    const auto opened = kept.salvaged();
    const auto back = [&](const std::string& file, std::size_t respondent) {
        return nlohmann::json{{"file", file}, {"submission", kept.ids[respondent]}};
    };
    CHECK(opened["came_back"] ==
          nlohmann::json{back(batch, 2), back("stick.batch", 3), back("stick2.batch", 3)});
    CHECK(kept.code == ExitCode::findings);
}

TEST_CASE("of a redacted file it is said that the other records hold, and nothing of its padding") {
    KeptBatches kept;
    const fs::path batch = kept.batch();
    kept.redacted({kept.ids[2]});
    flip_byte(batch, fs::file_size(batch) - 1);
    CHECK(kept.salvaged()["salvaged"][0]["lost"].size() == 1);
    CHECK(kept.report().find("nothing else is wrong") == std::string::npos);
    CHECK(kept.report().find("(\"archive redact\"); the others are as the device signed them.\n") !=
          std::string::npos);
}

TEST_CASE("where several files of a batch gave records, each is said to be what it is") {
    KeptBatches kept;
    const fs::path batch = kept.batch();
    const std::string before = content(batch);
    kept.redacted({kept.ids[2]});
    fs::remove(kept.desk.inbox / "redacted");  // the rotten copy came from elsewhere
    write(kept.desk.inbox / "stick.batch", before);
    flip_byte(kept.desk.inbox / "stick.batch", 64 + 512 + 32 + 1041 + 100);
    const std::string name = batch.filename().string();
    SUBCASE("in the report, and in the reason of each") {
        REQUIRE(kept.salvaged()["salvaged"].size() == 1);
        CHECK(kept.report().find("  " + name + ": Records were cut out") != std::string::npos);
        CHECK(kept.report().find("  stick.batch: The file was damaged or altered") != std::string::npos);
        const fs::path reasons = kept.desk.results / "quarantine";
        CHECK(content(reasons / (name + ".txt")).starts_with("Records were cut out"));
        CHECK(content(reasons / "stick.batch.txt").starts_with("The file was damaged or altered"));
    }
    SUBCASE("when a whole one makes them superfluous") {
        write(kept.desk.inbox / "whole.batch", before);
        const auto opened = kept.salvaged();
        REQUIRE(opened["refused"].size() == 1);
        CHECK(opened["refused"][0]["file"] == "stick.batch");
        CHECK(opened["refused"][0]["reason"] == "damaged");
        CHECK(opened["redacted"] == 2);
    }
    SUBCASE("when nothing of them counts") {
        REQUIRE(kept.laptop->is_revoked_after({}) == ExitCode::fine);
        const auto opened = kept.salvaged();
        CHECK(opened["salvaged"].empty());
        std::map<std::string, std::string> reasons;
        for (const auto& refused : opened["refused"]) reasons[refused["file"]] = refused["reason"];
        CHECK(reasons[name] == "redacted");
        CHECK(reasons["stick.batch"] == "damaged");
    }
}

TEST_CASE(
    "a redacted file of a device that nobody knows is not said to open, nor to have nothing against it") {
    KeptBatches kept;
    Laptop stranger(kept.desk);
    const auto submission = synthetic_submission({stranger.form, "s", "", "2026-11-23"}, mixed(9, 78));
    stranger.seals_payload(submission.id, to_json(submission, stranger.study.form())).hands_over();
    REQUIRE(kept.redacted({submission.id})["records"] == 1);
    const auto sentence = [](const nlohmann::json& opened) {
        REQUIRE(opened["refused"].size() == 1);
        return opened["refused"][0]["sentence"].get<std::string>();
    };
    CHECK(sentence(kept.desk.opened()).find("unless something else is against it, the others open with") !=
          std::string::npos);
    CHECK(sentence(kept.salvaged()).find("signed them. Nothing was salvaged from it either. ") !=
          std::string::npos);
}

TEST_CASE("what was redacted in a batch that was not closed stays out when the longer version comes") {
    KeptBatches kept;
    const fs::path later = kept.desk.folder / "later.batch";
    for (const fs::path& file : files_in(kept.desk.inbox)) {
        if (file.extension() != ".batch") continue;
        const auto seen = kept.desk.inspected(file);
        if (seen["batch"] == 0 && seen["records"] == 4) fs::rename(file, later);
    }
    REQUIRE(fs::exists(later));
    REQUIRE(kept.redacted({kept.ids[2]})["files"] == 1);
    fs::rename(later, kept.desk.inbox / "later.batch");
    const auto opened = kept.desk.opened();
    CHECK(opened["interviews"] == 7);
    CHECK(opened["came_back"] ==
          nlohmann::json::parse(R"([{"file":"later.batch","submission":")" + kept.ids[2] + R"("}])"));
    CHECK_FALSE(kept.present(2));
    CHECK(kept.present(4));
    CHECK(kept.salvaged()["redacted"] == 1);
}

TEST_CASE("who has withdrawn and was redacted is told of by no name when the sealed record is here again") {
    KeptBatches kept;
    Withdrawals noted;
    noted.add(code_of(2));
    REQUIRE(noted.add_to(kept.desk.inbox));
    const fs::path batch = kept.desk.batch(kept.laptop->device(), 0);
    const std::string before = content(batch);
    kept.redacted({}, true);
    write(kept.desk.inbox / "stick.batch", before);
    const auto opened = kept.salvaged();
    CHECK(opened["withdrawn"] == 1);
    CHECK(opened["came_back"] == nlohmann::json::parse(R"([{"file":"stick.batch","submission":""}])"));
    for (const fs::path& file : files_in(kept.desk.results))
        CHECK(content(file).find(kept.ids[2]) == std::string::npos);
    CHECK(content(kept.desk.results / "report.txt").find("archive redact --withdrawn") != std::string::npos);
}

TEST_CASE("the code of a submission that was redacted is not called unknown") {
    KeptBatches kept;
    WithdrawOptions asked;
    std::istringstream in(crypto::to_string(code_of(2)));
    asked.in = &in;
    asked.study = kept.desk.study;
    asked.inbox = kept.desk.inbox;
    asked.keys = {kept.desk.key};
    REQUIRE(kept.desk.said(run_withdraw, asked) == ExitCode::fine);
    kept.redacted({}, true);
    CHECK(kept.salvaged()["unknown_codes"] == 0);
    in = std::istringstream(crypto::to_string(code_of(2)) + "\n" + crypto::to_string(code_of(9)));
    asked.output = Output::json;
    CHECK(kept.desk.said(run_withdraw, asked) == ExitCode::unknown_code);
    const auto said = nlohmann::json::parse(kept.desk.out.str());
    CHECK(said["redacted_lines"] == nlohmann::json{1});
    CHECK(said["unknown_lines"] == nlohmann::json{2});
    CHECK(kept.salvaged()["unknown_codes"] == 1);
    CHECK(content(kept.desk.results / "report.txt")
              .find("1 withdrawal code is of no submission of this study that opens here") !=
          std::string::npos);
}

TEST_CASE("a device can't have erased what others said by taking back its own under the same uuid") {
    KeptBatches kept;
    Laptop other(kept.desk);
    auto submission = synthetic_submission({other.form, "s", "", "2026-11-23"}, mixed(9, 77));
    submission.id = kept.ids[3];
    submission.withdrawal = crypto::to_hex(crypto::withdrawal_hash(code_of(77)));
    other.seals_payload(submission.id, to_json(submission, other.study.form())).hands_over();
    REQUIRE(other.is_enrolled() == ExitCode::fine);
    Withdrawals noted;
    noted.add(code_of(77));
    REQUIRE(noted.add_to(kept.desk.inbox));
    REQUIRE(kept.redacted({}, true)["records"] == 1);
    const auto opened = kept.salvaged();
    CHECK(opened["interviews"] == 8);
    CHECK(opened["came_back"].empty());
    CHECK(kept.present(3));
}

TEST_CASE("after a redaction, open --salvage ends with 0 until something else is wrong") {
    KeptBatches kept;
    const fs::path other = kept.desk.batch(kept.laptop->device(), 1);
    kept.redacted({kept.ids[2]});
    auto opened = kept.salvaged();
    CHECK(kept.code == ExitCode::fine);
    CHECK(opened["refused"].empty());
    CHECK(kept.desk.opened()["interviews"] == 4);
    CHECK(content(kept.desk.results / "report.txt").find("open with --salvage") != std::string::npos);
    opened = kept.salvaged();
    CHECK(content(kept.desk.results / "report.txt").find("open with --salvage") == std::string::npos);
    flip_byte(other, 64 + 512 + 32 + 1041 + 100);
    kept.salvaged();
    CHECK(kept.code == ExitCode::findings);
}

TEST_CASE("nothing is opened, withdrawn or redacted while the list of what was redacted is damaged") {
    KeptBatches kept;
    kept.redacted({kept.ids[2]});
    flip_byte(kept.desk.inbox / "redacted", 40);
    CHECK(kept.desk.open() == ExitCode::could_not);
    CHECK(kept.desk.err.str().find("not certain what was redacted") != std::string::npos);
    auto options = kept.options();
    options.submissions = {kept.ids[5]};
    CHECK(kept.desk.said(run_archive_redact, options) == ExitCode::could_not);
}
