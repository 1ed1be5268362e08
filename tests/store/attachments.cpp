// Photos, recordings and files of drafts, and how they are sealed with their interview. What the sealed parts
// hold is asked of the researcher's keys.
#include "client/store/attachments.h"

#include <doctest/doctest.h>

#include <map>

#include "crypto/media_reader.h"
#include "crypto/random.h"
#include "schema/media_file.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Attachment;
using store::Error;
using store::Step;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

/// A draft with a photo, and what the vault does with both.
struct WithPhoto : FieldDevice {
    explicit WithPhoto(std::size_t size = 3 * mebibyte + 17) : photo(noise(size)) {
        start("draft", "yes");
        attach("draft", "/photo", "photo-1.jpg", photo);
    }
    std::uintmax_t database_size() {
        relock();
        return std::filesystem::file_size(profile.file("vault.db"));
    }
    std::string photo;
};

using Media = std::map<std::string, std::string>;

/// The media files in the outbox that are whole, by submission and by the hash that it names, as the
/// researcher reads them.
std::map<std::uint8_t, Media> opened_media(const FieldDevice& device) {
    struct Parts {
        std::uint64_t size = 0;
        std::map<std::uint32_t, std::string> contents;
    };
    std::map<std::pair<std::uint8_t, std::string>, Parts> files;
    for (const auto& path : device.parts()) {
        const auto bytes = bytes_of_file(path);
        const auto view = crypto::bytes_of(bytes);
        std::string content;
        const auto opened = crypto::read_media(crypto::source_of(view), device.researcher.identities(), {},
                                               [&](crypto::ByteView more) {
                                                   content.append(more.begin(), more.end());
                                                   return crypto::Result<void>();
                                               });
        REQUIRE(opened.has_value());
        CHECK(path.stem().string() == crypto::to_hex(crypto::sha256(view)));
        Parts& parts = files[{opened->head.submission.back(), crypto::to_hex(opened->head.media_hash)}];
        parts.size = opened->head.size;
        CHECK(parts.contents.emplace(opened->head.part, std::move(content)).second);
    }
    std::map<std::uint8_t, Media> whole;
    for (auto& [of, parts] : files) {
        std::string all;
        for (const auto& [number, content] : parts.contents) all += content;
        if (all.size() == parts.size) whole[of.first][of.second] = std::move(all);
    }
    return whole;
}

/// What the one interview of the device names: its payload is hashes.
std::string named_hash(const FieldDevice& device) {
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    const auto& payload = batches[0].records.at(0).payload;
    const std::string text(payload.begin(), payload.end());
    return text.substr(0, text.find('\n'));
}

/// Parts in the outbox that a sync would hand over.
std::size_t parts_that_may_go(const FieldDevice& device) {
    const auto outbox = sync::Outbox::open(store::outbox_folder(device.profile.path()));
    REQUIRE(outbox.has_value());
    std::size_t count = 0;
    for (const auto& part : device.parts()) count += outbox->find(part.stem().string())->held ? 0 : 1;
    return count;
}

/// The photo stands sealed, whole, once, under the name that the one sealed interview gives it.
void check_sealed_once(const WithPhoto& device, std::uint8_t submission) {
    const auto media = opened_media(device)[submission];
    REQUIRE(media.size() == 1);
    CHECK(media.begin()->second == device.photo);
    CHECK(media.begin()->first == named_hash(device));
    CHECK(device.parts().size() == crypto::media_parts(device.photo.size()));
}

}  // namespace

// --- in the vault -----------------------------------------------------------------------------------

TEST_CASE("a file that is attached is the draft's, also after the vault was locked") {
    WithPhoto device;
    const std::vector<Attachment> files = {{"photo-1.jpg", device.photo.size()}};
    CHECK(device.attachments("draft") == files);
    device.relock();
    CHECK(device.attachments("draft") == files);
}

