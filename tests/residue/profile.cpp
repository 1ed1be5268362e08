// The disk and the folder that hold the profile.
#include "tests/support/residue.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

/// A laptop whose home folder lies on a disk of this kind.
struct Laptop : Machine {
    explicit Laptop(const std::string& type = "ext4", bool turns = false, bool encrypted = false) {
        has_disk("sda", turns);
        has_partition("sda3", "sda");
        has_mapping("dm-0", encrypted ? "CRYPT-LUKS2-abc-home" : "LVM-abc", {"sda3"});
        mounts("/", "ext4", "sda3");
        mounts("/home", type, "dm-0");
    }
};

}  // namespace

TEST_CASE("an encrypted disk below the profile is good, a plain one a look") {
    CHECK(Laptop("ext4", false, true).verdict("disk") == Verdict::good);
    CHECK(Laptop("ext4", false, false).verdict("disk") == Verdict::look);
}

TEST_CASE("the file system that counts is the nearest one above the profile") {
    Laptop laptop;
    laptop.mounts("/home/anna/.local", "nfs4", "");
    laptop.mounts("/home/ann", "vfat", "");  // no folder above it: only begins alike
    CHECK(laptop.verdict("disk") == Verdict::bad);
    CHECK(laptop.finding("disk").what.find("nfs4") != std::string::npos);
}

TEST_CASE("btrfs shows a number that no device has: its source is followed") {
    Laptop laptop("ext4", false, true);
    laptop.mounts("/home/anna", "btrfs", "");
    CHECK(laptop.verdict("disk") == Verdict::unknown);
    laptop.says("/dev/dm-0", "");
    laptop.has_folder("/dev/mapper");
    std::filesystem::create_symlink("../dm-0", laptop.real("/dev/mapper/home"));
    laptop.says("/proc/self/mountinfo",
                "40 1 0:50 /@home /home/anna rw - btrfs /dev/mapper/home rw,subvol=/@home\n");
    CHECK(laptop.verdict("disk") == Verdict::good);
}

TEST_CASE("network file systems, FAT and memory are no place for a profile") {
    for (const auto* type : {"cifs", "fuse.sshfs", "vfat", "exfat", "tmpfs"}) {
        CAPTURE(type);
        Laptop laptop;
        laptop.mounts("/home/anna", type, "");
        CHECK(laptop.verdict("disk") == Verdict::bad);
    }
}

TEST_CASE("on flash or copy-on-write without encryption old pages stay, and the report says so") {
    CHECK(Laptop("ext4", false).verdict("overwriting") == Verdict::look);
    CHECK(Laptop("btrfs", true).verdict("overwriting") == Verdict::look);
    CHECK(Laptop("ext4", true).verdict("overwriting") == Verdict::good);
    CHECK(Laptop("btrfs", false, true).verdict("overwriting") == Verdict::good);
}

TEST_CASE("of a virtual machine's disk nothing is claimed") {
    Machine machine;
    machine.has_disk("vda", true);
    machine.mounts("/", "ext4", "vda");
    CHECK(machine.verdict("overwriting") == Verdict::unknown);
}

TEST_CASE("a profile that others may read is bad, and the first such path is named") {
    Laptop laptop;
    CHECK(laptop.verdict("rights") == Verdict::good);  // not there yet
    laptop.has_folder(laptop.profile, 0700);
    laptop.says(laptop.profile / "vault.db", "");
    ::chmod(laptop.real(laptop.profile / "vault.db").c_str(), 0600);
    CHECK(laptop.verdict("rights") == Verdict::good);
    SUBCASE("a file") {
        ::chmod(laptop.real(laptop.profile / "vault.db").c_str(), 0640);
        CHECK(laptop.finding("rights").what.find("/fieldfare/vault.db") != std::string::npos);
    }
    SUBCASE("the folder") {
        ::chmod(laptop.real(laptop.profile).c_str(), 0711);
    }
    CHECK(laptop.verdict("rights") == Verdict::bad);
    CHECK(laptop.finding("rights").to_do.ends_with(" chmod -R go= -- '" + laptop.profile.string() + "'"));
}

TEST_CASE("what is to be typed works for a folder of any name") {
    Laptop laptop;
    laptop.profile = "/home/anna/Anna's field work/fieldfare";
    laptop.has_folder(laptop.profile, 0711);
    CHECK(laptop.finding("rights").to_do.ends_with(
        " chmod -R go= -- '/home/anna/Anna'\\''s field work/fieldfare'"));
}

TEST_CASE("where the disk keeps no rights nobody is told to take them away") {
    Laptop laptop("vfat");
    laptop.has_folder(laptop.profile, 0755);
    CHECK(laptop.verdict("rights") == Verdict::bad);
    CHECK(laptop.finding("rights").to_do.find("chmod") == std::string::npos);
}

TEST_CASE("a profile in a folder that is sent elsewhere is bad") {
    Laptop laptop;
    CHECK(laptop.verdict("synced_folder") == Verdict::unknown);
    SUBCASE("by the folder's name") {
        laptop.profile = "/home/anna/Nextcloud/work/fieldfare";
    }
    SUBCASE("by a mark in a folder above") {
        laptop.has_folder("/home/anna/work/.stfolder");
        laptop.profile = "/home/anna/work/fieldfare";
    }
    CHECK(laptop.verdict("synced_folder") == Verdict::bad);
}

TEST_CASE("Dropbox's own settings in the home folder do not make the home folder a synced one") {
    Laptop laptop;
    laptop.has_folder("/home/anna/.dropbox");
    CHECK(laptop.verdict("synced_folder") == Verdict::unknown);
}

TEST_CASE("temporary files in memory or on an encrypted disk are good, on a plain disk a look") {
    Laptop laptop("ext4", false, true);
    CHECK(laptop.verdict("temporary_files") == Verdict::look);
    laptop.variables["TMPDIR"] = "/home/anna/tmp";
    CHECK(laptop.verdict("temporary_files") == Verdict::good);
    laptop.variables["TMPDIR"] = "";
    laptop.mounts("/tmp", "tmpfs", "");
    CHECK(laptop.verdict("temporary_files") == Verdict::good);
}
