// Everything that can go wrong with a disk, at every step of the form app's work: FIELDFARE_DISK_STEPS says
// how many of the steps are tried (all: each of them).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "client/store/vault.h"
#include "crypto/random.h"
#include "tests/support/disk_image.h"
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
    Trial() {
        REQUIRE(crypto::start());
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

    enum class Word { must_be_silent, may_complain };
    /// The same run with a fault; afterwards everything that it acknowledged is there.
    void survives(const std::string& fault, Word word) {
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
        if (word == Word::must_be_silent) CHECK(told.failures.empty());
        complained_ += told.failures.empty() ? 0 : 1;
        interviews_ += told.acknowledged_interviews - told_.acknowledged_interviews;
        check_kept(told, researcher_, profile_);
        goes_on(told);
    }

    /// The power goes when the disk is as `image` has it, and this was told.
    void survives_cut(const DiskImage& image, const Told& told, DiskImage::Unsynced unsynced,
                      std::mt19937_64& random) {
        image.write_to(profile_, unsynced, random);
        interviews_ += told.acknowledged_interviews - told_.acknowledged_interviews;
        check_kept(told, researcher_, profile_);
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
    /// Every fourth time: the next start works as if nothing had been.
    void goes_on(Told told) {
        if (++tried_ % 4 != 0) return;
        ScriptedRun next({.profile = profile_, .number = 3, .seed = seed + 2, .interviews = 1});
        CHECK(next.wait() == 0);
        const auto failures = told.failures.size();
        told.lines(next.text());
        CHECK(told.failures.size() == failures);
        check_kept(told, researcher_, profile_);
    }

    Researcher researcher_{fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit"};
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
        trial.survives((step % 2 == 0 ? "kill " : "torn ") + std::to_string(step),
                       Trial::Word::must_be_silent);
    MESSAGE(steps.size(), " of ", all, " changes: killed before them or in their middle; ",
            trial.interviews(), " interviews acknowledged before");
}

}  // namespace

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
    std::mt19937_64 random(2);
    const std::size_t all = trial.changes();
    const auto steps = steps_up_to(all, 8, random);
    for (const std::size_t step : steps)
        trial.survives("full " + std::to_string(step), Trial::Word::may_complain);
    CHECK(trial.complained() > 0);
    MESSAGE(steps.size(), " of ", all, " changes: no room from there on; told ", trial.complained(),
            " times; ", trial.interviews(), " interviews acknowledged");
}

TEST_CASE("when any one sync fails, what was acknowledged is there") {
    Trial trial;
    std::mt19937_64 random(3);
    const std::size_t all = trial.changes(true);
    const auto steps = steps_up_to(all, 6, random);
    for (const std::size_t step : steps)
        trial.survives("sync " + std::to_string(step), Trial::Word::may_complain);
    MESSAGE(steps.size(), " of ", all, " syncs failed; told ", trial.complained(), " times; ",
            trial.interviews(), " interviews acknowledged");
}

TEST_CASE(
    "after a power cut at any moment, with writes lost, torn and out of order, nothing acknowledged is "
    "lost") {
    Trial trial;
    std::mt19937_64 random(4);
    const std::vector<DiskChange> log = trial.log();
    const auto steps = steps_up_to(log.size(), 20, random);
    DiskImage image(trial.renewed());
    Told told = trial.told();
    std::string words;
    std::size_t at = 0;
    for (const DiskChange& change : log) {
        ++at;
        image.apply(change);
        if (change.kind == Kind::told) {
            words += change.data;
            const auto whole = words.rfind('\n') + 1;
            told.lines(words.substr(0, whole));
            words.erase(0, whole);
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
