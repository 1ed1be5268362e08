#include <doctest/doctest.h>
#include <sys/stat.h>

#include <functional>
#include <optional>
#include <sstream>

#include "client/researcher/synthetic_media.h"
#include "sync/receipt.h"
#include "tests/support/crypto_media.h"
#include "tests/support/researcher_media.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

// Photos, recordings and files, from the device's sealed files to the researcher's folder.

namespace {

constexpr std::size_t two_parts = crypto::media_part_size + 1000;

using Json = nlohmann::json;

/// What the device is told by the receipts in the store.
std::vector<sync::ReceiptEntry> told(Album& album) {
    std::array<std::uint8_t, 32> key;
    std::ranges::copy(album.laptop->receipt_key.expose(), key.begin());
    sync::StudySync device{.receipt_key = *crypto::ReceiptKey::take(key)};
    device.study_id = album.laptop->study.policy().study_id;
    device.device_id = crypto::device_id(album.laptop->key.verify_key());
    device.policies = {album.laptop->study.policy_digest()};
    for (const auto& entry : album.laptop->study.receipt_keys()) device.receipt_signers.push_back(entry.key);
    std::vector<sync::ReceiptEntry> entries;
    for (const fs::path& file : files_in(album.store)) {
        if (file.extension() != ".receipt") continue;
        const auto receipt = sync::open_receipt(crypto::bytes_of(content(file)), device);
        REQUIRE(receipt.has_value());
        entries.insert(entries.end(), receipt->entries.begin(), receipt->entries.end());
    }
    return entries;
}
std::optional<sync::Verdict> told_of(Album& album, const crypto::Digest& file) {
    const auto entries = told(album);
    const auto entry = std::ranges::find(entries, file, &sync::ReceiptEntry::file_sha256);
    return entry == entries.end() ? std::nullopt : std::optional(entry->verdict);
}

/// Lets something happen as soon as the program has said a word.
struct Listener final : std::stringbuf {
    std::string word;
    std::function<void()> then;

    int sync() override {
        if (then && str().find(word) != std::string::npos) std::exchange(then, {})();
        return 0;
    }
};

}  // namespace

TEST_CASE("media of simulated interviews come out byte for byte, where the tables say") {
    Album album;
    album.with_interviews(12, 2);
    REQUIRE_MESSAGE(album.open() == ExitCode::fine, album.err.str());
    CHECK(album.opened_lines() == album.true_lines());
    std::size_t files = 0;
    const auto& policy = album.laptop->study.policy();
    for (std::uint64_t i = 0; i < 12; ++i) {
        const std::uint64_t seed = mixed(SimulateOptions().seed, i);
        const auto submission =
            synthetic_submission({album.laptop->form, policy.study_tag, policy.wave, "2026-11-23"}, seed);
        for (const schema::MediaFile& media : submission.media) {
            const crypto::Bytes sealed = synthetic_media(media.name, media_seed(seed, media.name));
            const std::string written = content(album.results / "media" / submission.id / media.name);
            CHECK((written == std::string(sealed.begin(), sealed.end())));
            CHECK(written.size() == media.size);
            CHECK(written.find("taken by me") == std::string::npos);
            ++files;
        }
    }
    CHECK(files > 20);
    CHECK(files_in(album.results / "media").size() == files);
    const std::string csv =
        content(album.results / "survey.csv") + content(album.results / "survey-wound.csv");
    for (const fs::path& path : files_in(album.results / "media"))
        CHECK(csv.find(path.lexically_relative(album.results).string()) != std::string::npos);
}

