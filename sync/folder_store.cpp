#include "sync/folder_store.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "sync/content_reader.h"
#include "sync/known_media.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

constexpr int most_aside = 9;                   // files of one name
constexpr std::uint64_t no_room = 1024 * 1024;  // a medium that is full of bytes has less

std::string words_of(Errno number) {
    return std::generic_category().message(number);
}

Fault fault_of(Errno number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
            return Fault::no_space;
        case EROFS:
            return Fault::read_only;
        case EACCES:
        case EPERM:
            return Fault::not_permitted;
        case EFBIG:
            return Fault::too_large;
        case ENOTDIR:
        case ELOOP:
            return Fault::not_a_store;
        case ENOENT:
            return Fault::no_store;
        case EIO:  // what a stick that is pulled out, or a share that is gone, answers with
        case ENODEV:
        case ENXIO:
        case ESTALE:
        case ENOTCONN:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ETIMEDOUT:
            return Fault::unreachable;
        default:
            return Fault::failed;
    }
}

// FAT has 65,536 places for names in a folder, and a name of ours takes eight; then the kernel says, too,
// that no space is left.
bool takes_no_more_names(Errno number, const std::filesystem::path& root) {
    struct statvfs room {};
    if (number != ENOSPC || ::statvfs(root.c_str(), &room) != 0) return false;
    return static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize >= no_room;
}

constexpr std::size_t most_listed = 1'000'000;  // of a folder that anybody may have filled

std::string last_part(std::string_view name) {
    return std::string(name.substr(name.rfind('/') + 1));
}

}  // namespace

FolderStore::FolderStore(std::filesystem::path root, FolderStoreOptions options)
    : root_(std::move(root)), options_(options) {}

std::string FolderStore::address() const {
    return "folder:" + root_.string();
}

tl::unexpected<TransportError> FolderStore::fail(Fault fault, std::string detail) const {
    return tl::unexpected(TransportError{fault, address(), std::move(detail), std::nullopt});
}

tl::unexpected<TransportError> FolderStore::fail(Errno number) const {
    if (takes_no_more_names(number, root_))
        return fail(Fault::no_space, "it has room, and takes no more names of files");
    return fail(fault_of(number), words_of(number));
}

// The folder that holds the object `path` ("a/b/c": root/a/b). A root that may not be read is passed through,
// as by a process that has kept the study's folder alone: nothing is made in it.
TransportResult<Descriptor> FolderStore::open_parent(std::string_view path, Parent parent) const {
    auto root = open_folder(root_);
    bool passed = !root && root.error() == EACCES;
    if (passed) root = pass_through_folder(root_);
    if (!root) return fail(root.error());
    if (options_.mounts > 0 && mounts_above(*root).value_or(options_.mounts) < options_.mounts)
        return fail(Fault::no_store, "its folder is there, and the medium is not");
    std::optional<Descriptor> folder;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
        const std::string name(path.substr(0, slash));
        const Descriptor& in = folder ? *folder : *root;
        auto next = parent == Parent::made && !passed ? open_shared_subfolder(in, name, *root)
                                                      : open_subfolder(in, name, IfMissing::fail);
        if (!next && next.error() == EACCES)  // a drop box: put, no list; or nothing may be made here
            if (auto box = pass_through_subfolder(in, name)) next = std::move(*box);
        if (!next && next.error() == ENOENT && passed) return fail(EACCES);
        if (!next && next.error() == ENOENT) return fail(Fault::not_found, words_of(ENOENT));
        if (!next) return fail(next.error());
        passed = false;
        folder = std::move(*next);
        path.remove_prefix(slash + 1);
    }
    return folder ? std::move(*folder) : std::move(*root);
}

FolderUpload::FolderUpload(Descriptor folder, TemporaryFile file, std::string_view name, Publish publish)
    : folder_(std::move(folder)),
      file_(std::move(file)),
      name_(last_part(name)),
      day_(parse_batch_name(name).value_or(BatchName{}).day),
      publish_(publish) {}

SystemResult<void> FolderUpload::finish() {
    return file_.publish_new(name_, day_, publish_);
}

TransportResult<std::optional<FolderUpload>> FolderStore::begin(std::string_view name) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto folder = open_parent(name, Parent::made);
    if (!folder) return tl::unexpected(folder.error());
    const std::string parent(name.substr(0, name.rfind('/')));
    if (std::find(cleaned_.begin(), cleaned_.end(), parent) == cleaned_.end()) {
        remove_stale_temporaries(*folder, options_.stale_after);
        cleaned_.push_back(parent);
    }
    if (auto there = exists(*folder, last_part(name)); !there) {
        return fail(there.error());
    } else if (*there) {
        return std::nullopt;
    }
    auto temporary = TemporaryFile::create(*folder, Access::everyone);
    if (!temporary) return fail(temporary.error());
    return FolderUpload(std::move(*folder), std::move(*temporary), name, options_.publish);
}

TransportResult<bool> FolderStore::stands(std::string_view name) const {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    const auto folder = open_parent(name, Parent::there);
    if (!folder && folder.error().fault == Fault::not_found) return false;
    if (!folder) return tl::unexpected(folder.error());
    const auto there = exists(*folder, last_part(name));
    if (!there) return fail(there.error());
    return *there;
}

TransportResult<void> FolderStore::set_aside(std::string_view name) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    const auto folder = open_parent(name, Parent::there);
    if (!folder) return tl::unexpected(folder.error());
    for (int n = 1; n <= most_aside; ++n) {
        const std::string aside = ".other-" + std::to_string(n) + "-" + last_part(name);
        const auto moved = move_new(*folder, last_part(name), *folder, aside, options_.publish);
        if (moved) return {};
        if (moved.error() != EEXIST) return fail(moved.error());
    }
    return fail(Fault::failed, "too many other files had the name of one");
}

