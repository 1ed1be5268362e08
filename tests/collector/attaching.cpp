// The person's own files on their way into the vault, and what of them is sealed.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <map>

#include "client/collector/file_copy.h"
#include "client/collector/folder_contents.h"
#include "crypto/media_reader.h"
#include "schema/media_file.h"
#include "schema/submission.h"
#include "tests/support/collector.h"
#include "tests/support/photo.h"

using namespace fieldfare;
using namespace fieldfare::test;
namespace fs = std::filesystem;

namespace {

schema::Item question(const std::string& name, schema::QuestionType type, int row) {
    schema::Item item;
    item.type = type;
    item.name = name;
    item.row = row;
    item.label = {name, name};
    return item;
}

/// A device with a draft of a form that asks for a photo and a file.
struct Attaching : Program {
    Attaching() {
        study.contents.form.items = {question("photo", schema::QuestionType::image, 2),
                                     question("paper", schema::QuestionType::file, 3)};
        begins_with(study);
        form = last<app::ProfileCreated>()->opened.form;
        does(app::CreateDraft{draft, "2026-11-23", {}, 0, 1, form});
        fs::create_directories(own);
    }
    std::string puts(const std::string& name, const std::string& content) {
        write_file(own / name, content);
        return (own / name).string();
    }
    void attaches(const std::string& name, const std::string& path) {
        does(app::AttachFile{draft, name, path});
    }
    void answers_with(const std::string& path, const std::string& name) {
        app::SaveAnswers save;
        save.draft = draft;
        save.entries = {{path, name, std::nullopt, true}};
        save.form = form;
        does(std::move(save));
        REQUIRE(last<app::AnswerSaved>() != nullptr);
    }
    std::string refusal() {
        REQUIRE(last<app::FileRefused>() != nullptr);
        return last<app::FileRefused>()->why.key;
    }
    std::vector<app::AttachedFile> files() {
        does(app::LoadDraft{draft});
        REQUIRE(last<app::DraftLoaded>() != nullptr);
        return last<app::DraftLoaded>()->files;
    }
    /// As update() does it: the media without their hashes.
    void seals(const std::vector<std::pair<std::string, std::string>>& answers) {
        schema::Surroundings around;
        around.random = [] { return std::uint64_t{7}; };
        auto interview = schema::Interview::start(form, around);
        schema::Finalising how{"00000000-0000-4000-8000-000000000001", 0, "2026-11-23", 1, {}};
        for (const auto& [name, value] : answers) {
            REQUIRE(interview.answer(interview.find(name), value).has_value());
            how.media.push_back({value, 0, ""});
        }
        const auto submission = schema::finalise(interview, how);
        does(app::SealInterview{draft, submission, form});
    }
    /// The submission that the researcher opens, and the content of the media that it names, by name.
    std::map<std::string, std::string> opened_media() {
        const auto batches = opened_by(study.first);
        REQUIRE(batches.size() == 1);
        const auto& payload = batches[0].records.at(0).payload;
        const auto submission = schema::submission_from_json(
            {reinterpret_cast<const char*>(payload.data()), payload.size()}, form->form());
        REQUIRE(submission.has_value());
        std::map<std::string, std::map<std::uint32_t, std::string>> parts;
        for (const auto& entry : fs::directory_iterator(store::outbox_folder(profile.path()))) {
            if (entry.path().extension() != ".batch") continue;
            const auto bytes = bytes_of_file(entry.path());
            std::string content;
            const auto part = crypto::read_media(crypto::source_of(crypto::bytes_of(bytes)),
                                                 {&study.first, 1}, {}, [&](crypto::ByteView more) {
                                                     content.append(more.begin(), more.end());
                                                     return crypto::Result<void>();
                                                 });
            if (part) parts[crypto::to_hex(part->head.media_hash)][part->head.part] = content;
        }
        std::map<std::string, std::string> media;
        for (const schema::MediaFile& file : submission->media) {
            for (const auto& [number, content] : parts[file.hash]) media[file.name] += content;
            CHECK(file.size == media[file.name].size());
        }
        return media;
    }

    Study study;
    std::shared_ptr<const schema::CompiledForm> form;
    app::DraftId draft = "draft-1";
    fs::path own = folder.path() / "anna's pictures";
};

}  // namespace

