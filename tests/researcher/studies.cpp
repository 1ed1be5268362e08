#include <doctest/doctest.h>

#include <utility>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// What "study show --json" says of the desk's study file.
nlohmann::json shown_of(Desk& desk) {
    StudyShowOptions options;
    options.file = desk.study;
    options.output = Output::json;
    REQUIRE(desk.said(run_study_show, options) == ExitCode::fine);
    return nlohmann::json::parse(desk.out.str());
}

}  // namespace

TEST_CASE("a study file is built from a form and shows what was asked for") {
    Desk desk;
    desk.with_study();
    const auto shown = shown_of(desk);
    CHECK(shown["title"] == "Small form");
    CHECK(shown["stores"][0] == "folder:" + desk.store.string());
    CHECK(shown["recipients"][0]["label"] == "anna");
    CHECK(shown["package_version"] == 1);
    CHECK(shown["receipt_quorum"] == 1);
}

TEST_CASE(
    "a study ships a dictionary made from its form, and batches that used it open with the study file") {
    Desk desk;
    desk.with_study();
    CHECK(shown_of(desk)["dictionary_bytes"] > 1000);

    desk.with_interviews(60, 2);
    REQUIRE(desk.open() == ExitCode::fine);
    CHECK(sorted(lines(content(desk.results / "survey.jsonl"))).size() == 60);
}

TEST_CASE("a form of one question seals and opens like any other, whatever could be learnt from it") {
    Desk desk;
    desk.with_keys();
    write(desk.form / "survey.csv", "type,name,label\nselect_one yn,a,A?\n");
    write(desk.form / "choices.csv", "list_name,name,label\nyn,y,Y\n");
    write(desk.form / "settings.csv", "form_title,form_id,version\nTiny,tiny,1\n");
    fs::create_directories(desk.store);
    REQUIRE_MESSAGE(desk.build() == ExitCode::fine, desk.err.str());
    desk.with_interviews(5, 1);
    CHECK(desk.open() == ExitCode::fine);
}

TEST_CASE("the fingerprint of a study is that of its root key") {
    Desk desk;
    desk.with_study();
    KeyShowOptions key;
    key.file = desk.folder / "root.ffpub";
    key.output = Output::json;
    desk.said(run_key_show, key);
    const auto root = nlohmann::json::parse(desk.out.str())["fingerprint"];
    CHECK(shown_of(desk)["fingerprint"] == root);
}

TEST_CASE("a form with errors makes no study, and all of its errors are printed") {
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    std::string survey = content(desk.form / "survey.csv");
    survey += "select_one nowhere,q1,Q,,,,,,\nteleport,q2,Q,,,,,,\n";
    write(desk.form / "survey.csv", survey);
    CHECK(desk.build() == ExitCode::could_not);
    CHECK_FALSE(fs::exists(desk.study));
    CHECK(desk.err.str().find("nowhere") != std::string::npos);
    CHECK(desk.err.str().find("teleport") != std::string::npos);
}

TEST_CASE("a next version of a study keeps its identity and names the one before") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.predecessor = desk.study;
    options.out = desk.folder / "second.ffstudy";
    options.output = Output::json;
    REQUIRE(desk.said(run_study_build, options) == ExitCode::fine);
    CHECK(nlohmann::json::parse(desk.out.str())["package_version"] == 2);
}

TEST_CASE("sealed interviews stay when a vault is destroyed, unless the study is built to remove them") {
    Desk desk;
    desk.with_study();
    CHECK(shown_of(desk)["when_destroyed"] == "keep");
    CHECK(desk.err.str().find("passphrase that destroys") == std::string::npos);

    auto options = desk.build_options();
    options.remove_when_destroyed = true;
    options.overwrite = Overwrite::yes;
    REQUIRE(desk.said(run_study_build, options) == ExitCode::fine);
    CHECK(desk.err.str().find("what was not handed over by then is lost") != std::string::npos);
    CHECK(shown_of(desk)["when_destroyed"] == "remove");

    StudyShowOptions show;
    show.file = desk.study;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(desk.out.str().find("a passphrase that destroys removes sealed interviews, too") !=
          std::string::npos);
}

TEST_CASE("stores are reached as each says, unless the study is built to reach networks by a proxy alone") {
    Desk desk;
    desk.with_study();
    CHECK(shown_of(desk)["network"] == "any");

    auto options = desk.build_options();
    options.network_by_proxy = true;
    options.overwrite = Overwrite::yes;
    REQUIRE(desk.said(run_study_build, options) == ExitCode::fine);
    CHECK(desk.err.str().find("Tor must run on each device, at 127.0.0.1:9050") != std::string::npos);
    CHECK(shown_of(desk)["network"] == "proxy");
    StudyShowOptions show;
    show.file = desk.study;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(desk.out.str().find("no store on one is reached without a proxy") != std::string::npos);

    auto next = desk.build_options();
    next.predecessor = desk.study;
    next.out = desk.folder / "second.ffstudy";
    REQUIRE(desk.said(run_study_build, next) == ExitCode::fine);
    desk.study = next.out;
    CHECK(shown_of(desk)["network"] == "proxy");  // nobody ends it by forgetting a word
}

