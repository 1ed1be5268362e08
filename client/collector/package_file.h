#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>

#include "client/app/message.h"
#include "client/study/study_package.h"
#include "crypto/bytes.h"

namespace fieldfare::collector {

// A study file as a person names it, up to the point where it may be kept. Every refusal is a sentence for
// them.

struct ReadStudy {
    study::StudyPackage package;
    crypto::Bytes bytes;  ///< the whole file
};

/// `typed` may begin with "~/". Verified, not more.
tl::expected<ReadStudy, app::Message> open_package(const std::string& typed);

/// Whether a device may begin to use it: its time is not over, its form runs, and on an unattended machine
/// asks for no files.
tl::expected<void, app::Message> check_usable(const study::StudyPackage& package,
                                              std::chrono::sys_days today);

/// Both.
tl::expected<ReadStudy, app::Message> read_package(const std::string& typed, std::chrono::sys_days today);

/// Whether it may take the place of the one that the device has, or is that one. A vault keeps its kind: a
/// file for unattended machines follows only such a file.
tl::expected<study::Update, app::Message> check_follows(const study::StudyPackage& current,
                                                        const study::StudyPackage& offered);

}  // namespace fieldfare::collector
