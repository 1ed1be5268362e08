#include "client/store/sealing.h"

#include <doctest/doctest.h>

#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "tests/support/store.h"
#include "tests/support/vault_pages.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::Step;

namespace {

std::string text_of(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}
std::string text_of(crypto::batch::KeyBytes bytes) {
    return {bytes.begin(), bytes.end()};
}

/// A text that does not compress.
std::string noise(std::size_t size) {
    crypto::Bytes bytes(size);
    REQUIRE(crypto::fill_random(bytes).has_value());
    return text_of(bytes);
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
    auto* outbox = device.vault().outbox().value();
    const auto file = outbox->sealed()->front();
    REQUIRE(outbox->record_hand_over(file.hash, {"folder:/store", "name"}).has_value());
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

TEST_CASE("of a draft that is sealed or deleted no page of the database keeps anything, in use or free") {
    FieldDevice device;
    const auto pages = [&] { return pages_of(device.profile.path(), Device::right_passphrase); };
    const std::string answer = "Marker-90417", long_answer = "Marker-55263", file = "Marker-71840";
    const auto many = [](const std::string& word) {
        std::string text;
        for (int i = 0; i < 2000; ++i) text += word + " ";
        return text;
    };
    device.start("kept", "Marker-kept");
    device.start("draft", answer);
    REQUIRE(device.save("draft", "/long", many(long_answer)).has_value());
    device.attach("draft", "/file", "paper.bin", many(file));
    for (const auto& marker : {answer, long_answer, file, std::string("paper.bin")})
        CHECK(pages().find(marker) != std::string::npos);

    SUBCASE("sealed") {
        REQUIRE(device.finalise_with("draft", 1, {"paper.bin"}).has_value());
    }
    SUBCASE("deleted") {
        REQUIRE(device.vault().delete_draft("draft").has_value());
    }
    CHECK(std::filesystem::file_size(device.profile.file("vault.db-wal")) == 0);
    for (const auto& marker : {answer, long_answer, file, std::string("paper.bin")})
        CHECK(pages().find(marker) == std::string::npos);
    CHECK(pages().find("Marker-kept") != std::string::npos);
}

TEST_CASE("what a crash leaves in the log of an interview that was sealed goes at the next unlock") {
    FieldDevice device;
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(Step::recorded));
        device.start("draft", "yes");
        (void)device.finalise("draft", 1);
    });
    REQUIRE(WIFSIGNALED(status));
    const auto log = device.profile.file("vault.db-wal");
    CHECK(std::filesystem::file_size(log) > 0);
    REQUIRE(device.unlock().has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(std::filesystem::file_size(log) == 0);
}

TEST_CASE("after a finalise the answers stand readable nowhere in the profile, and the log is empty") {
    FieldDevice device;
    const std::string marker = "Marker-90417";
    device.start("draft", marker);
    REQUIRE(device.finalise("draft", 1, "{\"q\":\"" + marker + "\"}").has_value());
    CHECK(std::filesystem::file_size(device.profile.file("vault.db-wal")) == 0);
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
    device.lock();
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
}

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

TEST_CASE("no content, chain or record key of an open batch stands in any file of the profile") {
    FieldDevice device;
    for (std::uint8_t i = 1; i <= 3; ++i) device.interview(i);
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    const auto file = bytes_of_file(std::filesystem::directory_iterator(open)->path());
    const auto outline = crypto::outline_of(crypto::bytes_of(file));
    const auto header = device.researcher.open_header(file);
    REQUIRE(files_with(device.profile.path(), text_of(crypto::batch::KeyBytes(outline->header_tag))).size() ==
            1);

    std::vector<std::string> keys = {text_of(header.content_key.expose())};
    auto chain = crypto::batch::first_chain_key(header.content_key.expose(), outline->header_tag);
    for (int record = 0; record < 5; ++record) {  // OPEN, three interviews, and the one to come
        keys.push_back(text_of(chain->expose()));
        auto ratchet = crypto::batch::Ratchet::start(std::move(*chain));
        keys.push_back(text_of(ratchet->record_key()));
        chain = std::move(*ratchet).take_next();
    }
    for (const auto& key : keys) CHECK(files_with(device.profile.path(), key).empty());
}

