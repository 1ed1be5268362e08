// Everything that can go wrong with a disk, at every step of the form app's work: FIELDFARE_DISK_STEPS says
// how many of the steps are tried (all: each of them).
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "client/store/vault.h"
#include "crypto/random.h"
#include "tests/support/disk_image.h"
#include "tests/support/disk_trial.h"
#include "tests/support/files_below.h"
#include "tests/support/journey.h"
#include "tests/support/scripted_run.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;
using Kind = DiskChange::Kind;

constexpr std::uint64_t seed = 20261128;

/// A profile in which one interview was sealed in peace, and copies of it whose disk then fails while two
/// more are answered and sealed.
class Trial : public DiskTrial {
  public:
    enum class Machine { interviewers, unattended };
    explicit Trial(Machine machine = Machine::interviewers)
        : Trial(std::make_unique<Researcher>(form()), machine) {}

    /// A sector of the keyslots can't be read: the same run comes to its end, and the disk has it anew.
    void survives_unreadable_keyslots(std::size_t sector) {
        CAPTURE(sector);
        std::string said;
        const auto log = logged("FIELDFARE_DISK_UNREADABLE=keyslots " + std::to_string(sector), &said);
        const std::size_t copy = sector / 4096 * 4096;
        CHECK(std::ranges::any_of(log, [&](const DiskChange& change) {
            return change.kind == Kind::write && fs::path(change.path).filename() == "keyslots" &&
                   change.number == copy;
        }));
        CHECK_FALSE(complains(said));
        look_at(said, Fault::killed);
    }

    /// Sealed since the work began, in all of its runs.
    int interviews() const { return interviews_; }

  private:
    Trial(std::unique_ptr<Researcher> researcher, Machine machine)
        : DiskTrial(researcher->folder() / "base", researcher->folder() / "profile",
                    {{"sealed", 2}, {"saved", 1}}),
          machine_(machine),
          researcher_(std::move(researcher)) {
        REQUIRE(crypto::start());
        if (unattended()) researcher_->serves_alone(form());
        const fs::path base = researcher_->folder() / "base";
        ScriptedRun first({.profile = base, .study = researcher_->study()});
        REQUIRE(first.wait() == 0);
        ScriptedRun second({.profile = base, .number = 1, .seed = seed, .interviews = 1});
        REQUIRE(second.wait() == 0);
        told_.lines(second.text());
        REQUIRE(told_.failures.empty());
    }

    static fs::path form() { return fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit"; }

    std::unique_ptr<ScriptedRun> start(const std::vector<std::string>& variables) override {
        return std::make_unique<ScriptedRun>(ScriptedRun::Start{
            .profile = disk(), .number = 2, .seed = seed + 1, .interviews = 2, .disk = variables});
    }
    bool complains(const std::string& said) const override {
        Told told = told_;
        told.lines(said);
        return !told.failures.empty();
    }
    void look_at(const std::string& said, Fault fault) override {
        Told told = told_;
        told.lines(said);
        interviews_ += told.acknowledged_interviews - told_.acknowledged_interviews;
        check(told);
        if (fault != Fault::power_cut) goes_on(told);
    }
    /// Every fourth time: the next start works as if nothing had been.
    void goes_on(Told told) {
        if (++tried_ % 4 != 0) return;
        ScriptedRun next({.profile = disk(), .number = 3, .seed = seed + 2, .interviews = 1});
        CHECK(next.wait() == 0);
        const auto failures = told.failures.size();
        told.lines(next.text());
        CHECK(told.failures.size() == failures);
        check(told);
    }
    bool unattended() const { return machine_ == Machine::unattended; }
    /// On an unattended machine each respondent is a batch, and there is nothing else.
    void check(const Told& told) {
        const Kept kept = check_kept(told, *researcher_, disk());
        if (!unattended()) return;
        CHECK(kept.drafts == 0);
        CHECK(kept.batches == kept.interviews);
    }

    Machine machine_;
    std::unique_ptr<Researcher> researcher_;
    Told told_;
    int tried_ = 0, interviews_ = 0;
};

}  // namespace

TEST_CASE("what the log of a disk tells is all that was done to it") {
    Trial trial;
    std::mt19937_64 random(9);
    DiskImage image(trial.renewed());
    for (const DiskChange& change : trial.log()) image.apply(change);
    const auto done = contents_of(trial.disk());
    image.write_to(trial.disk(), DiskImage::Unsynced::kept, random);
    CHECK(contents_of(trial.disk()) == done);
}

