// What a person does to a vault as a whole, on a disk with which everything can go wrong at every step:
// FIELDFARE_DISK_STEPS says how many of the steps are tried (all: each of them; 18-20: those).
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "client/store/profile.h"
#include "crypto/keyslots.h"
#include "crypto/random.h"
#include "tests/support/disk_trial.h"
#include "tests/support/files_below.h"
#include "tests/support/journey.h"
#include "tests/support/scripted_run.h"
#include "tests/support/scripted_words.h"
#include "tests/support/told_backend.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

const fs::path form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
constexpr const char* wrong = "failed\tstore.wrong_passphrase";
constexpr std::size_t copy_size = crypto::KeyslotsFile::file_size / 2;

/// A researcher, and a disk with a profile, or with none yet.
struct Machine {
    Researcher researcher{form};
    fs::path base = researcher.folder() / "base";
    Told told;  ///< of what was answered and sealed in the profile

    Machine() {
        REQUIRE(crypto::start());
        fs::create_directory(base);
    }
    fs::path profile() const { return base / "profile"; }
    /// Interviews, of which at least one is sealed and one is left as a draft.
    void gets_interviews() {
        ScriptedRun first({.profile = profile(), .study = researcher.study()});
        REQUIRE(first.wait() == 0);
        ScriptedRun second({.profile = profile(), .number = 1, .seed = 11, .interviews = 4});
        REQUIRE(second.wait() == 0);
        told.lines(second.text());
        REQUIRE(told.failures.empty());
        REQUIRE(told.acknowledged_interviews > 0);
        REQUIRE(static_cast<int>(told.drafts.size()) > told.acknowledged_interviews);
    }
};

/// A task of programs/vault_main.cpp on copies of the machine's disk.
class VaultTrial : public DiskTrial {
  public:
    /// How many steps of each kind go wrong.
    struct Steps {
        std::size_t killed = 0, full = 0, failed_syncs = 0, power_cuts = 0;
    };
    void goes_wrong(const Steps& steps) {
        {
            INFO("in peace");
            const auto run = start({"FIELDFARE_DISK=" + renewed().string()});
            CHECK(run->wait() == 0);
            CAPTURE(run->text());
            CHECK(acknowledged(run->text()));
            look_at(run->text(), Fault::killed);
        }
        killed_at_some_of_its_changes(steps.killed, 21);
        full_from_some_of_its_changes(steps.full, 22);
        some_of_its_syncs_fail(steps.failed_syncs, 23);
        power_cut_at_some_moments(steps.power_cuts, 24);
    }

  protected:
    /// `done`: the first word of the line that acknowledges it.
    VaultTrial(std::shared_ptr<Machine> machine, std::vector<std::string> task, const std::string& done)
        : DiskTrial(machine->base, machine->researcher.folder() / "disk", {{done, 1}}),
          machine_(std::move(machine)),
          task_(std::move(task)),
          done_(done) {
        task_.insert(task_.begin(), profile().string());
    }

    fs::path profile() const { return disk() / "profile"; }
    const Machine& machine() const { return *machine_; }
    bool has_said(const std::string& said, const std::string& word) const {
        return ("\n" + said).find("\n" + word) != std::string::npos;
    }
    bool acknowledged(const std::string& said) const { return has_said(said, done_); }

