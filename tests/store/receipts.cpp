// When a file may be forgotten, by the vault's own word: real receipts through a real sync with a folder as
// the store. What a receipt must be to count at all is in tests/sync.
#include "sync/receipt.h"

#include <doctest/doctest.h>

#include "client/store/own_days.h"
#include "crypto/media_reader.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/sync_run.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using std::chrono::days;
using sync::Verdict;

namespace {

crypto::SigningKey signer(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return std::move(*crypto::SigningKey::from_seed(seed));
}

/// A device of a study that wants two of three researchers to confirm, and then 30 days; it has handed over
/// one batch.
struct HandedOver : FieldDevice {
    std::filesystem::path stick = profile.path().parent_path() / "stick";
    sync::SealedFile file;
    int receipts = 0;
    std::optional<crypto::MediaId> media_id;

    HandedOver() {
        std::filesystem::create_directory(stick);
        takes_in(2, {1, 2, 3});
        interview(1);
        syncs();
        file = vault().outbox().value()->sealed()->front();
        REQUIRE_FALSE(file.handed_over.empty());
    }
    void takes_in(std::uint32_t version, std::initializer_list<std::uint8_t> signers) {
        auto newer = study_record(researcher, version);
        newer.stores = {{sync::folder_address(stick), {}}};
        newer.quorum = 2;
        for (std::uint32_t earlier = version; earlier > 1; --earlier)
            newer.earlier_policies.push_back(study_record(researcher, earlier - 1).policy_digest);
        for (const auto number : signers) newer.receipt_signers.push_back(signer(number).verify_key());
        std::ranges::sort(newer.receipt_signers);
        REQUIRE(vault().import_study(newer).has_value());
        record = newer;
    }
    /// As the form app does it. How many files the device has let go.
    std::size_t syncs() {
        REQUIRE(vault().finish_batches().has_value());
        const auto config = sync::SyncConfig::read(store::sync_file(profile.path()));
        sync::SyncOptions how;
        how.today = std::chrono::floor<days>(now);
        how.vault_agrees = [&](const sync::SealedFile& one) { return vault().may_forget(one).value(); };
        const auto summary = sync::sync_once(**vault().outbox(), *config, how);
        REQUIRE(vault().note_receipts().has_value());
        return summary.forgotten;
    }
    /// The file of which the test speaks is part of the photo of a second interview.
    void hands_over_a_photo() {
        start("draft", "yes");
        attach("draft", "/photo", "photo-1.jpg", "a photo");
        REQUIRE(finalise_with("draft", 2, {"photo-1.jpg"}).has_value());
        syncs();
        const auto part = parts().front();
        const auto bytes = bytes_of_file(part);
        const auto opened =
            crypto::inspect_media(crypto::source_of(crypto::bytes_of(bytes)), researcher.identities());
        REQUIRE(opened.has_value());
        media_id = opened->id;
        file = vault().outbox().value()->find(part.stem().string()).value();
        REQUIRE_FALSE(file.handed_over.empty());
    }
    /// A sync on each of so many days.
    std::size_t syncs_daily(int times) {
        std::size_t forgotten = 0;
        for (int i = 0; i < times; ++i) {
            now += days(1);
            forgotten += syncs();
        }
        return forgotten;
    }
    sync::Receipt receipt(std::uint64_t counter = 1, Verdict verdict = Verdict::accepted) {
        const auto config = sync::SyncConfig::read(store::sync_file(profile.path()));
        const auto* study = config->find(record.tag);
        sync::Receipt made;
        made.study_id = study->study_id;
        made.device_id = study->device_id;
        made.policy_digest = record.policy_digest;
        made.counter = counter;
        sync::ReceiptEntry entry;
        const auto hash = crypto::from_hex(file.hash);
        std::ranges::copy(*hash, entry.file_sha256.begin());
        entry.batch_id = media_id.value_or(batches().front().id);
        if (media_id) entry.batch_sequence = sync::media_sequence;
        entry.verdict = verdict;
        made.entries = {entry};
        return made;
    }
    void answers(int who, const sync::Receipt& receipt) {
        const auto config = sync::SyncConfig::read(store::sync_file(profile.path()));
        const auto* study = config->find(record.tag);
        const auto bytes =
            sync::make_receipt(receipt, signer(static_cast<std::uint8_t>(who)), study->receipt_key);
        REQUIRE(bytes.has_value());
        const auto name = stick / sync::receipt_name(record.tag, sync::device_tag(study->receipt_key),
                                                     static_cast<std::uint32_t>(++receipts));
        std::filesystem::create_directories(name.parent_path());
        write_file(name, {bytes->begin(), bytes->end()});
    }
    void confirm(std::initializer_list<std::uint8_t> who = {1, 2}) {
        for (const auto number : who) answers(number, receipt());
    }
    bool has_file() { return std::filesystem::exists(vault().outbox().value()->path_of(file.hash)); }
    bool may_forget() { return vault().may_forget(file).value(); }
    void set_clock(int year) { now = std::chrono::sys_days{std::chrono::year{year} / 3 / 14}; }
};

}  // namespace