// --- crashes ----------------------------------------------------------------------------------------

TEST_CASE("killed at any step of a finalise, the interview stands exactly once: as a draft or sealed") {
    FieldDevice device;
    device.interview(1);
    device.lock();
    Step step{};
    bool sealed = true;
    SUBCASE("announced") {
        step = Step::announced;
        sealed = false;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    SUBCASE("checkpointed") {
        step = Step::checkpointed;
    }
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(step));
        device.start("draft", "yes");
        (void)device.finalise("draft", 2);
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.unlock().has_value());
    store::Found found{sealed ? 1U : 0U, std::nullopt};
    if (step == Step::announced || step == Step::written) found.interrupted = {"draft", sealed};
    CHECK(device.vault().found() == found);
    CHECK(device.drafts().size() == (sealed ? 0 : 1));
    CHECK(device.sealed_times(2) == (sealed ? 1 : 0));
    CHECK(device.counts() == store::Counts{sealed ? 0 : 1, sealed ? 2 : 1, 0, 0});

    if (!sealed) REQUIRE(device.finalise("draft", 2).has_value());
    device.interview(3);
    device.lock();
    CHECK(device.sealed_times(2) == 1);
    const auto batches = device.batches();
    for (std::size_t i = 1; i < batches.size(); ++i)
        CHECK(batches[i].open.previous_batch == batches[i - 1].id);
}

TEST_CASE("killed at any step of the third interview of a batch, the two before it are there once") {
    FieldDevice device;
    device.lock();
    Step step{};
    bool sealed = true;
    SUBCASE("announced") {
        step = Step::announced;
        sealed = false;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    int times = 0;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, [&](Step reached) {
            if (reached == step && ++times == 3) ::kill(::getpid(), SIGKILL);
        });
        for (std::uint8_t i = 1; i <= 3; ++i) device.interview(i);
    });
    REQUIRE(device.unlock().has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
    CHECK(device.sealed_times(3) + static_cast<int>(device.drafts().size()) == 1);
    CHECK(device.sealed_times(3) == (sealed ? 1 : 0));
}

TEST_CASE("killed at any step of finishing a batch, nothing is lost and the chain goes on") {
    FieldDevice device;
    device.lock();
    Step step{};
    SUBCASE("announced") {
        step = Step::announced;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    int times = 0;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, [&](Step reached) {
            if (reached == step && ++times == 3)
                ::kill(::getpid(), SIGKILL);  // two interviews, then the finish
        });
        device.interview(1);
        device.interview(2);
        (void)device.vault().lock();
    });
    REQUIRE(device.unlock().has_value());
    device.interview(3);
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].records.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
    CHECK(batches[1].open.first_record_sequence == 2);
}

TEST_CASE("killed at any instant, every interview stands exactly once") {
    FieldDevice device;
    device.lock();
    constexpr std::uint8_t rounds = 12;
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            (void)device.unlock();
            device.start("draft-" + std::to_string(round), "yes");
            (void)!::write(ready[1], "x", 1);
            (void)device.finalise("draft-" + std::to_string(round), round);
            (void)device.vault().lock();
            ::_exit(0);
        }
        char go = 0;
        REQUIRE(::read(ready[0], &go, 1) == 1);
        ::usleep(round * 700U);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    REQUIRE(device.unlock().has_value());
    const auto drafts = device.drafts();
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        const auto draft =
            std::ranges::count(drafts, "draft-" + std::to_string(round), &store::DraftSummary::id);
        CHECK(device.sealed_times(round) + draft == 1);
    }
}