TransportResult<PutOutcome> FolderStore::compare(const Descriptor& folder, const std::string& name,
                                                 const Content& content) const {
    auto there = open_file(folder, name);
    if (!there && there.error() == EACCES) return PutOutcome::taken;
    // No regular file is none of ours; or it has gone since.
    if (!there && (there.error() == EINVAL || there.error() == ENOENT)) return PutOutcome::other_content;
    if (!there) return fail(there.error());
    auto ours = ContentReader::open(content);
    if (!ours) return fail(Fault::unreadable, words_of(ours.error()));
    auto size = size_of(*there);
    if (!size) return fail(size.error());
    if (*size != ours->size()) return PutOutcome::other_content;
    crypto::Bytes buffer(ContentReader::piece_size);
    for (;;) {
        auto piece = ours->next();
        if (!piece) return fail(Fault::unreadable, words_of(piece.error()));
        if (piece->empty()) return PutOutcome::same_content;
        for (std::size_t done = 0; done < piece->size();) {
            auto n = read_some(*there, std::span(buffer).first(piece->size() - done));
            if (!n) return fail(n.error());
            if (*n == 0 || !std::equal(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n),
                                       piece->begin() + static_cast<std::ptrdiff_t>(done))) {
                return PutOutcome::other_content;
            }
            done += *n;
        }
    }
}

TransportResult<PutOutcome> FolderStore::put(std::string_view name, const Content& content,
                                             const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto ours = ContentReader::open(content);
    if (!ours) return fail(Fault::unreadable, words_of(ours.error()));
    auto upload = begin(name);
    if (!upload) return tl::unexpected(upload.error());
    const auto look = [&]() -> TransportResult<PutOutcome> {
        const auto folder = open_parent(name, Parent::there);
        if (!folder) return tl::unexpected(folder.error());
        return compare(*folder, last_part(name), content);
    };
    if (!*upload) return look();

    std::uint64_t done = 0;
    for (;;) {
        if (watch.stop.stop_requested()) return fail(Fault::cancelled, "");
        auto piece = ours->next();
        if (!piece) return fail(Fault::unreadable, words_of(piece.error()));
        if (piece->empty()) break;
        if (auto written = (*upload)->write(*piece); !written) return fail(written.error());
        done += piece->size();
        if (watch.on_bytes) watch.on_bytes(done, ours->size());
    }
    if (done != ours->size()) return fail(Fault::unreadable, "the file changed while it was read");
    const auto published = (*upload)->finish();
    if (published) return PutOutcome::stored;
    if (published.error() == EEXIST) return look();
    return fail(published.error());
}

TransportResult<Listing> FolderStore::list(std::string_view prefix, std::string_view after, std::size_t limit,
                                           const std::stop_token& stop) {
    if (!prefix.ends_with('/') || !is_object_name(std::string(prefix) + "x") || limit == 0) {
        return fail(Fault::bad_name, "");
    }
    if (stop.stop_requested()) return fail(Fault::cancelled, "");
    auto folder = open_parent(prefix, Parent::there);
    if (!folder && folder.error().fault == Fault::not_found) return Listing{};
    if (!folder) return tl::unexpected(folder.error());
    if (after.empty() || listed_prefix_ != prefix) {
        auto names = files_in(*folder, most_listed);
        if (!names && names.error() == E2BIG) return fail(Fault::failed, "its list of files is too long");
        if (!names) return fail(names.error());
        listed_.clear();
        listed_prefix_ = prefix;
        for (const std::string& name : *names) {
            std::string full = listed_prefix_ + name;
            if (is_object_name(full)) listed_.push_back(std::move(full));
        }
        std::sort(listed_.begin(), listed_.end());
    }
    Listing listing;
    for (auto at = std::upper_bound(listed_.begin(), listed_.end(), after); at != listed_.end(); ++at) {
        if (stop.stop_requested()) return fail(Fault::cancelled, "");
        if (listing.files.size() == limit) {
            listing.more = true;
            break;
        }
        const auto size = size_in(*folder, last_part(*at));
        // It went, or became something else, since it was listed.
        if (!size && (size.error() == ENOENT || size.error() == EINVAL)) continue;
        // One that can't be looked at hides no other; get() says why.
        listing.files.push_back({*at, size.value_or(0), size.has_value()});
    }
    if (!listing.more) {  // a folder may have a million names
        listed_ = {};
        listed_prefix_ = {};
    }
    return listing;
}

TransportResult<void> FolderStore::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                       const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto folder = open_parent(name, Parent::there);
    if (!folder) return tl::unexpected(folder.error());
    auto file = open_file(*folder, last_part(name));
    if (!file && file.error() == ENOENT) return fail(Fault::not_found, words_of(ENOENT));
    if (!file && file.error() == EINVAL) return fail(Fault::not_a_store, "not a regular file");
    if (!file) return fail(file.error());
    auto size = size_of(*file);
    if (!size) return fail(size.error());
    crypto::Bytes buffer(ContentReader::piece_size);
    for (std::uint64_t done = 0;;) {
        if (watch.stop.stop_requested()) return fail(Fault::cancelled, "");
        auto n = read_some(*file, buffer);
        if (!n) return fail(n.error());
        if (*n == 0) return {};
        done += *n;
        if (done > max_size) return fail(Fault::too_large, "");
        if (!sink(crypto::ByteView(buffer).first(*n))) return fail(Fault::cancelled, "");
        if (watch.on_bytes) watch.on_bytes(done, *size);
    }
}

}  // namespace fieldfare::sync
