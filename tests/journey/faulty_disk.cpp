// Everything that can go wrong with a disk, at every step of the form app's work: FIELDFARE_DISK_STEPS says
// how many of the steps are tried (all: each of them).
#include <doctest/doctest.h>

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "client/store/vault.h"
#include "crypto/random.h"
#include "tests/support/disk_image.h"
#include "tests/support/files_below.h"
#include "tests/support/journey.h"
#include "tests/support/scripted_run.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;
using Kind = DiskChange::Kind;

constexpr std::uint64_t seed = 20261128;

/// `count` of the numbers 1...last, spread and begun at random; all of them when FIELDFARE_DISK_STEPS is
/// "all".
std::vector<std::size_t> steps_up_to(std::size_t last, std::size_t count, std::mt19937_64& random) {
    if (const char* wanted = std::getenv("FIELDFARE_DISK_STEPS"))
        count = std::string(wanted) == "all" ? last : static_cast<std::size_t>(std::atoi(wanted));
    const double stride =
        std::max(1.0, static_cast<double>(last) / static_cast<double>(std::max<std::size_t>(count, 1)));
    std::vector<std::size_t> steps;
    const double begin =
        stride > 1.0 ? static_cast<double>(random() % static_cast<std::uint64_t>(stride)) : 0.0;
    for (double at = begin; static_cast<std::size_t>(at) < last; at += stride)
        steps.push_back(static_cast<std::size_t>(at) + 1);
    return steps;
}

/// A profile in which one interview was sealed in peace, and copies of it whose disk then fails.
class Trial {
  public:
    enum class Machine { interviewers, unattended };
    explicit Trial(Machine machine = Machine::interviewers) : machine_(machine) {
        REQUIRE(crypto::start());
        if (unattended()) researcher_.serves_alone(form_);
        ScriptedRun first({.profile = base_, .study = researcher_.study()});
        REQUIRE(first.wait() == 0);
        ScriptedRun second({.profile = base_, .number = 1, .seed = seed, .interviews = 1});
        REQUIRE(second.wait() == 0);
        told_.lines(second.text());
        REQUIRE(told_.failures.empty());
    }

    /// What a run in peace does to its disk.
    const std::vector<DiskChange>& log() {
        if (log_.empty()) {
            renew();
            const fs::path file = researcher_.folder() / "log";
            ScriptedRun run(start({"FIELDFARE_DISK_LOG=" + file.string()}));
            REQUIRE(run.wait() == 0);
            log_ = read_disk_log(file);
            fs::remove(file);
        }
        return log_;
    }
    std::size_t changes(bool syncs_only = false) {
        return static_cast<std::size_t>(std::ranges::count_if(log(), [&](const DiskChange& change) {
            return change.kind != Kind::told && (!syncs_only || change.kind == Kind::sync);
        }));
    }

    /// From now on the profile lies on a medium that lacks what FAT lacks, open to everybody as FAT is.
    void on_a_poor_medium() {
        poor_ = true;
        log_.clear();
    }

    /// The program dies by this fault in the same run; what it acknowledged until then is there.
    void survives_kill(const std::string& fault) {
        CAPTURE(fault);
        renew();
        Told told = told_;
        ScriptedRun run(start({"FIELDFARE_DISK_FAULT=" + fault}));
        CHECK(run.wait() == -SIGKILL);  // an end of its own would say that the fault never came
        told.lines(run.text());
        CHECK(told.failures.empty());
        look_at(told);
    }

    /// The same run on a disk that is full from there on.
    void survives_full(const std::string& fault) {
        CAPTURE(fault);
        renew();
        Told told = told_;
        {
            ScriptedRun run(start({"FIELDFARE_DISK_FAULT=" + fault}));
            // Whoever complains is left alone for a moment, as a person would leave it, and then switched
            // off.
            if (run.listen(std::chrono::seconds(60), "failed\t")) run.listen(std::chrono::milliseconds(100));
            run.kill();
            told.lines(run.text());
        }
        look_at(told);
    }

    /// A sector of the keyslots can't be read: the same run comes to its end, and the disk has it anew.
    void survives_unreadable_keyslots(std::size_t sector) {
        CAPTURE(sector);
        renew();
        const fs::path file = researcher_.folder() / "log";
        ScriptedRun run(start({"FIELDFARE_DISK_UNREADABLE=keyslots " + std::to_string(sector),
                               "FIELDFARE_DISK_LOG=" + file.string()}));
        CHECK(run.wait() == 0);
        Told told = told_;
        told.lines(run.text());
        CHECK(told.failures.empty());
        const std::size_t copy = sector / 4096 * 4096;
        CHECK(std::ranges::any_of(read_disk_log(file), [&](const DiskChange& change) {
            return change.kind == Kind::write && fs::path(change.path).filename() == "keyslots" &&
                   change.number == copy;
        }));
        fs::remove(file);
        look_at(told);
    }