TEST_CASE(
    "a file goes when enough researchers have confirmed it and the hold is over by the vault's own word") {
    HandedOver device;
    device.confirm();
    REQUIRE(device.syncs() == 0);
    CHECK(device.syncs_daily(29) == 0);
    CHECK(device.has_file());
    CHECK(device.syncs_daily(1) == 1);
    CHECK_FALSE(device.has_file());
    CHECK(device.counts() == store::Counts{0, 0, 0, 1, 0, 0});
}

TEST_CASE("what was let go has not vanished, also where its receipts can't be read any more") {
    HandedOver device;
    device.confirm();
    device.syncs();
    device.syncs_daily(30);
    REQUIRE_FALSE(device.has_file());
    const auto receipts = store::outbox_folder(device.profile.path()) / "receipts";
    std::filesystem::remove_all(receipts);
    write_file(receipts, "something else");
    CHECK(device.counts() == store::Counts{0, 0, 0, 1, 0, 0});
}

TEST_CASE("what was let go never counts as missing: without its receipts, or once its signer's key is out") {
    HandedOver device;
    SUBCASE("a batch") {}
    SUBCASE("part of a photo") {
        device.hands_over_a_photo();
    }
    device.confirm();
    device.syncs();
    device.syncs_daily(30);
    REQUIRE_FALSE(device.has_file());
    const auto before = device.counts();
    REQUIRE(before.missing_files == 0);
    SUBCASE("lost receipts") {
        std::filesystem::remove_all(device.stick / device.record.tag / "receipts");
        const auto receipts = store::outbox_folder(device.profile.path()) / "receipts";
        std::filesystem::remove_all(receipts);
        std::filesystem::create_directory(receipts);
    }
    SUBCASE("another key") {
        device.takes_in(3, {1, 3, 4});
    }
    REQUIRE(device.vault().note_receipts().has_value());
    device.syncs_daily(2);
    CHECK(device.counts() == before);
    device.relock();
    CHECK(device.counts() == before);
}

TEST_CASE("a file that is gone before its hold was over counts as missing once its receipts count no more") {
    HandedOver device;
    device.confirm();
    device.syncs();
    device.syncs_daily(29);
    std::filesystem::remove(device.vault().outbox().value()->path_of(device.file.hash));
    CHECK(device.counts().missing_files == 0);
    device.takes_in(3, {1, 3, 4});
    REQUIRE(device.vault().note_receipts().has_value());
    CHECK(device.counts().missing_files == 1);
    device.now += days(60);
    REQUIRE(device.vault().note_receipts().has_value());
    CHECK(device.counts().missing_files == 1);
}