    /// What the program answers when it is started once more and asked this, or what the start says.
    template <typename Asks>
    std::string then(const Asks& asks) const {
        std::string last;
        ToldBackend backend(profile(), [&](const std::string& line) { last = line; });
        backend.starts();
        if (last == "locked") asks(backend);
        return last;
    }
    std::string unlocked_with(const std::string& passphrase) const {
        return then([&](ToldBackend& backend) { backend.unlocks(passphrase); });
    }
    bool opens_with(const std::string& passphrase) const {
        const std::string answer = unlocked_with(passphrase);
        const bool opens = answer.starts_with("opened\t");
        if (!opens) CHECK(answer == wrong);
        return opens;
    }
    /// Every answer and interview is there once, and this passphrase opens it.
    void is_whole(const std::string& passphrase) const {
        (void)check_kept(machine_->told, machine_->researcher, profile(), passphrase);
    }
    /// In no copy of the keyslots does this passphrase open anything, as if the other had been lost.
    void opens_no_copy(const std::string& passphrase) const {
        const std::string keyslots = read_text(store::keyslots_file(profile()));
        REQUIRE(keyslots.size() == 2 * copy_size);
        const fs::path file = machine_->researcher.folder() / "one-copy";
        for (const std::size_t at : {std::size_t{0}, copy_size}) {
            CAPTURE(at);
            write_text(file, keyslots.substr(at, copy_size) + keyslots.substr(at, copy_size));
            auto copy = crypto::KeyslotsFile::open(file);
            if (!copy) continue;  // torn: it leads nowhere
            const auto words = crypto::SecretText::copy_of(passphrase);
            const auto found = copy->unlock({*words});
            REQUIRE_FALSE(found.has_value());
            CHECK(found.error() == crypto::Error::wrong_passphrase);
        }
        fs::remove(file);
    }

  private:
    std::unique_ptr<ScriptedRun> start(const std::vector<std::string>& variables) override {
        return std::make_unique<ScriptedRun>("fieldfare_vault_on_faulty_disk", task_, variables);
    }
    bool complains(const std::string& said) const override {
        return has_said(said, "failed\t") || has_said(said, "counts\t");
    }

    std::shared_ptr<Machine> machine_;
    std::vector<std::string> task_;
    std::string done_;
};

std::shared_ptr<Machine> with_interviews() {
    auto machine = std::make_shared<Machine>();
    machine->gets_interviews();
    return machine;
}

}  // namespace

// --- the first run ----------------------------------------------------------------------------------

namespace {

class FirstRun : public VaultTrial {
  public:
    explicit FirstRun(const std::shared_ptr<Machine>& machine = std::make_shared<Machine>())
        : VaultTrial(machine, {"make", machine->researcher.study().string()}, "made") {}

  private:
    void look_at(const std::string& said, Fault) override {
        if (!acknowledged(said) && then([](ToldBackend&) {}) == "missing") {
            std::string last;
            ToldBackend backend(profile(), [&](const std::string& line) { last = line; });
            backend.makes(machine().researcher.study(), scripted_passphrase);
            CHECK(last == "made");
        }
        CHECK(unlocked_with(scripted_passphrase) == "opened\t0\t0\t1");
    }
};

}  // namespace

TEST_CASE(
    "a first run that a failing disk cuts short leaves a vault with its study, or none and room for one") {
    FirstRun trial;
    trial.goes_wrong({.killed = 5, .full = 3, .failed_syncs = 3, .power_cuts = 5});
}

// --- a newer study file -----------------------------------------------------------------------------

namespace {

class Update : public VaultTrial {
  public:
    explicit Update(const std::shared_ptr<Machine>& machine = of_two_versions())
        : VaultTrial(machine, {"update", machine->researcher.study().string()}, "updated") {}

  private:
    static std::shared_ptr<Machine> of_two_versions() {
        auto machine = with_interviews();
        machine->researcher.supervised_by("vera", form);
        return machine;
    }
    void look_at(const std::string& said, Fault) override {
        const std::string answer = unlocked_with(scripted_passphrase);
        CHECK(answer.starts_with("opened\t"));
        const bool newer = answer.ends_with("\t2");
        CHECK((newer || answer.ends_with("\t1")));
        if (acknowledged(said)) CHECK(newer);
        is_whole(scripted_passphrase);
    }
};

}  // namespace

TEST_CASE(
    "a newer study file that a failing disk cuts short is in the vault or not, and everything else is "
    "there") {
    Update trial;
    trial.goes_wrong({.killed = 3, .full = 2, .failed_syncs = 2, .power_cuts = 3});
}

