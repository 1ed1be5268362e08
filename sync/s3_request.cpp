#include "sync/s3_request.h"

#include <map>

#include "crypto/hash.h"
#include "sync/s3_signature.h"

namespace fieldfare::sync {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

}  // namespace

tl::expected<std::string, HttpFailure> s3_payload_hash(ContentReader* content) {
    crypto::Sha256 hash;
    const auto unreadable = [] { return tl::unexpected(HttpFailure{Fault::unreadable, ""}); };
    if (content == nullptr) return crypto::to_hex(hash.finish());
    for (;;) {
        const auto piece = content->next();
        if (!piece) return unreadable();
        if (piece->empty()) break;
        hash.update(*piece);
    }
    if (!content->rewind()) return unreadable();
    return crypto::to_hex(hash.finish());
}

std::vector<std::string> s3_signing_headers(const HttpRequest& request, std::string_view query,
                                            const std::string& payload_hash, const HttpAddress& endpoint,
                                            const S3Settings& settings, std::chrono::sys_seconds now) {
    std::map<std::string, std::string> added{{"x-amz-content-sha256", payload_hash},
                                             {"x-amz-date", s3_time(now)}};
    if (!settings.keys.session_token.empty())
        added.emplace("x-amz-security-token", settings.keys.session_token);
    SignedRequest signs{.method = method_of(request.verb),
                        .path = request.path,
                        .query = query,
                        .headers = added,
                        .payload_hash = payload_hash};
    signs.headers.emplace("host", endpoint.authority());
    for (const std::string& line : request.headers) {
        const auto colon = line.find(": ");
        const std::string name = lower(line.substr(0, colon));
        if (colon != std::string::npos && name != "expect")  // which is for the next machine on the way alone
            signs.headers.emplace(name, line.substr(colon + 2));
    }
    std::vector<std::string> lines{"Authorization: " +
                                   s3_authorization(signs, settings.keys, {now, settings.region})};
    for (const auto& [name, value] : added) lines.push_back(name + ": " + value);
    return lines;
}

}  // namespace fieldfare::sync
