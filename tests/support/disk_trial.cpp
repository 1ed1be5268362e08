#include "tests/support/disk_trial.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace fieldfare::tests {

namespace fs = std::filesystem;
using Kind = DiskChange::Kind;

namespace {

std::string whole_lines(const std::string& text) {
    return text.substr(0, text.rfind('\n') + 1);
}

}  // namespace

std::vector<std::size_t> steps_up_to(std::size_t last, std::size_t count, std::mt19937_64& random) {
    std::vector<std::size_t> steps;
    if (const char* variable = std::getenv("FIELDFARE_DISK_STEPS")) {
        const std::string wanted = variable;
        if (const auto dash = wanted.find('-'); dash != std::string::npos) {
            const auto end = std::min(last, std::size_t{std::stoul(wanted.substr(dash + 1))});
            for (std::size_t step = std::stoul(wanted); step <= end; ++step) steps.push_back(step);
            return steps;
        }
        count = wanted == "all" ? last : std::stoul(wanted);
    }
    const double stride =
        std::max(1.0, static_cast<double>(last) / static_cast<double>(std::max<std::size_t>(count, 1)));
    const double begin =
        stride > 1.0 ? static_cast<double>(random() % static_cast<std::uint64_t>(stride)) : 0.0;
    for (double at = begin; static_cast<std::size_t>(at) < last; at += stride)
        steps.push_back(static_cast<std::size_t>(at) + 1);
    return steps;
}

DiskTrial::DiskTrial(fs::path base, fs::path disk, std::map<std::string, int> acknowledgements)
    : base_(std::move(base)), disk_(std::move(disk)), acknowledgements_(std::move(acknowledgements)) {}

std::vector<std::string> DiskTrial::variables(const std::string& one) const {
    std::vector<std::string> all{one, "FIELDFARE_DISK=" + disk_.string()};
    if (poor_) all.emplace_back("FIELDFARE_DISK_KIND=poor");
    return all;
}

std::vector<DiskChange> DiskTrial::logged(const std::string& variable, std::string* said) {
    const fs::path file = disk_.string() + ".log";
    auto all = variables("FIELDFARE_DISK_LOG=" + file.string());
    if (!variable.empty()) all.push_back(variable);
    renewed();
    const auto run = start(all);
    CHECK(run->wait() == 0);
    if (said != nullptr) *said = whole_lines(run->text());
    auto log = read_disk_log(file);
    fs::remove(file);
    return log;
}

const std::vector<DiskChange>& DiskTrial::log() {
    if (log_.empty()) log_ = logged({});
    return log_;
}

std::size_t DiskTrial::changes(bool syncs_only) {
    return static_cast<std::size_t>(std::ranges::count_if(log(), [&](const DiskChange& change) {
        return change.kind != Kind::told && (!syncs_only || change.kind == Kind::sync);
    }));
}

void DiskTrial::on_a_poor_medium() {
    poor_ = true;
    log_.clear();
}

const fs::path& DiskTrial::renewed() {
    fs::remove_all(disk_);
    fs::copy(base_, disk_, fs::copy_options::recursive);
    if (poor_) {
        fs::permissions(disk_, fs::perms::all);
        for (const auto& entry : fs::recursive_directory_iterator(disk_))
            fs::permissions(entry.path(), fs::perms::all);
    }
    return disk_;
}

DiskImage DiskTrial::image() {
    return DiskImage(renewed(), poor_ ? DiskImage::NamesKept::at_once : DiskImage::NamesKept::with_folder);
}

void DiskTrial::looks(const std::string& said, Fault fault) {
    CAPTURE(said);
    complained_ += complains(said) ? 1 : 0;
    look_at(said, fault);
}

void DiskTrial::survives_kill(const std::string& fault) {
    CAPTURE(fault);
    renewed();
    const auto run = start(variables("FIELDFARE_DISK_FAULT=" + fault));
    CHECK(run->wait() == -SIGKILL);  // an end of its own would say that the fault never came
    const std::string said = whole_lines(run->text());
    CHECK_FALSE(complains(said));
    looks(said, Fault::killed);
}

