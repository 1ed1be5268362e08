#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sync/http_settings.h"
#include "sync/s3_address.h"
#include "sync/s3_signature.h"

namespace fieldfare::sync {

/// What an S3 store needs beside its address. The members of `keys` are named as the settings are.
struct S3Settings {
    enum class Style {
        path,          ///< https://host/bucket/name: one certificate serves all buckets
        virtual_host,  ///< https://bucket.host/name
    };
    S3Keys keys;
    std::string region = "us-east-1";
    Style style = Style::path;
    HttpSettings http;  ///< pin, certificates and proxy; no way to be let in

    bool operator==(const S3Settings&) const = default;
};

/// Refuses, with the reason as half a sentence that holds no value: missing keys, a value that can't be
/// meant, a way to be let in that is not S3's, and what parse_http_settings() refuses of the rest.
/// `persons_proxy` as there.
tl::expected<S3Settings, std::string> parse_s3_settings(const S3Address& address,
                                                        const std::map<std::string, std::string>& settings,
                                                        std::string_view persons_proxy = {});

/// Where requests of a style go: the server, or the bucket's host there.
HttpAddress s3_endpoint(const S3Address& address, S3Settings::Style style);

}  // namespace fieldfare::sync
