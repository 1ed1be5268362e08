#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/dice.h"
#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// Device ids by how many batches `opened` reports, the ones with most first.
std::vector<std::string> devices_of(const nlohmann::json& opened) {
    std::vector<std::string> devices;
    for (const auto& device : opened["devices"]) devices.push_back(device["device"]);
    return devices;
}

std::vector<fs::path> reasons(const Desk& desk) {
    return files_in(desk.results / "quarantine");
}

}  // namespace

TEST_CASE("what respondents said comes out as it went in: 200 interviews, every value equal, none refused") {
    Desk desk;
    desk.with_study().with_interviews(200, 3);
    REQUIRE_MESSAGE(desk.open() == ExitCode::fine, desk.out.str(), desk.err.str());
    CHECK(desk.opened_lines().size() == 200);
    CHECK(desk.opened_lines() == desk.true_lines());
    CHECK(reasons(desk).empty());
    CHECK(lines(content(desk.results / "survey.csv"))
              .front()
              .starts_with("KEY,DAY,LANGUAGE,VERSION,DEVICE,BATCH,RECORD,agree,age,age__miss,"));
}

TEST_CASE("opening twice gives the same bytes") {
    Desk desk;
    desk.with_study().with_interviews(60, 3);
    REQUIRE(desk.open() == ExitCode::fine);
    auto again = desk.open_options();
    again.out = desk.folder / "again";
    REQUIRE(desk.said(run_open, again) == ExitCode::fine);
    for (const char* name : {"survey.csv", "survey-trip.csv", "survey.jsonl", "report.txt"})
        CHECK(content(desk.results / name) == content(again.out / name));
}

TEST_CASE("however many threads open it, an inbox gives the same bytes, good batches, bad ones and copies") {
    Desk desk;
    desk.with_study().with_interviews(120, 4);
    const auto batches = files_in(desk.inbox);
    REQUIRE(batches.size() > 4);
    flip_byte(batches[1], content(batches[1]).size() / 2);
    fs::copy_file(batches[2], desk.inbox / "copy.batch");
    fs::resize_file(batches[3], content(batches[3]).size() - 1);
    std::ofstream(desk.inbox / "junk.batch") << "no batch at all";
    const auto opened_by = [&](unsigned workers) {
        auto options = desk.open_options();
        options.workers = workers;
        options.salvage = Salvage::yes;
        options.receipts = false;
        options.out = desk.folder / ("by-" + std::to_string(workers));
        REQUIRE(desk.said(run_open, options) == ExitCode::findings);
        std::string all;
        for (const char* name : {"survey.csv", "survey-trip.csv", "survey.jsonl", "report.txt"})
            all += content(options.out / name);
        for (const fs::path& reason : files_in(options.out / "quarantine")) all += content(reason);
        return all;
    };
    const std::string alone = opened_by(1);
    CHECK(opened_by(2) == alone);
    CHECK(opened_by(7) == alone);
}

TEST_CASE("the same seed gives the same answers, another seed others") {
    Desk desk;
    desk.with_study().with_interviews(20, 2);
    const auto first = desk.true_lines();
    SimulateOptions options;
    options.study = desk.study;
    options.interviews = 20;
    options.devices = 5;
    options.day = "2026-11-23";
    options.out = (desk.folder / "elsewhere").string();
    options.truth = desk.folder / "second.jsonl";
    REQUIRE(desk.said(run_simulate, options) == ExitCode::fine);
    CHECK(sorted(lines(content(options.truth))) == first);
    options.seed = 2;
    options.truth = desk.folder / "third.jsonl";
    REQUIRE(desk.said(run_simulate, options) == ExitCode::fine);
    CHECK(sorted(lines(content(options.truth))) != first);
}

TEST_CASE("neighbouring seeds are unlike each other") {
    int equal_bits = 0;
    for (std::uint64_t i = 0; i < 1000; ++i)
        equal_bits += 64 - __builtin_popcountll(mixed(1, i) ^ mixed(1, i + 1));
    CHECK(equal_bits / 1000 >= 30);
    CHECK(equal_bits / 1000 <= 34);
    CHECK(mixed(1, 2) != mixed(2, 1));
}

