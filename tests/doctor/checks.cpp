#include <doctest/doctest.h>
#include <sys/mount.h>

#include <chrono>
#include <memory>
#include <set>

#include "client/researcher/store_sentences.h"
#include "crypto/batch.h"
#include "sync/open_store.h"
#include "sync/probe_name.h"
#include "tests/support/doctor.h"
#include "tests/support/other_drops.h"
#include "tests/support/researcher.h"
#include "tests/support/s3_drop.h"
#include "tests/support/skip.h"
#include "tests/support/web_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::OtherDrop;
using fieldfare::test::S3Drop;
using fieldfare::test::WebDrop;

TEST_CASE("the hardened Apache is a good store, and nothing of the trial is left in it") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    StoreDesk desk(drop->laptops(), drop->researcher());
    drop->clear("/drop", desk.tag);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(desk.doctor() == ExitCode::fine);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    MESSAGE("doctor took ", took.count(), " s");
    INFO(desk.text());
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        CHECK(finding["verdict"] == "good");
    }
    CHECK(desk.report()["sentence"] == "It does all that a store of a study should.");
    CHECK(desk.verdict("limit") == "good");
    CHECK(desk.report()["page_size"].is_null());
    CHECK(desk.report()["takes"] == fieldfare::crypto::max_batch_file);
    CHECK(desk.text().find("it comes as a whole, without pages") != std::string::npos);
    CHECK(desk.report()["left"].empty());
    CHECK(fieldfare::test::names_in(drop->files("/drop")).empty());
}

TEST_CASE("what can't be told without the researcher's credentials is not called good") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    StoreDesk desk(drop->laptops(), std::nullopt);
    drop->clear("/drop", desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "unknown");
    for (const char* about : {"create-only", "cut", "read", "list", "overwrite", "delete", "strangers"}) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == "good");
    }
    for (const char* about : {"fetch", "receipts", "listing", "ranges"}) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == "unknown");
    }
    // Nobody here may delete: what stays is told, and readers pass over it.
    CHECK(desk.report()["left"].size() >= 3);
    CHECK(desk.report()["left"].size() == fieldfare::test::names_in(drop->files("/drop")).size());
    write(desk.reader, desk.store_file(drop->researcher()));
    CHECK(desk.fetch({desk.reader}) == ExitCode::fine);
    CHECK(desk.out.str().starts_with("0 new in "));
    CHECK(desk.err.str().empty());
}

TEST_CASE("an Apache that nobody has hardened is bad, and each hole in it is named") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    StoreDesk desk(drop->researcher(place), drop->researcher(place));
    drop->clear(place, desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "bad");
    for (const char* about : {"read", "list", "overwrite", "delete", "ranges", "forgery"}) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == "bad");
    }
    CHECK(desk.verdict("names") == "look");
    CHECK(desk.verdict("create-only") == "good");
    CHECK(desk.report()["left"].empty());
    CHECK(fieldfare::test::names_in(drop->files(place)).empty());
}

TEST_CASE("a server that lets strangers in is bad") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    StoreDesk desk({drop->address("/anyone"), drop->trust()}, std::nullopt);
    drop->clear("/anyone", desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.verdict("strangers") == "bad");
}

TEST_CASE("a server that does not know how to keep the first file is bad") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    StoreDesk desk(drop->researcher("/old"), drop->researcher("/old"));
    drop->clear("/old", desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.verdict("create-only") == "bad");
}

TEST_CASE("folders that nobody has made, and a server that is not there, are told") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    StoreDesk desk(drop->researcher(place), drop->researcher(place));
    SUBCASE("the study's") {
        CHECK(desk.doctor() == ExitCode::findings);
        CHECK(desk.verdict("folder") == "bad");
        CHECK(desk.text().find("Make the folders " + desk.tag + "/ and " + desk.tag + "/receipts/ there.") !=
              std::string::npos);
    }
    SUBCASE("that of the receipts") {
        drop->clear(place, desk.tag);
        fs::remove(drop->files(place) / desk.tag / "receipts");
        CHECK(desk.doctor() == ExitCode::findings);
        CHECK(desk.verdict("receipts") == "bad");
        CHECK(desk.text().find("Make the folder " + desk.tag + "/receipts/ there.") != std::string::npos);
    }
    SUBCASE("a key that is not the store's") {
        desk.use(fieldfare::test::with(drop->researcher(place), {{"pin", drop->other_pin()}}), std::nullopt);
        CHECK(desk.doctor() == ExitCode::could_not);
        CHECK(desk.verdict("reached") == "bad");
        CHECK(desk.report()["reached"] == false);
        CHECK(desk.report()["verdict"] == "unknown");
        CHECK(desk.report()["sentence"] == "Nothing is known of this store, since it could not be reached.");
    }
}

