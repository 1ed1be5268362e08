#include <doctest/doctest.h>

#include "sync/receipt.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

Words refused(const nlohmann::json& opened) {
    Words words;
    for (const auto& file : opened["refused"]) words.push_back(file["reason"]);
    return sorted(words);
}

/// What the device reads in its first receipt; nothing where there is none.
std::vector<sync::ReceiptEntry> told(const Desk& desk, Laptop& laptop) {
    const study::Policy& policy = laptop.study.policy();
    const std::string tag = sync::device_tag(laptop.receipt_key);
    const sync::StudySync config{.study_tag = policy.study_tag,
                                 .study_id = policy.study_id,
                                 .device_id = crypto::device_id(laptop.key.verify_key()),
                                 .policies = {laptop.study.policy_digest()},
                                 .receipt_signers = {laptop.study.receipt_keys().front().key},
                                 .stores = {},
                                 .receipt_key = std::move(laptop.receipt_key)};
    const std::string bytes = content(desk.store / config.study_tag / "receipts" / (tag + "-1.receipt"));
    const auto receipt = sync::open_receipt(crypto::bytes_of(bytes), config);
    return receipt ? receipt->entries : std::vector<sync::ReceiptEntry>();
}

}  // namespace

TEST_CASE("an unknown device waits in quarantine until its enrolment number is confirmed") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).seals(2).hands_over();
    auto opened = desk.opened();
    CHECK(opened["interviews"] == 0);
    CHECK(refused(opened) == Words{"unknown_device"});
    CHECK(opened["receipts"]["made"] == 0);
    const std::string sentence = opened["refused"][0]["sentence"];
    CHECK(sentence.find(laptop.enrolment_number()) != std::string::npos);

    REQUIRE_MESSAGE(laptop.is_enrolled() == ExitCode::fine, desk.err.str());
    opened = desk.opened();
    CHECK(opened["interviews"] == 2);
    CHECK(opened["refused"].empty());
    CHECK_FALSE(fs::exists(desk.results / "quarantine" / (desk.inbox.filename().string() + ".txt")));
    CHECK(files_in(desk.results / "quarantine").empty());
}

TEST_CASE("a device can be named when it is taken in") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled("laptop 3=" + laptop.enrolment_number()) == ExitCode::fine);
    RosterShowOptions options;
    options.study = desk.study;
    options.roster = desk.roster;
    options.output = Output::json;
    REQUIRE(desk.said(run_roster_show, options) == ExitCode::fine);
    const auto shown = nlohmann::json::parse(desk.out.str());
    CHECK(shown["devices"][0]["label"] == "laptop 3");
    CHECK(shown["devices"][0]["enrolment_number"] == laptop.enrolment_number());
    CHECK(desk.opened()["devices"][0]["name"].get<std::string>().starts_with("laptop 3 ("));
}

TEST_CASE("a name that no roster can hold is refused as that") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    for (const std::string& name : {std::string(65, 'a'), std::string("laptop\t3")}) {
        CHECK(laptop.is_enrolled(name + "=" + laptop.enrolment_number()) == ExitCode::usage);
        CHECK(desk.err.str().find("is no name for a device: at most 64 bytes") != std::string::npos);
    }
    CHECK_FALSE(fs::exists(desk.roster));
    CHECK(laptop.is_enrolled(std::string(64, 'a') + "=" + laptop.enrolment_number()) == ExitCode::fine);
}

TEST_CASE("digits that no device shows take nobody in") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    CHECK(laptop.is_enrolled("00000 11111 22222 33333 44444 55555") == ExitCode::could_not);
    CHECK_FALSE(fs::exists(desk.roster));
    CHECK(laptop.is_enrolled("12345") == ExitCode::usage);
    CHECK(laptop.is_enrolled("not digits") == ExitCode::usage);
}

TEST_CASE("taking a device in twice changes nothing") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    laptop.is_enrolled();
    const std::string before = content(desk.roster);
    CHECK(laptop.is_enrolled() == ExitCode::fine);
    CHECK(desk.err.str().find("is in the roster already") != std::string::npos);
    CHECK(content(desk.roster) == before);
}