TEST_CASE("a flipped byte refuses that batch; the others open; the program ends with 1") {
    Desk desk;
    desk.with_study().with_interviews(100, 2);
    const fs::path victim = files_in(desk.inbox).front();
    const std::size_t size = content(victim).size();
    for (const std::size_t at : {std::size_t{0}, std::size_t{20}, std::size_t{600}, size / 2, size - 1}) {
        flip_byte(victim, at);
        const auto opened = desk.opened();
        CAPTURE(at);
        CHECK(opened["interviews"] == 75);
        REQUIRE(opened["refused"].size() == 1);
        CHECK(opened["refused"][0]["file"] == victim.filename().string());
        CHECK(opened["refused"][0]["reason"] == "damaged");
        CHECK(reasons(desk).size() == 1);
        flip_byte(victim, at);
    }
    flip_byte(victim, size / 2);
    CHECK(desk.said(run_open, [&] {
        auto options = desk.open_options();
        options.overwrite = Overwrite::yes;
        return options;
    }()) == ExitCode::findings);
}

TEST_CASE("a batch that is cut short is refused and the others open") {
    Desk desk;
    desk.with_study().with_interviews(50, 2);
    const fs::path victim = files_in(desk.inbox).front();
    const std::string whole = content(victim);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{7}, std::size_t{64}, whole.size() / 2, whole.size() - 1}) {
        write(victim, whole.substr(0, length));
        const auto opened = desk.opened();
        CHECK(opened["interviews"] == 25);
        CHECK(opened["refused"].size() == 1);
    }
}

TEST_CASE("a batch that is missing between others is named with its device, its number and its interviews") {
    Desk desk;
    desk.with_study().with_interviews(150, 2);  // three batches each
    const auto devices = devices_of(desk.opened());
    REQUIRE(devices.size() == 2);
    fs::remove(desk.batch(devices[0], 1));
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 125);
    CHECK(opened["devices"][0]["gaps"] ==
          nlohmann::json::parse(R"([{"first_batch":1,"last_batch":1,"records":25,"other_branch":false}])"));
    CHECK(opened["devices"][1]["gaps"].empty());
    fs::remove_all(desk.results);
    CHECK(desk.open() == ExitCode::findings);
    CHECK(desk.out.str().find("MISSING: batch 1 is missing (25 interviews or withdrawals)") !=
          std::string::npos);
    CHECK(content(desk.results / "report.txt").find(devices[0].substr(0, 8)) != std::string::npos);
}

TEST_CASE("a copy of a batch under another name counts nothing twice") {
    Desk desk;
    desk.with_study().with_interviews(50, 2);
    fs::copy_file(files_in(desk.inbox).front(), desk.inbox / "copy.batch");
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 50);
    CHECK(opened["refused"].empty());
    CHECK(desk.opened_lines() == desk.true_lines());
}

TEST_CASE("what is no batch is refused and stops nothing") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    write(desk.inbox / "junk.batch", std::string(100000, 'x'));
    write(desk.inbox / "notes.txt", "not looked at");
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 25);
    REQUIRE(opened["refused"].size() == 1);
    CHECK(opened["refused"][0]["reason"] == "not_a_batch");
}

TEST_CASE("a key to which nothing is sealed opens nothing and says so") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    auto options = desk.open_options();
    options.keys = {desk.folder / "ben.ffkey"};
    CHECK(desk.said(run_open, options) == ExitCode::findings);
    CHECK(desk.out.str().find("sealed to none of the keys given") != std::string::npos);
    CHECK(lines(content(desk.results / "survey.csv")).size() == 1);
}

TEST_CASE("a wrong passphrase opens nothing and writes nothing") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    desk.passphrases.passphrase = "not the right one";
    CHECK(desk.open() == ExitCode::could_not);
    CHECK(files_in(desk.results).empty());
    CHECK(lines(desk.err.str()).size() == 1);
}

TEST_CASE("results are not overwritten without --force") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    REQUIRE(desk.open() == ExitCode::fine);
    const std::string before = content(desk.results / "survey.csv");
    desk.passphrases.asked.clear();
    CHECK(desk.open() == ExitCode::could_not);
    CHECK(desk.passphrases.asked.empty());
    CHECK(content(desk.results / "survey.csv") == before);
    CHECK(lines(desk.err.str()).size() == 1);
}