TEST_CASE("part of a photo goes as a batch does, once its interview is sealed") {
    HandedOver device;
    device.hands_over_a_photo();
    CHECK(device.syncs_daily(40) == 0);  // nobody has confirmed it
    SUBCASE("confirmed") {
        device.confirm();
        REQUIRE(device.syncs() == 0);
        CHECK(device.syncs_daily(29) == 0);
        CHECK(device.has_file());
        CHECK(device.syncs_daily(1) == 1);
        CHECK_FALSE(device.has_file());
    }
    SUBCASE("confirmed as another part") {
        device.media_id->front() ^= 1;
        device.confirm();
        CHECK(device.syncs_daily(40) == 0);
        CHECK(device.has_file());
    }
}

TEST_CASE("part of a photo whose interview still is a draft is never forgotten") {
    HandedOver device;
    device.start("draft", "yes");
    device.attach("draft", "/photo", "photo-1.jpg", "a photo");
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::media_sealed));
        (void)device.finalise_with("draft", 2, {"photo-1.jpg"});
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.unlock().has_value());
    device.syncs();
    const auto part = device.parts().front().stem().string();
    device.file = device.vault().outbox().value()->find(part).value();
    device.confirm();
    CHECK(device.syncs_daily(40) == 0);
    CHECK_FALSE(device.may_forget());
}

TEST_CASE("the vault's hold does not begin before its own receipts, whatever the times of files say") {
    HandedOver device;
    device.confirm();
    REQUIRE(device.syncs() == 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(device.profile.file("outbox"))) {
        if (!entry.is_regular_file()) continue;
        std::filesystem::last_write_time(
            entry.path(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 4000));
    }
    std::filesystem::remove(device.profile.file("outbox") / (device.file.hash + ".json"));
    device.file.day = {};
    CHECK(device.syncs_daily(29) == 0);
    CHECK_FALSE(device.may_forget());
    CHECK(device.has_file());
}

TEST_CASE("a clock that is years ahead for a while lets no file go") {
    HandedOver device;
    device.confirm();
    REQUIRE(device.syncs() == 0);
    for (const int year : {2031, 2099, 9999}) {
        CAPTURE(year);
        const auto right = device.now;
        device.set_clock(year);
        CHECK(device.syncs() == 0);
        device.relock();
        CHECK(device.syncs() == 0);
        device.now = right;
        device.relock();
        CHECK(device.syncs() == 0);
    }
    CHECK(device.has_file());
}

TEST_CASE("a clock that was years ahead when the receipts came does not keep a file for ever") {
    HandedOver device;
    device.set_clock(2031);
    device.confirm();
    REQUIRE(device.syncs() == 0);
    CHECK(device.syncs_daily(30) == 1);
}

TEST_CASE("a clock that is set back shortens no hold") {
    HandedOver device;
    device.confirm();
    REQUIRE(device.syncs() == 0);
    CHECK(device.syncs_daily(20) == 0);
    device.set_clock(2000);
    CHECK(device.syncs() == 0);
    device.set_clock(2026);  // where it began
    CHECK(device.syncs() == 0);
    CHECK(device.syncs_daily(2) == 0);
    CHECK(device.has_file());
}

TEST_CASE("a machine that is used once a month keeps its files longer, and does let them go") {
    HandedOver device;
    device.confirm();
    REQUIRE(device.syncs() == 0);
    int months = 0;
    for (; device.has_file() && months < 24; ++months) {
        device.now += days(30);
        device.relock();
        device.syncs();
    }
    CHECK(months == 5);  // at most seven days are counted from one look at the clock to the next
}

TEST_CASE("one researcher's word is not enough, however often it is given") {
    HandedOver device;
    for (const std::uint64_t counter : {1, 2, 3}) device.answers(1, device.receipt(counter));
    REQUIRE(device.syncs() == 0);
    CHECK(device.syncs_daily(60) == 0);
}

TEST_CASE("a receipt that says quarantined lets nothing go, alone or after an accepted one") {
    HandedOver device;
    SUBCASE("alone") {
        for (const int who : {1, 2, 3}) device.answers(who, device.receipt(1, Verdict::quarantined));
        device.syncs();
    }
    SUBCASE("after") {
        device.confirm();
        device.syncs();
        device.syncs_daily(25);
        device.answers(2, device.receipt(2, Verdict::quarantined));
    }
    CHECK(device.syncs_daily(60) == 0);
    CHECK(device.has_file());
}

