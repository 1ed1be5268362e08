#include "client/store/studies.h"

#include <doctest/doctest.h>

#include "sync/sync_config.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::ImportOutcome;

TEST_CASE("every imported version of a study stays, byte for byte") {
    FieldDevice device;
    CHECK(device.vault().import_study(study_record(device.researcher, 2)) == ImportOutcome::new_version);
    device.relock();
    CHECK(device.vault().studies()->front().versions == std::vector<std::uint32_t>{1, 2});
    CHECK(device.vault().package(device.record.study, 1) == study_record(device.researcher, 1).package);
    CHECK(device.vault().package(device.record.study, 2) == study_record(device.researcher, 2).package);
    CHECK(device.vault().package(device.record.study, 3).error() == Error::unknown_study);
}

TEST_CASE("the same package twice is one version") {
    FieldDevice device;
    CHECK(device.vault().import_study(device.record) == ImportOutcome::already_there);
    CHECK(device.vault().studies()->front().versions.size() == 1);
}

TEST_CASE("a study that another root has signed is refused") {
    FieldDevice device;
    auto record = study_record(device.researcher, 2);
    record.root.bytes.fill(99);
    CHECK(device.vault().import_study(record).error() == Error::other_root);
    CHECK(device.vault().studies()->front().versions.size() == 1);
}

TEST_CASE("an older version than the newest is refused") {
    FieldDevice device;
    REQUIRE(device.vault().import_study(study_record(device.researcher, 3)).has_value());
    CHECK(device.vault().import_study(study_record(device.researcher, 2)).error() == Error::older_package);
}

TEST_CASE(
    "after the recipients were changed the file with the old ones is refused, and only the new ones open") {
    FieldDevice device;
    const Researcher next;
    REQUIRE(device.vault().import_study(study_record(next, 2)) == ImportOutcome::new_version);
    CHECK(device.vault().import_study(device.record).error() == Error::older_package);
    device.start("draft", "yes", 2);
    REQUIRE(device.finalise("draft", 1).has_value());
    int batches = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(store::outbox_folder(device.profile.path()) / "open")) {
        CHECK(next.open(bytes_of_file(entry.path())).open.recipients == study_record(next, 2).recipients);
        ++batches;
    }
    CHECK(batches == 1);
}

TEST_CASE("other content under the same version number is refused") {
    FieldDevice device;
    device.record.package_digest.fill(77);
    CHECK(device.vault().import_study(device.record).error() == Error::changed_package);
}

TEST_CASE("a package to which nothing could be sealed is refused at import, not at the first interview") {
    FieldDevice device;
    auto record = study_record(device.researcher, 2);
    SUBCASE("no recipients") {
        record.recipients.clear();
    }
    SUBCASE("a key twice") {
        record.recipients.push_back(record.recipients.front());
    }
    SUBCASE("a weak key") {
        record.recipients.front().bytes.fill(0);
    }
    SUBCASE("too many") {
        record.recipients.resize(crypto::max_recipients + 1);
    }
    SUBCASE("no tag") {
        record.tag = "../x";
    }
    SUBCASE("another tag than before") {
        record.tag = "othertag1";
    }
    SUBCASE("another study's tag") {
        record.study.fill(9);
    }
    CHECK(device.vault().import_study(record).error() == Error::unusable_package);
}

TEST_CASE("the device's keys are made once a study and are different in each") {
    FieldDevice device;
    const auto key = device.vault().studies()->front().device_key;
    REQUIRE(device.vault().import_study(study_record(device.researcher, 2)).has_value());
    REQUIRE(device.vault().import_study(study_record(device.researcher, 1, 2)).has_value());
    device.relock();
    CHECK(device.vault().studies()->at(0).device_key == key);
    CHECK(device.vault().studies()->at(1).device_key != key);
}

TEST_CASE("sync.json follows the newest package and comes back when it is lost or damaged") {
    FieldDevice device;
    auto record = study_record(device.researcher, 2);
    record.stores = {{"folder:/media/stick", {}}};
    REQUIRE(device.vault().import_study(record).has_value());
    const auto file = store::sync_file(device.profile.path());
    const auto written = bytes_of_file(file);
    CHECK(sync::SyncConfig::read(file)->find(record.tag)->stores == record.stores);
    SUBCASE("lost") {
        std::filesystem::remove(file);
    }
    SUBCASE("damaged") {
        write_file(file, "{}");
    }
    device.relock();
    CHECK(bytes_of_file(file) == written);
}

TEST_CASE("a new version ends the open batch, and the interviews in it stay as they were sealed") {
    FieldDevice device;
    const Researcher next;
    device.interview(1);
    REQUIRE(device.vault().import_study(study_record(next, 2)) == ImportOutcome::new_version);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    CHECK_FALSE(batches[0].close.provisional);
    CHECK(batches[0].records.size() == 1);
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
}

TEST_CASE("the same package once more does not end the open batch") {
    FieldDevice device;
    device.interview(1);
    REQUIRE(device.vault().import_study(device.record) == ImportOutcome::already_there);
    device.interview(2);
    CHECK(device.batches().size() == 1);
}

TEST_CASE(
    "a new version counts although sync.json can't be written now, and sync.json follows before a sync") {
    FieldDevice device;
    auto record = study_record(device.researcher, 2);
    record.stores = {{"folder:/media/stick", {}}};
    const auto file = store::sync_file(device.profile.path());
    std::filesystem::remove(file);
    std::filesystem::create_directories(file / "in the way");
    REQUIRE(device.vault().import_study(record) == ImportOutcome::new_version);
    CHECK(device.vault().finish_batches().error() == Error::not_writable);
    std::filesystem::remove_all(file);
    REQUIRE(device.vault().finish_batches().has_value());
    CHECK(sync::SyncConfig::read(file)->find(record.tag)->stores == record.stores);
}

TEST_CASE("no word of the package, the form or the device's secret keys stands readable in the profile") {
    FieldDevice device;
    for (const char* word : {"study1", "form 1"}) CHECK(files_with(device.profile.path(), word).empty());
}