void DiskTrial::survives_full(const std::string& fault) {
    CAPTURE(fault);
    renewed();
    std::string said;
    {
        const auto run = start(variables("FIELDFARE_DISK_FAULT=" + fault));
        // Whoever complains is left alone for a moment, as a person would leave it, and then switched off.
        if (run->listen(std::chrono::seconds(60), "failed\t")) run->listen(std::chrono::milliseconds(100));
        run->kill();
        said = whole_lines(run->text());
    }
    looks(said, Fault::full);
}

void DiskTrial::survives_failed_sync(std::size_t step, std::mt19937_64& random) {
    CAPTURE(step);
    std::string all_said;
    const auto log = logged("FIELDFARE_DISK_FAULT=sync " + std::to_string(step), &all_said);
    CHECK(std::ranges::count(log, Kind::failed_sync, &DiskChange::kind) == 1);
    const fs::path after = disk_.string() + ".after";
    fs::rename(disk_, after);

    DiskImage image = this->image();
    std::string said;
    auto left = acknowledgements_;
    bool failed = false;
    for (const DiskChange& change : log) {
        image.apply(change);
        failed = failed || change.kind == Kind::failed_sync;
        if (change.kind != Kind::told) continue;
        said += change.data;
        const auto cuts = left.find(change.data.substr(0, change.data.find_first_of("\t\n")));
        if (!failed || cuts == left.end() || cuts->second == 0) continue;
        --cuts->second;
        image.write_to(disk_, DiskImage::Unsynced::lost, random);
        looks(whole_lines(said), Fault::failed_sync);
    }
    image.write_to(disk_, DiskImage::Unsynced::lost, random);
    looks(whole_lines(said), Fault::failed_sync);
    fs::remove_all(disk_);
    fs::rename(after, disk_);  // without a power cut, what was not synced is there
    looks(all_said, Fault::failed_sync);
}

void DiskTrial::killed_at_some_of_its_changes(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::size_t all = changes();
    const auto steps = steps_up_to(all, count, random);
    for (const std::size_t step : steps)
        survives_kill((step % 2 == 0 ? "kill " : "torn ") + std::to_string(step));
    MESSAGE(steps.size(), " of ", all, " changes: killed before them or in their middle");
}

void DiskTrial::full_from_some_of_its_changes(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    complained_ = 0;
    const std::size_t all = changes();
    const auto steps = steps_up_to(all, count, random);
    for (const std::size_t step : steps) survives_full("full " + std::to_string(step));
    CHECK(complained_ > 0);
    MESSAGE(steps.size(), " of ", all, " changes: no room from there on; told ", complained_, " times");
}

void DiskTrial::some_of_its_syncs_fail(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    complained_ = 0;
    const std::size_t all = changes(true);
    std::size_t tried = 0;
    for (const std::size_t step : steps_up_to(all, count, random)) {
        survives_failed_sync(step, random);
        ++tried;
    }
    // Some syncs are done again later and so told to nobody: on until one is.
    for (std::size_t step = 1; step <= all && complained_ == 0; ++step, ++tried)
        survives_failed_sync(step, random);
    CHECK(complained_ > 0);
    MESSAGE(tried, " of ", all, " syncs failed; told at ", complained_, " looks");
}

void DiskTrial::power_cut_at_some_moments(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::vector<DiskChange> log = this->log();
    const auto steps = steps_up_to(log.size(), count, random);
    DiskImage image = this->image();
    std::string said;
    std::size_t at = 0;
    for (const DiskChange& change : log) {
        ++at;
        image.apply(change);
        if (change.kind == Kind::told) said += change.data;
        if (!std::ranges::binary_search(steps, at)) continue;
        CAPTURE(at);
        for (const auto unsynced :
             {DiskImage::Unsynced::lost, DiskImage::Unsynced::kept, DiskImage::Unsynced::partly}) {
            CAPTURE(static_cast<int>(unsynced));
            image.write_to(disk_, unsynced, random);
            looks(whole_lines(said), Fault::power_cut);
        }
    }
    MESSAGE(steps.size(), " of ", log.size(), " moments, three power cuts at each");
}

}  // namespace fieldfare::tests
