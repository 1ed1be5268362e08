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
/// read. Locked.
struct CutShort : FieldDevice {
    /// `before`: how many interviews are in its batch already.
    explicit CutShort(int before = 0, std::vector<std::string> photos = {}) {
        auto with_store = study_record(researcher, 2);
        with_store.earlier_policies = {record.policy_digest};
        with_store.stores = {{"folder:/store", {}}};
        REQUIRE(vault().import_study(with_store).has_value());
        record = with_store;
        interview(9);
        lock();
        const auto files_before = sealed_files();
        const auto status = in_another_process([&] {
            int written = 0;
            (void)unlock(right_passphrase, [&](Step step) {
                if (step == Step::written && ++written > before) ::kill(::getpid(), SIGKILL);
            });
            for (int i = 0; i < before; ++i) interview(static_cast<std::uint8_t>(20 + i));
            start("draft", "yes");
            for (const auto& name : photos) attach("draft", "/photo", name, "a photo's bytes");
            (void)finalise_with("draft", 1, photos, code(7));
        });
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(store::adopt_leftovers(profile.path()) == store::Adopted{1, {}});
        for (const auto& now : sealed_files()) {
            const bool fresh = std::ranges::find(files_before, now) == files_before.end();
            if (fresh && !says_media(bytes_of_file(now))) file = now;
        }
        aside = profile.path().parent_path() / "aside";
        std::filesystem::rename(file, aside);
        std::filesystem::create_directory(file);
    }
    void is_unlocked() { REQUIRE(unlock().has_value()); }
    /// There is none from the moment on in which it is to be sealed once more, until it has failed twice.
    void is_unlocked_without_room() {
        REQUIRE(unlock(right_passphrase, [this](Step step) {
                    if (step == Step::announced && !was_full) full.emplace(0), was_full = true;
                }).has_value());
        REQUIRE(full);
        CHECK_FALSE(finalise_with("draft", 1, {}, code(7)).has_value());
        full.reset();
    }
    void can_be_read() {
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
    }
    void is_not_there() { std::filesystem::remove(file); }
    void is_handed_over() {
        auto* const outbox = vault().outbox().value();
        REQUIRE(outbox->record_hand_over(file.stem().string(), {"folder:/store", "name"}).has_value());
    }
    /// All that is said of the interview in files that can be read.
    std::vector<crypto::Bytes> said() const {
        std::vector<crypto::Bytes> said;
        for (const auto& batch : batches())
            for (const auto& record : batch.records)
                if (record.uuid == uuid(1)) said.push_back(record.payload);
        return said;
    }

    std::filesystem::path file, aside;
    std::optional<FullDisk> full;
    bool was_full = false;
};

/// With a photo, of which the sealed part goes as well.
struct WithoutPart : CutShort {
    WithoutPart() : CutShort(0, {"photo-1.jpg"}) {
        REQUIRE(parts().size() == 1);
        part = parts().front();
        content = bytes_of_file(part);
    }
    void is_kept() {
        REQUIRE(drafts().size() == 1);
        CHECK(drafts().front().finalising);
        CHECK(attachments("draft").size() == 1);
        CHECK(finalise_with("draft", 1, {"photo-1.jpg"}, code(7)).error() == Error::being_sealed);
        CHECK(sealed_times(1) == 0);
    }

    std::filesystem::path part;
    std::string content;
};

}  // namespace

TEST_CASE("an interview whose sealed file can't be read is sealed once more at the next unlock, as it was") {
    CutShort device;
    device.is_unlocked();
    CHECK(device.drafts().empty());
    CHECK(device.vault().found().interrupted == store::Interrupted{"draft", true});
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});
    CHECK(device.sealed_times(1) == 1);
    device.relock();
    CHECK(device.sealed_times(1) == 1);
    device.can_be_read();
    // Researchers who get both find one interview.
    const auto said = device.said();
    REQUIRE(said.size() == 2);
    CHECK(said.front() == said.back());
    device.relock();
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});
}

TEST_CASE(
    "a sealed file that can't be read holds up no interview, no code that takes one back and no passphrase") {
    CutShort device;
    device.is_unlocked();
    device.interview(2);
    device.interview(3);
    CHECK(device.counts() == store::Counts{0, 4, 0, 0});
    CHECK(device.vault().withdraw(device.record.study, {}).has_value());
    CHECK(device.vault()
              .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"), crypto::cost_floor)
              .has_value());
}

TEST_CASE("batches go on behind the one that can't be read") {
    CutShort device;
    device.is_unlocked();
    device.interview(2);
    device.lock();
    device.can_be_read();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 3);
    std::uint64_t next_record = 0;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        CHECK(batches[i].open.batch_sequence == i);
        if (i > 0) CHECK(batches[i].open.previous_batch == batches[i - 1].id);
        CHECK(batches[i].open.first_record_sequence == next_record);
        next_record += batches[i].records.size();
    }
}

TEST_CASE(
    "batches go on behind a version that researchers know of, whichever of two a file is that can't be "
    "read") {
    CutShort device(2);
    device.is_unlocked();
    CHECK(device.counts() == store::Counts{0, 4, 0, 0});
    device.lock();
    device.can_be_read();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 3);
    const auto ids = crypto::provisional_ids(batches[1]);
    CHECK(batches[1].records.size() == 3);
    CHECK(std::ranges::find(ids, batches[2].open.previous_batch) != ids.end());
    CHECK(batches[2].open.batch_sequence == 2);
    CHECK(batches[2].open.first_record_sequence == 4);  // after one before the batch and three in it
}