TEST_CASE("a word that was taken back and given again begins its hold anew") {
    HandedOver device;
    device.confirm();
    device.syncs();
    device.syncs_daily(25);
    device.answers(2, device.receipt(2, Verdict::quarantined));
    device.syncs_daily(1);
    device.answers(2, device.receipt(3));
    device.syncs_daily(1);
    CHECK(device.syncs_daily(29) == 0);
    CHECK(device.syncs_daily(1) == 1);
}

TEST_CASE("a replayed receipt lets nothing go") {
    HandedOver device;
    device.answers(1, device.receipt());
    device.answers(2, device.receipt(5, Verdict::quarantined));
    device.syncs();
    device.answers(2, device.receipt(4));
    CHECK(device.syncs_daily(60) == 0);
    CHECK(device.has_file());
}

TEST_CASE("receipts of another device, of another study, for another file or batch let nothing go") {
    HandedOver device;
    auto receipt = device.receipt();
    SUBCASE("another device") {
        receipt.device_id.fill(7);
    }
    SUBCASE("another study") {
        receipt.study_id.fill(7);
    }
    SUBCASE("another file") {
        receipt.entries[0].file_sha256.fill(7);
    }
    SUBCASE("another batch") {
        receipt.entries[0].batch_id.fill(7);
    }
    for (const int who : {1, 2, 3}) device.answers(who, receipt);
    device.syncs();
    CHECK(device.syncs_daily(60) == 0);
    CHECK(device.has_file());
}

TEST_CASE(
    "receipts of a key that the newest study file no longer has let nothing go, also when they came before") {
    HandedOver device;
    device.confirm();
    device.syncs();
    device.syncs_daily(25);
    device.takes_in(3, {1, 3, 4});  // the second key was stolen, say
    CHECK(device.syncs_daily(60) == 0);
    CHECK(device.has_file());
    device.answers(4, device.receipt());
    device.syncs();
    CHECK(device.syncs_daily(29) == 0);
    CHECK(device.syncs_daily(1) == 1);
}

TEST_CASE(
    "a receipt that came before the study file that certifies its signer counts once that is taken in") {
    HandedOver device;
    device.answers(1, device.receipt());
    device.answers(4, device.receipt());
    device.syncs();
    CHECK(device.counts().confirmed == 0);
    device.takes_in(3, {1, 4});
    device.syncs();
    CHECK(device.counts().confirmed == 1);
    CHECK(device.syncs_daily(30) == 1);
}

TEST_CASE("where receipts can't be read interviews are counted all the same, and none as confirmed") {
    HandedOver device;
    device.answers(1, device.receipt());
    device.answers(2, device.receipt());
    device.syncs();
    CHECK(device.counts().confirmed == 1);
    const auto receipts = store::outbox_folder(device.profile.path()) / "receipts";
    std::filesystem::remove_all(receipts);
    write_file(receipts, "something else");
    CHECK(device.counts() == store::Counts{0, 0, 1, 0});
}

TEST_CASE("while the vault is locked its days stand still, and a locked sync lets nothing go") {
    HandedOver device;
    device.confirm();
    device.lock();
    const auto config = sync::SyncConfig::read(store::sync_file(device.profile.path()));
    auto outbox = sync::Outbox::open(store::outbox_folder(device.profile.path()));
    for (int i = 0; i < 60; ++i) {
        device.now += days(1);
        sync::SyncOptions how;
        how.today = std::chrono::floor<days>(device.now);
        CHECK(sync::sync_once(*outbox, *config, how).forgotten == 0);
    }
    REQUIRE(device.unlock().has_value());
    CHECK(device.syncs() == 0);  // the vault has just seen the receipts
    CHECK(device.syncs_daily(30) == 1);
}
