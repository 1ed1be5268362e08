#include "tests/support/fat_medium.h"

#include <sys/mount.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/support/window.h"

namespace fieldfare::tests {

namespace fs = std::filesystem;

FatMedium::FatMedium(const fs::path& folder, Kind kind)
    : kind_(kind), image_(folder / "stick.img"), mounted_(folder / "stick") {}

FatMedium::~FatMedium() {
    (void)unplug();
}

std::unique_ptr<FatMedium> FatMedium::make(const fs::path& folder, Kind kind, std::string& why) {
    const fs::path maker = kind == Kind::vfat ? "/usr/sbin/mkfs.vfat" : "/usr/sbin/mkfs.exfat";
    if (!fs::exists(maker) || (kind == Kind::exfat && !fs::exists("/usr/sbin/mount.exfat-fuse"))) {
        why = "no " + maker.string() + ", or nothing to mount what it makes";
        return nullptr;
    }
    std::unique_ptr<FatMedium> stick(new FatMedium(folder, kind));
    fs::create_directory(stick->mounted_);
    std::ofstream(stick->image_, std::ios::binary).close();
    fs::resize_file(stick->image_, std::uintmax_t{48} << 20);
    if (run_program({maker, stick->image_}, &why) != 0 || !stick->plug_in()) {
        why = "no memory stick can be mounted here: " + why;
        return nullptr;
    }
    return stick;
}

bool FatMedium::plug_in() {
    std::string said;
    if (kind_ == Kind::vfat) {
        plugged_in_ =
            run_program({"/usr/bin/mount", "-t", "vfat", "-o", "loop", image_, mounted_}, &said) == 0;
        return plugged_in_;
    }
    std::string device;
    if (run_program({"/usr/sbin/losetup", "--find", "--show", image_}, &device) != 0) return false;
    device.erase(device.find_last_not_of('\n') + 1);
    plugged_in_ = run_program({"/usr/sbin/mount.exfat-fuse", device, mounted_}, &said) == 0;
    // It goes when the stick does.
    return run_program({"/usr/sbin/losetup", "--detach", device}, &said) == 0 && plugged_in_;
}

bool FatMedium::unplug() {
    // A program that was killed may take a moment to let go of its files.
    for (int tries = 0; plugged_in_ && tries < 100; ++tries) {
        if (::umount2(mounted_.c_str(), 0) == 0) {
            plugged_in_ = false;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
    return !plugged_in_;
}

}  // namespace fieldfare::tests
