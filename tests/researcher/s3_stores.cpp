#include <doctest/doctest.h>

#include "client/researcher/study_file.h"
#include "tests/support/researcher.h"
#include "tests/support/s3_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::S3Drop;

namespace {

/// A desk whose study goes to a bucket: laptops and researcher have a store file each.
struct S3Desk : Desk {
    S3Drop& drop = S3Drop::shared();
    std::string bucket = drop.fresh("drop");
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();

    S3Desk() {
        write(folder / "s3.pem", content(drop.certificate().file));
        for (const auto& [file, store] : {std::pair(laptops, drop.laptops(bucket + "/field")),
                                          std::pair(reader, drop.researcher(bucket + "/field"))})
            write(file, "address = " + store.address + "/\naccess_key = " + store.settings.at("access_key") +
                            "\nsecret_key = " + store.settings.at("secret_key") +
                            "\nregion = test-1\npin = " + drop.certificate().pin +
                            "\ncertificate = s3.pem\n");
        with_keys();
        write_small_form(form);
    }
    ExitCode build(const std::string& store) {
        auto options = build_options();
        options.stores = {store};
        options.overwrite = Overwrite::yes;
        return said(run_study_build, options);
    }
};

}  // namespace

TEST_CASE("a study goes through S3: sealed, fetched, opened, confirmed") {
    S3Desk desk;
    REQUIRE_MESSAGE(desk.build(desk.laptops) == ExitCode::fine, desk.err.str());
    const std::string notes = desk.err.str();
    CHECK(notes.find("Make the bucket " + desk.bucket + " at https://127.0.0.1:") != std::string::npos);
    const std::string place = "field/" + read_study(desk.study)->policy().study_tag;
    CHECK(notes.find("Let devices put " + place + "/*.batch and get " + place +
                     "/receipts/*, and nothing else") != std::string::npos);
    CHECK(notes.find("Let whoever fetches list the bucket, get both, and put receipts.") !=
          std::string::npos);
    CHECK(notes.find("hand it on as you would a password") != std::string::npos);
    CHECK(notes.find("laptops-secret") == std::string::npos);

    StudyShowOptions show;
    show.file = desk.study;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(desk.out.str().find(desk.drop.address(desk.bucket + "/field") +
                              "  (access_key, certificate, pin, region, secret_key)\n") != std::string::npos);
    CHECK(desk.out.str().find("laptops-secret") == std::string::npos);

    SimulateOptions options;
    options.study = desk.study;
    options.interviews = 60;
    options.devices = 2;
    options.out = desk.laptops;
    options.truth = desk.truth;
    options.root = desk.root;
    options.roster = desk.roster;
    REQUIRE_MESSAGE(desk.said(run_simulate, options) == ExitCode::fine, desk.err.str());

    // Who has a device's keys alone gets nothing.
    CHECK(desk.fetch() == ExitCode::could_not);
    CHECK(desk.err.str().find("does not let you in") != std::string::npos);
    CHECK(desk.err.str().find("secret") == std::string::npos);

    REQUIRE_MESSAGE(desk.fetch({desk.reader}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().starts_with("4 new in "));
    const std::string requests = desk.drop.log();
    const auto opened = desk.opened();
    CHECK((desk.drop.log() == requests));  // opening goes to no network
    CHECK(desk.opened_lines() == desk.true_lines());
    CHECK(opened["receipts"]["made"] == 2);
    REQUIRE_MESSAGE(desk.fetch({desk.reader}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().find("2 receipts sent") != std::string::npos);
}

TEST_CASE("a bucket that nobody has made is said to be missing") {
    S3Desk desk;
    REQUIRE(desk.build(desk.laptops) == ExitCode::fine);
    std::string elsewhere = content(desk.reader);
    elsewhere.replace(elsewhere.find(desk.bucket), desk.bucket.size(), "nowhere");
    write(desk.reader, elsewhere);
    CHECK(desk.fetch({desk.reader}) == ExitCode::could_not);
    CHECK(desk.err.str().find("nowhere/field is not there: the medium is not plugged in, or the study's "
                              "folder or bucket was never made.") != std::string::npos);
}

TEST_CASE("S3 without keys, or with what is no S3, makes no study, and what is secret of it is not printed") {
    S3Desk desk;
    for (const char* bad : {"s3+https://example.org/drop", "s3://drop", "s3+http://example.org/drop",
                            "s3+https://KEY:secret@example.org/drop", "s3+https://example.org"}) {
        CAPTURE(bad);
        CHECK(desk.build(bad) == ExitCode::usage);
        CHECK(desk.err.str().find("secret@") == std::string::npos);
    }
    const std::string file = (desk.folder / "x.ffstore").string();
    const std::string start = "address = s3+https://Example.org/drop/\naccess_key = KEY\n";
    const std::vector<std::pair<std::string, std::string>> table{
        {start, "lets in by access_key and secret_key; give both"},
        {start + "secret_key = secret\nuser = anna\n", "not by user"},
        {start + "secret_key = secret\nregion = a/b\n", "region must be a word"},
        {start + "secret_key = secret\nstyle = host\n", "style must be path or virtual"},
        {start + "secret_key = secret\nbucket = drop\n", "the setting \"bucket\" is not known"},
        {"address = https://example.org/drop\naccess_key = KEY\nsecret_key = secret\n",
         "the setting \"access_key\" is not known"},
    };
    for (const auto& [text, why] : table) {
        CAPTURE(why);
        write(file, text);
        CHECK(desk.build(file) != ExitCode::fine);
        CHECK(desk.err.str().find(why) != std::string::npos);
        CHECK(desk.err.str().find("= secret") == std::string::npos);
    }
    write(file, start + "secret_key = secret\n");
    CHECK(desk.build(file) == ExitCode::fine);
    CHECK(desk.err.str().find("No key is pinned for s3+https://example.org/drop") != std::string::npos);
}