TEST_CASE("media files are the owner's only, and appear under their names whole") {
    Album album;
    const std::string photo = noise(300'000, 1), film = noise(two_parts, 2);
    auto one = album.seals(1, "photo-1.jpg", photo), two = album.seals(1, "film-2.mp4", film);
    album.answers(1, {one.file, two.file});
    album.laptop->hands_over();
    album.hands_over(one);
    album.hands_over(two);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    REQUIRE_MESSAGE(album.open() == ExitCode::fine, album.err.str());
    CHECK(album.out.str().find("Media: 2 files\n") != std::string::npos);
    CHECK((content(album.written(1, "photo-1.jpg")) == photo));
    CHECK((content(album.written(1, "film-2.mp4")) == film));
    struct stat about {};
    REQUIRE(::stat(album.written(1, "photo-1.jpg").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    REQUIRE(::stat(album.written(1, "photo-1.jpg").parent_path().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0700);
}

TEST_CASE("media that are missing never keep back the answers, and are told for each interview") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    auto film = album.seals(1, "film-2.mp4", noise(two_parts, 2));
    auto other = album.seals(2, "photo-1.jpg", noise(1000, 3));
    album.answers(1, {photo.file, film.file});
    album.answers(2, {other.file});
    album.answers(3, {});
    album.laptop->hands_over();
    album.hands_over(film, 1);
    album.hands_over(other);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);

    const Json said = album.opened();
    CHECK(said["interviews"] == 3);
    CHECK(said["refused"].empty());
    CHECK(said["media"]["whole"] == 1);
    CHECK(said["media"]["missing"] == 1);
    CHECK(said["media"]["incomplete"] == 1);
    CHECK(said["media"]["lacking"] ==
          Json::parse(R"([{"submission":")" + Album::id_of(1) + R"(","name":"photo-1.jpg","why":"missing",
                           "parts":1,"here":0},
                          {"submission":")" +
                      Album::id_of(1) + R"(","name":"film-2.mp4","why":"incomplete",
                           "parts":2,"here":1}])"));
    CHECK_FALSE(fs::exists(album.written(1, "film-2.mp4")));
    CHECK(fs::exists(album.written(2, "photo-1.jpg")));
    const std::string report = content(album.results / "report.txt");
    CHECK(report.find("photo-1.jpg of " + Album::id_of(1) + " is not here. It comes with a later sync") !=
          std::string::npos);
    CHECK(report.find("film-2.mp4 of " + Album::id_of(1) + ": 1 of 2 parts are here.") != std::string::npos);

    album.hands_over(film, 0);
    album.hands_over(photo);
    const Json whole = album.opened();
    CHECK(whole["media"]["whole"] == 3);
    CHECK(whole["media"]["lacking"].empty());
}

TEST_CASE("media that come before their interview wait for it and are no fault") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.hands_over(photo);
    album.answers(2, {});
    album.laptop->hands_over();
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json early = album.opened();
    CHECK(early["interviews"] == 1);
    CHECK(early["refused"].empty());
    CHECK(early["media"]["waiting"] == 1);
    CHECK(files_in(album.results / "media").empty());
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    const Json then = album.opened();
    CHECK(then["media"]["waiting"] == 0);
    CHECK(then["media"]["whole"] == 1);
}

TEST_CASE("damaged media are refused, and taken for missing until an intact copy comes") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(300'000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    flip_byte(photo.parts[0], 200'000);
    const Json said = album.opened();
    CHECK(said["interviews"] == 1);
    REQUIRE(said["refused"].size() == 1);
    CHECK(said["refused"][0]["reason"] == "damaged");
    CHECK(said["media"]["missing"] == 1);
    CHECK_FALSE(fs::exists(album.written(1, "photo-1.jpg")));
    write(album.inbox / "copy.batch", photo.bytes[0].second);
    CHECK(album.opened()["media"]["whole"] == 1);
}

TEST_CASE("a part that is here twice counts once, and both copies are confirmed") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    write(album.inbox / "copy.batch", photo.bytes[0].second);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["media"]["whole"] == 1);
    CHECK(said["refused"].empty());
}

