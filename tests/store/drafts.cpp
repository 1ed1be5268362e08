#include "client/store/drafts.h"

#include <doctest/doctest.h>

#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using schema::DraftEntry;
using store::Error;

TEST_CASE("a saved answer is there after the process was killed") {
    FieldDevice device;
    device.start("draft", "first");
    device.lock();
    in_another_process([&] {
        (void)device.unlock();
        (void)device.save("draft", "/name", "saved");
        ::kill(::getpid(), SIGKILL);
    });
    REQUIRE(device.unlock().has_value());
    CHECK(device.entries("draft") ==
          std::vector<DraftEntry>{{"/q", "first", {}, true}, {"/name", "saved", {}, true}});
}

TEST_CASE("a later answer takes the place of the earlier one, and what is beside the value is kept") {
    FieldDevice device;
    device.start("draft", "first");
    const std::vector<DraftEntry> entries = {{"/q", "", schema::Missing::refused, true},
                                             {"/new", "", {}, true}};
    REQUIRE(device.vault().save_draft("draft", FieldDevice::change(entries)).has_value());
    CHECK(device.entries("draft") == entries);
}

TEST_CASE("an answer can be any text") {
    FieldDevice device;
    const std::string text = "Ёж, ქართ';--\n\"x\" " + std::string(60000, 'a');
    device.start("draft", text);
    device.relock();
    CHECK(device.entries("draft").front().value == text);
}

TEST_CASE("paths that a draft no longer has go with the same save") {
    FieldDevice device;
    device.start("draft", "2");
    REQUIRE(device.save("draft", "/r[2]/a", "x").has_value());
    const std::vector<DraftEntry> entries = {{"/q", "1", {}, true}};
    const std::vector<std::string> removed = {"/r[2]/a", "/unknown"};
    auto change = FieldDevice::change(entries);
    change.removed = removed;
    REQUIRE(device.vault().save_draft("draft", change).has_value());
    CHECK(device.entries("draft") == entries);
}

TEST_CASE("a whole save leaves nothing of what the draft had") {
    FieldDevice device;
    device.start("draft", "yes");
    const std::vector<DraftEntry> entries = {{"/other", "1", {}, true}};
    auto change = FieldDevice::change(entries);
    change.extent = store::DraftChange::Extent::whole;
    REQUIRE(device.vault().save_draft("draft", change).has_value());
    CHECK(device.entries("draft") == entries);
}

TEST_CASE("the list of drafts tells days, version and how much the person has answered, but no answers") {
    FieldDevice device;
    device.start("draft", "yes");
    const std::vector<DraftEntry> entries = {
        {"/a", "", schema::Missing::dont_know, true}, {"/b", "", {}, true}, {"/c", "x", {}, false}};
    auto change = FieldDevice::change(entries);
    change.day = "2026-03-15";
    change.minutes = 12;
    change.language = 1;
    REQUIRE(device.vault().save_draft("draft", change).has_value());
    const store::DraftSummary expected{
        "draft", device.record.study, 1, "form 1", "2026-03-14", "2026-03-15", 2, 12, 1, false};
    CHECK(device.drafts() == std::vector<store::DraftSummary>{expected});
}

TEST_CASE("a draft keeps the form version with which it began") {
    FieldDevice device;
    device.start("old", "yes");
    REQUIRE(device.vault().import_study(study_record(device.researcher, 2)).has_value());
    device.start("young", "yes", 2);
    REQUIRE(device.save("old", "/name", "x").has_value());
    device.relock();
    CHECK(device.drafts().at(0).package_version == 1);
    CHECK(device.drafts().at(1).package_version == 2);
}

TEST_CASE("a draft can't begin with a version that was never imported") {
    FieldDevice device;
    CHECK(device.vault().start_draft("draft", device.record.study, 2, {}).error() == Error::unknown_study);
    CHECK(device.drafts().empty());
}

TEST_CASE("a deleted draft is gone, and so is every trace of it in the log") {
    FieldDevice device;
    device.start("draft", "yes");
    REQUIRE(device.vault().delete_draft("draft").has_value());
    CHECK(device.vault().load_draft("draft").error() == Error::unknown_draft);
    CHECK(device.save("draft", "/q", "x").error() == Error::unknown_draft);
    CHECK(device.vault().delete_draft("draft").error() == Error::unknown_draft);
    CHECK(std::filesystem::file_size(device.profile.file("vault.db-wal")) == 0);
}

TEST_CASE("no answer stands readable anywhere in the profile, in either encoding") {
    FieldDevice device;
    const std::string marker = "Marker-48213";
    device.start("draft", marker);
    REQUIRE(device.save("draft", "/other", marker).has_value());
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
    device.relock();
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
}

TEST_CASE("on a full disk the draft stays as it was, and the fault has its own name") {
    FieldDevice device;
    device.start("draft", "first");
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock();
        const auto size = std::filesystem::file_size(device.profile.file("vault.db-wal"));
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit full{size + 100, size + 100};
        ::setrlimit(RLIMIT_FSIZE, &full);
        const auto saved = device.save("draft", "/q", "second");
        ::_exit(!saved && saved.error() == Error::disk_full &&
                        device.entries("draft").front().value == "first"
                    ? 7
                    : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
    REQUIRE(device.unlock().has_value());
    CHECK(device.entries("draft").front().value == "first");
}