TEST_CASE("after a proper end an unlock has found nothing") {
    FieldDevice device;
    device.interview(1);
    device.relock();
    CHECK(device.vault().found() == store::Found());
}

TEST_CASE("what a crash leaves open becomes final without a passphrase") {
    FieldDevice device;
    device.interview(1);
    device.crash();
    CHECK(store::adopt_leftovers(device.profile.path()) == 1);
    CHECK(device.sealed_times(1) == 1);
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
    std::filesystem::remove(device.profile.file("vault.db"));
    CHECK(device.sealed_times(1) == 1);
}

// --- faults -----------------------------------------------------------------------------------------

TEST_CASE("no room for the sealed file: the interview stays a draft, and is sealed once there is room") {
    FieldDevice device;
    device.interview(1);
    device.start("draft", "yes");
    device.relock();
    {
        const FullDisk disk(100 * 1024);  // the announcement fits, the batch does not
        CHECK(device.finalise("draft", 2, noise(150 * 1024)).error() == Error::disk_full);
        CHECK(device.drafts().size() == 1);
        CHECK(!device.drafts().front().finalising);
    }
    REQUIRE(device.finalise("draft", 2).has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
}

TEST_CASE("no room after the file was written: sealed once, and the draft goes as soon as there is room") {
    FieldDevice device;
    device.start("draft", "yes");
    device.lock();
    std::optional<FullDisk> disk;
    int times = 0;
    REQUIRE(device
                .unlock(Device::right_passphrase,
                        [&](Step step) {
                            if (step == Step::written && ++times == 1) disk.emplace(10);
                        })
                .has_value());
    CHECK(device.finalise("draft", 1).error() == Error::disk_full);
    CHECK(device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").error() == Error::disk_full);
    disk.reset();
    SUBCASE("tried again") {
        CHECK(device.finalise("draft", 1).has_value());
        CHECK(device.drafts().empty());
    }
    SUBCASE("edited") {
        CHECK(device.save("draft", "/q", "changed").error() == Error::unknown_draft);
    }
    SUBCASE("locked") {
        device.relock();
    }
    SUBCASE("killed") {
        device.crash();
        REQUIRE(device.unlock().has_value());
    }
    CHECK(device.drafts().empty());
    CHECK(device.sealed_times(1) == 1);
    device.interview(2);
    CHECK(device.batches().size() == 2);
}

TEST_CASE("an outbox that can't be written keeps the interview a draft") {
    FieldDevice device;
    device.start("draft", "yes");
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    std::filesystem::remove_all(open);
    write_file(open, "in the way");
    CHECK(device.finalise("draft", 1).error() == Error::not_writable);
    CHECK(device.drafts().size() == 1);
    std::filesystem::remove(open);
    CHECK(device.finalise("draft", 1).has_value());
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a batch that can't be finished for lack of room stays as it stands, complete, and goes later") {
    FieldDevice device;
    device.interview(1);
    {
        const FullDisk disk(10);
        CHECK(!device.vault().finish_batches().has_value());
        CHECK(device.sealed_times(1) == 1);
    }
    REQUIRE(device.vault().finish_batches().has_value());
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
    device.interview(2);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
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

TEST_CASE("before its first interview a device says that it is there, once, and the interviews follow") {
    FieldDevice device;
    REQUIRE(device.vault().say_here().has_value());
    REQUIRE(device.vault().say_here().has_value());
    device.interview(1);
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    const auto& here = batches[0].close.batch_sequence == 0 ? batches[0] : batches[1];
    const auto& next = batches[0].close.batch_sequence == 0 ? batches[1] : batches[0];
    CHECK(here.records.empty());
    CHECK_FALSE(here.close.provisional);
    CHECK_FALSE(here.close.last);
    CHECK(next.close.previous_batch == here.id);
    CHECK(next.close.first_record_sequence == 0);
    CHECK(next.records.size() == 1);
}

TEST_CASE("a week of silence is broken, a day of it is not") {
    FieldDevice device;
    device.interview(1);
    REQUIRE(device.vault().finish_batches().has_value());
    device.now += std::chrono::days(6);
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 1);
    device.now += std::chrono::days(1);
    REQUIRE(device.vault().say_here().has_value());
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 2);
    SUBCASE("a clock that was set back says it once more, and then keeps quiet") {
        device.now -= std::chrono::days(400);
        REQUIRE(device.vault().say_here().has_value());
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 3);
    }
    SUBCASE("also after the vault was locked") {
        device.relock();
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 2);
    }
}

