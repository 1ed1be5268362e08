#include "sync/known_media.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "sync/open_store.h"

namespace fieldfare::sync {

namespace {

using nlohmann::json;

constexpr const char* file_name = "media.json";
constexpr std::size_t max_file = 64 * 1024;
constexpr unsigned most_mounts = 1000;

SystemResult<Descriptor> look_at(int folder, const char* path) {
    const int number = ::openat(folder, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) return tl::unexpected<Errno>(errno);
    return Descriptor(number);
}

std::optional<struct stat> status_of(const Descriptor& folder) {
    struct stat status {};
    if (::fstat(folder.number(), &status) != 0) return std::nullopt;
    return status;
}

}  // namespace

std::optional<unsigned> mounts_above(const Descriptor& folder) {
    auto here = status_of(folder);
    auto above = look_at(folder.number(), "..");
    for (unsigned mounts = 0; here && above;) {
        const auto there = status_of(*above);
        if (!there) break;
        if (there->st_dev == here->st_dev && there->st_ino == here->st_ino) return mounts;  // it is /
        if (there->st_dev != here->st_dev) ++mounts;
        here = there;
        above = look_at(above->number(), "..");
    }
    return std::nullopt;
}

KnownMedia KnownMedia::of(const Outbox& outbox) {
    KnownMedia media(outbox.folder());
    const auto folder = open_folder(media.outbox_ / "receipts");
    const auto bytes = folder ? read_file(*folder, file_name, max_file) : tl::unexpected(folder.error());
    if (!bytes) return media;
    const json whole = json::parse(*bytes, nullptr, false);
    if (!whole.is_object()) return media;
    for (const auto& [address, mounts] : whole.items())
        if (mounts.is_number_unsigned() && mounts <= most_mounts) media.mounts_[address] = mounts;
    return media;
}

unsigned KnownMedia::mounts_of(const std::string& address) const {
    const auto found = mounts_.find(address);
    return found == mounts_.end() ? 0 : found->second;
}

void KnownMedia::note(const std::string& address) {
    const auto path = folder_of(address);
    if (!path) return;
    const auto store = look_at(AT_FDCWD, path->c_str());
    const auto ours = look_at(AT_FDCWD, outbox_.c_str());
    if (!store || !ours) return;
    const auto there = status_of(*store), here = status_of(*ours);
    const auto mounts = mounts_above(*store);
    if (!there || !here || !mounts || there->st_dev == here->st_dev) return;
    if (*mounts <= mounts_of(address)) return;
    mounts_[address] = *mounts;
    const std::string text = json(mounts_).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    // Where the disk takes no note it is told of each file.
    if (const auto folder = open_folder(outbox_ / "receipts"))
        static_cast<void>(replace_file(*folder, file_name, crypto::bytes_of(text), {}));
}

}  // namespace fieldfare::sync