TEST_CASE("a study for unattended machines shows that, and its later versions are for such machines, too") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.predecessor = desk.study;
    options.out = desk.folder / "second.ffstudy";
    options.kiosk = true;
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("is for interviewers' machines") != std::string::npos);
    options.predecessor.clear();
    options.out = desk.study;
    options.overwrite = Overwrite::yes;
    REQUIRE(desk.said(run_study_build, options) == ExitCode::fine);
    CHECK(shown_of(desk)["mode"] == "kiosk");

    options = desk.build_options();
    options.predecessor = desk.study;
    options.out = desk.folder / "second.ffstudy";
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("Give --mode kiosk") != std::string::npos);
    options.kiosk = true;
    CHECK(desk.said(run_study_build, options) == ExitCode::fine);
}

TEST_CASE("a study for unattended machines asks for no files") {
    Desk desk;
    desk.with_keys();
    write(desk.form / "survey.csv",
          "type,name,label\nbegin_group,g,G\nimage,picture,A picture?\nend_group,g,\n");
    write(desk.form / "settings.csv", "form_title,form_id,version\nTiny,tiny,1\n");
    fs::create_directories(desk.store);
    auto options = desk.build_options();
    options.kiosk = true;
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("The question picture (row 3) asks for a file.") != std::string::npos);
    CHECK_FALSE(fs::exists(desk.study));
    options.kiosk = false;
    CHECK(desk.said(run_study_build, options) == ExitCode::fine);
}

TEST_CASE("a study is not overwritten without --force") {
    Desk desk;
    desk.with_study();
    const std::string before = content(desk.study);
    CHECK(desk.build() == ExitCode::could_not);
    CHECK(content(desk.study) == before);
}

TEST_CASE("root and researcher keys are not taken for each other") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.out = desk.folder / "other.ffstudy";
    options.root = desk.key;
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("a study root is wanted") != std::string::npos);
    options.root = desk.root;
    options.recipients = {desk.folder / "root.ffpub"};
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("opens no answers") != std::string::npos);
    CHECK_FALSE(fs::exists(options.out));
}

TEST_CASE("a secret key is not taken for a recipient") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.out = desk.folder / "other.ffstudy";
    options.recipients = {desk.key};
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("is a secret key") != std::string::npos);
}

TEST_CASE("a store of an unknown kind is a wrong usage") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.out = desk.folder / "other.ffstudy";
    options.stores = {"ftp://example"};
    CHECK(desk.said(run_study_build, options) == ExitCode::usage);
}

TEST_CASE("a study file that is cut short, altered or of another version is refused in one sentence") {
    Desk desk;
    desk.with_study();
    const std::string whole = content(desk.study);
    StudyShowOptions options;
    options.file = desk.folder / "bad.ffstudy";
    std::string altered = whole, newer = whole;
    altered[whole.size() - 3] = static_cast<char>(altered[whole.size() - 3] ^ 1);
    newer[8] = 9;
    for (const std::string& bytes :
         {whole.substr(0, 0), whole.substr(0, 60), whole.substr(0, whole.size() - 1), altered, newer}) {
        write(options.file, bytes);
        CHECK(desk.said(run_study_show, options) == ExitCode::could_not);
        CHECK(lines(desk.err.str()).size() == 1);
        CHECK(desk.out.str().empty());
    }
}

TEST_CASE("a study can't be written where nobody may write, and nothing is left") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.out = desk.folder / "no-such-folder" / "s.ffstudy";
    CHECK(desk.said(run_study_build, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("the folder does not exist") != std::string::npos);
}

TEST_CASE("nobody lets each recipient open alone by forgetting a word in the next version of a study") {
    Desk desk;
    desk.with_keys();
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    write_small_form(desk.form);
    fs::create_directories(desk.store);
    auto options = desk.build_options();
    options.recipients = {desk.folder / "anna.ffpub", desk.folder / "ben.ffpub"};
    options.custodians = 2;
    REQUIRE_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());

    auto next = options;
    next.custodians.reset();
    next.predecessor = desk.study;
    next.out = desk.folder / "second.ffstudy";
    REQUIRE(desk.said(run_study_build, next) == ExitCode::fine);
    CHECK(desk.err.str().find("Other than in") == std::string::npos);
    const fs::path first = desk.study;
    desk.study = next.out;
    CHECK(shown_of(desk)["opening_quorum"] == 2);

    auto fewer = next;
    fewer.recipients.pop_back();
    fewer.out = desk.folder / "third.ffstudy";
    CHECK(desk.said(run_study_build, fewer) == ExitCode::usage);
    CHECK(desk.err.str().find("demands that 2 custodians co-operate") != std::string::npos);

    next.custodians = 0;
    next.out = desk.folder / "third.ffstudy";
    REQUIRE(desk.said(run_study_build, next) == ExitCode::fine);
    CHECK(desk.err.str().find("Other than in " + first.filename().string() +
                              ": opened by each recipient alone, before 2 of 2 custodians together.") !=
          std::string::npos);
}