TEST_CASE("what is attached stands readable nowhere in the profile") {
    FieldDevice device;
    const std::string marker = "Marker-90417";
    std::string photo;
    while (photo.size() < 2 * mebibyte) photo += marker;
    device.start("draft", "yes");
    device.attach("draft", "/photo", "portrait_of_anna-1.jpg", photo);
    CHECK(files_with(device.profile.path(), marker).empty());
    CHECK(files_with(device.profile.path(), "portrait_of_anna").empty());
    REQUIRE(device.finalise_with("draft", 1, {"portrait_of_anna-1.jpg"}).has_value());
    device.lock();
    CHECK(files_with(device.profile.path(), marker).empty());
    CHECK(files_with(device.profile.path(), "portrait_of_anna").empty());
}

TEST_CASE("256 MiB are taken, one byte more is refused, and so is an empty file") {
    FieldDevice device;
    device.start("draft", "yes");
    CHECK(device.bring("draft", "photo-1.jpg", "").error() == Error::empty_file);
    REQUIRE(device.vault().begin_attachment("draft", "film-1.mp4").has_value());
    const std::string bite(16 * mebibyte, 'x');
    for (std::uint64_t size = 0; size < schema::max_media_bytes; size += bite.size())
        REQUIRE(device.vault().add_to_attachment(crypto::bytes_of(bite)).has_value());
    CHECK(device.vault().add_to_attachment(crypto::bytes_of("x")).error() == Error::file_too_large);
    CHECK(device.attachments("draft").empty());
    CHECK(device.bring("draft", "film-1.mp4", "another").has_value());
}

TEST_CASE("a file goes when its answer is another, is taken back, or its draft is deleted") {
    WithPhoto device(8 * mebibyte);
    const auto before = device.database_size();
    std::vector<Attachment> left;
    SUBCASE("replaced") {
        device.attach("draft", "/photo", "photo-2.jpg", noise(mebibyte));
        left = {{"photo-2.jpg", mebibyte}};
    }
    SUBCASE("taken back") {
        REQUIRE(device.save("draft", "/photo", "").has_value());
    }
    SUBCASE("deleted") {
        REQUIRE(device.vault().delete_draft("draft").has_value());
        device.start("draft", "yes");
    }
    // Where it stood there is room for the next.
    device.start("another", "yes");
    device.attach("another", "/photo", "photo-1.jpg", noise(6 * mebibyte));
    CHECK(device.database_size() < before + 2 * mebibyte);
    CHECK(device.attachments("draft") == left);
}

TEST_CASE("a file stays with its answer when a repeat counts its instances anew") {
    FieldDevice device;
    device.start("draft", "yes");
    device.attach("draft", "/r[1]/photo", "photo-1.jpg", "first");
    device.attach("draft", "/r[2]/photo", "photo-2.jpg", "second");
    const std::vector<schema::DraftEntry> moved = {{"/r[1]/photo", "photo-2.jpg", std::nullopt, true}};
    const std::vector<std::string> gone = {"/r[2]/photo"};
    auto change = FieldDevice::change(moved);
    change.removed = gone;
    REQUIRE(device.vault().save_draft("draft", change).has_value());
    CHECK(device.attachments("draft") == std::vector<Attachment>{{"photo-2.jpg", 6}});
}

TEST_CASE("answers are saved while a file comes in, and it is not lost before its own is") {
    FieldDevice device;
    device.start("draft", "yes");
    REQUIRE(device.vault().begin_attachment("draft", "photo-1.jpg").has_value());
    REQUIRE(device.vault().add_to_attachment(crypto::bytes_of("half")).has_value());
    REQUIRE(device.save("draft", "/name", "x").has_value());
    REQUIRE(device.vault().add_to_attachment(crypto::bytes_of(" and half")).has_value());
    REQUIRE(device.vault().end_attachment() == 13);
    REQUIRE(device.save("draft", "/name", "y").has_value());
    REQUIRE(device.save("draft", "/photo", "photo-1.jpg").has_value());
    CHECK(device.attachments("draft") == std::vector<Attachment>{{"photo-1.jpg", 13}});
}