TEST_CASE("a roster that was altered is refused") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    laptop.is_enrolled();
    flip_byte(desk.roster, content(desk.roster).size() - 2);
    CHECK(desk.open() == ExitCode::could_not);
    CHECK(lines(desk.err.str()).size() == 1);
    CHECK(files_in(desk.results).empty());
}

TEST_CASE("a longer version of a batch takes the place of a shorter one, whichever comes first") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).seals(2).hands_over_open_batch();
    const fs::path shorter = files_in(desk.inbox).front();
    laptop.is_enrolled();
    auto opened = desk.opened();
    CHECK(opened["interviews"] == 2);
    CHECK(opened["devices"][0]["provisional"] == true);

    laptop.seals(3).hands_over();
    for (const char* name : {"00.batch", "zz.batch"}) {
        fs::copy_file(shorter, desk.inbox / name);
        opened = desk.opened();
        CHECK(opened["interviews"] == 3);
        CHECK(opened["superseded"] == 1);
        CHECK(opened["copies"] == 1);
        CHECK(opened["repeated"] == 0);
        CHECK(opened["batches"] == 1);
        CHECK(opened["devices"][0]["provisional"] == false);
        CHECK(opened["devices"][0]["restored_or_cloned_at"].empty());
        fs::remove(desk.inbox / name);
    }
}

TEST_CASE("a batch that goes on after a shorter version of the one before leaves no gap") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over_open_batch();
    const auto shorter = laptop.writer->current(laptop.key)->id;
    laptop.seals(2).hands_over();
    laptop.next.open.previous_batch = shorter;
    laptop.seals(3).hands_over();
    laptop.is_enrolled();
    CHECK(desk.opened()["devices"][0]["gaps"].empty());
}

TEST_CASE("a cloned device is kept in both its lines and accused of nothing") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    const auto backup = laptop.next;
    laptop.seals(2).hands_over();
    laptop.next = backup;
    laptop.seals(3).hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 3);
    CHECK(opened["devices"][0]["restored_or_cloned_at"] == nlohmann::json{1});
    CHECK(content(desk.results / "report.txt").find("restored from a backup or cloned") != std::string::npos);
}

TEST_CASE("of a line of a cloned device that is refused nobody is told that nothing is wrong with it") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    const auto backup = laptop.next;
    laptop.seals(2).hands_over();
    laptop.next = backup;
    laptop.next.open.form_hash[0] ^= 1;
    laptop.seals(3).hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["devices"][0]["restored_or_cloned_at"] == nlohmann::json{1});
    CHECK(refused(opened) == Words{"other_form"});
    const std::string report = content(desk.results / "report.txt");
    CHECK(report.find("nothing is wrong with either") == std::string::npos);
    CHECK(report.find("Both are kept; of what was refused of this device the reason is in quarantine/.") !=
          std::string::npos);
}

TEST_CASE("what a device sealed and what was exported of it are told apart") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over().seals(1).hands_over();
    laptop.is_enrolled();
    REQUIRE(desk.open() == ExitCode::fine);
    CHECK(desk.out.str().starts_with("1 interview from 2 batches of 1 device; 1 record came twice"));
    CHECK(desk.out.str().find(": 2 interviews that open here, in 2 batches, the newest is batch 1") !=
          std::string::npos);
}

TEST_CASE("the id of a device's newest batch stands beside its digits, for who revokes the device") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over().hands_over();  // the last one without an interview
    laptop.is_enrolled();
    const std::string id = crypto::to_hex(laptop.next.open.previous_batch);
    const auto opened = desk.opened();
    CHECK(opened["devices"][0]["newest_ids"] == nlohmann::json{id});
    CHECK(opened["devices"][0]["newest_digits"].size() == 1);
    const std::string report = content(desk.results / "report.txt");
    CHECK(report.find("    The id of that batch is " + id + ".\n") != std::string::npos);
    CHECK(report.find(": 1 interview that opens here, in 2 batches, the newest is batch 1") !=
          std::string::npos);
}