TEST_CASE("a store that says no of receipts that are not there yet is to be looked at") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    StoreDesk desk(drop->researcher("/shy"), drop->researcher("/shy"));
    drop->clear("/shy", desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.verdict("receipts") == "look");
    CHECK(desk.report()["left"].empty());
}

TEST_CASE("nginx, which heeds no If-None-Match, is bad: the second file replaces the first") {
    OtherDrop* nginx = OtherDrop::nginx();
    if (!nginx) return;
    StoreDesk desk;
    const auto examine = [&](const char* kind) {
        const std::string place = nginx->fresh_place(kind, desk.tag);
        desk.use(nginx->laptops(place), nginx->researcher(place));
        CHECK(desk.doctor() == ExitCode::findings);
        CHECK(desk.report()["left"].empty());
    };
    SUBCASE("as people set it up") {
        examine("trap");
        INFO(desk.text());
        CHECK(desk.verdict("create-only") == "bad");
        CHECK(desk.verdict("overwrite") == "bad");
        CHECK(desk.verdict("cut") == "good");
        CHECK(desk.verdict("ranges") == "good");
        CHECK(desk.verdict("fetch") == "good");
        CHECK(desk.verdict("receipts") == "good");
        CHECK(desk.verdict("limit") == "look");  // client_max_body_size 64m
        CHECK(desk.report()["takes"] <= 64 * 1024 * 1024);
        CHECK(desk.report()["refuses"] > 64 * 1024 * 1024);
    }
    SUBCASE("seen by its devices alone") {
        const std::string place = nginx->fresh_place("trap", desk.tag);
        desk.use(nginx->laptops(place), std::nullopt);
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.verdict("create-only") == "bad");
        CHECK(desk.text().find("replaced the first") != std::string::npos);  // it said so
        CHECK(desk.verdict("overwrite") == "bad");
        CHECK(desk.verdict("cut") == "unknown");
    }
    SUBCASE("with the usual cure, which a race gets past, it keeps the first") {
        examine("guarded");
        INFO(desk.text());
        CHECK(desk.verdict("create-only") == "good");
        CHECK(desk.verdict("overwrite") == "good");
        CHECK(desk.verdict("delete") == "good");
    }
}

TEST_CASE("rclone's server is bad: it keeps what was cut, replaces, and lets read and delete") {
    OtherDrop* rclone = OtherDrop::rclone();
    if (!rclone) return;
    StoreDesk desk;
    const std::string place = rclone->fresh_place("any", desk.tag);
    desk.use(rclone->laptops(place), rclone->researcher(place));
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    for (const char* about : {"create-only", "cut", "read", "list", "overwrite", "delete"}) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == "bad");
    }
    CHECK(desk.report()["verdict"] == "bad");
    CHECK(desk.report()["left"].empty());
    CHECK(fieldfare::test::names_in(rclone->files(place)).empty());
}

