#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/bytes.h"

namespace fieldfare::sync {

/// What the system calls of this file return on failure: errno, never 0.
using Errno = int;
template <typename T>
using SystemResult = tl::expected<T, Errno>;

/// An open file or folder; closed when it goes.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int number() const { return number_; }

  private:
    int number_;
};

/// Opens a folder that the person has named; links on the way are theirs and are followed.
SystemResult<Descriptor> open_folder(const std::filesystem::path& path);

/// A folder that may not be read, for what is below it: names in it can be opened, made and renamed as its
/// rights have it, and not listed; sync_folder() has nothing to do for it.
SystemResult<Descriptor> pass_through_folder(const std::filesystem::path& path);
SystemResult<Descriptor> pass_through_subfolder(const Descriptor& parent, const std::string& name);

enum class IfMissing { make_private, fail };  ///< private: 0700
/// Opens the folder `name` in `parent`. A link or a file of that name is ENOTDIR.
SystemResult<Descriptor> open_subfolder(const Descriptor& parent, const std::string& name,
                                        IfMissing if_missing);
/// The same, and makes a missing one for all who may use `store`, the folder that it is somewhere below: with
/// its rights (sticky and setgid, too) and its group, whatever the umask, as far as the medium keeps them.
SystemResult<Descriptor> open_shared_subfolder(const Descriptor& parent, const std::string& name,
                                               const Descriptor& store);

/// Opens the regular file `name` in `folder` for reading; a link, a folder, a device or a pipe is EINVAL.
SystemResult<Descriptor> open_file(const Descriptor& folder, const std::string& name);
SystemResult<std::uint64_t> size_of(const Descriptor& file);
/// The same of one that may not be read.
SystemResult<std::uint64_t> size_in(const Descriptor& folder, const std::string& name);
SystemResult<std::chrono::sys_days> day_of(const Descriptor& file);

/// Up to `buffer.size()` bytes from where the file stands; 0 at its end.
SystemResult<std::size_t> read_some(const Descriptor& file, std::span<std::uint8_t> buffer);
SystemResult<void> back_to_start(const Descriptor& file);
/// A whole small file; EFBIG when it is longer than `max_size`.
SystemResult<crypto::Bytes> read_file(const Descriptor& folder, const std::string& name,
                                      std::size_t max_size);

/// Whether anything at all has that name, a link included.
SystemResult<bool> exists(const Descriptor& folder, const std::string& name);

/// Names of the regular files in a folder, in no order. Links and folders are left out. E2BIG when there are
/// more than `most`.
SystemResult<std::vector<std::string>> files_in(const Descriptor& folder, std::size_t most = SIZE_MAX);

/// Deletes a file and makes that durable. ENOENT when it was not there.
SystemResult<void> remove_file(const Descriptor& folder, const std::string& name);
SystemResult<void> sync_folder(const Descriptor& folder);

/// How a finished temporary file gets a name that must not be there yet. Each is tried where the one before
/// is not offered by the file system; all are whole-or-nothing except that `reserve` shows an empty file for
/// a moment (and after a crash within it).
enum class Publish {
    rename,   ///< renameat2 with RENAME_NOREPLACE
    link,     ///< a second name, then the first one goes; not on FAT
    reserve,  ///< an empty file made with O_EXCL, which the rename then replaces
};

/// Who may read a file that is made.
enum class Access {
    owner,     ///< 0600: files of the profile
    everyone,  ///< 0644, whatever the umask, where the medium keeps rights: in a store others fetch them
};

/// A file being written beside its final place. While it lives it is locked, so that nobody cleans it away;
/// when it goes unpublished it is deleted.
class TemporaryFile {
  public:
    static SystemResult<TemporaryFile> create(const Descriptor& folder, Access access);
    TemporaryFile(TemporaryFile&&) noexcept = default;
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    ~TemporaryFile();

    SystemResult<void> write(crypto::ByteView bytes);

    /// Sets the file's times to midnight UTC of `day`, fsyncs, and gives it its name; then fsyncs the folder.
    /// publish_new: EEXIST when the name is taken. publish_over: replaces what stands there.
    SystemResult<void> publish_new(const std::string& name, std::chrono::sys_days day,
                                   Publish first = Publish::rename);
    SystemResult<void> publish_over(const std::string& name, std::chrono::sys_days day);

  private:
    TemporaryFile(int folder, std::string name, Descriptor file)
        : folder_(folder), name_(std::move(name)), file_(std::move(file)) {}
    SystemResult<void> finish_writing(std::chrono::sys_days day);

    int folder_;        // borrowed: the folder outlives its temporary file
    std::string name_;  // empty once it is published
    Descriptor file_;
};

/// Temporary file, fsync, rename over `name`, fsync of the folder.
SystemResult<void> replace_file(const Descriptor& folder, const std::string& name, crypto::ByteView bytes,
                                std::chrono::sys_days day, Access access = Access::owner);

/// Moves a finished file to a name that must not be there (EEXIST) in the same or another folder; durable in
/// both.
SystemResult<void> move_new(const Descriptor& from, const std::string& old_name, const Descriptor& to,
                            const std::string& new_name, Publish first = Publish::rename);

/// Deletes temporary files of ours that nobody holds locked and that are at least `age` old: on a share the
/// lock of another machine may not be seen, and its clock may differ. Failures are left for the next time.
void remove_stale_temporaries(const Descriptor& folder, std::chrono::seconds age);

}  // namespace fieldfare::sync
