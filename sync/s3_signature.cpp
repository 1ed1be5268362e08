#include "sync/s3_signature.h"

#include <array>
#include <cstdio>
#include <span>

#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

namespace fieldfare::sync {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// RFC 3986, 2.3 stays as it is, everything else is "%" and two capital digits, "/" too.
std::string encoded(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved.find(c) != std::string_view::npos)
            result += c;
        else
            result.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return result;
}

std::string hex_sha256(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

// Step 1: one way to write the request.
std::string canonical(const SignedRequest& request, const std::string& names) {
    std::string text;
    const auto line = [&](std::string_view one) { text.append(one).append("\n"); };
    line(request.method);
    line(request.path);
    line(request.query);
    for (const auto& [name, value] : request.headers) line(name + ":" + value);
    line("");
    line(names);
    return text.append(request.payload_hash);
}

// Step 3: a key for this day, region and service alone.
crypto::Digest signing_key(const std::string& secret, std::string_view day, const SigningScope& scope) {
    std::string start = "AWS4" + secret;
    crypto::Digest key = crypto::hmac_sha256(crypto::bytes_of(start), crypto::bytes_of(day));
    crypto::wipe(std::span(start.data(), start.size()));
    for (const std::string_view part : {scope.region, scope.service, std::string_view("aws4_request")}) {
        crypto::Digest next = crypto::hmac_sha256(key, crypto::bytes_of(part));
        key = next;
        crypto::wipe(next);
    }
    return key;
}

}  // namespace

std::string s3_time(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

std::string s3_query(const std::map<std::string, std::string>& parameters) {
    std::map<std::string, std::string> sorted;  // as they are encoded
    for (const auto& [name, value] : parameters) sorted.emplace(encoded(name), encoded(value));
    std::string query;
    for (const auto& [name, value] : sorted)
        query.append(query.empty() ? "" : "&").append(name).append("=").append(value);
    return query;
}

std::string s3_authorization(const SignedRequest& request, const S3Keys& keys, const SigningScope& scope) {
    std::string names;
    for (const auto& [name, value] : request.headers) names.append(names.empty() ? "" : ";").append(name);
    const std::string time = s3_time(scope.time), day = time.substr(0, time.find('T'));
    const std::string where = std::string(day)
                                  .append("/")
                                  .append(scope.region)
                                  .append("/")
                                  .append(scope.service)
                                  .append("/aws4_request");
    const std::string to_sign =
        std::string(algorithm).append("\n").append(time).append("\n").append(where).append("\n").append(
            hex_sha256(canonical(request, names)));
    crypto::Digest key = signing_key(keys.secret_key, day, scope);
    const auto signature = crypto::hmac_sha256(key, crypto::bytes_of(to_sign));
    crypto::wipe(key);
    return std::string(algorithm)
        .append(" Credential=")
        .append(keys.access_key)
        .append("/")
        .append(where)
        .append(", SignedHeaders=")
        .append(names)
        .append(", Signature=")
        .append(crypto::to_hex(signature));
}

}  // namespace fieldfare::sync