TEST_CASE("a submission that comes in two batches counts once") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).seals(2).hands_over().seals(2).seals(3).hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 3);
    CHECK(opened["repeated"] == 1);
    CHECK(opened["contradictions"].empty());
}

TEST_CASE("two submissions of one id that differ are a contradiction, and one of them stands") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    auto submission = synthetic_submission({laptop.form, "s", "", "2026-11-23"}, 1);
    laptop.seals_payload(submission.id, to_json(submission, laptop.study.form())).hands_over();
    submission.day = "2026-11-24";
    laptop.seals_payload(submission.id, to_json(submission, laptop.study.form())).hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 1);
    REQUIRE(opened["contradictions"].size() == 1);
    CHECK(opened["contradictions"][0]["submission"] == submission.id);
    fs::remove_all(desk.results);
    CHECK(desk.open() == ExitCode::findings);
}

TEST_CASE("a batch with one record that does not fit the form exports nothing") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1)
        .seals_payload("00000000-0000-4000-8000-000000000000", R"({"answers":{"evil":1}})")
        .hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 0);
    CHECK(refused(opened) == Words{"bad_record"});
}

TEST_CASE("a record under another id than its submission's is refused") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    const auto submission = synthetic_submission({laptop.form, "s", "", "2026-11-23"}, 1);
    laptop.seals_payload("00000000-0000-4000-8000-000000000000", to_json(submission, laptop.study.form()))
        .hands_over();
    laptop.is_enrolled();
    CHECK(refused(desk.opened()) == Words{"bad_record"});
}

TEST_CASE("a batch of another form version or under unknown rules waits for its study file") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    laptop.next.open.form_hash[0] ^= 1;
    laptop.seals(2).hands_over();
    laptop.next.open.form_hash[0] ^= 1;
    laptop.next.open.policy_digest[0] ^= 1;
    laptop.seals(3).hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 1);
    CHECK(refused(opened) == Words{"other_form", "other_rules"});
    CHECK(opened["devices"][0]["gaps"].empty());  // they are here, though not exported
    CHECK(opened["devices"][0]["refused"] == 2);
}

TEST_CASE("a withdrawal that holds no code is not passed over") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1)
        .seals_payload("00000000-0000-4000-8000-000000000000", "code", crypto::RecordType::withdraw)
        .hands_over();
    laptop.is_enrolled();
    const auto opened = desk.opened();
    CHECK(refused(opened) == Words{"bad_record"});
    CHECK(opened["interviews"] == 0);
}

TEST_CASE("a device that says that it sends no more is believed") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over(crypto::BatchWriter::Last::Yes);
    laptop.is_enrolled();
    CHECK(desk.opened()["devices"][0]["finished"] == true);
}

TEST_CASE("batches sealed under the study file before are taken with the one after it") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    auto build = desk.build_options();
    build.predecessor = desk.study;
    build.out = desk.folder / "second.ffstudy";
    REQUIRE(desk.said(run_study_build, build) == ExitCode::fine);
    desk.study = build.out;
    REQUIRE_MESSAGE(laptop.is_enrolled_with_earlier_file() == ExitCode::findings, desk.err.str());
    CHECK(desk.opened()["interviews"] == 1);
}

TEST_CASE("the receipt that a device gets names its files as accepted") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over_open_batch().seals(2).hands_over();
    laptop.is_enrolled();
    REQUIRE(desk.opened()["receipts"]["sent"] == 1);

    const auto entries = told(desk, laptop);
    REQUIRE(entries.size() == 2);
    for (const sync::ReceiptEntry& entry : entries) {
        CHECK(entry.verdict == sync::Verdict::accepted);
        CHECK(std::ranges::find(laptop.files, entry.file_sha256) != laptop.files.end());
    }
}

TEST_CASE("a device keeps the file of which a record was left out: somebody must look first") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    auto submission = synthetic_submission({laptop.form, "s", "", "2026-11-23"}, 1);
    laptop.seals_payload(submission.id, to_json(submission, laptop.study.form())).hands_over();
    submission.day = "2026-11-24";
    laptop.seals_payload(submission.id, to_json(submission, laptop.study.form())).hands_over();
    laptop.is_enrolled();
    REQUIRE(desk.opened()["contradictions"].size() == 1);
    const auto entries = told(desk, laptop);
    REQUIRE(entries.size() == 2);
    CHECK(std::ranges::count(entries, sync::Verdict::accepted, &sync::ReceiptEntry::verdict) == 1);
}

