#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/outbox.h"

namespace fieldfare::sync {

/// What stands in <sha256>.json beside a sealed file.
struct OutboxNote {
    std::string study_tag;
    std::chrono::sys_days day;
    std::vector<HandOver> handed_over;
    bool held = false;     ///< not to be handed over yet
    bool earlier = false;  ///< SealedFile::earlier

    bool operator==(const OutboxNote&) const = default;
};

/// A longer one counts as lost.
inline constexpr std::size_t max_outbox_note = 64 * 1024;

/// Canonical JSON, one line.
std::string to_json(const OutboxNote& note);

/// Nothing for anything that to_json() has not written: then the note counts as lost.
std::optional<OutboxNote> outbox_note_from_json(std::string_view text);

}  // namespace fieldfare::sync
