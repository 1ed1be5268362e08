#include "client/researcher/serve_rules.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "crypto/hash.h"
#include "sync/object_name.h"
#include "sync/sync_run.h"

namespace fieldfare::researcher {
namespace {

ServeRuling refused(int status) {
    return {.does = ServeRuling::Does::refuse, .status = status};
}

std::optional<std::string_view> token_in(const std::optional<std::string_view>& authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!authorization || !authorization->starts_with(scheme)) return std::nullopt;
    return authorization->substr(scheme.size());
}

/// The tags of the studies that a token lets into. All are compared, so that the time tells nothing.
std::vector<std::string_view> let_into(std::string_view token, std::span<const ServedStudy> studies) {
    const crypto::Digest given = crypto::sha256(crypto::bytes_of(token));
    std::vector<std::string_view> tags;
    for (const ServedStudy& study : studies)
        if (crypto::equal(given, study.token)) tags.push_back(study.tag);
    return tags;
}

/// The tag of "<tag>/receipts/<device tag>-<n>.receipt"; nothing for any other name.
std::optional<std::string_view> tag_of_receipt(std::string_view name) {
    const auto tag = name.substr(0, name.find('/'));
    const auto dash = name.rfind('-'), end = name.rfind(".receipt");
    if (dash == name.npos || end == name.npos || end < dash) return std::nullopt;
    const auto slash = name.rfind('/', dash);
    if (slash == name.npos) return std::nullopt;
    const auto device = name.substr(slash + 1, dash - slash - 1),
               number = name.substr(dash + 1, end - dash - 1);
    std::uint32_t n = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), n);
    const bool hex = device.size() == 32 && std::ranges::all_of(device, [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
    // The one way to write it.
    if (!hex || read.ec != std::errc{} || n == 0 || sync::receipt_name(tag, device, n) != name)
        return std::nullopt;
    return tag;
}

std::optional<std::uint64_t> size_in(std::string_view text) {
    std::uint64_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    if (read.ec == std::errc::result_out_of_range) return UINT64_MAX;
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return size;
}

}  // namespace

ServeRuling rule_on(const ServeRequest& request, std::span<const ServedStudy> studies,
                    std::uint64_t largest) {
    const auto token = token_in(request.authorization);
    const auto tags = let_into(token.value_or(""), studies);
    if (!token || tags.empty()) return refused(401);
    if (request.doubtful) return refused(400);
    const auto is_ours = [&](std::string_view tag) { return std::ranges::find(tags, tag) != tags.end(); };

    if (!request.path.starts_with('/')) return refused(403);
    const std::string name(request.path.substr(1));
    if (request.method == "GET") {
        const auto tag = tag_of_receipt(name);
        if (!tag || !is_ours(*tag)) return refused(403);
        return {.does = ServeRuling::Does::give, .status = 200, .name = name};
    }
    if (request.method != "PUT") return refused(403);
    const auto batch = sync::parse_batch_name(name);
    if (!batch || !is_ours(batch->study_tag)) return refused(403);
    if (batch->resend > sync::most_resends) return refused(403);
    if (request.content_range || request.if_none_match.value_or("*") != "*") return refused(400);
    if (request.transfer_encoding || !request.content_length) return refused(411);
    const auto size = size_in(*request.content_length);
    if (!size || *size == 0) return refused(400);
    if (*size > largest) return refused(413);
    return {.does = ServeRuling::Does::take, .status = 201, .name = name, .size = *size};
}

}  // namespace fieldfare::researcher
