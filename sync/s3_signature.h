#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace fieldfare::sync {

/// What a server of S3 knows somebody by. Credentials: they stand in requests (the secret key not even there)
/// and nowhere else.
struct S3Keys {
    std::string access_key, secret_key;
    std::string session_token;  ///< of keys that are lent for a while; empty: they are our own

    bool operator==(const S3Keys&) const = default;
};

/// A request as AWS Signature Version 4 covers it.
struct SignedRequest {
    std::string_view method;  ///< "PUT"
    std::string_view path;    ///< as it is sent, from "/" to before "?"
    std::string_view query;   ///< as s3_query() writes it
    /// All that is covered, by lower-case name; values without spaces around them. "host" is one of them.
    std::map<std::string, std::string> headers;
    std::string_view payload_hash;  ///< hex SHA-256 of the body
};

struct SigningScope {
    std::chrono::sys_seconds time;
    std::string_view region;
    std::string_view service = "s3";
};

/// The value of the header Authorization.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
std::string s3_authorization(const SignedRequest& request, const S3Keys& keys, const SigningScope& scope);

/// What follows "?" in a request: `parameters` encoded and in the order in which they are signed.
std::string s3_query(const std::map<std::string, std::string>& parameters);

/// "20261128T224100Z", as x-amz-date has it.
std::string s3_time(std::chrono::sys_seconds time);

}  // namespace fieldfare::sync