TEST_CASE("what came in and never became an answer goes when the draft is opened again") {
    FieldDevice device;
    device.start("draft", "yes");
    SUBCASE("whole") {
        REQUIRE(device.bring("draft", "photo-1.jpg", "photo").has_value());
    }
    SUBCASE("half") {
        REQUIRE(device.vault().begin_attachment("draft", "photo-1.jpg").has_value());
        REQUIRE(device.vault().add_to_attachment(crypto::bytes_of(noise(2 * mebibyte))).has_value());
    }
    device.crash();
    REQUIRE(device.unlock().has_value());
    CHECK(device.attachments("draft").empty());
    device.attach("draft", "/photo", "photo-1.jpg", "another");  // the name is free
    CHECK(device.attachments("draft").size() == 1);
}

TEST_CASE("a file that comes in is dropped on demand, by a lock, by another, and with its draft") {
    FieldDevice device;
    device.start("draft", "yes");
    REQUIRE(device.vault().begin_attachment("draft", "photo-1.jpg").has_value());
    REQUIRE(device.vault().add_to_attachment(crypto::bytes_of("half")).has_value());
    SUBCASE("dropped") {
        device.vault().drop_attachment();
    }
    SUBCASE("locked") {
        device.relock();
    }
    SUBCASE("another") {
        REQUIRE(device.bring("draft", "photo-2.jpg", "another").has_value());
        CHECK(device.attachments("draft").empty());  // no answer names it yet
    }
    SUBCASE("the draft is deleted") {
        REQUIRE(device.vault().delete_draft("draft").has_value());
        REQUIRE(device.vault().add_to_attachment(crypto::bytes_of(noise(2 * mebibyte))).has_value());
        CHECK(device.vault().end_attachment().error() == Error::unknown_draft);
        device.start("draft-2", "yes");
    }
    CHECK(device.vault().end_attachment().error() == Error::internal);
    CHECK(device.vault().add_to_attachment(crypto::bytes_of("x")).error() == Error::internal);
}

TEST_CASE("a file for a draft that is not there is refused") {
    FieldDevice device;
    CHECK(device.bring("nothing", "photo-1.jpg", "photo").error() == Error::unknown_draft);
    device.start("draft", "yes");
    REQUIRE(device.vault().lock().has_value());
    CHECK(device.vault().begin_attachment("draft", "photo-1.jpg").error() == Error::locked);
}

TEST_CASE("no room for a file: it is refused, the draft is whole and is saved on") {
    FieldDevice device;
    device.start("draft", "yes");
    {
        const FullDisk full(4 * mebibyte);
        CHECK(device.bring("draft", "photo-1.jpg", noise(9 * mebibyte)).error() == Error::disk_full);
    }
    CHECK(device.attachments("draft").empty());
    device.attach("draft", "/photo", "photo-1.jpg", noise(9 * mebibyte));
    CHECK(device.attachments("draft").size() == 1);
}

// --- sealed -----------------------------------------------------------------------------------------

TEST_CASE(
    "a photo is sealed with its interview, under the hash that the interview names, and leaves the vault") {
    WithPhoto device(9 * mebibyte);  // two parts
    const auto before = device.database_size();
    const auto withdrawal = crypto::sha256(crypto::bytes_of("code"));
    REQUIRE(device.finalise_with("draft", 7, {"photo-1.jpg"}, withdrawal).has_value());
    CHECK(device.drafts().empty());
    CHECK(device.parts().size() == 2);
    check_sealed_once(device, 7);
    for (const auto& path : device.parts()) {
        const auto bytes = bytes_of_file(path);
        const auto opened =
            crypto::inspect_media(crypto::source_of(crypto::bytes_of(bytes)), device.researcher.identities());
        REQUIRE(opened.has_value());
        CHECK(opened->head.study == device.record.study);
        CHECK(opened->head.device_key == device.vault().studies()->front().device_key);
        CHECK(opened->head.policy_digest == device.record.policy_digest);
        CHECK(opened->head.recipients == device.record.recipients);
        CHECK(opened->head.withdrawal == withdrawal);
        CHECK(std::ranges::equal(opened->receipt_key.expose(), device.batches()[0].receipt_key.expose()));
    }
    device.start("next", "yes");
    device.attach("next", "/photo", "photo-1.jpg", noise(8 * mebibyte));
    CHECK(device.database_size() < before + mebibyte);
}