TEST_CASE("a bucket is tried out, too") {
    S3Drop& drop = S3Drop::shared();
    StoreDesk desk;
    const auto examine = [&](const std::string& bucket, ExitCode code = ExitCode::findings) {
        desk.use(drop.laptops(bucket), drop.researcher(bucket));
        CHECK(desk.doctor() == code);
    };
    SUBCASE("whose policy lets devices put, and nothing else") {
        examine(drop.fresh("drop"), ExitCode::fine);
        INFO(desk.text());
        for (const char* about :
             {"folder", "create-only", "race", "cut", "size", "limit", "read", "list", "overwrite", "delete",
              "ranges", "names", "forgery", "strangers", "clock", "pin", "fetch", "receipts", "listing"}) {
            CAPTURE(about);
            CHECK(desk.verdict(about) == "good");
        }
        CHECK(desk.report()["page_size"] == 1000);
        CHECK(desk.report()["takes"] == fieldfare::crypto::max_batch_file);
        CHECK(desk.report()["refuses"].is_null());
        CHECK(desk.text().find("by itself it gave a page of 1000 names") != std::string::npos);
    }
    SUBCASE("where everybody may do everything") {
        examine(drop.fresh("open"));
        INFO(desk.text());
        CHECK(desk.verdict("read") == "look");
        CHECK(desk.verdict("list") == "bad");
        CHECK(desk.verdict("overwrite") == "look");
        CHECK(desk.verdict("forgery") == "bad");
        CHECK(desk.verdict("create-only") == "good");
    }
    SUBCASE("of an old server") {
        examine(drop.fresh("old"));
        INFO(desk.text());
        CHECK(desk.verdict("create-only") == "bad");
    }
    SUBCASE("that says it has each file, and has none") {
        examine(drop.fresh("lost"));
        INFO(desk.text());
        CHECK(desk.verdict("folder") == "bad");
        CHECK(desk.report()["verdict"] == "bad");
    }
    SUBCASE("that lists a few files and says that these are all") {
        examine(drop.fresh("few"));
        CHECK(desk.verdict("listing") == "bad");
        CHECK(desk.text().find("that were just put, the list lacks ") != std::string::npos);
    }
    SUBCASE("that changes what it has") {
        examine(drop.fresh("alters"));
        CHECK(desk.verdict("fetch") == "bad");
        CHECK(desk.verdict("receipts") == "bad");
    }
    SUBCASE("that takes no large files") {
        examine(drop.fresh("tight"));
        CHECK(desk.verdict("size") == "bad");
        CHECK(desk.verdict("cut") == "good");
        CHECK(desk.text().find("-> Let it take files of 96 MiB.") != std::string::npos);
    }
    SUBCASE("that has no room for a large one, which says nothing of the sizes that it takes") {
        examine(drop.fresh("full"));
        INFO(desk.text());
        CHECK(desk.verdict("size") == "bad");
        CHECK(desk.verdict("cut") == "unknown");
        CHECK(desk.report()["takes"].is_null());
        CHECK(desk.report()["refuses"].is_null());
    }
    SUBCASE("that keeps what is cut, and lets nobody here delete it: all of it is named") {
        const std::string bucket = drop.fresh("keeps");
        desk.use(drop.laptops(bucket), std::nullopt);
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.verdict("cut") == "bad");
        std::set<std::string> there;
        const auto researcher = *fieldfare::sync::open_store(drop.researcher(bucket));
        const auto listing = researcher->list(desk.tag + "/", "", 1000, {});
        REQUIRE(listing);
        for (const auto& file : listing->files) there.insert(file.name);
        const auto left = desk.report()["left"].get<std::set<std::string>>();
        for (const std::string& name : there) {
            CAPTURE(name);
            CHECK(left.contains(name));
        }
        CHECK(there.size() >= 4);
    }
    SUBCASE("that takes all files but the largest that there can be") {
        examine(drop.fresh("middle"));
        INFO(desk.text());
        CHECK(desk.verdict("size") == "good");
        CHECK(desk.verdict("limit") == "look");
        const std::uint64_t takes = desk.report()["takes"], refuses = desk.report()["refuses"];
        CHECK(takes <= 20'000'000);
        CHECK(refuses > 20'000'000);
        CHECK(refuses - takes <= takes / 16);
        CHECK(desk.text().find("refuses one of " + std::to_string(refuses)) != std::string::npos);
        CHECK(desk.report()["left"].empty());
    }
    SUBCASE("that gives three names a page") {
        examine(drop.fresh("small"));
        INFO(desk.text());
        CHECK(desk.verdict("listing") == "good");
        CHECK(desk.report()["page_size"] == 3);
    }
    SUBCASE("that has nothing behind the first page of a list") {
        examine(drop.fresh("behind"));
        INFO(desk.text());
        CHECK(desk.verdict("fetch") == "good");
        CHECK(desk.verdict("listing") == "bad");
    }
    SUBCASE("that lets anybody read") {
        examine(drop.fresh("public"));
        CHECK(desk.verdict("strangers") == "bad");
    }
    SUBCASE("whose key nobody has named") {
        const std::string bucket = drop.fresh("drop");
        desk.use(fieldfare::test::with(drop.laptops(bucket), {{"pin", ""}}), drop.researcher(bucket));
        CHECK(desk.doctor() == ExitCode::findings);
        CHECK(desk.report()["verdict"] == "look");
        CHECK(desk.verdict("pin") == "look");
    }
    SUBCASE("with a clock that is hours off") {
        examine(drop.fresh("late"));
        INFO(desk.text());
        CHECK(desk.verdict("clock") == "look");  // devices go by it, since its key is named
    }
}

