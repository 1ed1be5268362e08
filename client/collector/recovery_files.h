#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "client/app/message.h"
#include "client/store/error.h"
#include "crypto/bytes.h"

namespace fieldfare::collector {

// The two files of a recovery: the request, which lies in the profile since the program writes nowhere else,
// and the supervisor's answer, which the person chooses.

/// The request, while its answer is waited for; it goes with this object. Another program on the profile
/// neither removes it nor writes its own over it.
class RequestFile {
  public:
    /// Takes the place of one that nobody waits for any more. in_use: another program has one out.
    static store::Result<RequestFile> write(const std::filesystem::path& profile, crypto::ByteView request);
    RequestFile(RequestFile&& other) noexcept;
    RequestFile& operator=(RequestFile&&) = delete;
    ~RequestFile();

    const std::filesystem::path& path() const { return path_; }  ///< absolute

  private:
    RequestFile(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
    std::filesystem::path path_;
    int file_;
};

/// One of a program that was killed, whose answer opens nothing any more. False: another program has it out.
bool remove_left_request(const std::filesystem::path& profile);

/// recovery.no_file, recovery.unreadable, recovery.no_answer when it is longer than any answer.
tl::expected<crypto::Bytes, app::Message> read_answer(const std::string& path);

}  // namespace fieldfare::collector