TEST_CASE("what the next version of a study says otherwise than the one before is named when it is built") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.predecessor = desk.study;
    options.out = desk.folder / "second.ffstudy";
    options.hold_days = 7;
    options.wave = "second";
    options.stores = {"folder:/media/other"};
    options.remove_when_destroyed = true;
    REQUIRE(desk.said(run_study_build, options) == ExitCode::fine);
    const std::string before = "Other than in " + desk.study.filename().string() + ": ";
    for (const std::string said :
         {"wave second, before none.", "kept after that 7 days, before 30 days.",
          "when destroyed remove, before keep.", "stores folder:/media/other, before folder:"})
        CHECK_MESSAGE(desk.err.str().find(before + said) != std::string::npos, said);
    CHECK(desk.err.str().find("recipients") == std::string::npos);
}

TEST_CASE("a study file that devices with the one before would refuse is not built") {
    Desk desk;
    desk.with_study();
    auto options = desk.build_options();
    options.predecessor = desk.study;
    options.out = desk.folder / "second.ffstudy";
    for (const auto& [before, version] : {std::pair{1U, 1U}, {3U, 2U}, {3U, 3U}}) {
        if (before == 3 && options.predecessor == desk.study) {
            options.version = 3;
            REQUIRE_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());
            options.predecessor = std::exchange(options.out, desk.folder / "third.ffstudy");
        }
        options.version = version;
        CHECK(desk.said(run_study_build, options) == ExitCode::usage);
        CHECK(desk.err.str().find("has version " + std::to_string(before) +
                                  " already, and devices would refuse") != std::string::npos);
        CHECK_FALSE(fs::exists(options.out));
    }
    options.version = 4;
    CHECK(desk.said(run_study_build, options) == ExitCode::fine);
}

TEST_CASE("a recipient and an analyst of one name are one key, or no study is made") {
    Desk desk;
    desk.with_keys();
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    fs::create_directories(desk.folder / "analysis");
    REQUIRE(desk.key_new("analysis/anna") == ExitCode::fine);
    write_small_form(desk.form);
    auto options = desk.build_options();
    options.recipients = {desk.folder / "anna.ffpub", desk.folder / "ben.ffpub"};
    options.custodians = 2;
    options.analysts = {desk.folder / "analysis/anna.ffpub"};
    CHECK(desk.said(run_study_build, options) == ExitCode::usage);
    CHECK_FALSE(fs::exists(options.out));
    CHECK(desk.err.str().find("analysis/anna.ffpub and " + (desk.folder / "anna.ffpub").string() +
                              " are two keys of one name, \"anna\"") != std::string::npos);
    CHECK(desk.err.str().find("\"key new --label\"") != std::string::npos);
    options.analysts = {desk.folder / "anna.ffpub"};
    CHECK_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());
}

TEST_CASE("what a study can't have is named by the word that asked for it") {
    Desk desk;
    desk.with_keys();
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    write_small_form(desk.form);
    fs::create_directories(desk.store);
    const auto refused = [&](auto change) {
        auto options = desk.build_options();
        options.recipients = {desk.folder / "anna.ffpub", desk.folder / "ben.ffpub"};
        change(options);
        CHECK(desk.said(run_study_build, options) == ExitCode::usage);
        CHECK_FALSE(fs::exists(options.out));
        return desk.err.str();
    };
    CHECK(refused([](auto& options) {
              options.quorum = 3;
          }).find("--quorum 3 is more than the keys that confirm, of which there are 2") !=
          std::string::npos);
    CHECK(refused([](auto& options) {
              options.copies = 2;
          }).find("--copies 2 is more than the stores, of which there are 1") != std::string::npos);
    CHECK(refused([](auto& options) {
              options.expires = "2020-01-01";
          }).find("--expires 2020-01-01 is in the past") != std::string::npos);
    CHECK(refused([&](auto& options) {
              options.recipients.push_back(desk.folder / "anna.ffpub");
          }).find("anna.ffpub was given before, as --recipient") != std::string::npos);
    CHECK(refused([&](auto& options) {
              options.analysts = {desk.folder / "ben.ffpub", desk.folder / "ben.ffpub"};
          }).find("ben.ffpub was given before, as --analyst") != std::string::npos);
}
