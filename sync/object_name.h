#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace fieldfare::sync {

/// 64 lowercase hex digits: the SHA-256 of a sealed file, by which transport and outbox know it.
using FileHash = std::string;

/// True for 64 lowercase hex digits.
bool is_file_hash(std::string_view text);

/// Study tag: 8 to 32 lowercase letters and digits, random, so that it tells a store nothing.
bool is_study_tag(std::string_view text);

/// What a batch of the study carries as the routing tag of its header, in clear: by it the outbox knows the
/// study of a file whose note is lost. It tells a store no more than the study tag, the name of the folder
/// there.
crypto::Id routing_tag(std::string_view study_tag);

/// An object name that any store can carry and no store can abuse: parts of a-z 0-9 - . (none of them empty
/// or beginning with a dot), one or two slashes, at most 200 bytes.
bool is_object_name(std::string_view name);

/// "<tag>/<yyyymmdd>-<sha256>.batch"; `resend` above 0 adds "-<resend>" before the ending, for a name that a
/// bad store has filled with something else. The day is the one on which the file was sealed, so that a
/// second try on another day meets the first.
std::string batch_name(std::string_view study_tag, std::chrono::sys_days day, const FileHash& hash,
                       int resend = 0);

struct BatchName {
    std::string study_tag;
    std::chrono::sys_days day;
    FileHash hash;
    int resend = 0;

    bool operator==(const BatchName&) const = default;
};

/// Reads what batch_name() wrote, and nothing else.
std::optional<BatchName> parse_batch_name(std::string_view name);

/// "<tag>/receipts/<device tag>-<n>.receipt", n from 1.
std::string receipt_name(std::string_view study_tag, std::string_view device_tag, std::uint32_t n);

/// "20261123", and back (eight digits that are a day of the calendar).
std::string day_text(std::chrono::sys_days day);
std::optional<std::chrono::sys_days> parse_day(std::string_view text);

}  // namespace fieldfare::sync