// --- another passphrase -----------------------------------------------------------------------------

namespace {

/// Chosen by who knows the old one, or with the answer of a supervisor.
class NewPassphrase : public VaultTrial {
  public:
    NewPassphrase(const std::shared_ptr<Machine>& machine, std::vector<std::string> task,
                  const std::string& done)
        : VaultTrial(machine, std::move(task), done) {}

  private:
    void look_at(const std::string& said, Fault fault) override {
        const bool counts = acknowledged(said) || has_said(said, "counts\t");
        // A disk that has failed may have kept the old slots in one copy, until the next start.
        if (counts && fault != Fault::failed_sync) opens_no_copy(scripted_passphrase);
        const bool new_one_first = ++looks_ % 2 == 0;
        bool new_one = new_one_first && opens_with(new_passphrase);
        const bool old_one = opens_with(scripted_passphrase);
        new_one = new_one_first ? new_one : opens_with(new_passphrase);
        CHECK(old_one != new_one);
        if (counts) CHECK(new_one);
        const bool refused = !counts && has_said(said, "failed\t");
        if (refused && !has_said(said, "failed\tstore.change_undecided")) CHECK(old_one);
        if (new_one) opens_no_copy(scripted_passphrase);
        is_whole(new_one ? new_passphrase : scripted_passphrase);
    }

    int looks_ = 0;
};

}  // namespace

TEST_CASE(
    "a change of passphrase that a failing disk cuts short leaves everything there under one of the two, the "
    "new one once it was said to count") {
    NewPassphrase trial(with_interviews(), {"change"}, "changed");
    trial.goes_wrong({.killed = 4, .full = 3, .failed_syncs = 4, .power_cuts = 4});
}

TEST_CASE(
    "a recovery by the supervisor that a failing disk cuts short leaves everything there under one of the "
    "two passphrases, the new one once the vault was open") {
    const auto machine = std::make_shared<Machine>();
    machine->researcher.supervised_by("vera", form);
    machine->gets_interviews();
    NewPassphrase trial(
        machine,
        {"recover", machine->researcher.key_of("vera").string(), machine->researcher.words_of("vera")},
        "opened");
    trial.goes_wrong({.killed = 3, .full = 2, .failed_syncs = 3, .power_cuts = 3});
}

// --- the passphrase that destroys -------------------------------------------------------------------

namespace {

class Destroying : public VaultTrial {
  public:
    explicit Destroying(crypto::SealedFiles sealed) : Destroying(machine_with(sealed), sealed) {}

  private:
    Destroying(const std::shared_ptr<Machine>& machine, crypto::SealedFiles sealed)
        : VaultTrial(machine, {"destroy"}, "empty"), sealed_(sealed), batches_(batches_of(machine->base)) {
        REQUIRE_FALSE(batches_.empty());
        forget(read_text(store::database_file(machine->profile())));
        if (sealed == crypto::SealedFiles::stay) return;
        for (const auto& [name, content] : batches_) forget(content);
    }
    static std::shared_ptr<Machine> machine_with(crypto::SealedFiles sealed) {
        auto machine = std::make_shared<Machine>();
        if (sealed == crypto::SealedFiles::go) machine->researcher.removes_when_destroyed(form);
        machine->gets_interviews();
        std::string last;
        ToldBackend backend(machine->profile(), [&](const std::string& line) { last = line; });
        backend.unlocks(scripted_passphrase);
        backend.sets_destroying(scripted_passphrase, destroying_passphrase);
        REQUIRE(last == "set");
        return machine;
    }
    /// Sealed files by their names.
    static std::map<std::string, std::string> batches_of(const fs::path& disk) {
        std::map<std::string, std::string> batches;
        for (const auto& [path, content] : contents_of(store::outbox_folder(disk / "profile")))
            if (fs::path(path).extension() == ".batch") batches[fs::path(path).filename()] = content;
        return batches;
    }
    void forget(const std::string& content) {
        for (std::size_t at = 0; at + sector <= content.size(); at += sector)
            sectors_.insert(content.substr(at, sector));
    }

