#pragma once

// Vocabulary for tests of client/store: a profile in a folder of its own, a clock that stands still, the
// cheapest passphrase that is legal, a study without a form, and processes that die at a chosen step.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "client/store/vault.h"
#include "crypto/batch_header.h"
#include "crypto/batch_reader.h"
#include "crypto/identity.h"
#include "crypto/media.h"
#include "crypto/random.h"
#include "tests/support/whole_file.h"

namespace fieldfare::test {

/// A folder that is gone when the test is over. Its child `profile` is not made yet.
class TemporaryProfile {
  public:
    TemporaryProfile() {
        std::string name = (std::filesystem::temp_directory_path() / "fieldfare-store-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
    }
    ~TemporaryProfile() {
        if (::getpid() != owner_) return;  // a child that ends must not take it away
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    TemporaryProfile(const TemporaryProfile&) = delete;
    TemporaryProfile& operator=(const TemporaryProfile&) = delete;

    std::filesystem::path path() const { return root_ / "profile"; }
    std::filesystem::path file(const std::string& name) const { return path() / name; }

  private:
    pid_t owner_ = ::getpid();
    std::filesystem::path root_;
};

inline std::string bytes_of_file(const std::filesystem::path& path) {
    return whole_file(path);
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline void flip_byte(const std::filesystem::path& path, std::size_t at) {
    auto bytes = bytes_of_file(path);
    REQUIRE(at < bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
}

/// Names of the files under a folder in which these bytes stand. Six and more, or it throws: random bytes
/// hold shorter ones by chance.
inline std::vector<std::string> files_with(const std::filesystem::path& folder, const std::string& bytes) {
    if (bytes.size() < 6) throw std::logic_error("too short to be looked for among random bytes: " + bytes);
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        if (bytes_of_file(entry.path()).find(bytes) != std::string::npos) {
            found.push_back(entry.path().filename().string());
        }
    }
    return found;
}

inline std::string utf16(const std::string& ascii) {
    std::string wide;
    for (const char c : ascii) (wide += c) += '\0';
    return wide;
}

/// No file of this process may grow beyond so many bytes; gone at the end.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit little{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &little);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

  private:
    rlimit before_{};
};

inline crypto::SecretText passphrase(std::string_view text) {
    auto secret = crypto::SecretText::copy_of(text);
    REQUIRE(secret.has_value());
    return std::move(*secret);
}

/// The researcher: keys to which the study seals, and with which a test opens what was sealed.
class Researcher {
  public:
    Researcher() {
        auto identity = crypto::Identity::generate(crypto::IdentityKind::researcher, "");
        REQUIRE(identity.has_value());
        identities_.push_back(std::move(*identity));
    }
    std::span<const crypto::Identity> identities() const { return identities_; }
    const crypto::BoxKey& box_key() const { return identities_.front().recipient().box_key; }

    crypto::OpenedBatch open(const std::string& file) const {
        auto opened = crypto::read_batch(crypto::bytes_of(file), identities_);
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }

    crypto::batch::OpenedHeader open_header(const std::string& file) const {
        const auto bytes = crypto::bytes_of(file);
        auto opened =
            crypto::batch::open_header(bytes, crypto::outline_of(bytes).value(), identities_, {}, {});
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }

  private:
    std::vector<crypto::Identity> identities_;
};

/// A study as client/study would give it, without a form: the vault does not look into one.
inline store::StudyRecord study_record(const Researcher& researcher, std::uint32_t version = 1,
                                       std::uint8_t number = 1) {
    store::StudyRecord record;
    record.study.fill(number);
    record.root.bytes.fill(number);
    record.package_version = version;
    record.package_digest.fill(static_cast<std::uint8_t>(version));
    record.package = {'s', 't', 'u', 'd', 'y', static_cast<std::uint8_t>('0' + version)};
    record.form_version = "form " + std::to_string(version);
    record.form_hash.fill(static_cast<std::uint8_t>(100 + version));
    record.policy_digest.fill(static_cast<std::uint8_t>(50 + version));
    record.policy_version = version;
    record.recipients = {researcher.box_key()};
    record.tag = "testtag" + std::to_string(number);
    return record;
}

/// A text that does not compress.
inline std::string noise(std::size_t size) {
    crypto::Bytes bytes(size);
    REQUIRE(crypto::fill_random(bytes).has_value());
    return {bytes.begin(), bytes.end()};
}

inline crypto::Id uuid(std::uint8_t number) {
    crypto::Id id{};
    id.back() = number;
    return id;
}

/// One device: its profile, its clock, its vault while it is unlocked.
class Device {
  public:
    static constexpr const char* right_passphrase = "correct horse";

    store::Surroundings surroundings(std::function<void(store::Step)> at_step = {}) {
        return {[this] { return now; }, "test 1", std::move(at_step)};
    }

    store::Result<void> create() {
        auto made = store::Vault::create(profile.path(), passphrase(right_passphrase), crypto::cost_floor,
                                         surroundings());
        return take(made);
    }

    store::Result<void> unlock(std::string_view with = right_passphrase,
                               std::function<void(store::Step)> at_step = {}) {
        auto opened =
            store::Vault::unlock(profile.path(), passphrase(with), surroundings(std::move(at_step)));
        return take(opened);
    }

    store::Vault& vault() {
        REQUIRE(vault_.has_value());
        return *vault_;
    }
    store::Result<store::Rescued> rescue(const store::StudyFiles& studies = {},
                                         std::string_view with = right_passphrase,
                                         std::function<void(store::Step)> at_step = {}) {
        auto opened =
            store::Vault::rescue(profile.path(), passphrase(with), surroundings(std::move(at_step)), studies);
        if (!opened) return tl::unexpected(opened.error());
        vault_.emplace(std::move(opened->vault));
        return opened->what;
    }
    void lock() {
        REQUIRE(vault().lock().has_value());
        vault_.reset();
    }
    void relock() { relock_with(right_passphrase); }
    void relock_with(std::string_view passphrase) {
        lock();
        REQUIRE(unlock(passphrase).has_value());
    }
    /// As when the process ends without a word: nothing is finished or written.
    void crash() { vault_.reset(); }

    TemporaryProfile profile;
    std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14}};

