#include <doctest/doctest.h>

#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

// `open --salvage`: what is left of a damaged batch comes out marked, and only then.

namespace {

constexpr std::size_t header_size = 64 + 4 * 128 + 32, cell_size = 1041;

/// A desk with one batch of a dozen interviews in the inbox, of an enrolled device.
struct RottenInbox {
    Desk desk;
    std::optional<Laptop> laptop;
    fs::path file;
    std::string intact;

    RottenInbox() {
        desk.with_study();
        laptop.emplace(desk);
        for (std::uint64_t i = 1; i <= 12; ++i) laptop->seals(i);
        laptop->hands_over();
        laptop->is_enrolled();
        file = files_in(desk.inbox).front();
        intact = content(file);
    }

    /// The first cell of a record: each of these small interviews has one cell.
    static std::size_t cell(std::size_t index) { return header_size + index * cell_size; }

    RottenInbox& rots_at(std::size_t index) {
        flip_byte(file, cell(index) + 100);
        return *this;
    }
    OpenOptions options() {
        OpenOptions options = desk.open_options();
        options.overwrite = Overwrite::yes;
        options.salvage = Salvage::yes;
        return options;
    }
    nlohmann::json salvaged() {
        OpenOptions asked = options();
        asked.output = Output::json;
        code = desk.said(run_open, asked);
        return nlohmann::json::parse(desk.out.str());
    }
    ExitCode code = ExitCode::fine;

    std::vector<std::string> rows() { return lines(content(desk.results / "survey.csv")); }
    /// How many rows have 1 in SALVAGED.
    std::size_t marked() {
        const std::vector<std::string> all = rows();
        CHECK(all.front().starts_with("KEY,DAY,LANGUAGE,VERSION,DEVICE,BATCH,RECORD,SALVAGED,"));
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const std::string& row) {
            std::vector<std::string> fields;
            std::istringstream stream(row);
            for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
            return fields.size() > 7 && fields[7] == "1";
        }));
    }
};

}  // namespace

TEST_CASE("a rotten cell costs one interview with --salvage, and the whole batch without") {
    RottenInbox inbox;
    inbox.rots_at(5);
    CHECK(inbox.desk.opened()["interviews"] == 0);
    CHECK(lines(content(inbox.desk.results / "survey.jsonl")).empty());
    const auto opened = inbox.salvaged();
    CHECK(inbox.code == ExitCode::findings);
    CHECK(opened["interviews"] == 11);
    CHECK(opened["batches"] == 1);
    CHECK(opened["refused"].empty());
    REQUIRE(opened["salvaged"].size() == 1);
    const auto& salvaged = opened["salvaged"][0];
    CHECK(salvaged["files"] == nlohmann::json{inbox.file.filename().string()});
    CHECK(salvaged["lost"] == nlohmann::json::parse(R"([{"record":4,"why":"rotten"}])"));
    CHECK(salvaged["records"] == 12);
    CHECK(salvaged["submissions"].size() == 11);
    CHECK(inbox.marked() == 11);
    CHECK(inbox.rows().size() == 12);
    CHECK(opened["devices"][0]["records"] == 11);
    CHECK(opened["devices"][0]["salvaged"] == 1);
}

TEST_CASE("the report names the file and the lost records, and what to do") {
    RottenInbox inbox;
    inbox.rots_at(5).rots_at(7).rots_at(8).rots_at(9);
    CHECK(inbox.desk.said(run_open, inbox.options()) == ExitCode::findings);
    const std::string report = content(inbox.desk.results / "report.txt");
    CHECK(inbox.desk.out.str().starts_with(report));
    CHECK(report.find("SALVAGED: 8 of 12 records of batch 0 of device ") != std::string::npos);
    CHECK(report.find(inbox.file.filename().string()) != std::string::npos);
    CHECK(report.find("Lost: records 4 and 6 to 8.") != std::string::npos);
    CHECK(report.find("Do not delete it: move it aside") != std::string::npos);
    const std::string reason =
        content(inbox.desk.results / "quarantine" / (inbox.file.filename().string() + ".txt"));
    CHECK(reason.find("reason: salvaged\n") != std::string::npos);
    CHECK(reason.find("rotten record: 4\nrotten record: 6\n") != std::string::npos);
}