TEST_CASE("results that can't be written leave nothing half-written") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    write(desk.results / "survey-trip.csv", "in the way");
    CHECK(desk.open() == ExitCode::could_not);
    CHECK(files_in(desk.results) == std::vector<fs::path>{desk.results / "survey-trip.csv"});
}

TEST_CASE("the study file of another study takes none of these batches") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    auto build = desk.build_options();
    build.out = desk.folder / "other.ffstudy";
    REQUIRE(desk.said(run_study_build, build) == ExitCode::fine);
    auto options = desk.open_options();
    options.study = build.out;
    options.roster = desk.folder / "other.ffroster";
    CHECK(desk.said(run_open, options) == ExitCode::findings);
    CHECK(desk.out.str().find("belongs to another study") != std::string::npos);
    CHECK(lines(content(desk.results / "survey.jsonl")).empty());
}

TEST_CASE("nothing of an answer, a key or a passphrase is printed") {
    Desk desk;
    desk.with_study().with_interviews(50, 2);
    desk.open();
    const std::string said = desk.out.str() + desk.err.str() + content(desk.results / "report.txt");
    CHECK(said.find(desk.passphrases.passphrase) == std::string::npos);
    CHECK(said.find("cmd|") == std::string::npos);
}

TEST_CASE("fetch brings what the inbox lacks, once, and open takes it") {
    Desk desk;
    desk.with_study().with_interviews(60, 2, "folder:" + desk.store.string());
    REQUIRE_MESSAGE(desk.fetch() == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().starts_with("4 new in "));
    REQUIRE(desk.fetch() == ExitCode::fine);
    CHECK(desk.out.str().starts_with("0 new in "));
    CHECK(desk.open() == ExitCode::fine);
    CHECK(desk.opened_lines() == desk.true_lines());
}

TEST_CASE("a file that a store has altered is not kept, and the others are") {
    Desk desk;
    desk.with_study().with_interviews(60, 2, "folder:" + desk.store.string());
    flip_byte(files_in(desk.store).front(), 700);
    CHECK(desk.fetch() == ExitCode::findings);
    CHECK(desk.err.str().find("other content than its name promises") != std::string::npos);
    CHECK(files_in(desk.inbox).size() == 3);
}

TEST_CASE("a store that is not there is named, with what to do") {
    Desk desk;
    desk.with_study();
    CHECK(desk.fetch({"folder:" + (desk.folder / "unplugged").string()}) == ExitCode::could_not);
    CHECK(desk.err.str().find("is not there") != std::string::npos);
    CHECK(desk.fetch({"ftp://example"}) == ExitCode::usage);
}

TEST_CASE("receipts are made once, wait for a store, and are sent by fetch") {
    Desk desk;
    desk.with_study().with_interviews(60, 2);
    fs::rename(desk.store, desk.folder / "unplugged");
    const auto first = desk.opened();
    CHECK(first["receipts"]["made"] == 2);  // one a device
    CHECK(first["receipts"]["waiting"] == 2);
    const auto second = desk.opened();
    CHECK(second["receipts"]["made"] == 0);
    CHECK(second["receipts"]["waiting"] == 2);
    fs::rename(desk.folder / "unplugged", desk.store);
    REQUIRE(desk.fetch() == ExitCode::fine);
    CHECK(desk.out.str().find("2 receipts sent") != std::string::npos);
    CHECK(files_in(desk.store).size() == 2);
    CHECK(desk.opened()["receipts"]["waiting"] == 0);
}

