#include <doctest/doctest.h>

#include "client/store/sealing.h"
#include "crypto/hash.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::SealedAs;
using store::Step;

// A sealed file that was announced before a kill and that the disk does not give back afterwards.

namespace {

crypto::Digest code(std::uint8_t number) {
    crypto::Digest hash{};
    hash.fill(number);
    return hash;
}

/// Killed when the file of an interview, "draft", was written and not yet recorded; since then that can't be
/// read. Unlocked.
struct CutShort : FieldDevice {
    explicit CutShort(std::vector<std::string> photos = {}) {
        interview(9);
        lock();
        const auto before = sealed_files();
        const auto status = in_another_process([&] {
            (void)unlock(right_passphrase, killed_at(Step::written));
            start("draft", "yes");
            for (const auto& name : photos) attach("draft", "/photo", name, "a photo's bytes");
            (void)finalise_with("draft", 1, photos, code(7));
        });
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(store::adopt_leftovers(profile.path()) == 1);
        for (const auto& now : sealed_files()) {
            const bool fresh = std::ranges::find(before, now) == before.end();
            if (fresh && !says_media(bytes_of_file(now))) file = now;
        }
        aside = profile.path().parent_path() / "aside";
        std::filesystem::rename(file, aside);
        std::filesystem::create_directory(file);
        REQUIRE(unlock().has_value());
    }
    void can_be_read() {
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
    }
    void is_not_there() { std::filesystem::remove(file); }

    std::filesystem::path file, aside;
};

}  // namespace

TEST_CASE("an interview whose sealed file can't be read holds up no other, and stays as it is meanwhile") {
    CutShort device;
    CHECK(device.drafts().front().finalising);
    device.interview(2);
    device.interview(3);
    CHECK(device.counts() == store::Counts{1, 3, 0, 0});
    REQUIRE(device.drafts().size() == 1);
    CHECK(device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").error() == Error::disk_failed);
    CHECK(device.vault().delete_draft("draft").error() == Error::disk_failed);
    device.relock();
    CHECK(device.entries("draft").front().value == "yes");
    CHECK(device.vault().withdraw(device.record.study, {}).has_value());
}

TEST_CASE("batches go on behind the one that can't be read, as if it were there") {
    CutShort device;
    device.interview(2);
    device.lock();
    device.can_be_read();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 3);
    for (std::size_t i = 1; i < batches.size(); ++i) {
        CHECK(batches[i].open.batch_sequence == i);
        CHECK(batches[i].open.previous_batch == batches[i - 1].id);
        CHECK(batches[i].open.first_record_sequence == i);
    }
}

TEST_CASE("an interview that may be sealed is sealed again under the same id and code, and under no other") {
    CutShort device;
    CHECK(device.vault().is_draft("draft") == true);
    CHECK(device.vault().sealed_as("draft") == SealedAs{uuid(1), code(7)});
    CHECK(device.finalise_with("draft", 4, {}, code(7)).error() == Error::internal);
    CHECK(device.finalise_with("draft", 1, {}, code(8)).error() == Error::internal);
    REQUIRE(device.finalise_with("draft", 1, {}, code(7)).has_value());
    CHECK(device.drafts().empty());
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});
    CHECK(device.sealed_times(1) == 1);
    device.relock();
    device.can_be_read();
    // Researchers who get both find one interview.
    REQUIRE(device.sealed_times(1) == 2);
    std::vector<crypto::Bytes> said;
    for (const auto& batch : device.batches())
        for (const auto& record : batch.records)
            if (record.uuid == uuid(1)) said.push_back(record.payload);
    CHECK(said.front() == said.back());
    device.interview(2);
    CHECK(device.counts().drafts == 0);
}

TEST_CASE("a file that can be read after all decides, and its interview is not sealed a second time") {
    CutShort device;
    device.interview(2);
    device.can_be_read();
    SUBCASE("at the next unlock") {
        device.relock();
        CHECK(device.vault().found().interrupted == store::Interrupted{"draft", true});
    }
    SUBCASE("when it is finalised again") {
        REQUIRE(device.finalise_with("draft", 1, {}, code(7)).has_value());
    }
    SUBCASE("with the next interview") {
        device.interview(3);
    }
    CHECK(device.drafts().empty());
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.counts().drafts == 0);
    CHECK(device.counts().sealed == static_cast<int>(2 + device.sealed_times(2) + device.sealed_times(3)));
}

TEST_CASE("a file that turns out not to be there leaves a draft as any, which keeps its id and code") {
    CutShort device;
    device.interview(2);
    device.is_not_there();
    device.relock();
    CHECK(device.vault().found().interrupted == store::Interrupted{"draft", false});
    CHECK(!device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").has_value());
    CHECK(device.vault().sealed_as("draft") == SealedAs{uuid(1), code(7)});
    REQUIRE(device.finalise_with("draft", 1, {}, code(7)).has_value());
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a try that the disk refused leaves its id and code to the next one, a lock between them or not") {
    FieldDevice device;
    device.start("draft", "yes");
    CHECK(device.vault().sealed_as("draft").value() == std::nullopt);
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    std::filesystem::remove_all(open);
    write_file(open, "in the way");
    CHECK(device.finalise_with("draft", 1, {}, code(7)).error() == Error::not_writable);
    std::filesystem::remove(open);
    device.relock();
    CHECK(device.vault().sealed_as("draft") == SealedAs{uuid(1), code(7)});
    CHECK(device.save("draft", "/q", "changed").has_value());
    CHECK(device.finalise_with("draft", 1, {}, code(7)).has_value());
    CHECK(device.vault().sealed_as("draft").error() == Error::unknown_draft);
}

TEST_CASE("photos of an interview that may be sealed go with it once, and wait until it is") {
    CutShort device({"photo-1.jpg"});
    REQUIRE(device.parts().size() == 1);
    device.interview(2);
    const auto held = [&] {
        const auto part = device.parts().front().stem().string();
        return device.vault().outbox().value()->find(part)->held;
    };
    CHECK(held());
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}, code(7)).has_value());
    CHECK(device.parts().size() == 1);
    CHECK(!held());
}
