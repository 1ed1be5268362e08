// What becomes of memory: swap, hibernation, crashes, looking into others, what is locked.
#include <sys/resource.h>

#include "client/residue/process.h"
#include "client/residue/swap.h"
#include "tests/support/residue.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

/// Meanwhile this process may lock so much memory.
class LockLimit {
  public:
    explicit LockLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_MEMLOCK, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    }
    ~LockLimit() { ::setrlimit(RLIMIT_MEMLOCK, &before_); }
    LockLimit(const LockLimit&) = delete;
    LockLimit& operator=(const LockLimit&) = delete;

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("without swap memory is written nowhere") {
    Machine machine;
    CHECK(machine.verdict("swap") == Verdict::good);
    machine.forgets("/proc/swaps");
    CHECK(machine.verdict("swap") == Verdict::unknown);
}

TEST_CASE("swap on a plain partition or in a file on a plain disk is bad") {
    Machine machine;
    machine.has_disk("sda", true);
    machine.has_partition("sda2", "sda");
    SUBCASE("partition") {
        machine.swaps_to("/dev/sda2");
        CHECK(machine.finding("swap").what.find("/dev/sda2") != std::string::npos);
    }
    SUBCASE("file, with a blank in its name") {
        machine.mounts("/", "ext4", "sda2");
        machine.swaps_to("/var/swap\\040file", "file");
        CHECK(machine.finding("swap").what.find("/var/swap file") != std::string::npos);
    }
    SUBCASE("beside one that is encrypted") {
        machine.has_mapping("dm-0", "CRYPT-PLAIN-swap", {"sda2"});
        machine.swaps_to("/dev/dm-0");
        machine.swaps_to("/dev/sda2");
    }
    CHECK(machine.verdict("swap") == Verdict::bad);
    CHECK_FALSE(machine.finding("swap").to_do.empty());
}

TEST_CASE("swap is encrypted when each way down to the disks is") {
    Machine machine;
    machine.has_disk("sda", false);
    machine.has_disk("sdb", false);
    machine.has_mapping("dm-0", "CRYPT-LUKS2-0123-a", {"sda"});
    SUBCASE("itself") {
        machine.swaps_to("/dev/dm-0");
    }
    SUBCASE("a volume of LVM over it") {
        machine.has_mapping("dm-1", "LVM-abc", {"dm-0"});
        machine.swaps_to("/dev/dm-1");
    }
    SUBCASE("a file on a disk that is") {
        machine.mounts("/", "ext4", "dm-0");
        machine.swaps_to("/swapfile", "file");
    }
    CHECK(machine.verdict("swap") == Verdict::good);
}

TEST_CASE("a volume of which one part lies on a plain disk is not encrypted, nor what only checks") {
    Machine machine;
    machine.has_disk("sda", false);
    machine.has_disk("sdb", false);
    machine.has_mapping("dm-0", "CRYPT-LUKS2-0123-a", {"sda"});
    SUBCASE("striped") {
        machine.has_mapping("dm-1", "LVM-abc", {"dm-0", "sdb"});
    }
    SUBCASE("verity") {
        machine.has_mapping("dm-1", "CRYPT-VERITY-abc-root", {"sdb"});
    }
    SUBCASE("integrity") {
        machine.has_mapping("dm-1", "CRYPT-INTEGRITY-abc", {"sdb"});
    }
    machine.swaps_to("/dev/dm-1");
    CHECK(machine.verdict("swap") == Verdict::bad);
}

TEST_CASE("compressed memory is no disk, unless a disk stands behind it") {
    Machine machine;
    machine.has_disk("zram0", false);
    machine.swaps_to("/dev/zram0");
    CHECK(machine.verdict("swap") == Verdict::good);
    machine.has_disk("sda", false);
    machine.says("/sys/devices/zram0/backing_dev", "/dev/sda\n");
    CHECK(machine.verdict("swap") == Verdict::bad);
}

TEST_CASE("swap on a device that the kernel does not list is not called good") {
    Machine machine;
    machine.swaps_to("/dev/sdz9");
    CHECK(machine.verdict("swap") == Verdict::unknown);
}