    /// One sync of the same run fails and what it should have written never gets to the disk. The work goes
    /// on to its end; the power goes after that, or right after something has been acknowledged.
    void survives_failed_sync(std::size_t step, std::mt19937_64& random) {
        CAPTURE(step);
        renew();
        const fs::path file = researcher_.folder() / "log";
        ScriptedRun run(start(
            {"FIELDFARE_DISK_FAULT=sync " + std::to_string(step), "FIELDFARE_DISK_LOG=" + file.string()}));
        CHECK(run.wait() == 0);
        const auto log = read_disk_log(file);
        fs::remove(file);
        CHECK(std::ranges::count(log, Kind::failed_sync, &DiskChange::kind) == 1);

        DiskImage image(renewed());
        Told told = told_;
        std::string words;
        bool failed = false, next_kept = false;
        for (const DiskChange& change : log) {
            image.apply(change);
            failed = failed || change.kind == Kind::failed_sync;
            if (change.kind != Kind::told) continue;
            tell(told, words, change.data);
            const bool seals = change.data.starts_with("sealed\t");
            if (!failed || !(seals || (change.data.starts_with("saved\t") && !next_kept))) continue;
            next_kept = true;
            survives_cut(image, told, DiskImage::Unsynced::lost, random);
        }
        survives_cut(image, told, DiskImage::Unsynced::lost, random);
        look_at(told);
    }

    /// The power goes when the disk is as `image` has it, and this was told.
    void survives_cut(const DiskImage& image, const Told& told, DiskImage::Unsynced unsynced,
                      std::mt19937_64& random) {
        image.write_to(profile_, unsynced, random);
        interviews_ += told.acknowledged_interviews - told_.acknowledged_interviews;
        check(told);
    }

    /// What a log's next words say; the last of them may be half a line.
    static void tell(Told& told, std::string& words, const std::string& more) {
        words += more;
        const auto whole = words.rfind('\n') + 1;
        told.lines(words.substr(0, whole));
        words.erase(0, whole);
    }

    const Told& told() const { return told_; }
    int complained() const { return complained_; }
    int interviews() const { return interviews_; }
    const fs::path& profile() const { return profile_; }
    fs::path renewed() {
        renew();
        return profile_;
    }

  private:
    ScriptedRun::Start start(std::vector<std::string> disk) const {
        disk.push_back("FIELDFARE_DISK=" + profile_.string());
        if (poor_) disk.push_back("FIELDFARE_DISK_KIND=poor");
        return {.profile = profile_, .number = 2, .seed = seed + 1, .interviews = 2, .disk = std::move(disk)};
    }
    void renew() {
        fs::remove_all(profile_);
        fs::copy(base_, profile_, fs::copy_options::recursive);
        if (!poor_) return;
        fs::permissions(profile_, fs::perms::all);
        for (const auto& entry : fs::recursive_directory_iterator(profile_))
            fs::permissions(entry.path(), fs::perms::all);
    }
    void look_at(const Told& told) {
        complained_ += told.failures.empty() ? 0 : 1;
        interviews_ += told.acknowledged_interviews - told_.acknowledged_interviews;
        check(told);
        goes_on(told);
    }
    /// Every fourth time: the next start works as if nothing had been.
    void goes_on(Told told) {
        if (++tried_ % 4 != 0) return;
        ScriptedRun next({.profile = profile_, .number = 3, .seed = seed + 2, .interviews = 1});
        CHECK(next.wait() == 0);
        const auto failures = told.failures.size();
        told.lines(next.text());
        CHECK(told.failures.size() == failures);
        check(told);
    }
    bool unattended() const { return machine_ == Machine::unattended; }
    /// On an unattended machine each respondent is a batch, and there is nothing else.
    void check(const Told& told) {
        const Kept kept = check_kept(told, researcher_, profile_);
        if (!unattended()) return;
        CHECK(kept.drafts == 0);
        CHECK(kept.batches == kept.interviews);
    }

    Machine machine_;
    fs::path form_ = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
    Researcher researcher_{form_};
    fs::path base_ = researcher_.folder() / "base", profile_ = researcher_.folder() / "profile";
    Told told_;
    std::vector<DiskChange> log_;
    bool poor_ = false;
    int tried_ = 0, complained_ = 0, interviews_ = 0;
};