TEST_CASE("nothing is said beside a batch that is open: it will say it itself") {
    FieldDevice device;
    device.interview(1);
    device.now += std::chrono::days(20);
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 1);
}

TEST_CASE("\"I am here\" counts as no interview and stands once, wherever it was cut short") {
    for (const Step end : {Step::announced, Step::written}) {
        CAPTURE(static_cast<int>(end));
        FieldDevice device;
        device.lock();
        struct Cut {};
        REQUIRE(device
                    .unlock(FieldDevice::right_passphrase,
                            [&](Step step) {
                                if (step == end) throw Cut{};
                            })
                    .has_value());
        CHECK_THROWS_AS((void)device.vault().say_here(), Cut);
        device.crash();
        REQUIRE(device.unlock().has_value());
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 1);
        const auto counts = device.vault().counts(device.record.study);
        CHECK(counts->drafts + counts->sealed + counts->handed_over + counts->confirmed == 0);
        device.interview(1);
        device.lock();
        CHECK(device.batches().size() == 2);
    }
}

TEST_CASE("a code that takes an interview back is a record of its own, in the batch that is open") {
    FieldDevice device;
    device.interview(1);
    const auto code = crypto::new_withdrawal_code();
    REQUIRE(code);
    REQUIRE(device.vault().withdraw(device.record.study, *code).has_value());
    device.interview(2);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    const auto& records = batches[0].records;
    REQUIRE(records.size() == 3);
    CHECK(records[1].type == crypto::RecordType::withdraw);
    CHECK(crypto::withdrawal_code_in(records[1].payload) == *code);
    CHECK(records[1].uuid != crypto::Id{});
    CHECK(records[1].uuid != records[0].uuid);
    CHECK(device.vault().head(device.record.study)->value().records == 3);
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});  // it is no interview
}

TEST_CASE("a code alone makes a batch, and stays after a restart") {
    FieldDevice device;
    REQUIRE(device.vault().withdraw(device.record.study, *crypto::new_withdrawal_code()).has_value());
    device.lock();
    REQUIRE(device.unlock().has_value());
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].records.size() == 1);
    CHECK(device.counts() == store::Counts{});
    CHECK(device.vault().withdraw(crypto::Id{}, {}).error() == Error::unknown_study);
}

TEST_CASE("a code that could not be sealed for lack of room is sealed by the next try, once or twice") {
    FieldDevice device;
    device.interview(1);
    const auto code = *crypto::new_withdrawal_code();
    {
        const FullDisk full(8 * 1024);  // for the log, and not for the file
        CHECK_FALSE(device.vault().withdraw(device.record.study, code).has_value());
    }
    REQUIRE(device.vault().withdraw(device.record.study, code).has_value());
    std::size_t codes = 0, interviews = 0;
    for (const auto& batch : device.batches())
        for (const auto& record : batch.records) {
            if (record.type == crypto::RecordType::data) ++interviews;
            if (record.type != crypto::RecordType::withdraw) continue;
            CHECK(crypto::withdrawal_code_in(record.payload) == code);
            ++codes;
        }
    CHECK(interviews == 1);
    CHECK((codes == 1 || codes == 2));
    CHECK(device.counts() == store::Counts{0, 1, 0, 0});
}