TEST_CASE("each part stands in the outbox as its study's, of its day") {
    WithPhoto device;
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    const auto sealed = device.vault().outbox().value()->sealed().value();
    REQUIRE(sealed.size() == 1);  // the batch is open
    CHECK(sealed[0].study_tag == device.record.tag);
    CHECK(sealed[0].day == std::chrono::floor<std::chrono::days>(device.now));
}

TEST_CASE("what the interview does not name is not sealed") {
    WithPhoto device;
    device.attach("draft", "/other", "other-2.jpg", noise(1000));
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    check_sealed_once(device, 1);
}

TEST_CASE("a name under which nothing is attached seals nothing") {
    WithPhoto device;
    CHECK(device.finalise_with("draft", 1, {"photo-9.jpg"}).error() == Error::unknown_attachment);
    CHECK(device.batches().empty());
    CHECK(device.drafts().size() == 1);
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    check_sealed_once(device, 1);
}

TEST_CASE("killed at any step of sealing a photo and its interview, both stand exactly once") {
    WithPhoto device(9 * mebibyte);
    device.lock();
    Step step{};
    bool sealed = false;
    SUBCASE("a part announced") {
        step = Step::part_announced;
    }
    SUBCASE("a part written") {
        step = Step::part_written;
    }
    SUBCASE("all parts written") {
        step = Step::media_sealed;
    }
    SUBCASE("the answers announced") {
        step = Step::announced;
    }
    SUBCASE("the answers written") {
        step = Step::written;
        sealed = true;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
        sealed = true;
    }
    SUBCASE("checkpointed") {
        step = Step::checkpointed;
        sealed = true;
    }
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(step));
        (void)device.finalise_with("draft", 2, {"photo-1.jpg"});
    });
    REQUIRE(WIFSIGNALED(status));
    // While nobody knows whether it will be sealed, nothing of it goes out.
    if (!sealed) CHECK(parts_that_may_go(device) == 0);
    REQUIRE(device.unlock().has_value());
    if (!sealed) CHECK(parts_that_may_go(device) == 0);
    CHECK(device.counts() == store::Counts{sealed ? 0 : 1, sealed ? 1 : 0, 0, 0});
    std::uint8_t submission = 2;
    if (!sealed) {
        CHECK(device.attachments("draft") == std::vector<Attachment>{{"photo-1.jpg", device.photo.size()}});
        // What was announced is tried again as what it was. Before that the program forgets the submission's id
        // with its memory: what was sealed under it is nobody's.
        if (step != Step::announced) submission = 3;
        REQUIRE(device.finalise_with("draft", submission, {"photo-1.jpg"}).has_value());
    }
    CHECK(parts_that_may_go(device) == 2);
    device.relock();
    check_sealed_once(device, submission);
}

TEST_CASE("a second try seals what the first has not, and gives again what it has") {
    WithPhoto device;
    device.attach("draft", "/film", "film-2.mp4", noise(2 * mebibyte));
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(Step::media_sealed));
        (void)device.finalise_with("draft", 1, {"photo-1.jpg", "film-2.mp4"});
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.unlock().has_value());
    const auto sealed = device.parts();
    REQUIRE(sealed.size() == 2);
    SUBCASE("both are there") {
        REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg", "film-2.mp4"}).has_value());
        auto now = device.parts();
        CHECK(std::ranges::is_permutation(now, sealed));
    }
    SUBCASE("the disk has lost one") {
        std::filesystem::remove(sealed[0]);
        REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg", "film-2.mp4"}).has_value());
        const auto now = device.parts();
        CHECK(std::ranges::count(now, sealed[0]) == 0);
        CHECK(std::ranges::count(now, sealed[1]) == 1);
    }
    SUBCASE("one is not wanted any more") {
        REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
        check_sealed_once(device, 1);
        return;
    }
    SUBCASE("under another code") {
        REQUIRE(
            device.finalise_with("draft", 1, {"photo-1.jpg", "film-2.mp4"}, crypto::Digest{1}).has_value());
        for (const auto& path : sealed) CHECK_FALSE(std::filesystem::exists(path));
    }
    SUBCASE("after the recipients changed") {
        REQUIRE(device.vault().import_study(study_record(device.researcher, 2)).has_value());
        REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg", "film-2.mp4"}).has_value());
        for (const auto& path : sealed) CHECK_FALSE(std::filesystem::exists(path));
    }
    CHECK(opened_media(device)[1].size() == 2);
    CHECK(device.parts().size() == 2);
}

