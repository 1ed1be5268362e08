#include "client/store/sealing.h"

#include <doctest/doctest.h>

#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;

namespace {

std::string text_of(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a finalised interview is what the researcher opens, and the draft is gone") {
    FieldDevice device;
    device.start("draft", "yes");
    REQUIRE(device.finalise("draft", 7, "the answers").has_value());
    CHECK(device.drafts().empty());
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    CHECK(text_of(batches[0].records.at(0).payload) == "the answers");
    CHECK(batches[0].records.at(0).uuid == uuid(7));
    CHECK(batches[0].close.provisional);
}

TEST_CASE("a batch names its study, device, form, policy and recipients as the package had them") {
    FieldDevice device;
    device.interview(1);
    const auto open = device.batches().at(0).open;
    CHECK(open.study == device.record.study);
    CHECK(open.device_key == device.vault().studies()->front().device_key);
    CHECK(open.form_hash == device.record.form_hash);
    CHECK(open.policy_digest == device.record.policy_digest);
    CHECK(open.policy_version == device.record.policy_version);
    CHECK(open.recipients == device.record.recipients);
    CHECK(open.program_version == "test 1");
}

TEST_CASE("the receipt key that a batch carries is the one in sync.json") {
    FieldDevice device;
    device.interview(1);
    const auto config = sync::SyncConfig::read(store::sync_file(device.profile.path()));
    const auto batches = device.batches();
    CHECK(std::ranges::equal(config->find(device.record.tag)->receipt_key.expose(),
                             batches[0].receipt_key.expose()));
}

TEST_CASE("interviews of one unlock share an open batch, and locking makes it final") {
    FieldDevice device;
    device.interview(1);
    device.interview(2);
    CHECK(device.batches().size() == 1);
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].records.size() == 2);
    CHECK(!batches[0].close.provisional);
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
}

TEST_CASE("each batch names the one before it, across locking") {
    FieldDevice device;
    device.interview(1);
    device.relock();
    device.interview(2);
    device.interview(3);
    device.relock();
    device.interview(4);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 3);
    CHECK(batches[0].open.batch_sequence == 0);
    for (std::size_t i = 1; i < 3; ++i) {
        CHECK(batches[i].open.batch_sequence == i);
        CHECK(batches[i].open.previous_batch == batches[i - 1].id);
        CHECK(batches[i].open.incarnation != batches[i - 1].open.incarnation);
    }
    CHECK(batches[2].open.first_record_sequence == 3);
    CHECK(device.vault().head(device.record.study)->value().batch == batches[2].id);
}

TEST_CASE("an unlock without an interview makes no batch") {
    FieldDevice device;
    device.relock();
    device.relock();
    CHECK(device.batches().empty());
    CHECK(device.vault().head(device.record.study)->has_value() == false);
}

TEST_CASE("a batch becomes final with its twenty-fifth interview") {
    FieldDevice device;
    for (std::uint8_t i = 1; i <= 26; ++i) device.interview(i);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].records.size() == 25);
    CHECK(!batches[0].close.provisional);
    CHECK(batches[1].records.size() == 1);
}

TEST_CASE("a batch becomes final when it has grown beyond 256 KB") {
    FieldDevice device;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        const auto draft = "draft-" + std::to_string(i);
        device.start(draft, "yes");
        REQUIRE(device.finalise(draft, i, noise(150 * 1024)).has_value());
    }
    CHECK(device.batches().size() == 2);
}

TEST_CASE("a batch becomes final with the first action after six hours") {
    FieldDevice device;
    device.interview(1);
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    device.now += std::chrono::hours(6) - std::chrono::seconds(1);
    device.start("draft", "yes");
    CHECK(!std::filesystem::is_empty(open));
    device.now += std::chrono::seconds(1);
    REQUIRE(device.save("draft", "/name", "x").has_value());
    CHECK(std::filesystem::is_empty(open));
}

TEST_CASE("sealing never stops, whatever the clock says") {
    FieldDevice device;
    std::uint8_t number = 0;
    for (const int year : {2026, 2000, 1970, 2099, 9999, 1999}) {
        CAPTURE(year);
        device.now = std::chrono::sys_days{std::chrono::year{year} / 2 / 3};
        device.interview(++number);
        device.relock();
        device.interview(++number);
    }
    std::size_t records = 0;
    for (const auto& batch : device.batches()) records += batch.records.size();
    CHECK(records == number);
    CHECK(device.drafts().empty());
}

TEST_CASE("a batch becomes final before a sync, and the next interview begins another") {
    FieldDevice device;
    device.interview(1);
    REQUIRE(device.vault().finish_batches().has_value());
    CHECK(!device.batches().at(0).close.provisional);
    device.interview(2);
    CHECK(device.batches().size() == 2);
}