TEST_CASE("a profile is found after a power cut by its name, whoever made the folders before") {
    REQUIRE(crypto::start());
    const Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit");
    const fs::path home = researcher.folder() / "home", after = researcher.folder() / "after";
    const fs::path log = researcher.folder() / "log";
    const auto on_disk = [&](const std::string& fault) {
        std::vector<std::string> disk{"FIELDFARE_DISK=" + home.string(),
                                      "FIELDFARE_DISK_LOG=" + log.string()};
        if (!fault.empty()) disk.push_back("FIELDFARE_DISK_FAULT=" + fault);
        return disk;
    };
    const auto begun_anew = [&] {
        fs::remove_all(home);
        fs::remove(log);
        fs::create_directory(home);
    };
    const auto made = [&](const std::string& fault = {}) {
        ScriptedRun run({.profile = home / "profile", .study = researcher.study(), .disk = on_disk(fault)});
        return run.wait();
    };
    begun_anew();
    REQUIRE(made() == 0);
    std::vector<std::size_t> killed{0};  // 0: never; else right after a folder was made
    std::size_t number = 0;
    for (const DiskChange& change : read_disk_log(log)) {
        if (change.kind != Kind::told) ++number;
        if (change.kind == Kind::make_folder) killed.push_back(number + 1);
    }
    REQUIRE(killed.size() == 5);  // the profile, the outbox and two in it
    std::mt19937_64 random(10);
    for (const std::size_t at : killed) {
        CAPTURE(at);
        begun_anew();
        DiskImage image(home);
        if (at > 0) REQUIRE(made("kill " + std::to_string(at)) == -SIGKILL);
        if (!fs::exists(home / "profile/vault.db")) REQUIRE(made() == 0);
        ScriptedRun run(
            {.profile = home / "profile", .number = 1, .seed = seed, .interviews = 2, .disk = on_disk({})});
        REQUIRE(run.wait() == 0);
        Told told;
        told.lines(run.text());
        CHECK(told.failures.empty());
        CHECK(told.acknowledged_answers > 0);
        for (const DiskChange& change : read_disk_log(log)) image.apply(change);
        image.write_to(after, DiskImage::Unsynced::lost, random);
        check_kept(told, researcher, after / "profile");
    }
}

TEST_CASE("killed before any change of the disk, or in the middle of a write, nothing acknowledged is lost") {
    Trial trial;
    trial.killed_at_some_of_its_changes(12, 1);
}

TEST_CASE("a medium without hard links, rights, times and syncs of folders keeps what was acknowledged") {
    Trial trial;
    trial.on_a_poor_medium();
    CHECK(std::ranges::none_of(trial.log(), [](const DiskChange& change) {
        return change.kind == Kind::link || (change.kind == Kind::sync && fs::is_directory(change.path));
    }));
    CHECK(fs::is_empty(store::outbox_folder(trial.disk()) / "open"));  // every batch has got its name
    trial.killed_at_some_of_its_changes(8, 5);
    trial.power_cut_at_some_moments(6, 10);
}

TEST_CASE("when the disk is full from any change on, the person is told, and nothing acknowledged is lost") {
    Trial trial;
    trial.full_from_some_of_its_changes(8, 2);
}

TEST_CASE(
    "when any one sync fails and its writes are lost, the person is told, and what was acknowledged is "
    "there") {
    Trial trial;
    trial.some_of_its_syncs_fail(8, 3);
}

TEST_CASE(
    "with a sector of either copy of the keyslots unreadable, the passphrase opens and nothing is lost") {
    Trial trial;
    trial.survives_unreadable_keyslots(512);
    trial.survives_unreadable_keyslots(4096 + 3584);
}

TEST_CASE(
    "after a power cut at any moment, with writes lost, torn and out of order, nothing acknowledged is "
    "lost") {
    Trial trial;
    trial.power_cut_at_some_moments(20, 4);
    CHECK(trial.interviews() > 0);
}

TEST_CASE(
    "on an unattended machine whose disk fails, every interview that was sealed is there, in a batch of its "
    "own") {
    Trial trial(Trial::Machine::unattended);
    SUBCASE("killed") {
        trial.killed_at_some_of_its_changes(6, 6);
    }
    SUBCASE("full") {
        trial.full_from_some_of_its_changes(4, 7);
    }
    SUBCASE("without power") {
        trial.power_cut_at_some_moments(8, 8);
    }
}
