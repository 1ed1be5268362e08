#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "client/app/message.h"
#include "crypto/bytes.h"

namespace fieldfare::collector {

// The two files of a recovery: the request, which lies in the profile since the program writes nowhere else,
// and the supervisor's answer, which the person chooses.

/// Where it lies; empty when it could not be written. Takes the place of an earlier one.
std::filesystem::path write_request(const std::filesystem::path& profile, crypto::ByteView request);

/// Also when there is none.
void remove_request(const std::filesystem::path& profile);

/// recovery.no_file, recovery.unreadable, recovery.no_answer when it is longer than any answer.
tl::expected<crypto::Bytes, app::Message> read_answer(const std::string& path);

}  // namespace fieldfare::collector