TEST_CASE("interviews of two form versions stand in two batches") {
    FieldDevice device;
    device.start("old", "yes");
    REQUIRE(device.vault().import_study(study_record(device.researcher, 2)).has_value());
    device.start("young", "yes", 2);
    REQUIRE(device.finalise("young", 1).has_value());
    REQUIRE(device.finalise("old", 2).has_value());
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].open.form_hash == study_record(device.researcher, 2).form_hash);
    CHECK(batches[1].open.form_hash == study_record(device.researcher, 1).form_hash);
    CHECK(batches[1].open.previous_batch == batches[0].id);
}

TEST_CASE("a draft that began before the recipients changed is sealed to the new ones, and to no old one") {
    FieldDevice device;
    const Researcher next;
    device.start("draft", "yes");
    const auto newer = study_record(next, 2);
    REQUIRE(device.vault().import_study(newer).has_value());
    SUBCASE("at once") {}
    SUBCASE("after the vault was locked") {
        device.relock();
    }
    REQUIRE(device.finalise("draft", 1).has_value());
    CHECK(device.times_opened(1, device.researcher) == 0);
    CHECK(device.times_opened(1, next) == 1);
    const auto files = device.sealed_files();
    REQUIRE(files.size() == 1);
    const auto open = next.open(bytes_of_file(files[0])).open;
    CHECK(open.recipients == newer.recipients);
    CHECK(open.policy_digest == newer.policy_digest);
    CHECK(open.policy_version == newer.policy_version);
    CHECK(open.form_hash == device.record.form_hash);  // of the questions that were asked
}

TEST_CASE("a draft that began when each opened alone is sealed to custodians once the study demands them") {
    FieldDevice device;
    const Researcher other;
    device.start("draft", "yes");
    auto newer = study_record(device.researcher, 2);
    newer.recipients.push_back(other.box_key());
    newer.opening_quorum = 2;
    REQUIRE(device.vault().import_study(newer).has_value());
    REQUIRE(device.finalise("draft", 1).has_value());
    const auto file = bytes_of_file(device.sealed_files().at(0));
    CHECK(crypto::read_batch(crypto::bytes_of(file), device.researcher.identities()).error() ==
          crypto::Error::too_few_shares);
}

TEST_CASE("a draft is packed with the dictionary of its own form, whose study file the reader has") {
    FieldDevice device;
    auto first = study_record(device.researcher, 2);
    first.dictionary = crypto::Bytes(512, 'a');
    REQUIRE(device.vault().import_study(first).has_value());
    device.start("draft", "yes", 2);
    auto second = study_record(device.researcher, 3);
    second.dictionary = crypto::Bytes(512, 'b');
    REQUIRE(device.vault().import_study(second).has_value());
    REQUIRE(device.finalise("draft", 1, std::string(400, 'a')).has_value());
    const std::vector<crypto::Bytes> of_first{first.dictionary}, of_second{second.dictionary};
    CHECK(device.times_opened(1, device.researcher, of_first) == 1);
    CHECK(device.times_opened(1, device.researcher, of_second) == 0);
}

TEST_CASE("interviews that began under different study files never share a batch with other rules") {
    FieldDevice device;
    const Researcher next;
    device.start("first", "yes");
    device.start("second", "yes");
    REQUIRE(device.finalise("first", 1).has_value());
    REQUIRE(device.vault().import_study(study_record(next, 2)).has_value());
    REQUIRE(device.finalise("second", 2).has_value());
    CHECK(device.times_opened(1, device.researcher) == 1);
    CHECK(device.times_opened(2, device.researcher) == 0);
    CHECK(device.times_opened(1, next) == 0);
    CHECK(device.times_opened(2, next) == 1);
}

TEST_CASE("what is sealed for a study with a pre-shared key opens with it and not without") {
    FieldDevice device;
    device.interview(1);
    auto newer = study_record(device.researcher, 2);
    newer.pre_shared_key =
        std::make_shared<const crypto::PreSharedKey>(crypto::PreSharedKey::random().value());
    REQUIRE(device.vault().import_study(newer).has_value());
    device.relock();  // from here on it is the vault's
    device.interview(2);
    REQUIRE(device.vault().finish_batches().has_value());
    crypto::StudyMaterial material;
    material.add(newer.pre_shared_key);
    std::vector<bool> without, with_it;
    for (const auto& file : device.sealed_files()) {
        const auto text = bytes_of_file(file);
        const auto bytes = crypto::bytes_of(text);
        const auto keys = device.researcher.identities();
        without.push_back(crypto::read_batch(bytes, keys).has_value());
        with_it.push_back(crypto::read_batch(bytes, keys, material).has_value());
    }
    CHECK(with_it == std::vector{true, true});
    CHECK(std::ranges::count(without, true) == 1);
}