    void look_at(const std::string& said, Fault fault) override {
        if (acknowledged(said)) {
            // On a disk that says it has failed, old pages may be left, without their key.
            if (fault != Fault::failed_sync) {
                opens_no_copy(scripted_passphrase);
                is_gone();
            }
        } else if (opens_with(scripted_passphrase)) {  // not begun
            is_whole(scripted_passphrase);
        }
        sealed_files_stay();
        CHECK(unlocked_with(destroying_passphrase) == "empty");
        CHECK(unlocked_with(scripted_passphrase) == wrong);
        opens_no_copy(scripted_passphrase);
        if (!acknowledged(said)) is_gone();
        sealed_files_stay();
        CHECK(unlocked_with(destroying_passphrase) == "empty");
    }
    /// No sector of the database as it was, nor of sealed files that are to go, and no word of the stores.
    void is_gone() const {
        for (const auto& [path, content] : contents_of(disk())) {
            CAPTURE(path);
            for (std::size_t at = 0; at + sector <= content.size(); at += sector) {
                CAPTURE(at);
                REQUIRE_FALSE(sectors_.contains(content.substr(at, sector)));
            }
        }
        CHECK(files_with_any(profile(), {machine().researcher.store().string()}).empty());
        if (sealed_ == crypto::SealedFiles::go) CHECK(batches_of(disk()).empty());
    }
    void sealed_files_stay() const {
        if (sealed_ == crypto::SealedFiles::stay) CHECK(batches_of(disk()) == batches_);
    }

    static constexpr std::size_t sector = 512;
    crypto::SealedFiles sealed_;
    std::map<std::string, std::string> batches_;
    std::set<std::string> sectors_;  ///< that must not be found
};

}  // namespace

TEST_CASE(
    "once it was said that everything is destroyed, no power cut brings any of it back; cut short before, "
    "the "
    "same passphrase goes on to the end") {
    Destroying trial(crypto::SealedFiles::stay);
    trial.goes_wrong({.killed = 4, .full = 3, .failed_syncs = 4, .power_cuts = 4});
}

TEST_CASE("where sealed files are to be destroyed as well, they are gone once that was said") {
    Destroying trial(crypto::SealedFiles::go);
    trial.goes_wrong({.killed = 3, .full = 2, .failed_syncs = 3, .power_cuts = 3});
}

// --- a damaged vault --------------------------------------------------------------------------------

namespace {

class Rescuing : public VaultTrial {
  public:
    explicit Rescuing(const std::shared_ptr<Machine>& machine = damaged())
        : VaultTrial(machine, {"rescue"}, "rescued") {}

  private:
    /// The database looks like another vault's; all of its rows can be read.
    static std::shared_ptr<Machine> damaged() {
        auto machine = with_interviews();
        const fs::path file = store::database_file(machine->profile());
        std::string bytes = read_text(file);
        bytes[3] = static_cast<char>(bytes[3] ^ 1);
        write_text(file, bytes);
        return machine;
    }

    void look_at(const std::string& said, Fault) override {
        std::string answer = unlocked_with(scripted_passphrase);
        if (!acknowledged(said) && answer == "failed\tstore.foreign_database") {
            answer = then([](ToldBackend& backend) { backend.rescues(scripted_passphrase); });
            CHECK(answer.starts_with("rescued\t"));
            CHECK(answer.ends_with("\twhole"));
        } else {
            CHECK(answer.starts_with("opened\t"));
        }
        is_whole(scripted_passphrase);
    }
};

}  // namespace

TEST_CASE(
    "a rescue that a failing disk cuts short is done once more, or was done, and all answers are there") {
    Rescuing trial;
    trial.goes_wrong({.killed = 4, .full = 3, .failed_syncs = 4, .power_cuts = 4});
}