TEST_CASE("that devices are told nothing is said to scripts, too, and ends with 1 where it failed") {
    Desk desk;
    desk.with_study().with_interviews(60, 2);
    const auto troubles = [&] { return desk.opened()["receipts"]["troubles"]; };
    auto again = desk.open_options();
    again.overwrite = Overwrite::yes;

    write(desk.inbox / "receipts", "no folder");
    CHECK(joined(troubles()).find("No receipts were made: ") == 0);
    CHECK(desk.said(run_open, again) == ExitCode::findings);
    CHECK(desk.opened()["receipts"]["made"] == 0);
    fs::remove(desk.inbox / "receipts");

    fs::rename(desk.store, desk.folder / "unplugged");
    CHECK(joined(troubles()).find("Receipts wait: ") == 0);
    CHECK(desk.said(run_open, again) == ExitCode::fine);  // until the stick is at hand
    CHECK(desk.err.str().find("Receipts wait: ") != std::string::npos);
    fs::rename(desk.folder / "unplugged", desk.store);
    const auto folder = desk.store / read_study(desk.study)->policy().study_tag;
    write(folder / "receipts", "no folder");
    CHECK(joined(troubles()).find("Receipts wait: ") == 0);
    CHECK(desk.said(run_open, again) == ExitCode::findings);
    fs::remove(folder / "receipts");
    CHECK(troubles().empty());
    CHECK(desk.said(run_open, again) == ExitCode::fine);
}

TEST_CASE("a key whose receipts no device believes makes none, which scripts are told, and is no failure") {
    Desk desk;
    desk.with_study();
    REQUIRE(desk.key_new("archive") == ExitCode::fine);
    auto options = desk.build_options();
    options.analysts = {desk.folder / "archive.ffpub"};
    options.overwrite = Overwrite::yes;
    REQUIRE_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());
    desk.with_interviews(10, 1);
    CHECK(desk.open() == ExitCode::fine);
    const auto receipts = desk.opened()["receipts"];
    CHECK(receipts["made"] == 0);
    CHECK(joined(receipts["troubles"]).find("not among those whose receipts") != std::string::npos);
}

TEST_CASE("receipts are sent at once when the store is at hand") {
    Desk desk;
    desk.with_study().with_interviews(60, 2, "folder:" + desk.store.string());
    REQUIRE(desk.fetch() == ExitCode::fine);
    CHECK(desk.opened()["receipts"]["sent"] == 2);
}

TEST_CASE(
    "receipts wait for a stick that is not plugged in, though the folder in which it would be is there") {
    Desk desk;
    desk.with_study().with_interviews(60, 2, "folder:" + desk.store.string());
    REQUIRE(desk.fetch() == ExitCode::fine);
    const auto on_the_stick = files_in(desk.store).size();
    fs::rename(desk.store, desk.folder / "unplugged");
    fs::create_directory(desk.store);
    const auto opened = desk.opened();
    CHECK(opened["receipts"]["made"] == 2);
    CHECK(opened["receipts"]["sent"] == 0);
    CHECK(opened["receipts"]["waiting"] == 2);
    CHECK(desk.fetch() == ExitCode::findings);
    CHECK(desk.err.str().find("Receipts wait: folder:" + desk.store.string() +
                              " is not plugged in, or no device") != std::string::npos);
    CHECK(fs::is_empty(desk.store));
    fs::remove(desk.store);
    fs::rename(desk.folder / "unplugged", desk.store);
    REQUIRE(desk.fetch() == ExitCode::fine);
    CHECK(desk.out.str().find("2 receipts sent") != std::string::npos);
    CHECK(files_in(desk.store).size() == on_the_stick + 2);
}

TEST_CASE("inspect says what anyone can see, and with a key what the device signed") {
    Desk desk;
    desk.with_study().with_interviews(25, 1);
    InspectOptions options;
    options.file = files_in(desk.inbox).front();
    options.output = Output::json;
    REQUIRE(desk.said(run_inspect, options) == ExitCode::fine);
    const auto seen = nlohmann::json::parse(desk.out.str());
    CHECK(seen["slots"].is_number());
    CHECK_FALSE(seen.contains("device"));
    const auto opened = desk.inspected(options.file);
    CHECK(opened["records"] == 25);
    CHECK(opened["batch"] == 0);
    flip_byte(options.file, 5000);
    CHECK(desk.inspected(options.file)["refused"] == "damaged");
    write(options.file, content(options.file).substr(0, fs::file_size(options.file) - 1));
    CHECK(desk.inspected(options.file)["refused"] == "damaged");
    CHECK(desk.said(run_inspect, options) == ExitCode::findings);
    CHECK(desk.err.str().find("damaged or altered") != std::string::npos);
    options.file = desk.study;
    CHECK(desk.said(run_inspect, options) == ExitCode::could_not);
}

