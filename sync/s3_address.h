#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sync/http_address.h"

namespace fieldfare::sync {

/// The address of a store that speaks S3, taken apart: s3+https://host[:port]/bucket[/folder]. It is shown to
/// people and stands in notes, so it never holds a credential.
struct S3Address {
    HttpAddress server;  ///< without a path
    std::string bucket;
    std::string folder;  ///< below which the study's folders are: empty, or "a/b"

    /// The one way to write it.
    std::string text() const;

    bool operator==(const S3Address&) const = default;
};

/// Whether `text` is meant as such an address, right or wrong.
bool looks_like_s3(std::string_view text);

/// Refuses, with the reason as half a sentence that quotes nothing of `text`, what parse_http_address()
/// refuses of the address behind "s3+"; a host that is a number not written in its usual way (it would not go
/// out as it was signed); a bucket that S3 would not take; a folder with other bytes than
/// letters, digits and - . _ ~ (those that can be signed in one way only).
tl::expected<S3Address, std::string> parse_s3_address(std::string_view text);

}  // namespace fieldfare::sync