TEST_CASE(
    "media of another interview, another device or of no device of the study are not taken for what is "
    "asked") {
    Album album;
    const std::string content = noise(1000, 1);
    auto named = album.seals(1, "photo-1.jpg", content);
    auto of_another = album.seals(2, "photo-1.jpg", content);  // of interview 2, which names none
    auto again = album.seals(1, "photo-1.jpg", content);       // sealed anew: another hash
    album.answers(1, {named.file});
    album.answers(2, {});
    album.laptop->hands_over();
    album.hands_over(of_another);
    album.hands_over(again);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    album.laptop->key = *crypto::SigningKey::generate();  // a stranger, who knows what is asked for
    auto stranger = album.seals(1, "photo-1.jpg", content);
    album.hands_over(stranger);

    const Json said = album.opened();
    CHECK(said["interviews"] == 2);
    CHECK(said["media"]["whole"] == 0);
    CHECK(said["media"]["missing"] == 1);
    CHECK(said["media"]["unnamed"] == 2);
    REQUIRE(said["refused"].size() == 1);
    CHECK(said["refused"][0]["file"] == stranger.parts[0].filename().string());
    CHECK(said["refused"][0]["reason"] == "unknown_device");
}

TEST_CASE("one photo that a device has sealed twice is in the results once, and nothing is amiss") {
    Album album;
    const std::string content_of_it = noise(1000, 1);
    auto first = album.seals(1, "photo-1.jpg", content_of_it);  // before the power failed
    auto again = album.seals(1, "photo-1.jpg", content_of_it);  // under another key, so another hash
    album.answers(1, {again.file});
    album.laptop->hands_over();
    album.hands_over(first);
    album.hands_over(again);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    CHECK(album.open() == ExitCode::fine);
    CHECK(album.out.str().find(
              "Media: 1 file; 1 is named by no interview: kept in the inbox, and not used\n") !=
          std::string::npos);
    CHECK((content(album.written(1, "photo-1.jpg")) == content_of_it));
    CHECK(told_of(album, again.bytes[0].first) == sync::Verdict::accepted);
    CHECK(told_of(album, first.bytes[0].first) == sync::Verdict::quarantined);  // the device keeps it
    const Json said = album.opened();
    CHECK(said["media"]["unnamed"] == 1);
    CHECK(said["media"]["unnamed_of_contradictions"] == 0);
    CHECK(said["refused"].empty());
}

TEST_CASE(
    "the photo of an interview that contradicts another is kept with it, and nobody's program is blamed") {
    Album album;
    auto before = album.seals(1, "photo-1.jpg", noise(1000, 1)),
         after = album.seals(1, "photo-1.jpg", noise(1000, 2));
    for (auto* photo : {&before, &after}) {  // a restored machine finalises the same interview again
        album.answers(1, {photo->file});
        album.laptop->hands_over();
        album.hands_over(*photo);
    }
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["contradictions"].size() == 1);
    CHECK(said["refused"].empty());
    CHECK(said["media"]["whole"] == 1);
    CHECK(said["media"]["unnamed"] == 1);
    CHECK(said["media"]["unnamed_of_contradictions"] == 1);
    CHECK(
        content(album.results / "report.txt")
            .find("Media: 1 file; 1 is named by no interview: kept in the inbox, and not used (1 of them may "
                  "be of what contradicts another, below)\n") != std::string::npos);
}

TEST_CASE("the last line names the folders in which media are, and no other") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    REQUIRE(album.open() == ExitCode::fine);
    CHECK(album.out.str().find(" survey.jsonl media/ report.txt\n") != std::string::npos);

    write(album.form / "settings.csv", "form_title,form_id,version\nMedia form,media,2\n");
    auto build = album.build_options();
    build.predecessor = album.study;
    build.out = album.folder / "second.ffstudy";
    REQUIRE_MESSAGE(album.said(run_study_build, build) == ExitCode::fine, album.err.str());
    auto options = album.open_options();
    options.earlier = {std::exchange(album.study, build.out)};
    options.study = album.study;
    options.out = album.folder / "both";
    album.said(run_open, options);
    CHECK(album.out.str().find(" version-1/media/ report.txt\n") != std::string::npos);
    CHECK(album.out.str().find(" media/ ") == std::string::npos);
}

