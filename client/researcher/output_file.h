#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

enum class Overwrite { no, yes };

/// A file that appears under its name whole or not at all, readable by its owner only (0600). Until commit()
/// its bytes stand in a file without a name, so that not even a killed program leaves answers behind; on file
/// systems that do not have such files (FAT), under a hidden name beside it. Not thread-safe.
class OutputFile {
  public:
    /// Fails when the name is taken (Overwrite::no; "--force" is named in the sentence) or the folder can't
    /// be written to. Folders are not made.
    static Result<OutputFile> create(std::filesystem::path path, Overwrite overwrite);

    OutputFile(OutputFile&&) noexcept;
    OutputFile& operator=(OutputFile&&) noexcept;
    ~OutputFile();

    /// Buffered. After a failure (full disk) every later call fails as well.
    Result<void> write(std::string_view bytes);

    /// Flushes and fsyncs: after it commit() needs no room for the bytes, so that of several files all can be
    /// made safe before the first appears.
    Result<void> make_durable();

    /// Makes what was written so far durable, without its name, and reads it anew from the disk: for what
    /// must be seen to be good before it takes another file's place.
    Result<std::string> read_back();

    /// Flushes, fsyncs, and renames; with Overwrite::no a name taken meanwhile is not replaced.
    Result<void> commit();

    /// Writes out what is buffered; after it the file takes no more, and its memory is a descriptor.
    Result<void> finish();

    /// commit() of many files of one folder, all durable before the first gets its name. Costs about one
    /// fsync and what other programs wrote to this disk. A name that was taken meanwhile is no failure, and
    /// its file stays. After a failure some may have their names; those are whole.
    static Result<void> commit_all(std::span<OutputFile> files);

    const std::filesystem::path& path() const { return path_; }

  private:
    OutputFile() = default;
    Result<void> flush();
    Result<void> get_name();
    Result<void> appear();
    Result<void> replace();
    void drop();
    std::string hidden_name() const;  ///< with the X's of mkostemp

    std::filesystem::path path_, temporary_;  ///< temporary_: empty while the file has no name
    Overwrite overwrite_ = Overwrite::no;
    int descriptor_ = -1;
    bool failed_ = false;
    std::string buffer_;
};

/// create, write and commit in one.
Result<void> write_file(const std::filesystem::path& path, std::string_view bytes, Overwrite overwrite);

/// The whole of a file of at most `limit` bytes; a sentence when it is missing, unreadable or longer.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// The first `size` bytes of a file, or all of a shorter one.
Result<std::string> read_head(const std::filesystem::path& path, std::size_t size);

/// A folder for outputs, made (0700, parents too) when it is not there.
Result<void> make_folder(const std::filesystem::path& path);
/// The same, and no link to one: what is written there must not come out elsewhere.
Result<void> make_own_folder(const std::filesystem::path& path);

/// A path as it may be shown on a terminal: control characters as "?", since names come from anywhere.
std::string shown(const std::filesystem::path& path);

}  // namespace fieldfare::researcher
