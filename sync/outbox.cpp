#include "sync/outbox.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <tuple>

#include "crypto/hash.h"
#include "sync/file_study.h"
#include "sync/folder_files.h"
#include "sync/outbox_note.h"

namespace fieldfare::sync {

namespace {

constexpr const char* forgotten_file = "forgotten";

std::string batch_file(const FileHash& hash) {
    return hash + ".batch";
}
std::string note_file(const FileHash& hash) {
    return hash + ".json";
}

tl::unexpected<OutboxError> fail(Errno number, std::string path) {
    return tl::unexpected(outbox_error(number, std::move(path)));
}

tl::unexpected<OutboxError> bad_name(std::string_view name) {
    return tl::unexpected(OutboxError{OutboxError::Kind::bad_name, std::string(name), ""});
}

bool is_open_name(std::string_view name) {
    const auto hyphen = name.find('-');
    return name.size() <= 80 && hyphen != std::string_view::npos && hyphen + 1 < name.size() &&
           is_study_tag(name.substr(0, hyphen)) && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

SystemResult<FileHash> hash_of(const Descriptor& folder, const std::string& name) {
    auto file = open_file(folder, name);
    if (!file) return tl::unexpected(file.error());
    crypto::Sha256 hash;
    crypto::Bytes buffer(64 * 1024);
    for (;;) {
        auto n = read_some(*file, buffer);
        if (!n) return tl::unexpected(n.error());
        if (*n == 0) return crypto::to_hex(hash.finish());
        hash.update(crypto::ByteView(buffer).first(*n));
    }
}

struct Folders {
    Descriptor root;
    Descriptor open;
};

OutboxResult<Descriptor> open_root(const std::filesystem::path& folder) {
    auto root = open_folder(folder);
    if (!root) return fail(root.error(), folder.filename().string());
    return std::move(*root);
}

OutboxResult<Folders> open_folders(const std::filesystem::path& folder) {
    auto root = open_root(folder);
    if (!root) return tl::unexpected(root.error());
    auto open = open_subfolder(*root, "open", IfMissing::make_private);
    if (!open) return fail(open.error(), "open");
    return Folders{std::move(*root), std::move(*open)};
}

std::optional<OutboxNote> read_note(const Descriptor& root, const FileHash& hash) {
    const auto bytes = read_file(root, note_file(hash), max_outbox_note);
    if (!bytes) return std::nullopt;
    return outbox_note_from_json(
        std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

OutboxResult<void> write_note(const Descriptor& root, const FileHash& hash, const OutboxNote& note) {
    const std::string text = to_json(note);
    const auto done = replace_file(root, note_file(hash), crypto::bytes_of(text), note.day);
    if (!done) return fail(done.error(), note_file(hash));
    return {};
}

OutboxResult<void> write_note(const Descriptor& root, SealedFile file) {
    return write_note(
        root, file.hash,
        {std::move(file.study_tag), file.day, std::move(file.handed_over), file.held, file.earlier});
}

void add_note(const Descriptor& root, SealedFile& sealed) {
    auto note = read_note(root, sealed.hash);
    if (!note) return;
    sealed.day = note->day;
    sealed.study_tag = std::move(note->study_tag);
    sealed.handed_over = std::move(note->handed_over);
    sealed.held = note->held;
    sealed.earlier = note->earlier;
}

OutboxResult<SealedFile> describe(const Descriptor& root, const FileHash& hash) {
    auto file = open_file(root, batch_file(hash));
    if (!file) return fail(file.error(), batch_file(hash));
    const auto size = size_of(*file);
    const auto day = day_of(*file);
    if (!size || !day) return fail(EIO, batch_file(hash));
    SealedFile sealed{hash, *size, *day, "", {}, false};
    add_note(root, sealed);
    return sealed;
}

// Moves a file whose bytes have the hash `hash` to its final name. What stands there already and is not that
// is given the name of what it is, so that nothing is lost and nothing blocks.
OutboxResult<void> move_to_name(const Descriptor& from, const std::string& name, const Descriptor& root,
                                const FileHash& hash) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto moved = move_new(from, name, root, batch_file(hash));
        if (moved) return {};
        if (moved.error() != EEXIST) return fail(moved.error(), batch_file(hash));
        const auto there = hash_of(root, batch_file(hash));
        if (!there) return fail(there.error(), batch_file(hash));
        if (*there == hash) {  // the same bytes: one copy is enough
            if (const auto done = remove_file(from, name); !done) return fail(done.error(), name);
            return {};
        }
        const auto aside = move_new(root, batch_file(hash), root, batch_file(*there));
        if (!aside) return fail(aside.error(), batch_file(*there));
    }
    return fail(EEXIST, batch_file(hash));
}

// A crash between the two steps of Publish::reserve leaves an empty file under a batch's name. Nothing was
// ever in it: the bytes still stand where they came from.
void remove_reserved(const Descriptor& root) {
    const auto names = files_in(root);
    if (!names) return;
    for (const std::string& name : *names) {
        if (!name.ends_with(".batch")) continue;
        const auto file = open_file(root, name);
        if (!file) continue;
        if (const auto size = size_of(*file); size && *size == 0)
            static_cast<void>(remove_file(root, name));  // else at the next start
    }
}

std::vector<HandOver>::iterator same_copy(std::vector<HandOver>& handed_over, const HandOver& one) {
    return std::ranges::find_if(
        handed_over, [&](const HandOver& each) { return each.store == one.store && each.name == one.name; });
}

}  // namespace

bool is_in_a_store(const SealedFile& file) {
    return !std::ranges::all_of(file.handed_over, &HandOver::unlisted);
}

std::optional<std::chrono::sys_days> first_handed_over(const SealedFile& file) {
    std::optional<std::chrono::sys_days> first;
    for (const HandOver& one : file.handed_over)
        if (const auto day = one.first_day()) first = first ? std::min(*first, *day) : day;
    return first;
}

OutboxError outbox_error(int number, std::string path) {
    OutboxError error{OutboxError::Kind::failed, std::move(path), std::generic_category().message(number)};
    switch (number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            error.kind = OutboxError::Kind::no_space;
            break;
        case EROFS:
            error.kind = OutboxError::Kind::read_only;
            break;
        case EACCES:
        case EPERM:
            error.kind = OutboxError::Kind::not_permitted;
            break;
        case ENOENT:
            error.kind = OutboxError::Kind::missing;
            break;
        case ENOTDIR:
        case ELOOP:
        case EINVAL:
            error.kind = OutboxError::Kind::not_a_folder;
            break;
        default:
            break;
    }
    return error;
}

OutboxResult<Outbox> Outbox::open(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail(errno, folder.filename().string());
    return open_existing(folder);
}

OutboxResult<Outbox> Outbox::open_existing(const std::filesystem::path& folder) {
    auto folders = open_folders(folder);
    if (!folders) return tl::unexpected(folders.error());
    // Whoever reads receipts meets the fault again; sealed files are sendable without.
    const auto receipts = open_subfolder(folders->root, "receipts", IfMissing::make_private);
    // On the laptop's own disk the lock is enough to know that a writer is gone.
    remove_stale_temporaries(folders->root, std::chrono::seconds(0));
    remove_stale_temporaries(folders->open, std::chrono::seconds(0));
    if (receipts) remove_stale_temporaries(*receipts, std::chrono::seconds(0));
    return Outbox(folder);
}

std::string Outbox::open_name(std::string_view study_tag, std::string_view rest) {
    return std::string(study_tag) + '-' + std::string(rest);
}

OutboxResult<void> Outbox::write_open(std::string_view name, crypto::ByteView bytes,
                                      std::chrono::sys_days day) {
    if (!is_open_name(name)) return bad_name(name);
    auto folders = open_folders(folder_);
    if (!folders) return tl::unexpected(folders.error());
    const auto done = replace_file(folders->open, std::string(name), bytes, day);
    if (!done) return fail(done.error(), std::string(name));
    return {};
}

OutboxResult<FileHash> Outbox::finish_open(std::string_view name, crypto::ByteView final_bytes,
                                           std::chrono::sys_days day) {
    // Over the provisional bytes first, then one rename: at no moment are there two files of one batch.
    if (auto done = write_open(name, final_bytes, day); !done) return tl::unexpected(done.error());
    return move_to_final(name);
}

OutboxResult<FileHash> Outbox::finish_open(std::string_view name) {
    if (!is_open_name(name)) return bad_name(name);
    return move_to_final(name);
}

OutboxResult<FileHash> Outbox::move_to_final(std::string_view name_view) {
    const std::string name(name_view);
    auto folders = open_folders(folder_);
    if (!folders) return tl::unexpected(folders.error());
    const auto hash = hash_of(folders->open, name);
    if (!hash) return fail(hash.error(), name);
    auto file = open_file(folders->open, name);
    if (!file) return fail(file.error(), name);
    const auto day = day_of(*file);
    if (!day) return fail(day.error(), name);
    // The note first: after a crash between, the file still stands in open/ under its study's tag.
    if (!read_note(folders->root, *hash)) {
        const OutboxNote note{is_open_name(name) ? name.substr(0, name.find('-')) : "", *day, {}};
        if (auto done = write_note(folders->root, *hash, note); !done) return tl::unexpected(done.error());
    }
    if (auto done = move_to_name(folders->open, name, folders->root, *hash); !done) {
        return tl::unexpected(done.error());
    }
    return *hash;
}

OutboxResult<void> Outbox::discard_open(std::string_view name) {
    if (!is_open_name(name)) return bad_name(name);
    auto folders = open_folders(folder_);
    if (!folders) return tl::unexpected(folders.error());
    const auto done = remove_file(folders->open, std::string(name));
    if (!done && done.error() != ENOENT) return fail(done.error(), std::string(name));
    return {};
}

struct NewSealedFile::State {
    Descriptor root;  // before the file, which borrows it
    TemporaryFile file;
    OutboxNote note;
};

NewSealedFile::NewSealedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
NewSealedFile::NewSealedFile(NewSealedFile&&) noexcept = default;
NewSealedFile& NewSealedFile::operator=(NewSealedFile&&) noexcept = default;
NewSealedFile::~NewSealedFile() = default;

OutboxResult<void> NewSealedFile::write(crypto::ByteView bytes) {
    if (const auto done = state_->file.write(bytes); !done) return fail(done.error(), "a new file");
    return {};
}

OutboxResult<void> NewSealedFile::publish(const FileHash& hash) {
    if (!is_file_hash(hash)) return bad_name(hash);
    // The note first, as for batches: without its file it is cleared away, and the file finds its study.
    if (!read_note(state_->root, hash)) {
        if (auto done = write_note(state_->root, hash, state_->note); !done) return done;
    }
    const auto done = state_->file.publish_new(batch_file(hash), state_->note.day);
    if (done) return {};
    if (done.error() != EEXIST) return fail(done.error(), batch_file(hash));
    const auto there = hash_of(state_->root, batch_file(hash));
    if (there && *there == hash) return {};
    return fail(there ? EEXIST : there.error(), batch_file(hash));
}

OutboxResult<NewSealedFile> Outbox::begin_file(std::string_view study_tag, std::chrono::sys_days day) const {
    if (!is_study_tag(study_tag)) return bad_name(study_tag);
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    auto file = TemporaryFile::create(*root, Access::owner);
    if (!file) return fail(file.error(), "a new file");
    return NewSealedFile(std::unique_ptr<NewSealedFile::State>(new NewSealedFile::State{
        std::move(*root), std::move(*file), OutboxNote{std::string(study_tag), day, {}, true}}));
}

OutboxResult<std::vector<Outbox::Leftover>> Outbox::adopt_leftovers() {
    auto folders = open_folders(folder_);
    if (!folders) return tl::unexpected(folders.error());
    auto names = files_in(folders->open);
    if (!names) return fail(names.error(), "open");
    std::sort(names->begin(), names->end());
    remove_reserved(folders->root);
    std::vector<Leftover> leftovers;
    for (const std::string& name : *names) {
        if (name.starts_with('.')) continue;  // a temporary file that somebody holds
        leftovers.push_back({name, move_to_final(name)});
    }
    // Notes whose file never came, or went in the middle of forget().
    const auto all = files_in(folders->root);
    if (!all) return leftovers;
    for (const std::string& name : *all) {
        if (!name.ends_with(".json") || !is_file_hash(name.substr(0, name.size() - 5))) continue;
        const auto there = exists(folders->root, batch_file(name.substr(0, 64)));
        if (there && !*there) static_cast<void>(remove_file(folders->root, name));
    }
    return leftovers;
}

OutboxResult<bool> Outbox::holds(const FileHash& hash, std::string_view open_name) const {
    if (!is_file_hash(hash)) return bad_name(hash);
    auto folders = open_folders(folder_);
    if (!folders) return tl::unexpected(folders.error());
    const auto final_hash = hash_of(folders->root, batch_file(hash));
    // The caller lets go of a draft on this word: the name must be as durable as the bytes.
    const auto durable = [](const Descriptor& folder, const std::string& name) -> OutboxResult<bool> {
        if (const auto done = sync_folder(folder); !done) return fail(done.error(), name);
        return true;
    };
    if (final_hash && *final_hash == hash) return durable(folders->root, batch_file(hash));
    if (!final_hash && final_hash.error() != ENOENT) return fail(final_hash.error(), batch_file(hash));
    const auto names = files_in(folders->open);
    if (!names) return fail(names.error(), "open");
    OutboxResult<bool> none = false;
    for (const std::string& name : *names) {
        if (name.starts_with('.') || (!open_name.empty() && name != open_name)) continue;
        const auto open_hash = hash_of(folders->open, name);
        if (open_hash && *open_hash == hash) return durable(folders->open, name);
        // It may be this one, if none of the others is.
        if (!open_hash && open_hash.error() != ENOENT) none = fail(open_hash.error(), name);
    }
    return none;
}

OutboxResult<std::vector<SealedFile>> Outbox::sealed(std::vector<SealedFile> known) const {
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    const auto names = files_in(*root);
    if (!names) return fail(names.error(), folder_.filename().string());
    std::ranges::sort(known, {}, &SealedFile::hash);
    std::vector<SealedFile> files;
    for (const std::string& name : *names) {
        if (!name.ends_with(".batch") || !is_file_hash(name.substr(0, name.size() - 6))) continue;
        const auto before =
            std::ranges::lower_bound(known, std::string_view(name).substr(0, 64), {},
                                     [](const SealedFile& one) { return std::string_view(one.hash); });
        if (before != known.end() && name.starts_with(before->hash)) {
            files.push_back(*before);  // a copy, so that the order is kept
            continue;
        }
        auto file = describe(*root, name.substr(0, 64));
        if (!file && file.error().kind == OutboxError::Kind::missing)
            continue;  // forgotten since it was listed
        // One that can't be read must not hold up the others; whoever works on it meets the fault again.
        if (!file) {
            file = SealedFile{name.substr(0, 64), 0, {}, "", {}, false};
            add_note(*root, *file);
        }
        files.push_back(std::move(*file));
    }
    std::sort(files.begin(), files.end(), [](const SealedFile& left, const SealedFile& right) {
        return std::tie(left.day, left.hash) < std::tie(right.day, right.hash);
    });
    return files;
}

OutboxResult<SealedFile> Outbox::find(const FileHash& hash) const {
    if (!is_file_hash(hash)) return bad_name(hash);
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    return describe(*root, hash);
}

std::filesystem::path Outbox::path_of(const FileHash& hash) const {
    return folder_ / batch_file(hash);
}

OutboxResult<void> Outbox::record_hand_over(const FileHash& hash, const HandOver& hand_over) {
    auto file = find(hash);
    if (!file) return tl::unexpected(file.error());
    auto& handed = file->handed_over;
    const auto before = same_copy(handed, hand_over);
    if (before == handed.end()) {
        handed.push_back({hand_over.store, hand_over.name, hand_over.day});
    } else {
        // A clock that was ahead at first has said so by now, and one that was behind is known by the file.
        before->first = before->first_day();
        if (before->first && hand_over.day)
            before->first = std::max(std::min(*before->first, *hand_over.day), file->day);
        before->day = hand_over.day;
        if (before->times < UINT32_MAX) ++before->times;
        before->unlisted = false;
    }
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    return write_note(*root, std::move(*file));
}

OutboxResult<void> Outbox::record_listing(const FileHash& hash, const HandOver& hand_over) {
    auto file = find(hash);
    if (!file) return tl::unexpected(file.error());
    const auto noted = same_copy(file->handed_over, hand_over);
    if (noted == file->handed_over.end() || noted->unlisted == hand_over.unlisted) return {};
    noted->unlisted = hand_over.unlisted;
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    return write_note(*root, std::move(*file));
}

OutboxResult<void> Outbox::record_study(const FileHash& hash, std::string_view study_tag) {
    if (!is_study_tag(study_tag)) return bad_name(study_tag);
    auto file = find(hash);
    if (!file) return tl::unexpected(file.error());
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    file->study_tag = study_tag;
    return write_note(*root, std::move(*file));
}

OutboxResult<void> Outbox::record_earlier(std::string_view study_tag) {
    auto files = sealed();
    auto root = open_root(folder_);
    if (!files) return tl::unexpected(files.error());
    if (!root) return tl::unexpected(root.error());
    OutboxResult<void> all;
    for (SealedFile& file : *files) {
        if (file.held || file.earlier) continue;
        const auto ours = is_of_study(file, *this, study_tag);
        OutboxResult<void> done;
        if (!ours) {
            done = tl::unexpected(ours.error());
        } else if (*ours) {
            file.study_tag = study_tag;
            file.earlier = true;
            done = write_note(*root, std::move(file));
        }
        if (!done && all) all = done;
    }
    return all;
}

OutboxResult<FileHash> Outbox::check(const FileHash& hash) {
    auto file = find(hash);
    if (!file) return tl::unexpected(file.error());
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    const auto now = hash_of(*root, batch_file(hash));
    if (!now) return fail(now.error(), batch_file(hash));
    if (*now == hash) return hash;
    file->hash = *now;
    file->handed_over.clear();
    if (auto done = write_note(*root, std::move(*file)); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = move_to_name(*root, batch_file(hash), *root, *now); !done)
        return tl::unexpected(done.error());
    static_cast<void>(remove_file(*root, note_file(hash)));
    return *now;
}

OutboxResult<void> Outbox::release(const FileHash& hash) {
    auto file = find(hash);
    if (!file && file.error().kind == OutboxError::Kind::missing) return {};
    if (!file) return tl::unexpected(file.error());
    if (!file->held) return {};
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    file->held = false;
    return write_note(*root, std::move(*file));
}

OutboxResult<void> Outbox::forget(const FileHash& hash) {
    if (!is_file_hash(hash)) return bad_name(hash);
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    if (const auto done = remove_file(*root, batch_file(hash)); !done)
        return fail(done.error(), batch_file(hash));
    static_cast<void>(remove_file(*root, note_file(hash)));  // adopt_leftovers() clears it away later
    const std::string count = std::to_string(forgotten() + 1) + "\n";
    // A count for the person; losing it loses nothing.
    static_cast<void>(replace_file(*root, forgotten_file, crypto::bytes_of(count), {}));
    return {};
}

OutboxResult<void> Outbox::discard(const FileHash& hash) {
    if (!is_file_hash(hash)) return bad_name(hash);
    auto root = open_root(folder_);
    if (!root) return tl::unexpected(root.error());
    for (const std::string& name : {batch_file(hash), note_file(hash)}) {
        if (const auto done = remove_file(*root, name); !done && done.error() != ENOENT)
            return fail(done.error(), name);
    }
    return {};
}

std::uint64_t Outbox::forgotten() const {
    auto root = open_root(folder_);
    if (!root) return 0;
    const auto bytes = read_file(*root, forgotten_file, 32);
    if (!bytes) return 0;
    const auto* text = reinterpret_cast<const char*>(bytes->data());
    std::uint64_t count = 0;
    const auto read = std::from_chars(text, text + bytes->size(), count);
    return read.ec == std::errc() ? count : 0;
}

}  // namespace fieldfare::sync
