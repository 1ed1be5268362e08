#include "client/residue/swap.h"

#include <algorithm>

#include "client/residue/block_device.h"
#include "client/residue/file_system.h"
#include "client/residue/system_file.h"

namespace fieldfare::residue {
namespace {

SwapArea::Kind kind_of(const BlockDevice& device, bool encrypted) {
    if (device.compressed_memory) return SwapArea::Kind::compressed_memory;
    if (encrypted) return SwapArea::Kind::encrypted;
    return device.known ? SwapArea::Kind::in_the_clear : SwapArea::Kind::not_known;
}

}  // namespace

std::optional<std::vector<SwapArea>> read_swap(const std::filesystem::path& root) {
    const auto table = text_of(below(root, "/proc/swaps"));
    if (!table) return std::nullopt;
    std::vector<SwapArea> areas;
    auto lines = lines_of(*table);
    for (std::size_t i = 1; i < lines.size(); ++i) {  // the first is the heading
        const auto words = words_of(lines[i]);
        if (words.size() < 2) continue;
        SwapArea area{unescaped(words[0]), SwapArea::Kind::not_known};
        if (words[1] == "file") {
            const FileSystem below_it = read_file_system(root, area.path);
            area.kind = kind_of(below_it.device, encrypted(below_it));
        } else {
            const BlockDevice device = read_device_file(root, area.path);
            area.kind = kind_of(device, device.encrypted);
        }
        areas.push_back(std::move(area));
    }
    return areas;
}

Finding judge_swap(const std::optional<std::vector<SwapArea>>& areas) {
    Finding finding{"swap", Verdict::unknown, "", ""};
    if (!areas) {
        finding.what = "Whether there is swap can't be told: /proc/swaps can't be read.";
        return finding;
    }
    const auto of_kind = [&](SwapArea::Kind kind) {
        return std::ranges::find(*areas, kind, &SwapArea::kind);
    };
    constexpr auto fix =
        "Turn it off (swapoff -a, and its line in /etc/fstab), or have the system encrypt it with a key "
        "that is made anew at each start.";
    if (areas->empty()) {
        finding.verdict = Verdict::good;
        finding.what = "There is no swap: the system writes no memory to a disk.";
    } else if (const auto area = of_kind(SwapArea::Kind::in_the_clear); area != areas->end()) {
        finding.verdict = Verdict::bad;
        finding.what = "Swap is not encrypted (" + area->path +
                       "): what is typed and shown may be written to the disk and stay there.";
        finding.to_do = fix;
    } else if (const auto unknown = of_kind(SwapArea::Kind::not_known); unknown != areas->end()) {
        finding.what =
            "Swap is in use (" + unknown->path + "); whether it is encrypted can't be told from here.";
    } else {
        finding.verdict = Verdict::good;
        finding.what = of_kind(SwapArea::Kind::encrypted) != areas->end()
                           ? "Swap is encrypted: what is moved to the disk can't be read without the key."
                           : "Swap is compressed memory (zram): nothing of it goes to a disk.";
    }
    return finding;
}

Hibernation read_hibernation(const std::filesystem::path& root) {
    Hibernation found;
    found.states = text_of(below(root, "/sys/power/state")).value_or("");
    found.ways = text_of(below(root, "/sys/power/disk")).value_or("");
    found.image_bytes = number_of(text_of(below(root, "/sys/power/image_size")).value_or(""));
    for (const auto& word : words_of(text_of(below(root, "/proc/cmdline")).value_or("")))
        found.resume_named = found.resume_named || (word.starts_with("resume=") && word.size() > 7);
    const auto device = words_of(text_of(below(root, "/sys/power/resume")).value_or(""));
    found.resume_named = found.resume_named || (!device.empty() && device.front() != "0:0");
    found.swap = read_swap(root);
    return found;
}

Finding judge_hibernation(const Hibernation& hibernation) {
    Finding finding{"hibernation", Verdict::unknown, "", ""};
    const auto states = words_of(hibernation.states);
    const bool can = std::ranges::find(states, "disk") != states.end() &&
                     hibernation.ways.find("[disabled]") == std::string::npos;
    const auto usable = [](const SwapArea& area) { return area.kind != SwapArea::Kind::compressed_memory; };
    const bool room = !hibernation.swap || std::ranges::any_of(*hibernation.swap, usable);
    const bool all_encrypted =
        hibernation.swap && std::ranges::all_of(*hibernation.swap, [](const auto& area) {
            return area.kind == SwapArea::Kind::encrypted || area.kind == SwapArea::Kind::compressed_memory;
        });
    constexpr auto fix =
        "Lock the form app before the lid is closed, and turn hibernation off: systemctl mask "
        "hibernate.target "
        "hybrid-sleep.target suspend-then-hibernate.target";
    if (!can) {
        finding.verdict = Verdict::good;
        finding.what = "The system can't hibernate: memory is never written to a disk as a whole.";
    } else if (!room) {
        finding.verdict = Verdict::good;
        finding.what = "The system has no swap on a disk to hibernate to.";
    } else if (all_encrypted) {
        finding.verdict = Verdict::look;
        finding.what =
            "The system can hibernate: all memory is written to the encrypted swap, an unlocked form app "
            "with it.";
        finding.to_do = "Lock the form app before the lid is closed.";
    } else {
        finding.verdict = hibernation.resume_named ? Verdict::bad : Verdict::look;
        finding.what = std::string("The system can hibernate") +
                       (hibernation.resume_named ? ", and a place to wake from is set up" : "") +
                       ": all memory is written to a disk that is not known to be encrypted.";
        finding.to_do = fix;
    }
    if (can && room && hibernation.image_bytes) {
        finding.what.pop_back();
        finding.what += " (about " + std::to_string(*hibernation.image_bytes / (1024 * 1024)) + " MiB).";
    }
    return finding;
}

}  // namespace fieldfare::residue
