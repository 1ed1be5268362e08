#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/disk_image.h"
#include "tests/support/scripted_run.h"

namespace fieldfare::tests {

/// `count` of the numbers 1...last, spread and begun at random; all of them when FIELDFARE_DISK_STEPS is
/// "all", so many where it is a number, and where it is "18-20" those, as far as there are.
std::vector<std::size_t> steps_up_to(std::size_t last, std::size_t count, std::mt19937_64& random);

/// One piece of a program's work, done again and again on copies of one disk that fails each time at another
/// step; what is there afterwards is looked at. Each of the campaigns says how much of it was tried.
class DiskTrial {
  public:
    virtual ~DiskTrial() = default;
    DiskTrial(const DiskTrial&) = delete;
    DiskTrial& operator=(const DiskTrial&) = delete;

    /// What the work does to its disk in peace, and says.
    const std::vector<DiskChange>& log();
    /// From now on the disk is a medium that lacks what FAT lacks, open to everybody as FAT is.
    void on_a_poor_medium();

    /// Killed before `count` of the changes, or in their middle.
    void killed_at_some_of_its_changes(std::size_t count, std::uint64_t seed);
    /// No room from one of the changes on.
    void full_from_some_of_its_changes(std::size_t count, std::uint64_t seed);
    /// One sync fails and what it should have written never gets to the disk. The work goes on to its end;
    /// the power goes after that, or right after something has been acknowledged.
    void some_of_its_syncs_fail(std::size_t count, std::uint64_t seed);
    /// The power goes: three times at each moment, with what was not synced lost, kept, or there in part.
    void power_cut_at_some_moments(std::size_t count, std::uint64_t seed);

    const std::filesystem::path& disk() const { return disk_; }
    /// The disk as it is before the work.
    const std::filesystem::path& renewed();

  protected:
    enum class Fault { killed, full, failed_sync, power_cut };

    /// `base` is what each run begins with on `disk`. `acknowledgements`: the first words of lines at which
    /// the power may go after a failed sync, and at most how often in a run.
    DiskTrial(std::filesystem::path base, std::filesystem::path disk,
              std::map<std::string, int> acknowledgements);

    /// Begins the work, with these variables in its environment.
    virtual std::unique_ptr<ScriptedRun> start(const std::vector<std::string>& variables) = 0;
    /// What stands on the disk now must agree with the whole lines that were said until then.
    virtual void look_at(const std::string& said, Fault fault) = 0;
    /// Whether somebody was told that something had failed.
    virtual bool complains(const std::string& said) const = 0;

    std::vector<std::string> variables(const std::string& one) const;
    /// The log of a run, which must come to its end, with this variable beside what all have.
    std::vector<DiskChange> logged(const std::string& variable, std::string* said = nullptr);

  private:
    std::size_t changes(bool syncs_only = false);
    DiskImage image();
    void looks(const std::string& said, Fault fault);
    void survives_kill(const std::string& fault);
    void survives_full(const std::string& fault);
    void survives_failed_sync(std::size_t step, std::mt19937_64& random);

    std::filesystem::path base_, disk_;
    std::map<std::string, int> acknowledgements_;
    std::vector<DiskChange> log_;
    bool poor_ = false;
    int complained_ = 0;
};

}  // namespace fieldfare::tests