TEST_CASE("what only an altered program seals is called so, and no fault of this one") {
    for (const auto& [error, word] : {std::pair{fieldfare::crypto::Error::weak_key, "weak_key"},
                                      std::pair{fieldfare::crypto::Error::not_canonical, "not_canonical"}}) {
        const Reason reason = reason_for(error);
        CHECK(reason.word == word);
        CHECK(reason.sentence == reason_for(fieldfare::crypto::Error::forged).sentence);
    }
}

TEST_CASE("a disk that fills up while opening leaves nothing half-written, and no receipt") {
    Desk desk;
    desk.with_study().with_interviews(400, 2);
    const FileSizeLimit full(40 * 1024);  // stands in for a full disk: the same short write
    CHECK(desk.open() == ExitCode::could_not);
    CHECK(lines(desk.err.str()).size() == 1);
    CHECK(files_in(desk.results).empty());
    CHECK_FALSE(fs::exists(desk.inbox / "receipts"));
}

TEST_CASE("a disk that fills up while results are replaced leaves those of the run before, all of them") {
    Desk desk;
    desk.with_study().with_interviews(20, 1);
    REQUIRE(desk.open() == ExitCode::fine);
    const auto results = [&] {
        std::map<fs::path, std::string> all;
        for (const fs::path& file : files_in(desk.results)) all[file] = content(file);
        return all;
    };
    const auto before = results();
    for (const fs::path& gone : {desk.roster, desk.truth, desk.inbox}) fs::remove_all(gone);
    desk.with_interviews(40, 1);
    auto options = desk.open_options();
    options.out = desk.folder / "to measure";
    REQUIRE(desk.said(run_open, options) == ExitCode::fine);
    const auto first = fs::file_size(options.out / "survey.csv"),
               last = fs::file_size(options.out / "survey.jsonl");
    REQUIRE(first < last);
    options.out = desk.results;
    options.overwrite = Overwrite::yes;
    {
        const FileSizeLimit full(first);  // there is room for some of the files
        CHECK(desk.said(run_open, options) == ExitCode::could_not);
    }
    CHECK((results() == before));
    CHECK(desk.said(run_open, options) == ExitCode::fine);
    CHECK(desk.opened_lines().size() == 40);
}

TEST_CASE("a disk that fills up while simulating leaves no truth and no roster") {
    Desk desk;
    desk.with_study();
    const FileSizeLimit full(4 * 1024);
    SimulateOptions options;
    options.study = desk.study;
    options.out = desk.inbox.string();
    options.truth = desk.truth;
    options.root = desk.root;
    options.roster = desk.roster;
    CHECK(desk.said(run_simulate, options) == ExitCode::could_not);
    CHECK(files_in(desk.inbox).empty());
    CHECK_FALSE(fs::exists(desk.truth));
    CHECK_FALSE(fs::exists(desk.roster));
}

TEST_CASE("what the researcher has put into quarantine/ stays, and a link there is not written through") {
    Desk desk;
    desk.with_study().with_interviews(5, 1);
    write(desk.inbox / "junk.batch", "junk");
    const fs::path quarantine = desk.results / "quarantine", own = quarantine / "notes.txt";
    REQUIRE(desk.opened()["refused"].size() == 1);
    REQUIRE(fs::exists(quarantine / "junk.batch.txt"));
    write(own, "ask ben\n");
    fs::remove(desk.inbox / "junk.batch");
    CHECK(desk.opened()["refused"].empty());
    CHECK(content(own) == "ask ben\n");
    CHECK_FALSE(fs::exists(quarantine / "junk.batch.txt"));

    write(desk.inbox / "junk.batch", "junk");
    fs::remove_all(quarantine);
    write(desk.folder / "elsewhere/old.txt", "x\nreason: damaged\n");
    fs::create_directory_symlink(desk.folder / "elsewhere", quarantine);
    auto options = desk.open_options();
    options.overwrite = Overwrite::yes;
    CHECK(desk.said(run_open, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("is no folder of ours") != std::string::npos);
    CHECK(files_in(desk.folder / "elsewhere").size() == 1);
}
