#pragma once

#include <string>
#include <string_view>

#include "crypto/error.h"

namespace fieldfare::researcher {

/// Why a file from a store was refused, in a word for machines and a sentence for people that says whose
/// fault it is and what to do. One sentence an error: what exactly was wrong inside tells an attacker more
/// than us.
struct Reason {
    std::string word, sentence;
};

Reason reason_for(crypto::Error error);

/// When somebody cut records out of a batch and every other one holds; where salvaging was asked for.
Reason redacted_here();
Reason redacted_with_salvage();

/// When what is called as a sealed file is none: `what` is "a folder", "a link".
Reason not_a_file(const std::string& what);

/// When the file is not what its name promises, whatever the reader found. It may be the only copy by now:
/// devices forget what was confirmed.
Reason misnamed();

/// Of a damaged batch where salvaging was asked for; of a damaged part of a media file.
Reason damaged_with_salvage();
Reason damaged_media();

}  // namespace fieldfare::researcher
