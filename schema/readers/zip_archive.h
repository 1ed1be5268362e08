#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace fieldfare::schema::readers {

/// A zip file open for reading parts of it as a whole. Sizes are looked at before memory is taken: the parts
/// read from one archive come to limits::unpacked_bytes at most. Errors are sentences for the form's author.
class ZipArchive {
  public:
    static tl::expected<ZipArchive, std::string> open(const std::filesystem::path& path);

    bool has(const std::string& name) const;

    /// The part's bytes. Refused: parts that are missing, encrypted, packed in an unusual way, damaged, or
    /// longer than the archive says or allows.
    tl::expected<std::string, std::string> read(const std::string& name);

  private:
    struct Close {
        void operator()(void* archive) const;
    };
    explicit ZipArchive(void* archive) : archive_(archive) {}

    std::unique_ptr<void, Close> archive_;
    std::uint64_t unpacked_ = 0;
};

}  // namespace fieldfare::schema::readers