TEST_CASE("an inbox with nothing damaged opens with --salvage as without, and no row is marked") {
    RottenInbox inbox;
    REQUIRE(inbox.desk.opened()["interviews"] == 12);
    const auto plain = inbox.desk.opened_lines();
    const auto opened = inbox.salvaged();
    CHECK(inbox.code == ExitCode::fine);
    CHECK(opened["salvaged"].empty());
    CHECK(inbox.desk.opened_lines() == plain);
    CHECK(inbox.marked() == 0);
}

TEST_CASE("a device is not told that a salvaged batch was accepted") {
    RottenInbox inbox;
    inbox.rots_at(5);
    CHECK(inbox.salvaged()["receipts"]["made"] == 0);
    CHECK(files_in(inbox.desk.store).empty());
}

TEST_CASE("an intact copy goes before what was salvaged, whichever comes first, and counts once") {
    RottenInbox inbox;
    inbox.rots_at(5);
    REQUIRE(inbox.salvaged()["interviews"] == 11);
    for (const char* name : {"00.batch", "zz.batch"}) {
        write(inbox.desk.inbox / name, inbox.intact);
        const auto opened = inbox.salvaged();
        CHECK(opened["interviews"] == 12);
        CHECK(opened["repeated"] == 0);
        CHECK(opened["salvaged"].empty());
        CHECK(opened["refused"].size() == 1);
        CHECK(opened["refused"][0]["reason"] == "damaged");
        CHECK(inbox.marked() == 0);
        CHECK(opened["devices"][0]["restored_or_cloned_at"].empty());
        fs::remove(inbox.desk.inbox / name);
    }
}

TEST_CASE("two copies that rotted in other places give all that either has, each record once") {
    RottenInbox inbox;
    write(inbox.desk.inbox / "other.batch", inbox.intact);
    inbox.rots_at(5).rots_at(6);
    flip_byte(inbox.desk.inbox / "other.batch", RottenInbox::cell(6));
    flip_byte(inbox.desk.inbox / "other.batch", RottenInbox::cell(9));
    const auto opened = inbox.salvaged();
    CHECK(opened["interviews"] == 11);
    CHECK(opened["repeated"] == 0);
    REQUIRE(opened["salvaged"].size() == 1);
    CHECK(opened["salvaged"][0]["files"].size() == 2);
    CHECK(opened["salvaged"][0]["lost"].size() == 1);
    CHECK(opened["salvaged"][0]["lost"][0]["record"] == 5);
    CHECK(opened["refused"].empty());
}

TEST_CASE("a damaged longer version gives what an intact shorter one does not have") {
    RottenInbox inbox;
    Laptop& laptop = *inbox.laptop;
    const auto before = files_in(inbox.desk.inbox);
    laptop.seals(21).seals(22).hands_over_open_batch();
    laptop.seals(23).seals(24).hands_over();
    fs::path longer;
    for (const fs::path& file : files_in(inbox.desk.inbox))
        if (file.filename().string().find(crypto::to_hex(laptop.files.back())) != std::string::npos)
            longer = file;
    flip_byte(longer, RottenInbox::cell(1));  // which the shorter one has
    flip_byte(longer, RottenInbox::cell(4));
    const auto opened = inbox.salvaged();
    CHECK(opened["interviews"] == 12 + 3);
    CHECK(opened["batches"] == 2);
    CHECK(opened["repeated"] == 0);
    REQUIRE(opened["salvaged"].size() == 1);
    CHECK(opened["salvaged"][0]["lost"] == nlohmann::json::parse(R"([{"record":15,"why":"rotten"}])"));
    CHECK(opened["salvaged"][0]["submissions"].size() == 1);
    CHECK(inbox.marked() == 1);
    CHECK(opened["devices"][0]["restored_or_cloned_at"].empty());
    CHECK(opened["devices"][0]["records"] == 15);
    CHECK(opened["devices"][0]["provisional"] == false);
}

TEST_CASE("a batch that was cut short in its padding is salvaged whole, and still marked and not confirmed") {
    RottenInbox inbox;
    write(inbox.file, inbox.intact.substr(0, inbox.intact.size() - 1));
    const auto opened = inbox.salvaged();
    CHECK(inbox.code == ExitCode::findings);
    CHECK(opened["interviews"] == 12);
    CHECK(opened["salvaged"][0]["lost"].empty());
    CHECK(opened["receipts"]["made"] == 0);
    CHECK(inbox.marked() == 12);
}