TEST_CASE("two studies have chains of their own") {
    FieldDevice device;
    const auto other = study_record(device.researcher, 1, 2);
    REQUIRE(device.vault().import_study(other).has_value());
    device.interview(1);
    REQUIRE(device.vault().start_draft("other", other.study, 1, {}).has_value());
    REQUIRE(device.finalise("other", 2).has_value());
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].open.batch_sequence == 0);
    CHECK(batches[1].open.batch_sequence == 0);
    CHECK(batches[0].open.device_key != batches[1].open.device_key);
    CHECK(device.counts().sealed == 1);
}

TEST_CASE("each interview is counted once, from draft to handed over") {
    FieldDevice device;
    device.interview(1);
    device.interview(2);
    device.start("draft", "yes");
    CHECK(device.counts() == store::Counts{1, 2, 0, 0});
    REQUIRE(device.vault().finish_batches().has_value());
    CHECK(device.counts() == store::Counts{1, 2, 0, 0});
    auto newer = study_record(device.researcher, 2);
    newer.earlier_policies = {device.record.policy_digest};
    newer.stores = {{"folder:/store", {}}, {"folder:/stick", {}}};
    newer.copies = 2;
    REQUIRE(device.vault().import_study(newer).has_value());
    auto* outbox = device.vault().outbox().value();
    const auto file = outbox->sealed()->front();
    for (const char* store : {"folder:/store", "folder:/of-before"}) {
        REQUIRE(outbox->record_hand_over(file.hash, {store, "name"}).has_value());
        CHECK(device.counts() == store::Counts{1, 2, 0, 0});
    }
    REQUIRE(outbox->record_hand_over(file.hash, {"folder:/stick", "name"}).has_value());
    CHECK(device.counts() == store::Counts{1, 0, 2, 0});
    CHECK(device.vault().may_forget(file) == false);
}

TEST_CASE("an interview that is too large, or unknown, is not sealed, and the next one is") {
    FieldDevice device;
    device.start("draft", "yes");
    CHECK(device.finalise("draft", 1, std::string(crypto::max_payload + 1, 'x')).error() ==
          Error::payload_too_large);
    CHECK(device.finalise("nothing", 1).error() == Error::unknown_draft);
    CHECK(device.drafts().size() == 1);
    CHECK(device.batches().empty());
    CHECK(device.finalise("draft", 1).has_value());
}

TEST_CASE("finalising a draft a second time seals nothing twice") {
    FieldDevice device;
    device.interview(1);
    CHECK(device.finalise("draft-1", 1).has_value());
    CHECK(device.sealed_times(1) == 1);
}

// --- what stays readable ----------------------------------------------------------------------------

TEST_CASE("a study that demands custodians is sealed to their shares, and nobody opens it alone") {
    FieldDevice device;
    const Researcher other;
    auto record = study_record(device.researcher, 2);
    record.recipients.push_back(other.box_key());
    record.opening_quorum = 3;
    CHECK(device.vault().import_study(record).error() == store::Error::unusable_package);
    record.opening_quorum = 1;
    CHECK(device.vault().import_study(record).error() == store::Error::unusable_package);
    record.opening_quorum = 2;
    REQUIRE(device.vault().import_study(record).has_value());
    device.relock();  // as a later start of the program reads it
    device.start("draft", "yes", 2);
    REQUIRE(device.finalise("draft", 1).has_value());
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    const auto file = bytes_of_file(std::filesystem::directory_iterator(open)->path());
    const auto bytes = crypto::bytes_of(file);
    CHECK(crypto::read_batch(bytes, device.researcher.identities()).error() == crypto::Error::too_few_shares);
    std::vector<crypto::ReleasedShare> shares;
    for (const Researcher* each : {&device.researcher, &other})
        shares.push_back(std::move(*crypto::extract_share(bytes, each->identities().front())));
    const auto opened = crypto::read_batch(bytes, {}, {}, shares);
    REQUIRE(opened.has_value());
    CHECK(opened->open.quorum == 2);
    CHECK(opened->records.size() == 1);
}

TEST_CASE("an interview that was sealed is not begun again under its name") {
    FieldDevice device;
    device.start("draft", "yes");
    REQUIRE(device.finalise("draft", 1).has_value());
    CHECK(device.vault().start_draft("draft", device.record.study, 1, {}).error() ==
          store::Error::unknown_draft);
    CHECK(device.finalise("draft", 1, "other answers").has_value());
    CHECK(device.sealed_times(1) == 1);
}
