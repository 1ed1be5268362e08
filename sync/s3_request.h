#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sync/curl_request.h"
#include "sync/s3_settings.h"

namespace fieldfare::sync {

/// Hex SHA-256 of the whole body, from its start, to which it goes back; of nothing where there is none.
/// Fault::unreadable when it can't be read.
tl::expected<std::string, HttpFailure> s3_payload_hash(ContentReader* content);

/// The headers that sign a request as it stands, `path` without its query, at the time `now`: over method,
/// host, path, query, all of its headers but Expect, and the hash of its body. `endpoint` as s3_endpoint()
/// has it.
std::vector<std::string> s3_signing_headers(const HttpRequest& request, std::string_view query,
                                            const std::string& payload_hash, const HttpAddress& endpoint,
                                            const S3Settings& settings, std::chrono::sys_seconds now);

}  // namespace fieldfare::sync