TEST_CASE("nothing is salvaged where OPEN, CLOSE or the header has rotted") {
    RottenInbox inbox;
    for (const std::size_t at :
         {RottenInbox::cell(0), RottenInbox::cell(13), std::size_t{20}, std::size_t{600}}) {
        write(inbox.file, inbox.intact);
        flip_byte(inbox.file, at);
        const auto opened = inbox.salvaged();
        CHECK(opened["interviews"] == 0);
        CHECK(opened["salvaged"].empty());
        CHECK(opened["refused"][0]["reason"] == "damaged");
    }
}

TEST_CASE("nothing is salvaged from a device that is not in the roster, was revoked, or has another form") {
    RottenInbox inbox;
    inbox.rots_at(5);
    fs::remove(seen_roster_file(inbox.desk.inbox, inbox.laptop->study));  // one that has seen no roster yet
    OpenOptions options = inbox.options();
    options.roster = inbox.desk.folder / "none.ffroster";
    CHECK(inbox.desk.said(run_open, options) == ExitCode::findings);
    CHECK(inbox.desk.out.str().starts_with("0 interviews"));
    CHECK(
        inbox.desk.out.str().find("Nothing was salvaged from it either. This comes from a device that is not "
                                  "in the roster.") != std::string::npos);
    inbox.laptop->is_revoked_after({});
    auto opened = inbox.salvaged();
    CHECK(opened["interviews"] == 0);
    CHECK(opened["refused"][0]["device"] ==
          crypto::to_hex(crypto::device_id(inbox.laptop->key.verify_key())));

    RottenInbox newer;
    newer.laptop->next.open.form_hash[0] ^= 1;
    newer.laptop->seals(20).hands_over();
    for (const fs::path& file : files_in(newer.desk.inbox))
        if (file != newer.file) flip_byte(file, content(file).size() - 1);
    opened = newer.salvaged();
    CHECK(opened["interviews"] == 12);
    CHECK(opened["salvaged"].empty());
    CHECK(opened["refused"].size() == 1);
    CHECK(opened["devices"][0]["refused"] == 1);
}

TEST_CASE("what a revoked device seals later takes nothing from a damaged batch that counts") {
    RottenInbox inbox;
    Laptop& laptop = *inbox.laptop;
    laptop.seals(20).seals(21).seals(22).hands_over_open_batch();
    const auto named = [&] {
        return inbox.desk.inbox / ("20261123-" + crypto::to_hex(laptop.files.back()) + ".batch");
    };
    const crypto::BatchId last = laptop.writer->current(laptop.key)->id;
    flip_byte(named(), RottenInbox::cell(2) + 100);
    REQUIRE(laptop.is_revoked_after(last) == ExitCode::fine);
    REQUIRE(inbox.salvaged()["interviews"] == 12 + 2);

    laptop.seals(23).hands_over();  // by whoever has it now
    flip_byte(named(), content(named()).size() - 1);
    const auto opened = inbox.salvaged();
    CHECK(opened["interviews"] == 12 + 2);
    REQUIRE(opened["refused"].size() == 1);
    CHECK(opened["refused"][0]["file"] == named().filename().string());
    CHECK(opened["refused"][0]["device"] == laptop.device());
    const std::string sentence = opened["refused"][0]["sentence"];
    CHECK(sentence.find("Nothing was salvaged from it either. ") != std::string::npos);
    CHECK(sentence.find("not among the batches accepted before that") != std::string::npos);
}

TEST_CASE("a batch that names a salvaged one as the one before it leaves no gap") {
    RottenInbox inbox;
    inbox.laptop->seals(20).hands_over();
    inbox.rots_at(5);
    CHECK(inbox.desk.opened()["devices"][0]["gaps"].size() == 1);
    CHECK(inbox.salvaged()["devices"][0]["gaps"].empty());
}

TEST_CASE("--salvage says what it is for") {
    CHECK(say({"open", "--help"}).out.find("--salvage") != std::string::npos);
}

TEST_CASE("nobody is told to delete a damaged batch: it may be the last there is") {
    RottenInbox inbox;
    REQUIRE(inbox.desk.opened()["interviews"] == 12);  // confirmed: the device may forget it
    inbox.rots_at(5);
    for (const bool named : {true, false}) {  // by its hash, or by somebody
        if (!named) {
            const fs::path renamed = inbox.desk.inbox / "kept.batch";
            fs::rename(inbox.file, renamed);
            inbox.file = renamed;
        }
        const auto opened = inbox.desk.opened();
        REQUIRE(opened["refused"].size() == 1);
        const std::string sentence = opened["refused"][0]["sentence"];
        CHECK(sentence.find("Do not delete it") != std::string::npos);
        CHECK(sentence.find("open with --salvage") != std::string::npos);
    }
}
