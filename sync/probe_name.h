#pragma once

#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace fieldfare::sync {

/// Files that "store doctor" puts into a store to see what becomes of them. Rules of names let them through
/// as they let batches through, and a reader passes over them: they are of a day on which no clock of a
/// device can stand (1 January 1910; no system's clock goes below 1970), so nothing that a device made is
/// passed over with them. Anybody may delete one.

/// "<tag>/19100101-<sha256 of the content>.batch"
std::string probe_name(std::string_view study_tag, crypto::ByteView content);

/// Whether a name ("<tag>/…", or the last part of one) is of such a file.
bool is_probe_name(std::string_view name);

/// What a probe's file says to a person who opens it, and random digits, so that no two are alike. Empty
/// where the system has no random numbers.
crypto::Bytes probe_content();

}  // namespace fieldfare::sync