TEST_CASE("hibernation to a plain disk is bad where it is set up, and a look where it could be") {
    Machine machine;
    machine.says("/sys/power/state", "freeze mem disk\n");
    machine.says("/sys/power/disk", "[platform] shutdown reboot\n");
    machine.says("/sys/power/image_size", "3221225472\n");
    CHECK(machine.verdict("hibernation") == Verdict::good);  // nowhere to write to
    machine.has_disk("sda", true);
    machine.swaps_to("/dev/sda");
    CHECK(machine.verdict("hibernation") == Verdict::look);
    CHECK(machine.finding("hibernation").what.find("3072 MiB") != std::string::npos);
    SUBCASE("command line") {
        machine.says("/proc/cmdline", "root=/dev/sda1 resume=UUID=abc quiet\n");
    }
    SUBCASE("set while it runs") {
        machine.says("/sys/power/resume", "8:0\n");
    }
    CHECK(machine.verdict("hibernation") == Verdict::bad);
}

TEST_CASE("hibernation is good where it can't be, and a look to encrypted swap") {
    Machine machine;
    machine.has_disk("sda", true);
    machine.has_mapping("dm-0", "CRYPT-LUKS2-a", {"sda"});
    machine.swaps_to("/dev/dm-0");
    machine.says("/sys/power/resume", "0:0\n");
    machine.says("/sys/power/state", "freeze mem\n");
    CHECK(machine.verdict("hibernation") == Verdict::good);
    machine.says("/sys/power/state", "freeze mem disk\n");
    CHECK(machine.verdict("hibernation") == Verdict::look);
    machine.says("/sys/power/disk", "[disabled]\n");
    CHECK(machine.verdict("hibernation") == Verdict::good);
}

TEST_CASE("this program leaves no image of its memory, or the report is bad") {
    residue::Process process;
    process.dumpable = false;
    CHECK(residue::judge_core(process).verdict == Verdict::good);
    process.dumpable = true;  // a limit on core files does not bind a crash reporter
    CHECK(residue::judge_core(process).verdict == Verdict::bad);
}

TEST_CASE("a crash reporter that gets other programs' memory is a look") {
    Machine machine;
    CHECK(machine.verdict("core_of_others") == Verdict::unknown);
    machine.says("/proc/sys/kernel/core_pattern", "core\n");
    CHECK(machine.verdict("core_of_others") == Verdict::good);
    machine.says("/proc/sys/kernel/core_pattern", "|/bin/false\n");
    CHECK(machine.verdict("core_of_others") == Verdict::good);
    machine.says("/proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P %u\n");
    CHECK(machine.verdict("core_of_others") == Verdict::look);
    CHECK(machine.finding("core_of_others").to_do == "Set Storage=none in /etc/systemd/coredump.conf.");
}

TEST_CASE("programs that may look into one another are a look") {
    Machine machine;
    CHECK(machine.verdict("ptrace") == Verdict::look);
    machine.says("/proc/sys/kernel/yama/ptrace_scope", "0\n");
    CHECK(machine.verdict("ptrace") == Verdict::look);
    machine.says("/proc/sys/kernel/yama/ptrace_scope", "1\n");
    CHECK(machine.verdict("ptrace") == Verdict::good);
}

TEST_CASE("a limit below what the program locks is a look, unless it does not bind") {
    residue::Process process;
    process.lock_bytes = 64 << 10;
    CHECK(residue::judge_locked_memory(process, 4 << 20).verdict == Verdict::look);
    process.may_lock_all = true;
    CHECK(residue::judge_locked_memory(process, 4 << 20).verdict == Verdict::good);
    process.may_lock_all = false;
    process.lock_bytes = 8 << 20;
    CHECK(residue::judge_locked_memory(process, 4 << 20).verdict == Verdict::good);
    process.lock_bytes = residue::no_limit;
    CHECK(residue::judge_locked_memory(process, 4 << 20).verdict == Verdict::good);
}

