#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/curl_request.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// One page of a listing by ListObjectsV2.
struct S3Page {
    std::vector<ListedFile> files;  ///< names rise by byte, each once
    std::string next;               ///< the token that asks for the next page; empty: this is the last

    bool operator==(const S3Page&) const = default;
};

/// Files directly in the folder `prefix` ("<study tag>/") below `folder` (empty, or "a/b/") of a bucket. The
/// store is not trusted: of its entries only those count whose key is `folder`, `prefix` and a name that
/// is_object_name() has; the rest is left out. Nothing where it is no such answer or more crowded than one
/// (list_bounds.h), breaks off (more is promised, and no token says where), has a token of over 4 KiB, or
/// names of ours that do not rise.
std::optional<S3Page> parse_s3_listing(std::string_view xml, std::string_view folder,
                                       std::string_view prefix);

/// How many keys a page of that listing has at most, as it says itself (MaxKeys); nothing: it does not.
std::optional<std::size_t> s3_most_keys(std::string_view xml);

/// The code in the body of a refusal, when it is one that we know by name ("NoSuchBucket"); else empty.
/// Nothing else of what a server says there comes through.
std::string_view s3_error_code(std::string_view xml);

/// What an answer that is no success means for the person. `code` as s3_error_code() gives it; `not_there` is
/// what 404 says of this request when there is no code, and NoSuchKey in any case.
HttpFailure s3_failure(int status, std::string_view code, Fault not_there);

}  // namespace fieldfare::sync