TEST_CASE("what was sealed of a draft that is then deleted, or of a file that is replaced, is thrown away") {
    WithPhoto device;
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(Step::media_sealed));
        (void)device.finalise_with("draft", 1, {"photo-1.jpg"});
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.unlock().has_value());
    REQUIRE(device.parts().size() == 1);
    SUBCASE("deleted") {
        REQUIRE(device.vault().delete_draft("draft").has_value());
    }
    SUBCASE("replaced") {
        device.attach("draft", "/photo", "photo-2.jpg", "another");
    }
    CHECK(device.parts().empty());
    CHECK(device.vault().outbox().value()->sealed()->empty());
}

TEST_CASE("no room for a part: the interview stays a draft with its photo, and nothing half is left") {
    WithPhoto device(9 * mebibyte);
    device.relock();
    {
        const FullDisk full(5 * mebibyte);
        CHECK(device.finalise_with("draft", 1, {"photo-1.jpg"}).error() == Error::disk_full);
        CHECK(device.parts().empty());
    }
    CHECK(device.attachments("draft").size() == 1);
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    check_sealed_once(device, 1);
}

TEST_CASE("no room after the first part: it is thrown away, so that there is room for the draft") {
    WithPhoto device(9 * mebibyte);
    device.lock();
    std::optional<FullDisk> full;
    REQUIRE(device
                .unlock(Device::right_passphrase,
                        [&full](Step step) {
                            if (step == Step::part_written && !full) full.emplace(500'000);
                        })
                .has_value());
    CHECK(device.finalise_with("draft", 1, {"photo-1.jpg"}).error() == Error::disk_full);
    CHECK(device.parts().empty());
    CHECK(device.save("draft", "/name", "x").has_value());
    full.reset();
    device.relock();
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    check_sealed_once(device, 1);
}

TEST_CASE("killed at any instant, every photo stands with its interview, exactly once") {
    FieldDevice device;
    device.lock();
    const std::string photo = noise(9 * mebibyte);
    constexpr std::uint8_t rounds = 8;
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        const auto status = in_another_process([&] {
            (void)device.unlock();
            const auto draft = "draft-" + std::to_string(round);
            device.start(draft, "yes");
            device.attach(draft, "/photo", "photo-1.jpg", photo);
            itimerval soon{{}, {0, 1 + 12'000 * round}};
            ::signal(SIGALRM, SIG_DFL);
            ::setitimer(ITIMER_REAL, &soon, nullptr);
            (void)device.finalise_with(draft, round, {"photo-1.jpg"});
            for (;;) ::pause();
        });
        REQUIRE(WIFSIGNALED(status));
    }
    REQUIRE(device.unlock().has_value());
    for (const auto& draft : device.drafts())
        REQUIRE(device
                    .finalise_with(draft.id, static_cast<std::uint8_t>(std::stoi(draft.id.substr(6))),
                                   {"photo-1.jpg"})
                    .has_value());
    auto media = opened_media(device);
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        CAPTURE(round);
        CHECK(device.sealed_times(round) == 1);
        REQUIRE(media[round].size() == 1);
        CHECK(media[round].begin()->second == photo);
    }
    CHECK(device.parts().size() == 2 * rounds);  // two parts each
}