TEST_CASE("media of another study that is sealed to the same key are left alone") {
    Album album;
    album.laptop->next.open.study = *crypto::random_id();
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.hands_over(photo);
    const Json said = album.opened();
    REQUIRE(said["refused"].size() == 1);
    CHECK(said["refused"][0]["reason"] == "other_study");
}

TEST_CASE("parts of two media files under one name do not make one") {
    Album album;
    auto sealed = album.seals(1, "film-1.mp4", noise(two_parts, 1));
    auto other = album.seals(1, "film-1.mp4", noise(two_parts, 2));
    sealed.bytes[1] = other.bytes[1];
    album.answers(1, {sealed.file});
    album.laptop->hands_over();
    album.hands_over(sealed);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["media"]["incomplete"] == 1);
    CHECK_FALSE(fs::exists(album.written(1, "film-1.mp4")));
}

TEST_CASE(
    "media whose parts are not what the interview names are not written, though the device signed them") {
    Album album;
    auto sealed = album.seals(1, "film-1.mp4", noise(two_parts, 1));
    auto secret = *crypto::SecretText::copy_of(album.passphrases.passphrase);
    const auto anna = *crypto::Identity::from_file_bytes(crypto::bytes_of(content(album.key)), secret);
    test::MediaForger forger(crypto::bytes_of(sealed.bytes[1].second), anna);
    forger.content[0] ^= 1;  // as a faulty program would: the part's hash is right, the whole one's is not
    const crypto::Bytes forged = forger.hash_again().sign_again(album.laptop->key).build();
    sealed.bytes[1] = {crypto::sha256(forged), std::string(forged.begin(), forged.end())};
    album.answers(1, {sealed.file});
    album.laptop->hands_over();
    album.hands_over(sealed);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["interviews"] == 1);
    CHECK(said["media"]["whole"] == 0);
    REQUIRE(said["media"]["lacking"].size() == 1);
    CHECK(said["media"]["lacking"][0]["why"] == "wrong");
    CHECK(said["media"]["incomplete"] == 0);
    CHECK(said["media"].value("wrong", 0) == 1);
    const std::string report = content(album.results / "report.txt");
    CHECK(report.find("Media: 0 files; 1 is not what its interview names\n") != std::string::npos);
    CHECK(report.find("IS NOT what the interview names") != std::string::npos);
    CHECK(files_in(album.results / "media").empty());
    for (const auto& [part, bytes] : sealed.bytes)
        CHECK(told_of(album, part) == sync::Verdict::quarantined);  // the device keeps its own
}

TEST_CASE("parts whose keys differ make no media file, though they give the bytes that the interview names") {
    Album album;
    auto sealed = album.seals(1, "film-1.mp4", noise(two_parts, 1));
    auto secret = *crypto::SecretText::copy_of(album.passphrases.passphrase);
    const auto anna = *crypto::Identity::from_file_bytes(crypto::bytes_of(content(album.key)), secret);
    test::MediaForger forger(crypto::bytes_of(sealed.bytes[1].second), anna);
    forger.flip(test::MediaForger::media_key);
    const crypto::Bytes forged = forger.hash_again().sign_again(album.laptop->key).build();
    sealed.bytes[1] = {crypto::sha256(forged), std::string(forged.begin(), forged.end())};
    album.answers(1, {sealed.file});
    album.laptop->hands_over();
    album.hands_over(sealed);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["interviews"] == 1);
    CHECK(said["media"]["whole"] == 0);
    REQUIRE(said["media"]["lacking"].size() == 1);
    CHECK(said["media"]["lacking"][0]["why"] == "wrong");
    CHECK(files_in(album.results / "media").empty());
}