TEST_CASE("of what is typed nobody says that it were locked into memory") {
    residue::Process process;
    for (const std::uint64_t limit : {std::uint64_t{64 << 10}, std::uint64_t{8 << 20}, residue::no_limit}) {
        process.lock_bytes = limit;
        const auto what = residue::judge_locked_memory(process, 4 << 20).what;
        CHECK(what.starts_with("Keys "));
        CHECK(what.ends_with(" A passphrase is not locked while it is typed, nor are answers."));
    }
}

TEST_CASE("who may lock memory without limit is read from the kernel's list of rights") {
    Machine machine;
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");
    CHECK(residue::read_process(machine.real("/")).may_lock_all);
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffbfff\n");
    CHECK_FALSE(residue::read_process(machine.real("/")).may_lock_all);
}

TEST_CASE("where the kernel can't keep the program to what it needs, the report says which part is open") {
    Machine machine;
    CHECK(machine.verdict("confinement") == Verdict::good);
    machine.filters_calls = false;
    CHECK(machine.finding("confinement").what.find("could use the network") != std::string::npos);
    machine.filters_calls = true;
    machine.landlock_version = 0;
    CHECK(machine.finding("confinement").what.find("can't keep it to its profile") != std::string::npos);
    machine.filters_calls = false;
    CHECK(machine.finding("confinement").what.find("neither Landlock nor seccomp") != std::string::npos);
    CHECK(machine.verdict("confinement") == Verdict::look);
    CHECK(machine.finding("confinement").to_do ==
          "Use a kernel from Linux 6.2 on, such as that of Debian 13.");
}

TEST_CASE("a kernel that can't keep the program from emptying files of others is a look, and it says so") {
    Machine machine;
    machine.landlock_version = 2;
    CHECK(machine.verdict("confinement") == Verdict::look);
    CHECK(machine.finding("confinement").what ==
          "By what it offers, the kernel lets this program write in its profile alone, but can't keep it "
          "from emptying files elsewhere (Landlock 2; from 3 on it can).");
    machine.landlock_version = 1;  // not used at all: nothing could be sealed under it
    CHECK(machine.verdict("confinement") == Verdict::look);
    CHECK(machine.finding("confinement").what.find("can't keep it to its profile (Landlock 1 is too old)") !=
          std::string::npos);
}

TEST_CASE("the worst that a machine writes of memory in clear is what the form app warns of at its start") {
    using residue::OnDisk;
    Machine machine;
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");  // no limit binds
    const auto worst = [&] { return residue::worst_on_disk(machine.real("/"), 4 << 20); };
    CHECK(worst() == OnDisk::nothing);
    machine.has_disk("sda", true);
    machine.has_mapping("dm-0", "CRYPT-PLAIN-swap", {"sda"});
    machine.swaps_to("/dev/dm-0");
    machine.says("/sys/power/state", "freeze mem disk\n");
    machine.says("/proc/cmdline", "resume=/dev/dm-0\n");
    CHECK(worst() == OnDisk::nothing);
    machine.swaps_to("/dev/not listed");
    CHECK(worst() == OnDisk::all_memory);
    machine.swaps_to("/dev/sda");
    CHECK(worst() == OnDisk::what_is_typed);
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
    const LockLimit small(1 << 20);
    CHECK(worst() == OnDisk::keys);
}

TEST_CASE("keys may be swapped to a disk in clear where too few of them can be locked, and only there") {
    Machine machine;
    machine.has_disk("sda", true);
    machine.has_partition("sda2", "sda");
    machine.swaps_to("/dev/sda2");
    machine.says("/proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
    const LockLimit small(1 << 20);
    CHECK(residue::keys_may_be_swapped(machine.real("/"), 4 << 20));
    CHECK_FALSE(residue::keys_may_be_swapped(machine.real("/"), 1 << 20));
    machine.forgets("/proc/swaps");
    machine.says("/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    CHECK_FALSE(residue::keys_may_be_swapped(machine.real("/"), 4 << 20));
}
