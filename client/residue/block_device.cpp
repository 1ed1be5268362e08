#include "client/residue/block_device.h"

#include <system_error>
#include <vector>

#include "client/residue/system_file.h"

namespace fieldfare::residue {
namespace {

namespace fs = std::filesystem;

constexpr int most_layers = 16;  // a ring of devices can't be, but a made-up tree could hold one

/// Device-mapper names its kind before the first '-' of the uuid: LUKS and its like are "CRYPT-<kind>-…". Two
/// of cryptsetup's kinds don't encrypt: they only check.
bool encrypts(const std::string& uuid) {
    return uuid.starts_with("CRYPT-") && !uuid.starts_with("CRYPT-VERITY") &&
           !uuid.starts_with("CRYPT-INTEGRITY");
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        names.push_back(entry->path().filename().string());
    return names;
}

std::string first_word(const fs::path& file) {
    const auto words = words_of(text_of(file).value_or(""));
    return words.empty() ? "" : words.front();
}

BlockDevice device_at(const fs::path& root, const std::string& name, int layers_left) {
    std::error_code failed;
    const fs::path link = below(root, "/sys/class/block") / name;
    const fs::path folder = fs::canonical(link, failed);
    if (failed || name.empty() || layers_left == 0) return {};

    BlockDevice device{.known = true};
    if (name.starts_with("zram")) {
        const std::string disk = first_word(folder / "backing_dev");  // pages that idle may be moved there
        if (disk.empty() || disk == "none") {
            device.compressed_memory = true;
            return device;
        }
        return device_at(root, fs::path(disk).filename().string(), layers_left - 1);
    }
    // A partition has no queue of its own: its disk, the folder above, has.
    const fs::path disk = fs::exists(folder / "partition", failed) ? folder.parent_path() : folder;
    device.flash = first_word(disk / "queue/rotational") == "0";
    for (const char* kind : {"vd", "xvd", "nbd", "rbd", "loop"})
        device.made_up = device.made_up || disk.filename().string().starts_with(kind);

    bool all_encrypted = true;
    const auto under = names_in(folder / "slaves");
    for (const std::string& lower : under) {
        const BlockDevice one = device_at(root, lower, layers_left - 1);
        all_encrypted = all_encrypted && one.encrypted;
        device.flash = device.flash || one.flash;
        device.made_up = device.made_up || one.made_up;
    }
    device.encrypted = encrypts(first_word(folder / "dm/uuid")) || (!under.empty() && all_encrypted);
    return device;
}

}  // namespace

BlockDevice read_block_device(const fs::path& root, const std::string& name) {
    return device_at(root, name, most_layers);
}

BlockDevice read_device_file(const fs::path& root, const fs::path& device) {
    std::error_code failed;
    const fs::path real = fs::canonical(below(root, device), failed);
    return read_block_device(root, (failed ? device : real).filename().string());
}

}  // namespace fieldfare::residue