TEST_CASE("a media file is confirmed to its device like a batch") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    auto waiting = album.seals(9, "photo-1.jpg", noise(1000, 2));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    album.hands_over(waiting);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    album.open();
    const auto entries = told(album);
    REQUIRE(entries.size() == 3);
    for (const crypto::Digest& file : album.laptop->files)
        CHECK(told_of(album, file) == sync::Verdict::accepted);
    CHECK(entries[0].batch_sequence == 0);
    CHECK(entries[1].batch_sequence == sync::media_sequence);
}

TEST_CASE("media that could not be read again are not confirmed, until they come out whole") {
    Album album;
    auto film = album.seals(1, "film-1.mp4", noise(two_parts, 1));
    auto photo = album.seals(1, "photo-2.jpg", noise(1000, 2));
    album.answers(1, {film.file, photo.file});
    album.laptop->hands_over();
    album.hands_over(film);
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    Listener rots;
    rots.word = "Writing media";
    rots.then = [&] { flip_byte(film.parts[1], 700); };
    std::ostream err(&rots);
    Console console{album.out, err, true, album.passphrases};
    CHECK(run_open(album.open_options(), console) == ExitCode::findings);
    REQUIRE(album.out.str().find("could not be read a second time") != std::string::npos);
    CHECK(told_of(album, album.laptop->files[0]) == sync::Verdict::accepted);  // the answers
    for (const auto& [part, bytes] : film.bytes) CHECK_FALSE(told_of(album, part).has_value());
    CHECK(told_of(album, photo.bytes[0].first) == sync::Verdict::accepted);

    flip_byte(film.parts[1], 700);
    CHECK(album.opened()["media"]["whole"] == 2);
    for (const auto& [part, bytes] : film.bytes) CHECK(told_of(album, part) == sync::Verdict::accepted);
}

TEST_CASE("who withdraws in a batch that comes while the inbox is opened anew is in none of the results") {
    Album album;
    auto photo = album.seals(2, "photo-1.jpg", noise(1000, 1)),
         stays = album.seals(3, "photo-1.jpg", noise(1000, 2));
    const auto hands_over = [&](const fs::path& as) {
        album.laptop->hands_over();
        fs::rename(album.inbox / ("20261123-" + crypto::to_hex(album.laptop->files.back()) + ".batch"), as);
    };
    const auto withdraws = [&](int interview) {
        const auto code = Album::code_of(interview).bytes;
        album.laptop->seals_payload(Album::id_of(90 + interview), std::string(code.begin(), code.end()),
                                    crypto::RecordType::withdraw);
    };
    album.answers(1, {});
    album.answers(2, {photo.file});
    album.answers(3, {stays.file});
    hands_over(album.inbox / "a0.batch");
    album.hands_over(photo);
    album.hands_over(stays);
    withdraws(1);
    hands_over(album.inbox / "z1.batch");
    withdraws(2);
    hands_over(album.folder / "later");
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    Listener comes;
    comes.word = "Opening";
    comes.then = [&] { fs::rename(album.folder / "later", album.inbox / "z2.batch"); };
    std::ostream err(&comes);
    Console console{album.out, err, true, album.passphrases};
    album.out.str("");
    CHECK(run_open(album.open_options(), console) == ExitCode::fine);
    CHECK(album.out.str().starts_with("1 interview from 3 batches of 1 device; 2 were taken back"));
    CHECK(album.out.str().find("Media: 1 file;") != std::string::npos);
    CHECK(lines(content(album.results / "survey.csv")).size() == 2);
    CHECK(files_in(album.results / "media") == std::vector{album.written(3, "photo-1.jpg")});
    CHECK(Withdrawals::read(album.inbox)->by_hash().size() == 2);
}