TEST_CASE("an administrator is asked to let in as much as a sealed file can have") {
    CHECK(fieldfare::crypto::max_batch_file == 96 * 1024 * 1024);
    const std::string sentence = sentence_for({fieldfare::sync::Fault::too_large, "folder:/mnt", "", {}});
    CHECK(sentence.ends_with("ask whoever runs it to allow 96 MiB."));
}

TEST_CASE("what a device is told is not there may stand there all the same") {
    S3Drop& drop = S3Drop::shared();
    StoreDesk desk;
    const std::string bucket = drop.fresh("hides");
    std::string cut;
    SUBCASE("seen by its devices alone") {
        desk.use(drop.laptops(bucket), std::nullopt);
        cut = "unknown";
    }
    SUBCASE("seen by researchers, too") {
        desk.use(drop.laptops(bucket), drop.researcher(bucket));
        cut = "bad";
    }
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.verdict("race") == "good");
    CHECK(desk.verdict("cut") == cut);
    CHECK(desk.verdict("delete") == "good");
}

TEST_CASE("a yes is not believed, nor a first look") {
    S3Drop& drop = S3Drop::shared();
    StoreDesk desk;
    const auto examine = [&](const char* kind) {
        const std::string bucket = drop.fresh(kind);
        desk.use(drop.laptops(bucket), drop.researcher(bucket));
        CHECK(desk.doctor() == ExitCode::findings);
    };
    SUBCASE("a device's file that is said to be deleted, and stands") {
        examine("yes");
        INFO(desk.text());
        CHECK(desk.verdict("delete") == "good");
    }
    SUBCASE("a cut upload that shows only later") {
        examine("later");
        INFO(desk.text());
        CHECK(desk.verdict("cut") == "bad");
        CHECK(desk.report()["left"].empty());
    }
    SUBCASE("files that are mixed, though the second was refused") {
        examine("mixes");
        INFO(desk.text());
        CHECK(desk.verdict("create-only") == "bad");
        CHECK(desk.verdict("race") == "bad");
    }
    SUBCASE("strangers who may list, and not read") {
        examine("listed");
        INFO(desk.text());
        CHECK(desk.verdict("strangers") == "bad");
    }
    SUBCASE("strangers who may delete, and not read") {
        examine("erased");
        INFO(desk.text());
        CHECK(desk.verdict("strangers") == "bad");
    }
    SUBCASE("receipts that a device may replace and delete") {
        examine("open");
        CHECK(desk.verdict("receipts-kept") == "bad");
    }
    SUBCASE("an address that only looks like an onion's") {
        const std::string bucket = drop.fresh("drop") + "x.onion";
        desk.use(fieldfare::test::with(drop.laptops(bucket), {{"pin", ""}}), drop.researcher(bucket));
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.verdict("pin") == "look");
    }
}

TEST_CASE("a line that breaks is no fault of the store, and ends the trial") {
    S3Drop& drop = S3Drop::shared();
    StoreDesk desk;
    const std::string bucket = drop.fresh("silent");
    desk.use(drop.laptops(bucket), drop.researcher(bucket));
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "unknown");
    CHECK(desk.verdict("create-only") == "good");
    for (const char* about : {"fetch", "delete", "receipts", "listing"}) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == "unknown");
    }
    CHECK(desk.text().find("the store no longer answers") != std::string::npos);
    CHECK_FALSE(desk.report()["left"].empty());
}