TEST_CASE("a photo is attached, sealed and opened without what it told beside its picture") {
    Attaching device;
    const auto path = device.puts("anna at the border.jpg", photo_of("the picture", "50.4501 N 30.5234 E"));
    device.attaches("photo-1.jpg", path);
    const auto clean = photo_of("the picture", "");
    REQUIRE(device.last<app::FileAttached>() != nullptr);
    CHECK(device.last<app::FileAttached>()->size == clean.size());
    device.answers_with("/photo", "photo-1.jpg");
    CHECK(device.files() == std::vector<app::AttachedFile>{{"photo-1.jpg", clean.size()}});
    device.seals({{"photo", "photo-1.jpg"}});
    REQUIRE(device.last<app::Finalised>() != nullptr);
    CHECK(device.opened_media()["photo-1.jpg"] == clean);
    CHECK(bytes_of_file(path) ==
          photo_of("the picture", "50.4501 N 30.5234 E"));  // the original is untouched
}

TEST_CASE("a file of another kind is attached and opened as it is, to the byte") {
    Attaching device;
    std::string paper;
    while (paper.size() < 9'000'000) paper += std::to_string(paper.size());
    device.attaches("paper-1.pdf", device.puts("letter.pdf", paper));
    device.answers_with("/paper", "paper-1.pdf");
    const auto progress = std::ranges::count_if(
        device.answers, [](const auto& answer) { return std::holds_alternative<app::FileProgress>(answer); });
    CHECK(progress == 2);  // after 4 MiB and after 8
    device.seals({{"paper", "paper-1.pdf"}});
    REQUIRE(device.last<app::Finalised>() != nullptr);
    CHECK((device.opened_media()["paper-1.pdf"] == paper));
}

TEST_CASE("a JPEG under another extension loses what it tells all the same") {
    Attaching device;
    device.attaches("paper-1.bin", device.puts("scan.dat", photo_of("the picture", "50.4501 N")));
    device.answers_with("/paper", "paper-1.bin");
    device.seals({{"paper", "paper-1.bin"}});
    CHECK(device.opened_media()["paper-1.bin"] == photo_of("the picture", ""));
}

TEST_CASE("what can't be attached is refused with a reason of its own") {
    Attaching device;
    std::string name = "paper-1.bin", path, why;
    SUBCASE("not there") {
        path = (device.own / "nothing").string();
        why = "attach.gone";
    }
    SUBCASE("empty") {
        path = device.puts("empty.bin", "");
        why = "store.empty_file";
    }
    SUBCASE("too large") {
        path = device.puts("large.bin", "x");
        fs::resize_file(path, schema::max_media_bytes + 1);
        why = "store.file_too_large";
    }
    SUBCASE("a folder") {
        path = device.own.string();
        why = "attach.not_a_file";
    }
    SUBCASE("a pipe") {
        path = (device.own / "pipe").string();
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        why = "attach.not_a_file";
    }
    SUBCASE("a device") {
        path = "/dev/zero";
        why = "attach.not_a_file";
    }
    SUBCASE("a JPEG that is none") {
        name = "photo-1.jpg";
        path = device.puts("photo.jpg", "GIF89a");
        why = "attach.no_jpeg";
    }
    SUBCASE("a JPEG that is not whole") {
        name = "photo-1.jpg";
        path = device.puts("photo.jpg", photo_of("the picture", "told").substr(0, 90));
        why = "attach.no_jpeg";
    }
    device.attaches(name, path);
    CHECK(device.refusal() == why);
    device.attaches("paper-2.bin", device.puts("good.bin", "content"));
    CHECK(device.last<app::FileAttached>() != nullptr);
}

TEST_CASE("a file that may not be read is refused") {
    if (::geteuid() == 0) return;  // who may read everything
    Attaching device;
    const auto path = device.puts("closed.bin", "content");
    ::chmod(path.c_str(), 0);
    device.attaches("paper-1.bin", path);
    CHECK(device.refusal() == "attach.unreadable");
}