TEST_CASE("media of who has withdrawn are not written, and those of an earlier run go") {
    Album album;
    auto gone = album.seals(1, "photo-1.jpg", noise(1000, 1)),
         stays = album.seals(2, "photo-1.jpg", noise(1000, 2));
    album.answers(1, {gone.file});
    album.answers(2, {stays.file});
    album.laptop->hands_over();
    album.hands_over(gone);
    album.hands_over(stays);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    CHECK(album.opened()["media"]["whole"] == 2);
    REQUIRE(fs::exists(album.written(1, "photo-1.jpg")));
    write(album.results / "media" / "notes.txt", "the researcher's own");

    Withdrawals noted;
    noted.add(Album::code_of(1));
    REQUIRE(noted.add_to(album.inbox));
    const Json said = album.opened();
    CHECK(said["withdrawn"] == 1);
    CHECK(said["media"]["whole"] == 1);
    CHECK(said["media"]["withdrawn"] == 1);
    CHECK(said["refused"].empty());
    CHECK_FALSE(fs::exists(album.written(1, "photo-1.jpg").parent_path()));
    CHECK(fs::exists(album.written(2, "photo-1.jpg")));
    CHECK(fs::exists(album.results / "media" / "notes.txt"));
}

TEST_CASE("a code that comes in a later batch keeps back the media of its interview") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    const auto code = Album::code_of(1);
    album.laptop->seals_payload(Album::id_of(7), std::string(code.bytes.begin(), code.bytes.end()),
                                crypto::RecordType::withdraw);
    album.laptop->hands_over();
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    const Json said = album.opened();
    CHECK(said["withdrawn"] == 1);
    CHECK(said["media"]["whole"] == 0);
    CHECK(said["media"]["withdrawn"] == 1);
    CHECK(files_in(album.results / "media").empty());
}

TEST_CASE("redacting a submission cuts its sealed media out whole, also those that come later") {
    Album album;
    const std::string film = noise(two_parts, 1);
    auto sealed = album.seals(1, "film-1.mp4", film);
    auto stays = album.seals(2, "photo-1.jpg", noise(1000, 2));
    album.answers(1, {sealed.file});
    album.answers(2, {stays.file});
    album.laptop->hands_over();
    album.hands_over(sealed, 0);
    album.hands_over(stays);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    Withdrawals noted;
    noted.add(Album::code_of(1));
    REQUIRE(noted.add_to(album.inbox));

    ArchiveRedactOptions options;
    options.study = album.study;
    options.inbox = album.inbox;
    options.keys = {album.key};
    options.withdrawn = true;
    options.output = Output::json;
    REQUIRE(album.said(run_archive_redact, options) == ExitCode::fine);
    Json said = Json::parse(album.out.str());
    CHECK(said["records"] == 1);
    CHECK(said["media"] == 1);
    CHECK(fs::file_size(sealed.parts[0]) < 1000);
    CHECK(fs::exists(sealed.parts[0]));  // under its name, so that it is not fetched again

    album.hands_over(sealed, 1);  // its submission is no more, and it says itself that it was withdrawn
    said = album.opened();
    REQUIRE(said["came_back"].size() == 1);
    CHECK(said["came_back"][0]["file"] == sealed.parts[1].filename().string());
    CHECK(said["media"]["waiting"] == 1);  // the other interview's, whose batch opens with --salvage now
    REQUIRE(album.said(run_archive_redact, options) == ExitCode::fine);
    said = Json::parse(album.out.str());
    CHECK(said["records"] == 0);
    CHECK(said["media"] == 1);
    REQUIRE(album.said(run_archive_redact, options) == ExitCode::fine);
    CHECK(Json::parse(album.out.str())["media"] == 0);

    // What is left of them holds nothing, so it keeps nobody from destroying a key.
    REQUIRE(album.key_new("archive") == ExitCode::fine);
    ArchiveRewrapOptions rewrap;
    rewrap.inbox = album.inbox;
    rewrap.keys = {album.key};
    rewrap.archive = album.folder / "archive.ffkey";
    rewrap.output = Output::json;
    album.said(run_archive_rewrap, rewrap);
    const Json rewrapped = Json::parse(album.out.str());
    for (const Json& left : rewrapped["left"])
        CHECK(crypto::says_media(crypto::bytes_of(content(album.inbox / left["file"].get<std::string>()))) ==
              false);

    auto open = album.open_options();
    open.salvage = Salvage::yes;
    open.output = Output::json;
    open.overwrite = Overwrite::yes;
    album.said(run_open, open);
    said = Json::parse(album.out.str());
    CHECK(said["media"]["redacted"] == 2);
    CHECK(said["media"]["whole"] == 1);
    CHECK(said["media"]["lacking"].empty());
}