TEST_CASE("a list without end ends the trial, and what an earlier one left is deleted") {
    S3Drop& drop = S3Drop::shared();
    StoreDesk desk;
    SUBCASE("without end") {
        const std::string bucket = drop.fresh("trials");
        desk.use(drop.laptops(bucket), drop.researcher(bucket));
        desk.names = 1;
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.verdict("fetch") == "unknown");
        CHECK(desk.verdict("listing") == "unknown");
    }
    SUBCASE("an earlier one's, more than a page") {
        const fs::path folder = desk.folder / "stick";
        fs::create_directories(folder / desk.tag);
        for (int i = 0; i < 1500; ++i)
            write(folder / fieldfare::sync::probe_name(desk.tag,
                                                       fieldfare::test::bytes("left " + std::to_string(i))),
                  "left");
        desk.use({"folder:" + folder.string(), {}}, std::nullopt);
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.verdict("fetch") == "good");
        CHECK(desk.verdict("listing") == "good");
        CHECK(desk.report()["left"].empty());
        CHECK(files_in(folder).empty());
    }
}

TEST_CASE("a folder is for somebody to decide on, and one that can't be written is bad") {
    StoreDesk desk;
    const fs::path folder = desk.folder / "stick";
    fs::create_directory(folder);
    desk.use({"folder:" + folder.string(), {}}, std::nullopt);
    SUBCASE("whoever holds it can do everything") {
        CHECK(desk.doctor() == ExitCode::findings);
        INFO(desk.text());
        CHECK(desk.report()["verdict"] == "look");
        const auto report = desk.report();
        for (const auto& finding : report["findings"])
            CHECK(finding["verdict"] == (finding["about"] == "holders" ? "look" : "good"));
        CHECK(fs::is_empty(folder));
    }
    SUBCASE("write protection") {
        fieldfare::test::SmallDisk disk("size=64k", MS_RDONLY);
        if (!disk.mounted()) {
            skipped_on_this_machine("no disk can be mounted here");
            return;
        }
        desk.use({"folder:" + disk.path().string(), {}}, std::nullopt);
        CHECK(desk.doctor() == ExitCode::findings);
        CHECK(desk.verdict("folder") == "bad");
        CHECK(desk.text().find("take the write protection off") != std::string::npos);
    }
    SUBCASE("not plugged in") {
        fs::remove(folder);
        CHECK(desk.doctor() == ExitCode::could_not);
        CHECK(desk.verdict("reached") == "bad");
        CHECK(desk.report()["reached"] == false);
        CHECK(desk.report()["verdict"] == "unknown");
        CHECK(desk.report()["sentence"] == "Nothing is known of this store, since it could not be reached.");
        CHECK(desk.text().find("the medium is not plugged in") != std::string::npos);
        CHECK_FALSE(fs::exists(folder));
    }
}

TEST_CASE("of a store that is full only that is said, and to make room") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const fs::path disk = drop->files(place);
    if (::mount("none", disk.c_str(), "tmpfs", 0, "size=400k") != 0) {
        skipped_on_this_machine("no disk can be mounted here");
        return;
    }
    const std::shared_ptr<void> gone_at_the_end(nullptr, [&](void*) { ::umount2(disk.c_str(), MNT_DETACH); });
    StoreDesk desk(drop->researcher(place), drop->researcher(place));
    drop->clear(place, desk.tag);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.verdict("folder") == "good");
    CHECK(desk.verdict("size") == "bad");
    CHECK(desk.text().find("Make room there, and try again.") != std::string::npos);
    CHECK(desk.text().find("Let it take files of") == std::string::npos);
    for (const auto& finding : desk.report()["findings"]) CHECK(finding["about"] != "limit");
}

TEST_CASE("the doctor is asked by name, and says what it needs") {
    StoreDesk desk;
    desk.use({"folder:" + (desk.folder / "stick").string(), {}}, std::nullopt);
    fs::create_directory(desk.folder / "stick");
    const Said text = say({"store", "doctor", "--study", desk.study.string(), "--store", desk.laptops});
    CHECK(text.code == ExitCode::findings);
    CHECK(text.out.starts_with("The store folder:"));
    CHECK(text.out.find("\nlook     holders") != std::string::npos);
    CHECK(text.out.find("It can be used if somebody who knows the study has decided on 1 point.") !=
          std::string::npos);
    write(desk.reader, "address = folder:/somewhere/else\n");
    const Said other = say({"store", "doctor", "--study", desk.study.string(), "--store", desk.laptops,
                            "--as-researcher", desk.reader});
    CHECK(other.code == ExitCode::usage);
    CHECK(other.err.find("of --as-researcher is none of those that are tried") != std::string::npos);
}
