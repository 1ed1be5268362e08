#include "client/confinement/devices.h"

#include <set>

#include "tests/support/confinement.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
namespace fs = std::filesystem;

TEST_CASE("of the devices those that draw are granted, and no disk, keyboard, camera or other terminal") {
    const TemporaryProfile place;
    const fs::path folder = place.path() / "dev";
    for (const auto* name : {"dri", "shm", "pts", "snd", "input", "vboxusb", "mapper"})
        fs::create_directories(folder / name);
    for (const auto* name : {"nvidia0", "nvidiactl", "nvidia-uvm", "mali0", "kgsl-3d0", "null", "sda", "sda1",
                             "nvme0n1", "mem", "uinput", "video0", "hidraw0", "tty1", "fuse"})
        write_file(folder / name, "");
    std::set<std::string> granted;
    for (const auto& device : confinement::devices_of_the_screen(folder))
        granted.insert(device.filename().string());
    CHECK(granted == std::set<std::string>{"dri", "kgsl-3d0", "mali0", "nvidia-uvm", "nvidia0", "nvidiactl"});
    CHECK(confinement::devices_of_the_screen(folder / "none").empty());
}

TEST_CASE("each plain device that this machine has is a device, and opens") {
    for (const auto& device : confinement::plain_devices()) {
        if (!fs::exists(device)) continue;
        CAPTURE(device);
        CHECK(fs::is_character_file(device));
        if (device != "/dev/tty") CHECK(try_to_open(device, O_RDWR) == 0);  // of no process without one
    }
}