TEST_CASE("no device can have the media of another's interview redacted, whatever it says and withdraws") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1), false);
    album.answers(1, {photo.file}, false);
    album.laptop->hands_over();
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    album.laptop.emplace(album);  // another device, with the same uuid and a code that its owner knows
    auto made_up = album.seals(1, "photo-1.jpg", noise(1000, 2));
    album.hands_over(made_up);
    album.answers(1, {made_up.file});
    album.laptop->hands_over();
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    Withdrawals noted;
    noted.add(Album::code_of(1));
    REQUIRE(noted.add_to(album.inbox));

    ArchiveRedactOptions options;
    options.study = album.study;
    options.inbox = album.inbox;
    options.keys = {album.key};
    options.withdrawn = true;
    options.output = Output::json;
    REQUIRE(album.said(run_archive_redact, options) == ExitCode::fine);
    CHECK(Json::parse(album.out.str())["media"] == 1);
    CHECK(fs::file_size(made_up.parts[0]) < 1000);
    CHECK(fs::file_size(photo.parts[0]) > 1000);
    CHECK(album.opened()["media"]["whole"] == 1);
}

TEST_CASE("media of a quorum study open with the custodians' shares") {
    Album album(3);
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    std::vector<fs::path> shares;
    for (const char* name : {"anna", "custodian-1"}) {
        CustodyExtractOptions options;
        options.study = album.study;
        options.inbox = album.inbox;
        options.key = album.folder / (std::string(name) + ".ffkey");
        options.analyst = album.folder / "analyst.ffpub";
        options.out = album.folder / (std::string(name) + ".ffshare");
        REQUIRE_MESSAGE(album.said(run_custody_extract, options) == ExitCode::fine, album.err.str());
        CHECK(album.out.str().find("the shares of 2 batches") != std::string::npos);
        shares.push_back(options.out);
    }
    RosterAddOptions enrol;
    enrol.study = album.study;
    enrol.root = album.root;
    enrol.roster = album.roster;
    enrol.inbox = album.inbox;
    enrol.keys = {album.key};
    enrol.shares = shares;
    enrol.enrolment_numbers = {album.laptop->enrolment_number()};
    REQUIRE_MESSAGE(album.said(run_roster_add, enrol) == ExitCode::fine, album.err.str());
    auto options = album.open_options();
    options.shares = shares;
    REQUIRE_MESSAGE(album.said(run_open, options) == ExitCode::fine, album.err.str());
    CHECK(fs::exists(album.written(1, "photo-1.jpg")));
    options.shares.pop_back();
    options.overwrite = Overwrite::yes;
    options.output = Output::json;
    CHECK(album.said(run_open, options) == ExitCode::findings);
    const Json said = Json::parse(album.out.str());
    REQUIRE(said["refused"].size() == 2);
    for (const Json& refused : said["refused"]) CHECK(refused["reason"] == "too_few_shares");
}

TEST_CASE("media open with the archive key when the old key is gone") {
    Album album;
    REQUIRE(album.key_new("archive") == ExitCode::fine);
    const std::string content_of_photo = noise(1000, 1);
    auto photo = album.seals(1, "photo-1.jpg", content_of_photo);
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    ArchiveRewrapOptions rewrap;
    rewrap.inbox = album.inbox;
    rewrap.keys = {album.key};
    rewrap.archive = album.folder / "archive.ffkey";
    REQUIRE_MESSAGE(album.said(run_archive_rewrap, rewrap) == ExitCode::fine, album.err.str());
    CHECK(album.out.str().find("2 batches wrapped") != std::string::npos);
    auto options = album.open_options();
    options.keys = {rewrap.archive};
    album.said(run_open, options);
    CHECK((content(album.written(1, "photo-1.jpg")) == content_of_photo));
}

