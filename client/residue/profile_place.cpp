#include "client/residue/profile_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "client/residue/system_file.h"

namespace fieldfare::residue {
namespace {

namespace fs = std::filesystem;

constexpr int most_files = 10'000;

struct Mark {
    const char* name;
    const char* program;
};

/// Files and folders that synchronising programs leave at the top of what they send.
constexpr std::array<Mark, 8> marks{{{".dropbox", "Dropbox"},
                                     {".dropbox.cache", "Dropbox"},
                                     {".stfolder", "Syncthing"},
                                     {".owncloudsync.log", "ownCloud or Nextcloud"},
                                     {".nextcloudsync.log", "Nextcloud"},
                                     {".sync_folder_marker", "a synchronising program"},
                                     {".megaignore", "MEGA"},
                                     {".SynologyWorkingDirectory", "Synology Drive"}}};

/// Names that those programs give their folders.
constexpr std::array<Mark, 10> folders{{{"Dropbox", "Dropbox"},
                                        {"Nextcloud", "Nextcloud"},
                                        {"ownCloud", "ownCloud"},
                                        {"OneDrive", "OneDrive"},
                                        {"Google Drive", "Google Drive"},
                                        {"GoogleDrive", "Google Drive"},
                                        {"pCloudDrive", "pCloud"},
                                        {"MEGA", "MEGA"},
                                        {"SynologyDrive", "Synology Drive"},
                                        {"Yandex.Disk", "Yandex Disk"}}};

std::string synced_by(const fs::path& root, const fs::path& profile, const Variables& variables) {
    std::error_code failed;
    for (fs::path folder = profile;; folder = folder.parent_path()) {
        for (const Mark& mark : folders) {
            if (folder.filename() == mark.name) return mark.program;
        }
        for (const Mark& mark : marks) {
            // Dropbox keeps its own settings in ~/.dropbox: that alone says nothing of the home folder.
            const bool home = folder == fs::path(value_of(variables, "HOME"));
            if (!home && fs::exists(below(root, folder) / mark.name, failed)) return mark.program;
        }
        if (!folder.has_relative_path()) return {};
    }
}

void look_at(const fs::path& root, const fs::path& path, ProfilePlace& place) {
    struct stat status {};
    const fs::path real = below(root, path);
    if (::lstat(real.c_str(), &status) != 0) return;
    if (status.st_uid != ::geteuid()) place.owned_by_other = true;
    if (place.open_to_others.empty() && !S_ISLNK(status.st_mode) && (status.st_mode & 077) != 0)
        place.open_to_others = path.string();
}

std::string quoted_for_shell(std::string_view word) {
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string disk_name(const FileSystem& file_system) {
    return file_system.type.empty() ? "file system of unknown kind" : file_system.type;
}

}  // namespace

ProfilePlace read_profile_place(const fs::path& root, const fs::path& profile, const Variables& variables) {
    ProfilePlace place;
    place.path = profile.string();
    place.file_system = read_file_system(root, profile);
    place.synced_by = synced_by(root, profile, variables);
    std::error_code failed;
    const fs::path real = below(root, profile);
    place.there = fs::is_directory(real, failed);
    if (!place.there) return place;
    look_at(root, profile, place);
    int left = most_files;
    for (fs::recursive_directory_iterator entry(real, fs::directory_options::skip_permission_denied, failed),
         end;
         !failed && entry != end && left-- > 0; entry.increment(failed))
        look_at(root, profile / entry->path().lexically_relative(real), place);
    return place;
}

Finding judge_disk(const ProfilePlace& place) {
    constexpr auto about = "disk";
    const FileSystem& on = place.file_system;
    if (on.type.empty())
        return {about, Verdict::unknown, "Which file system the profile lies on can't be told.", ""};
    if (over_network(on)) {
        return {
            about, Verdict::bad,
            "The profile lies on another machine (" + on.type + "): who keeps that can copy it, day by day.",
            "Choose a folder on a disk of this machine, with --profile."};
    }
    if (without_owners(on)) {
        return {about, Verdict::bad,
                "The profile lies on " + on.type +
                    ", which keeps no rights: every user of the machine may read it.",
                "Choose a folder on a disk of this system, with --profile."};
    }
    if (in_memory(on)) {
        return {about, Verdict::bad,
                "The profile lies in memory (" + on.type +
                    "): when the machine is switched off, drafts and sealed "
                    "interviews are lost.",
                "Choose a folder on a disk, with --profile, unless you hand over before each switching off."};
    }
    if (encrypted(on)) {
        return {about, Verdict::good,
                "The profile's disk is encrypted below its file system (" + on.type + ").", ""};
    }
    if (!on.device.known) {
        return {about, Verdict::unknown,
                "Whether the disk below the profile (" + on.type + ") is encrypted can't be told from here.",
                ""};
    }
    return {about, Verdict::look,
            "The disk is not encrypted by the system (" + disk_name(on) +
                "): answers are, but that Fieldfare is used, since when, and all other files can be read.",
            "Install the system with an encrypted disk."};
}

Finding judge_overwriting(const ProfilePlace& place) {
    constexpr auto about = "overwriting";
    const FileSystem& on = place.file_system;
    const bool stays = copies_on_write(on) || on.device.flash;
    if (on.type.empty() || (!on.device.known && !copies_on_write(on)))
        return {about, Verdict::unknown, "Whether the disk overwrites in place can't be told from here.", ""};
    if (!stays && on.device.made_up)
        return {about, Verdict::unknown,
                "The disk is one of a virtual machine or of a network; whether it overwrites in place can't "
                "be told.",
                ""};
    if (!stays)
        return {about, Verdict::good,
                "By what the kernel says the disk turns, and what is overwritten is overwritten in place.",
                ""};
    const std::string why = copies_on_write(on)
                                ? "The file system writes anew instead of over the old (" + on.type + ")"
                                : std::string("The disk is flash memory");
    if (encrypted(on)) {
        return {about, Verdict::good,
                why + ", so old pages stay for a while; they are encrypted by the system as well.", ""};
    }
    return {about, Verdict::look,
            why + ": older pages of drafts stay for a while, and with the passphrase they could be read.",
            "Install the system with an encrypted disk, and keep drafts short: what is sealed can't be read "
            "here."};
}

Finding judge_rights(const ProfilePlace& place) {
    constexpr auto about = "rights";
    if (!place.there) {
        return {about, Verdict::good, "There is no profile here yet; it will be made for its owner alone.",
                ""};
    }
    if (place.owned_by_other) {
        return {about, Verdict::bad, "Something in the profile's folder belongs to another user.",
                "Use a profile that you have made yourself, or have its owner set right with chown."};
    }
    if (!place.open_to_others.empty()) {
        return {about, Verdict::bad, "Others than its owner may get at " + place.open_to_others + ".",
                without_owners(place.file_system)
                    ? ""
                    : "Take their rights away: chmod -R go= -- " + quoted_for_shell(place.path)};
    }
    return {about, Verdict::good, "The profile's folder and all in it are its owner's alone.", ""};
}

Finding judge_synced(const ProfilePlace& place) {
    constexpr auto about = "synced_folder";
    if (!place.synced_by.empty()) {
        return {about, Verdict::bad,
                "The profile lies in a folder that " + place.synced_by +
                    " sends elsewhere: copies of each state would be kept there.",
                "Choose a folder outside of it, with --profile."};
    }
    return {about, Verdict::unknown,
            "No mark of a synchronising program is on the way to the profile; whether a backup takes it "
            "along can't be "
            "told from here.",
            ""};
}

Finding judge_temporary(const FileSystem& file_system, const std::string& folder) {
    constexpr auto about = "temporary_files";
    const std::string ours = " This program leaves nothing there.";
    if (in_memory(file_system)) {
        return {about, Verdict::good, "Temporary files (" + folder + ") are kept in memory." + ours, ""};
    }
    if (encrypted(file_system))
        return {about, Verdict::good, "Temporary files (" + folder + ") lie on an encrypted disk." + ours,
                ""};
    if (file_system.type.empty())
        return {about, Verdict::unknown, "Where temporary files (" + folder + ") lie can't be told." + ours,
                ""};
    return {about, Verdict::look,
            "Temporary files (" + folder + ") lie on a disk that is not known to be encrypted." + ours +
                " Programs with which you look at photos may.",
            "Have /tmp kept in memory: systemctl enable /usr/share/systemd/tmp.mount"};
}

}  // namespace fieldfare::residue