TEST_CASE("a file that stands in the inbox under two names holds up nobody's receipts") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    const fs::path file = files_in(desk.inbox).front();
    fs::copy_file(file, desk.inbox / "copied by hand.batch");
    laptop.is_enrolled();
    CHECK(desk.opened()["receipts"]["sent"] == 1);
    const auto entries = told(desk, laptop);
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().verdict == sync::Verdict::accepted);
}

TEST_CASE("batches of an earlier version of the form open with the newer ones, each into its own files") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).seals(2).hands_over();
    write(desk.form / "settings.csv", "form_title,form_id,version\nSmall form,small,2/b\n");
    auto build = desk.build_options();
    build.predecessor = desk.study;
    build.out = desk.folder / "second.ffstudy";
    REQUIRE(desk.said(run_study_build, build) == ExitCode::fine);
    const fs::path first = std::exchange(desk.study, build.out);
    Laptop newer(desk);
    newer.seals(3).hands_over();
    REQUIRE_MESSAGE(laptop.is_enrolled_with_earlier_file() == ExitCode::findings, desk.err.str());
    REQUIRE_MESSAGE(newer.is_enrolled() == ExitCode::fine, desk.err.str());

    CHECK(refused(desk.opened()) == Words{"other_form"});
    fs::remove_all(desk.results);
    auto options = desk.open_options();
    options.earlier = {first, desk.study};
    REQUIRE_MESSAGE(desk.said(run_open, options) == ExitCode::fine, desk.out.str());
    CHECK(lines(content(desk.results / "survey.jsonl")).size() == 1);
    CHECK(lines(content(desk.results / "version-1/survey.jsonl")).size() == 2);
    CHECK(files_in(desk.results).size() == 7);

    options.earlier = {desk.folder / "other.ffstudy"};
    options.out = desk.folder / "elsewhere";
    build.predecessor.clear();
    build.out = options.earlier[0];
    REQUIRE(desk.said(run_study_build, build) == ExitCode::fine);
    CHECK(desk.said(run_open, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("is of another study") != std::string::npos);
    CHECK(files_in(options.out).empty());
}

TEST_CASE("a study file that is newer than that of --study is not taken for an earlier one") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);
    auto build = desk.build_options();
    build.predecessor = desk.study;
    build.out = desk.folder / "second.ffstudy";
    REQUIRE_MESSAGE(desk.said(run_study_build, build) == ExitCode::fine, desk.err.str());
    auto options = desk.open_options();
    options.earlier = {build.out};
    CHECK(desk.said(run_open, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("second.ffstudy is version 2 of the study file, and " + desk.study.string() +
                              " is version 1; give the newest as --study") != std::string::npos);
    CHECK(files_in(options.out).empty());
}

TEST_CASE("receipts of one study wait for its own stores, though two studies share an inbox") {
    Desk desk;
    desk.with_study();
    const fs::path first_store = desk.store;
    fs::path other_study = desk.study;
    desk.study = desk.folder / "other.ffstudy";
    desk.roster = desk.folder / "other.ffroster";
    desk.store = desk.folder / "other-store";  // not at hand yet
    REQUIRE_MESSAGE(desk.build() == ExitCode::fine, desk.err.str());
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);
    const auto opened = desk.opened();
    CHECK(opened["receipts"]["made"] == 1);
    CHECK(opened["receipts"]["waiting"] == 1);

    std::swap(desk.study, other_study);
    CHECK(desk.fetch() == ExitCode::fine);
    CHECK(files_in(first_store).empty());
    std::swap(desk.study, other_study);
    desk.with_used_store();
    CHECK(desk.fetch() == ExitCode::fine);
    const auto entries = told(desk, laptop);
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().verdict == sync::Verdict::accepted);
}
