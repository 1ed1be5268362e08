#pragma once

// Vocabulary of the tests of the residue report: a made-up machine, which is a /proc and a /sys in a folder.

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "client/residue/report.h"

namespace fieldfare::test {

using residue::Finding;
using residue::Verdict;

class Machine {
  public:
    Machine() {
        std::string name = (std::filesystem::temp_directory_path() / "fieldfare-machine-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
        says("/proc/swaps", swap_heading);
        variables["HOME"] = "/home/anna";
    }
    ~Machine() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// A file of the machine and what stands in it.
    void says(const std::string& path, const std::string& text) {
        const auto file = real(path);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }
    void has_folder(const std::string& path, mode_t mode = 0700) {
        std::filesystem::create_directories(real(path));
        ::chmod(real(path).c_str(), mode);
    }
    void forgets(const std::string& path) { std::filesystem::remove_all(real(path)); }

    /// A whole disk, a partition of it, a mapping over others.
    void has_disk(const std::string& name, bool turns) {
        says(device(name) + "/queue/rotational", turns ? "1\n" : "0\n");
        lists(name, device(name));
    }
    void has_partition(const std::string& name, const std::string& disk) {
        says(device(disk) + "/" + name + "/partition", "1\n");
        lists(name, device(disk) + "/" + name);
    }
    void has_mapping(const std::string& name, const std::string& uuid, const std::vector<std::string>& over) {
        says(device(name) + "/dm/uuid", uuid + "\n");
        for (const auto& lower : over) has_folder(device(name) + "/slaves/" + lower);
        lists(name, device(name));
    }
    void mounts(const std::string& point, const std::string& type, const std::string& name) {
        const std::string number = name.empty() ? "0:" + std::to_string(++mounted_) : number_of(name);
        table_ += "30 1 " + number + " / " + point + " rw,relatime shared:1 - " + type + " " +
                  (name.empty() ? type : "/dev/" + name) + " rw\n";
        says("/proc/self/mountinfo", table_);
    }
    void swaps_to(const std::string& path, const std::string& kind = "partition") {
        std::ofstream(real("/proc/swaps"), std::ios::app) << path << "  " << kind << "  8388604 0 -2\n";
    }
    void runs(const std::string& program) {
        says("/proc/" + std::to_string(++processes_) + "/comm", program.substr(0, 15) + "\n");
    }

    residue::Findings findings() const {
        return residue::look_around(root_, variables,
                                    {profile, 4 << 20, window_library, landlock_version, filters_calls});
    }
    /// The line about this; the test fails when there is none.
    Finding finding(const std::string& about) const {
        for (const auto& one : findings()) {
            if (one.about == about) return one;
        }
        FAIL("the report says nothing about ", about);
        return {};
    }
    Verdict verdict(const std::string& about) const { return finding(about).verdict; }

    std::filesystem::path real(const std::string& path) const {
        return root_ / std::filesystem::path(path).relative_path();
    }

    residue::Variables variables;
    std::filesystem::path profile = "/home/anna/.local/share/fieldfare";
    residue::WindowLibrary window_library = residue::WindowLibrary::x11;
    int landlock_version = 3;
    bool filters_calls = true;

  private:
    static constexpr auto swap_heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    static std::string device(const std::string& name) { return "/sys/devices/" + name; }
    std::string number_of(const std::string& name) {
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (names_[i] == name) return "8:" + std::to_string(i);
        }
        return "0:99";
    }
    void lists(const std::string& name, const std::string& folder) {
        names_.push_back(name);
        std::filesystem::create_directories(real("/sys/class/block"));
        std::filesystem::create_directories(real("/sys/dev/block"));
        std::filesystem::create_symlink("../.." + folder.substr(4), real("/sys/class/block/" + name));
        std::filesystem::create_symlink("../.." + folder.substr(4),
                                        real("/sys/dev/block/" + number_of(name)));
    }

    std::filesystem::path root_;
    std::vector<std::string> names_;
    std::string table_;
    int mounted_ = 40;
    int processes_ = 1000;
};

}  // namespace fieldfare::test

namespace doctest {
template <>
struct StringMaker<fieldfare::residue::Verdict> {
    static String convert(fieldfare::residue::Verdict verdict) {
        constexpr const char* words[]{"good", "look", "bad", "unknown"};
        return words[static_cast<int>(verdict)];
    }
};
}  // namespace doctest