/// Killed before `count` of the changes, or in their middle; what was acknowledged until then is there.
void killed_at_some_of_its_changes(Trial& trial, std::size_t count, std::uint64_t seed_of_steps) {
    std::mt19937_64 random(seed_of_steps);
    const std::size_t all = trial.changes();
    const auto steps = steps_up_to(all, count, random);
    for (const std::size_t step : steps)
        trial.survives_kill((step % 2 == 0 ? "kill " : "torn ") + std::to_string(step));
    MESSAGE(steps.size(), " of ", all, " changes: killed before them or in their middle; ",
            trial.interviews(), " interviews acknowledged before");
}

void full_from_some_of_its_changes(Trial& trial, std::size_t count, std::uint64_t seed_of_steps) {
    std::mt19937_64 random(seed_of_steps);
    const std::size_t all = trial.changes();
    const auto steps = steps_up_to(all, count, random);
    for (const std::size_t step : steps) trial.survives_full("full " + std::to_string(step));
    CHECK(trial.complained() > 0);
    MESSAGE(steps.size(), " of ", all, " changes: no room from there on; told ", trial.complained(),
            " times; ", trial.interviews(), " interviews acknowledged");
}

/// Three times at each of them, with what was not synced lost, kept, or there in part.
void power_cut_at_some_moments(Trial& trial, std::size_t count, std::uint64_t seed_of_steps) {
    std::mt19937_64 random(seed_of_steps);
    const std::vector<DiskChange> log = trial.log();
    const auto steps = steps_up_to(log.size(), count, random);
    DiskImage image(trial.renewed());
    Told told = trial.told();
    std::string words;
    std::size_t at = 0;
    for (const DiskChange& change : log) {
        ++at;
        image.apply(change);
        if (change.kind == Kind::told) {
            Trial::tell(told, words, change.data);
        }
        if (!std::ranges::binary_search(steps, at)) continue;
        CAPTURE(at);
        for (const auto unsynced :
             {DiskImage::Unsynced::lost, DiskImage::Unsynced::kept, DiskImage::Unsynced::partly})
            trial.survives_cut(image, told, unsynced, random);
    }
    CHECK(told.acknowledged_interviews > trial.told().acknowledged_interviews);
    MESSAGE(steps.size(), " of ", log.size(), " moments, three power cuts at each");
}

}  // namespace

TEST_CASE("what the log of a disk tells is all that was done to it") {
    Trial trial;
    std::mt19937_64 random(9);
    DiskImage image(trial.renewed());
    for (const DiskChange& change : trial.log()) image.apply(change);
    const auto done = contents_of(trial.profile());
    image.write_to(trial.profile(), DiskImage::Unsynced::kept, random);
    CHECK(contents_of(trial.profile()) == done);
}

TEST_CASE("killed before any change of the disk, or in the middle of a write, nothing acknowledged is lost") {
    Trial trial;
    killed_at_some_of_its_changes(trial, 12, 1);
}

TEST_CASE("a medium without hard links, rights, times and syncs of folders keeps what was acknowledged") {
    Trial trial;
    trial.on_a_poor_medium();
    CHECK(std::ranges::none_of(trial.log(), [](const DiskChange& change) {
        return change.kind == Kind::link || (change.kind == Kind::sync && fs::is_directory(change.path));
    }));
    CHECK(fs::is_empty(store::outbox_folder(trial.profile()) / "open"));  // every batch has got its name
    killed_at_some_of_its_changes(trial, 8, 5);
}

TEST_CASE("when the disk is full from any change on, the person is told, and nothing acknowledged is lost") {
    Trial trial;
    full_from_some_of_its_changes(trial, 8, 2);
}

TEST_CASE(
    "when any one sync fails and its writes are lost, the person is told, and what was acknowledged is "
    "there") {
    Trial trial;
    std::mt19937_64 random(3);
    const std::size_t all = trial.changes(true);
    const auto steps = steps_up_to(all, 8, random);
    for (const std::size_t step : steps) trial.survives_failed_sync(step, random);
    CHECK(trial.complained() > 0);
    MESSAGE(steps.size(), " of ", all, " syncs failed; told ", trial.complained(), " times; ",
            trial.interviews(), " interviews acknowledged");
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
    power_cut_at_some_moments(trial, 20, 4);
}

TEST_CASE(
    "on an unattended machine whose disk fails, every interview that was sealed is there, in a batch of its "
    "own") {
    Trial trial(Trial::Machine::unattended);
    SUBCASE("killed") {
        killed_at_some_of_its_changes(trial, 6, 6);
    }
    SUBCASE("full") {
        full_from_some_of_its_changes(trial, 4, 7);
    }
    SUBCASE("without power") {
        power_cut_at_some_moments(trial, 8, 8);
    }
}