  private:
    store::Result<void> take(store::Result<store::Vault>& made) {
        if (!made) return tl::unexpected(made.error());
        vault_.emplace(std::move(*made));
        return {};
    }
    std::optional<store::Vault> vault_;
};

/// A device with a study on it, unlocked. All of one test program begin as copies of one profile, since
/// making a vault takes two runs of Argon2id.
class FieldDevice : public Device {
  public:
    FieldDevice() : researcher(first().researcher), record(first().record) {
        std::filesystem::copy(first().device.profile.path(), profile.path(),
                              std::filesystem::copy_options::recursive);
        REQUIRE(unlock().has_value());
    }

    /// One entry a draft, at /q.
    void start(const store::DraftId& id, const std::string& answer, std::uint32_t version = 1) {
        const std::vector<schema::DraftEntry> entries = {{"/q", answer, std::nullopt, true}};
        REQUIRE(vault().start_draft(id, record.study, version, change(entries)).has_value());
    }
    store::Result<void> save(const store::DraftId& id, const std::string& path, const std::string& answer) {
        const std::vector<schema::DraftEntry> entries = {{path, answer, std::nullopt, true}};
        return vault().save_draft(id, change(entries));
    }
    std::vector<schema::DraftEntry> entries(const store::DraftId& id) {
        auto draft = vault().load_draft(id);
        REQUIRE(draft.has_value());
        return draft->entries;
    }
    store::Result<void> finalise(const store::DraftId& id, std::uint8_t number,
                                 std::string payload = "answers") {
        return vault().finalise(id, uuid(number), {}, [&](const auto&) { return payload; });
    }
    /// A file as it comes in, in bites that fit no piece; then it is an answer.
    store::Result<std::uint64_t> bring(const store::DraftId& id, const std::string& name,
                                       const std::string& content) {
        if (auto begun = vault().begin_attachment(id, name); !begun) return tl::unexpected(begun.error());
        for (std::size_t at = 0; at < content.size(); at += 300'001) {
            const auto bite = crypto::bytes_of(std::string_view(content).substr(at, 300'001));
            if (auto added = vault().add_to_attachment(bite); !added) return tl::unexpected(added.error());
        }
        return vault().end_attachment();
    }
    void attach(const store::DraftId& id, const std::string& path, const std::string& name,
                const std::string& content) {
        REQUIRE(bring(id, name, content) == content.size());
        REQUIRE(save(id, path, name).has_value());
    }
    std::vector<store::Attachment> attachments(const store::DraftId& id) {
        auto draft = vault().load_draft(id);
        REQUIRE(draft.has_value());
        return draft->attachments;
    }
    /// The payload is the hashes, a line each.
    store::Result<void> finalise_with(const store::DraftId& id, std::uint8_t number,
                                      std::vector<std::string> names, crypto::Digest withdrawal = {}) {
        return vault().finalise(id, uuid(number), {withdrawal, std::move(names)}, [](const auto& files) {
            std::string payload;
            for (const schema::MediaFile& file : files) payload += file.hash + "\n";
            return payload + "end\n";
        });
    }
    void interview(std::uint8_t number) {
        const auto id = "draft-" + std::to_string(number);
        start(id, "yes");
        REQUIRE(finalise(id, number).has_value());
    }
    std::vector<store::DraftSummary> drafts() {
        auto list = vault().drafts(record.study);
        REQUIRE(list.has_value());
        return *list;
    }
    store::Counts counts() {
        auto counted = vault().counts(record.study);
        REQUIRE(counted.has_value());
        return *counted;
    }

    static store::DraftChange change(const std::vector<schema::DraftEntry>& entries) {
        store::DraftChange change;
        change.entries = entries;
        change.day = "2026-03-14";
        return change;
    }

    /// Every batch, final or open, opened by the researcher; by sequence.
    std::vector<crypto::OpenedBatch> batches() const {
        std::vector<crypto::OpenedBatch> opened;
        for (const auto& file : sealed_files()) {
            const auto bytes = bytes_of_file(file);
            if (!says_media(bytes)) opened.push_back(researcher.open(bytes));
        }
        std::ranges::sort(opened, {}, [](const auto& batch) { return batch.open.batch_sequence; });
        return opened;
    }
    static bool says_media(const std::string& bytes) {
        return crypto::says_media(crypto::bytes_of(bytes).first(crypto::bytes_that_say_media));
    }
    /// How many final files of the outbox are of device keys that are gone.
    std::size_t earlier() const {
        const auto outbox = sync::Outbox::open(store::outbox_folder(profile.path()));
        REQUIRE(outbox);
        const auto files = outbox->sealed();
        REQUIRE(files);
        return static_cast<std::size_t>(std::ranges::count_if(*files, &sync::SealedFile::earlier));
    }

    /// The parts of media files in the outbox.
    std::vector<std::filesystem::path> parts() const {
        auto files = sealed_files();
        std::erase_if(files, [](const auto& file) { return !says_media(bytes_of_file(file)); });
        return files;
    }
    std::vector<std::filesystem::path> sealed_files() const {
        std::vector<std::filesystem::path> files;
        const auto outbox = store::outbox_folder(profile.path());
        for (const auto& folder : {outbox, outbox / "open"}) {
            for (const auto& entry : std::filesystem::directory_iterator(folder)) {
                const bool sealed = folder != outbox || entry.path().extension() == ".batch";
                if (entry.is_regular_file() && sealed) files.push_back(entry.path());
            }
        }
        return files;
    }
    /// How often a submission stands in what these keys open of the sealed files.
    int times_opened(std::uint8_t number, const Researcher& who,
                     std::span<const crypto::Bytes> dictionaries = {}) const {
        int times = 0;
        for (const auto& file : sealed_files()) {
            const auto bytes = bytes_of_file(file);
            const auto batch = crypto::read_batch(crypto::bytes_of(bytes), who.identities(), dictionaries);
            if (batch) {
                times += static_cast<int>(
                    std::ranges::count(batch->records, uuid(number), &crypto::BatchRecord::uuid));
            }
        }
        return times;
    }
    /// How often a submission stands in the sealed files.
    int sealed_times(std::uint8_t number) const {
        int times = 0;
        for (const auto& batch : batches()) {
            times +=
                static_cast<int>(std::ranges::count(batch.records, uuid(number), &crypto::BatchRecord::uuid));
        }
        return times;
    }

    const Researcher& researcher;
    store::StudyRecord record;

  private:
    struct First {
        First() {
            REQUIRE(device.create().has_value());
            REQUIRE(device.vault().import_study(record).has_value());
            device.lock();
        }
        Researcher researcher;
        store::StudyRecord record = study_record(researcher);
        Device device;
    };
    static const First& first() {
        static const First made;
        return made;
    }
};

/// Runs `work` in a process of its own and answers its wait status. What it checks does not count.
inline int in_another_process(const std::function<void()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        try {
            work();
        } catch (...) {  // a REQUIRE that failed: the other process's test runner must not go on
            ::_exit(99);
        }
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

/// A process that has begun something and holds on to it until this object goes.
class BesideProcess {
  public:
    explicit BesideProcess(const std::function<bool()>& begin) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            const char done = begin() ? 'y' : 'n';
            if (::write(ready[1], &done, 1) != 1) ::_exit(1);
            for (;;) ::pause();
        }
        char answer = 0;
        REQUIRE(::read(ready[0], &answer, 1) == 1);
        REQUIRE(answer == 'y');
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~BesideProcess() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    BesideProcess(const BesideProcess&) = delete;
    BesideProcess& operator=(const BesideProcess&) = delete;

  private:
    pid_t child_ = -1;
};

inline std::function<void(store::Step)> killed_at(store::Step last) {
    return [last](store::Step step) {
        if (step == last) ::kill(::getpid(), SIGKILL);
    };
}

}  // namespace fieldfare::test