TEST_CASE("inspect says that a file is part of a media file, and with the key of which interview") {
    Album album;
    auto film = album.seals(1, "film-1.mp4", noise(two_parts, 1));
    album.hands_over(film);
    const Json said = album.inspected(film.parts[1]);
    CHECK(said["kind"] == "media");
    CHECK(said["part"] == 2);
    CHECK(said["parts"] == 2);
    CHECK(said["size"] == two_parts);
    CHECK(said["submission"] == Album::id_of(1));
    CHECK(said["media_hash"] == film.file.hash);
    CHECK_FALSE(said.contains("records"));
}

TEST_CASE("media are not written through a link that somebody put into the results") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    album.answers(1, {photo.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    fs::create_directories(album.folder / "elsewhere");
    fs::create_directories(album.results);
    fs::create_directory_symlink(album.folder / "elsewhere", album.results / "media");
    CHECK(album.open() == ExitCode::could_not);
    CHECK(album.err.str().find("is no folder of ours") != std::string::npos);
    CHECK(files_in(album.folder / "elsewhere").empty());
    CHECK_FALSE(fs::exists(album.results / "survey.csv"));
}

TEST_CASE("when the disk is full, no media of this run stay and no tables appear") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1));
    auto film = album.seals(1, "film-2.mp4", noise(3'000'000, 2));
    album.answers(1, {photo.file, film.file});
    album.laptop->hands_over();
    album.hands_over(photo);
    album.hands_over(film);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    {
        const FileSizeLimit full(1'000'000);
        CHECK(album.open() == ExitCode::could_not);
    }
    CHECK_FALSE(fs::exists(album.results / "media"));
    CHECK_FALSE(fs::exists(album.results / "survey.csv"));
    CHECK(album.open() == ExitCode::fine);
    CHECK(fs::exists(album.written(1, "film-2.mp4")));
}

TEST_CASE("a folder is not left empty where a media file could not be written") {
    Album album;
    auto film = album.seals(1, "film-1.mp4", noise(3'000'000, 2));
    album.answers(1, {film.file});
    album.laptop->hands_over();
    album.hands_over(film);
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    {
        const FileSizeLimit full(1'000'000);
        CHECK(album.open() == ExitCode::could_not);
    }
    CHECK_FALSE(fs::exists(album.results / "media"));
}

TEST_CASE("media of a revoked device count where an interview that counts names them, and nowhere else") {
    Album album;
    auto photo = album.seals(1, "photo-1.jpg", noise(1000, 1)),
         made_up = album.seals(2, "photo-1.jpg", noise(1000, 2));
    album.answers(1, {photo.file});
    const auto last = album.laptop->writer->current(album.laptop->key)->id;
    album.laptop->hands_over_open_batch();
    REQUIRE(album.laptop->is_enrolled() == ExitCode::fine);
    REQUIRE(album.laptop->is_revoked_after(last) == ExitCode::fine);
    album.hands_over(photo);
    album.hands_over(made_up);
    const Json said = album.opened();
    CHECK(said["media"]["whole"] == 1);
    REQUIRE(said["refused"].size() == 1);
    CHECK(said["refused"][0]["reason"] == "revoked");
    CHECK(said["refused"][0]["file"] == made_up.parts[0].filename().string());
}

TEST_CASE("a study takes questions for photos, recordings, films and files") {
    Desk desk;
    desk.with_keys();
    write_media_form(desk.form);
    fs::create_directories(desk.store);
    REQUIRE(desk.build() == ExitCode::fine);
    CHECK(read_study(desk.study)->policy().title == "Media form");
}