TEST_CASE("a file that can be read after all is one of the vault's again, and counts nothing twice") {
    for (const int before : {0, 2}) {
        CAPTURE(before);
        CutShort device(before);
        device.is_unlocked();
        const store::Counts counts{0, 2 + before, 0, 0};
        CHECK(device.counts() == counts);
        device.can_be_read();
        SUBCASE("at the next unlock") {
            device.relock();
        }
        SUBCASE("at the next sync") {
            REQUIRE(device.vault().say_here().has_value());
        }
        CHECK(device.counts() == counts);
        device.is_handed_over();
        CHECK(device.counts() == store::Counts{0, 2, before, 0});
        CHECK(device.sealed_times(1) == 2);
    }
}

TEST_CASE("a file that was passed over and turns out not to be there counts nothing") {
    CutShort device;
    device.is_unlocked();
    device.interview(2);
    device.is_not_there();
    device.relock();
    CHECK(device.counts() == store::Counts{0, 3, 0, 0});
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a file that turns out not to be there before anything was sealed again leaves a draft as any") {
    CutShort device;
    device.is_not_there();
    device.is_unlocked();
    CHECK(device.vault().found().interrupted == store::Interrupted{"draft", false});
    REQUIRE(device.drafts().size() == 1);
    CHECK(!device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").has_value());
    CHECK(device.vault().sealed_as("draft") == SealedAs{uuid(1), code(7)});
    CHECK(device.finalise_with("draft", 4, {}, code(7)).error() == Error::internal);
    CHECK(device.finalise_with("draft", 1, {}, code(8)).error() == Error::internal);
    REQUIRE(device.finalise_with("draft", 1, {}, code(7)).has_value());
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("while there is no room to seal it again an interview stays as it is, and nobody is kept out") {
    CutShort device;
    device.is_unlocked_without_room();
    REQUIRE(device.drafts().size() == 1);
    CHECK(device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").error() == Error::being_sealed);
    CHECK(device.vault().delete_draft("draft").error() == Error::being_sealed);
    CHECK(device.entries("draft").front().value == "yes");
    CHECK(device.counts() == store::Counts{1, 1, 0, 0});
    std::size_t times = 2;
    SUBCASE("until it is asked for") {
        REQUIRE(device.vault().finalise("draft", uuid(1), {code(7), {}},
                                        [](const auto&) { return "other answers"; }));
    }
    SUBCASE("until the next interview") {
        device.interview(1 + 1);
    }
    SUBCASE("until the next unlock") {
        device.crash();
        device.is_unlocked();
    }
    SUBCASE("until its file can be read again") {
        device.crash();
        device.can_be_read();
        device.is_unlocked();
        CHECK(device.vault().found().interrupted == store::Interrupted{"draft", true});
        times = 1;
    }
    CHECK(device.drafts().empty());
    CHECK(device.counts().sealed == 2 + device.sealed_times(2));
    if (times == 2) device.can_be_read();
    const auto said = device.said();
    REQUIRE(said.size() == times);
    CHECK(said.front() == said.back());
}

TEST_CASE(
    "an interview that waited to be sealed again is a draft as any once its file is known not to be there") {
    CutShort device;
    device.is_unlocked_without_room();
    CHECK(device.save("draft", "/q", "changed").error() == Error::being_sealed);
    device.is_not_there();
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.save("draft", "/q", "changed").has_value());
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

TEST_CASE("photos of an interview that is sealed once more go with it once") {
    CutShort device(0, {"photo-1.jpg"});
    REQUIRE(device.parts().size() == 1);
    device.is_unlocked();
    CHECK(device.drafts().empty());
    REQUIRE(device.parts().size() == 1);
    const auto part = device.parts().front().stem().string();
    CHECK_FALSE(device.vault().outbox().value()->find(part)->held);
}

TEST_CASE(
    "an interview is not sealed once more while the disk lacks a part of its photo, and keeps the photo") {
    WithoutPart device;
    std::filesystem::remove(device.part);
    device.is_unlocked();
    CHECK_FALSE(device.vault().found().interrupted);
    device.is_kept();
    device.interview(2);
    device.relock();
    device.is_kept();
    write_file(device.part, device.content);
    device.relock();
    CHECK(device.drafts().empty());
    CHECK(device.parts() == std::vector{device.part});
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE(
    "an interview of which neither its file nor a part of its photo is given back is sealed with the photo "
    "once it is known that its file is not there") {
    WithoutPart device;
    std::filesystem::remove(device.part);
    std::filesystem::create_directory_symlink(".", device.part);
    device.is_unlocked();
    device.is_kept();
    device.is_not_there();
    device.relock();
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}, code(7)).has_value());
    CHECK(device.drafts().empty());
    REQUIRE(device.parts().size() == 1);
    CHECK(device.parts().front() != device.part);
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a part of a photo that can't be read any more is sealed anew with its interview") {
    FieldDevice device;
    device.start("draft", "yes");
    device.attach("draft", "/photo", "photo-1.jpg", "a photo's bytes");
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(Step::media_sealed));
        (void)device.finalise_with("draft", 1, {"photo-1.jpg"}, code(7));
    });
    REQUIRE(WIFSIGNALED(status));
    const auto part = device.parts().front();
    std::filesystem::remove(part);
    std::filesystem::create_directory_symlink(".", part);
    REQUIRE(device.unlock().has_value());
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}, code(7)).has_value());
    CHECK(device.parts().size() == 1);
    CHECK(device.parts().front() != part);
}