TEST_CASE(
    "a file that changes, shrinks or is written on while it is copied is refused, and nothing of it stays") {
    Attaching device;
    const auto path = device.puts("film.bin", std::string(6'000'000, 'x'));
    device.backend->run(app::AttachFile{device.draft, "paper-1.bin", path});
    device.jobs.front()();  // the first bite
    device.jobs.pop_front();
    SUBCASE("shrinks") {
        fs::resize_file(path, 5'000'000);
    }
    SUBCASE("is written on") {
        std::ofstream(path, std::ios::app) << "more";
    }
    for (; !device.jobs.empty(); device.jobs.pop_front()) device.jobs.front()();
    CHECK(device.refusal() == "attach.changed");
    CHECK(device.files().empty());
}

TEST_CASE("answers are saved between two bites of a file") {
    Attaching device;
    const auto path = device.puts("film.bin", std::string(9'000'000, 'x'));
    device.backend->run(app::AttachFile{device.draft, "paper-1.bin", path});
    device.jobs.front()();
    device.jobs.pop_front();
    REQUIRE(device.last<app::FileProgress>() != nullptr);
    app::SaveAnswers save;
    save.draft = device.draft;
    save.entries = {{"/age", "41", std::nullopt, true}};
    save.form = device.form;
    device.backend->run(std::move(save));
    CHECK(device.last<app::AnswerSaved>() != nullptr);
    for (; !device.jobs.empty(); device.jobs.pop_front()) device.jobs.front()();
    REQUIRE(device.last<app::FileAttached>() != nullptr);
    CHECK(device.last<app::FileAttached>()->size == 9'000'000);
}

TEST_CASE("copying is stopped by the person and by the lock, and nothing of it stays") {
    Attaching device;
    const auto path = device.puts("film.bin", std::string(9'000'000, 'x'));
    device.backend->run(app::AttachFile{device.draft, "paper-1.bin", path});
    device.jobs.front()();
    device.jobs.pop_front();
    SUBCASE("stopped") {
        device.does(app::StopAttaching{});
        CHECK(device.refusal().empty());
        device.attaches("paper-2.bin", device.puts("good.bin", "content"));
        CHECK(device.last<app::FileAttached>() != nullptr);
    }
    SUBCASE("locked") {
        const auto answers = device.answers.size();
        device.does(app::LockVault{});
        CHECK(device.answers.size() == answers);  // the job that was left says nothing
        device.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
        CHECK(device.files().empty());
    }
}

TEST_CASE("the person's name and path of a file stand nowhere in the profile") {
    Attaching device;
    device.attaches("paper-1.pdf", device.puts("anna at the border.pdf", "Marker-90417"));
    device.answers_with("/paper", "paper-1.pdf");
    device.seals({{"paper", "paper-1.pdf"}});
    device.does(app::LockVault{});
    for (const char* trace : {"anna at the border", "Marker-90417", "paper-1.pdf"}) {
        CAPTURE(trace);
        CHECK(files_with(device.profile.path(), trace).empty());
    }
}

TEST_CASE("the picker lists folders first and the files that a question takes, and nothing hidden") {
    TemporaryProfile folder;
    const auto root = folder.path();
    fs::create_directories(root / "trip");
    fs::create_directories(root / ".cache");
    for (const char* name : {"b.JPEG", "a.png", "memo.ogg", ".hidden.jpg"}) write_file(root / name, "12345");
    fs::create_symlink(root / "a.png", root / "link.png");
    fs::create_symlink(root / "nowhere", root / "dead.png");
    REQUIRE(::mkfifo((root / "pipe.png").c_str(), 0600) == 0);
    const auto listed = collector::list_folder(root.string() + "/", {"jpg", "png"});
    REQUIRE(listed.has_value());
    using Kind = app::FolderEntry::Kind;
    CHECK(listed->entries == std::vector<app::FolderEntry>{{Kind::folder, "trip", 0},
                                                           {Kind::file, "a.png", 5},
                                                           {Kind::file, "b.JPEG", 5},
                                                           {Kind::file, "link.png", 5}});
    CHECK(listed->path == root.string());
    CHECK(listed->parent == root.parent_path().string());
    CHECK(collector::list_folder(root.string(), {})->entries.size() == 5);
    CHECK(collector::list_folder((root / "nothing").string(), {}).error().key == "attach.no_folder");
    CHECK(collector::list_folder("/", {})->parent.empty());
    REQUIRE_FALSE(listed->places.empty());
    CHECK(listed->places.front().kind == app::FilePlace::Kind::home);
}
