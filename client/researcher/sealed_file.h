#pragma once

#include <filesystem>

#include "client/researcher/exit_code.h"
#include "crypto/byte_source.h"
#include "crypto/bytes.h"

namespace fieldfare::researcher {

/// A file of the inbox that is read in pieces. Regular files only; links are not followed.
class SealedFile {
  public:
    static Result<SealedFile> open(const std::filesystem::path& path);
    SealedFile(SealedFile&& other) noexcept;
    SealedFile& operator=(SealedFile&&) = delete;
    ~SealedFile();

    /// Of the size that the file had when it was opened. As long as this object lives where it is.
    const crypto::ByteSource& source() const { return source_; }

    /// `not_readable`.
    crypto::Result<crypto::Digest> sha256() const;

  private:
    SealedFile(int descriptor, std::uint64_t size);
    int descriptor_ = -1;
    crypto::ByteSource source_;
};

}  // namespace fieldfare::researcher
