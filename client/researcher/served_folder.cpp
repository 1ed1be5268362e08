#include "client/researcher/served_folder.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "client/researcher/local_disk.h"
#include "client/researcher/output_file.h"
#include "client/researcher/serve_sentences.h"
#include "sync/folder_files.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

using sync::Fault;

constexpr std::uint64_t largest_receipt = 1024 * 1024;
constexpr std::chrono::seconds left_by_others = std::chrono::hours(1);  // as FolderStoreOptions has it

std::uint64_t counted_as(std::uint64_t size) {
    return std::max(size, least_counted);
}

FolderWord word_of(const sync::TransportError& error) {
    FolderWord word{status_of_folder(error.fault)};
    if (error.fault != Fault::not_found) word.trouble = error;
    return word;
}

/// Never 404 or 413, which would be about what the device sends.
FolderWord word_of_what_stands(const sync::TransportError& error) {
    return {503, error};
}

/// A folder below, made when it is not there, without what a receiver that was killed has left in it.
Result<sync::Descriptor> cleaned(const sync::Descriptor& parent, const std::string& name,
                                 const sync::Descriptor& store, const std::filesystem::path& shown_as) {
    auto folder = sync::open_shared_subfolder(parent, name, store);
    if (!folder)
        return could_not(shown(shown_as / name) +
                         " can't be made or opened: " + std::generic_category().message(folder.error()) +
                         "; change its permissions, or choose another folder.");
    // However young: what is still being written is locked. On a share the lock of another machine may not
    // be seen.
    sync::remove_stale_temporaries(
        *folder, is_on_local_disk(folder->number()) ? std::chrono::seconds(0) : left_by_others);
    return std::move(*folder);
}

}  // namespace

int status_of_folder(Fault fault) {
    switch (fault) {
        case Fault::no_space:
            return 507;
        case Fault::too_large:
            return 413;
        case Fault::not_found:
            return 404;
        default:
            return 503;
    }
}

Arrival::Arrival(sync::FolderUpload upload, std::string name, std::uint64_t size,
                 std::shared_ptr<RoomTaken> room, const sync::FolderStore& store, TrueNames& true_names)
    : upload_(std::move(upload)),
      name_(std::move(name)),
      size_(size),
      room_(std::move(room)),
      store_(&store),
      true_names_(&true_names) {
    room_->coming += counted_as(size_);
}

Arrival::Arrival(Arrival&&) noexcept = default;

Arrival::~Arrival() {
    if (room_) room_->coming -= counted_as(size_);
}

std::optional<FolderWord> Arrival::write(crypto::ByteView piece) {
    came_ += piece.size();
    if (came_ > size_) return FolderWord{400};
    hash_.update(piece);
    if (const auto done = upload_.write(piece); !done) return word_of(store_->error_of(done.error()));
    return std::nullopt;
}

FolderWord Arrival::finish() {
    if (came_ != size_) return {400};
    if (crypto::to_hex(hash_.finish()) != sync::parse_batch_name(name_).value_or(sync::BatchName{}).hash)
        return {422};
    if (const auto done = upload_.finish(); !done) {
        if (done.error() != EEXIST) return word_of(store_->error_of(done.error()));
        const auto first = true_names_->holds(name_);
        return {first && *first ? 412 : 503};
    }
    room_->coming -= counted_as(size_);
    room_->stored += counted_as(size_);
    room_.reset();
    true_names_->add(name_);
    return {201};
}

ServedFolder::ServedFolder(const std::filesystem::path& folder, std::vector<std::string> tags,
                           std::uint64_t quota, std::chrono::milliseconds count_again)
    : store_(std::make_unique<sync::FolderStore>(folder)),
      true_names_(std::make_unique<TrueNames>(*store_)),
      tags_(std::move(tags)),
      quota_(quota),
      count_again_(count_again) {}

sync::TransportResult<void> ServedFolder::count() {
    std::uint64_t stored = 0;
    std::size_t files = 0;
    for (const std::string& tag : tags_)
        for (const std::string& prefix : {tag + "/", tag + "/receipts/"}) {
            const auto there = store_->list(prefix, "", std::numeric_limits<std::size_t>::max(), {});
            if (!there) return tl::unexpected(there.error());
            for (const sync::ListedFile& file : there->files) stored += counted_as(file.size);
            if (prefix == tag + "/") files += there->files.size();
        }
    room_->stored = stored;
    files_ = files;
    counted_ = std::chrono::steady_clock::now();
    return {};
}

std::optional<FolderWord> ServedFolder::no_room_for(std::uint64_t size) {
    const auto fits = [&](std::uint64_t taken) {
        return taken <= quota_ && counted_as(size) <= quota_ - taken;
    };
    // Somebody may have made room since it was counted.
    if (!fits(room_->stored) && std::chrono::steady_clock::now() - counted_ >= count_again_)
        if (const auto counted = count(); !counted) return word_of(counted.error());
    if (!fits(room_->stored))
        return FolderWord{507, sync::TransportError{Fault::no_space, store_->address(),
                                                    "the quota of --quota is used up", std::nullopt}};
    if (!fits(room_->stored + room_->coming)) return FolderWord{429};
    return std::nullopt;
}

Result<ServedFolder> ServedFolder::open(const std::filesystem::path& folder,
                                        const std::vector<std::string>& tags, std::uint64_t quota,
                                        std::chrono::milliseconds count_again) {
    const auto root = sync::open_folder(folder);
    if (!root)
        return could_not(shown(folder) +
                         " can't be opened: " + std::generic_category().message(root.error()) +
                         "; make the folder first, or correct the path.");
    for (const std::string& tag : tags) {
        const auto place = cleaned(*root, tag, *root, folder);
        if (!place) return tl::unexpected(place.error());
        const auto receipts = cleaned(*place, "receipts", *root, folder / tag);
        if (!receipts) return tl::unexpected(receipts.error());
        // Now, and not when the first device comes.
        if (const auto trial = sync::TemporaryFile::create(*place, sync::Access::owner); !trial)
            return could_not(shown(folder / tag) +
                             " can't be written: " + std::generic_category().message(trial.error()) +
                             "; change its permissions, or choose another folder.");
    }
    ServedFolder served(folder, tags, quota, count_again);
    if (const auto counted = served.count(); !counted)
        return could_not(sentence_for_receiver(counted.error()));
    return served;
}

std::variant<Arrival, FolderWord> ServedFolder::begin(std::string_view name, std::uint64_t size) {
    const auto there = store_->stands(name);
    if (!there) return word_of(there.error());
    if (*there) {
        const auto held = true_names_->holds(name);
        if (!held) return word_of_what_stands(held.error());
        if (*held) return FolderWord{412};
        if (const auto moved = store_->set_aside(name); !moved) return word_of_what_stands(moved.error());
        ++set_aside_;
    }
    if (auto no_room = no_room_for(size)) return std::move(*no_room);
    auto upload = store_->begin(name);
    if (!upload) return word_of(upload.error());
    if (!*upload) return FolderWord{503};  // of another program, since we looked
    return Arrival(std::move(**upload), std::string(name), size, room_, *store_, *true_names_);
}

std::variant<crypto::Bytes, FolderWord> ServedFolder::receipt(std::string_view name) {
    auto bytes = sync::get_bytes(*store_, name, largest_receipt);
    if (!bytes) return word_of(bytes.error());
    return std::move(*bytes);
}

}  // namespace fieldfare::researcher
