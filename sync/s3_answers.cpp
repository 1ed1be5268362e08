#include "sync/s3_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <pugixml.hpp>

#include "sync/http_status.h"
#include "sync/list_bounds.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

constexpr std::size_t longest_token = 4096;

struct Known {
    std::string_view code;
    Fault fault;
    std::string_view words;  // ours; may be empty
};

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what Ceph adds.
constexpr std::array known{
    Known{"AccessDenied", Fault::not_permitted, ""},
    Known{"AccountProblem", Fault::not_permitted, ""},
    Known{"AllAccessDisabled", Fault::not_permitted, ""},
    Known{"InvalidAccessKeyId", Fault::not_permitted, "it does not know the access key"},
    Known{"SignatureDoesNotMatch", Fault::not_permitted,
          "the secret key does not fit the access key, or something on the way changes requests"},
    Known{"ExpiredToken", Fault::not_permitted, "the session token has run out"},
    Known{"InvalidToken", Fault::not_permitted, "it does not take the session token"},
    Known{"RequestTimeTooSkewed", Fault::wrong_clock,
          "its clock and this machine's differ by more than it allows"},
    Known{"NoSuchBucket", Fault::no_store, "it has no such bucket"},
    Known{"NoSuchKey", Fault::not_found, ""},
    Known{"QuotaExceeded", Fault::no_space, ""},
    Known{"EntityTooLarge", Fault::too_large, ""},
    Known{"BadDigest", Fault::unreachable, "something else came there than was sent"},
    Known{"XAmzContentSHA256Mismatch", Fault::unreachable, "something else came there than was sent"},
    Known{"IncompleteBody", Fault::unreachable, "not all came there that was sent"},
    Known{"RequestTimeout", Fault::unreachable, ""},
    Known{"AuthorizationHeaderMalformed", Fault::bad_name,
          "it does not take the region, or the access key, of the settings"},
    Known{"PermanentRedirect", Fault::bad_name, "the bucket is in another region or at another address"},
    Known{"TemporaryRedirect", Fault::busy, "the way to the bucket is not known everywhere yet"},
    Known{"InvalidBucketName", Fault::bad_name, ""},
    // Amazon's says it where a bucket keeps its files for a set time (Object Lock), and no checksum comes
    // along.
    Known{"InvalidRequest", Fault::bad_name,
          "it does not take what is asked of it in this way; a bucket that keeps its files for a set time "
          "does so"},
    Known{"OperationAborted", Fault::busy, ""},
    // Of this name alone, unlike OperationAborted: the other files go on.
    Known{"ConditionalRequestConflict", Fault::failed, "another upload to this name is on its way"},
    Known{"SlowDown", Fault::busy, ""},
    Known{"ServiceUnavailable", Fault::busy, ""},
    Known{"InternalError", Fault::busy, ""},
    Known{"NotImplemented", Fault::failed, ""},
    Known{"PreconditionFailed", Fault::failed, ""},
};

const Known* find(std::string_view code) {
    const auto found = std::ranges::find(known, code, &Known::code);
    return found == known.end() ? nullptr : &*found;
}

// pugixml reads no document type, so no entity can grow; elements nest without recursion.
bool read(pugi::xml_document& document, std::string_view xml) {
    return !is_crowded_xml(xml) &&
           document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// The object name of a key; empty when it is none of a file in that folder.
std::string name_of(std::string_view key, std::string_view folder, std::string_view prefix) {
    if (!key.starts_with(folder)) return {};
    key.remove_prefix(folder.size());
    if (!key.starts_with(prefix) || !is_object_name(key) ||
        key.substr(prefix.size()).find('/') != std::string_view::npos)
        return {};
    return std::string(key);
}

}  // namespace

std::optional<S3Page> parse_s3_listing(std::string_view xml, std::string_view folder,
                                       std::string_view prefix) {
    pugi::xml_document document;
    if (!read(document, xml)) return std::nullopt;
    const auto result = document.child("ListBucketResult");
    const std::string_view truncated = result.child("IsTruncated").text().get();
    if (truncated != "true" && truncated != "false") return std::nullopt;
    S3Page page;
    if (truncated == "true") {
        page.next = result.child("NextContinuationToken").text().get();
        if (page.next.empty() || page.next.size() > longest_token) return std::nullopt;
    }
    for (const pugi::xml_node& entry : result.children("Contents")) {
        std::string name = name_of(entry.child("Key").text().get(), folder, prefix);
        if (name.empty()) continue;
        if (!page.files.empty() && name <= page.files.back().name) return std::nullopt;
        const auto size = number_of(entry.child("Size").text().get());
        page.files.push_back({std::move(name), size.value_or(0), size.has_value()});
    }
    return page;
}

std::optional<std::size_t> s3_most_keys(std::string_view xml) {
    pugi::xml_document document;
    if (!read(document, xml)) return std::nullopt;
    const auto most = number_of(document.child("ListBucketResult").child("MaxKeys").text().get());
    return most && *most > 0 ? most : std::nullopt;
}

std::string_view s3_error_code(std::string_view xml) {
    pugi::xml_document document;
    if (!read(document, xml)) return {};
    const Known* found = find(document.child("Error").child("Code").text().get());
    return found == nullptr ? std::string_view() : found->code;
}

HttpFailure s3_failure(int status, std::string_view code, Fault not_there) {
    const Known* one = find(code);
    HttpFailure failure = fault_of_status(status, not_there);
    // WebDAV's "the folder above is missing" is S3's "somebody else is at it".
    if (status == 409) failure.fault = Fault::busy;
    if (one == nullptr) return failure;
    // "No such key" of a put or a listing is of no file: what is not there is what holds them.
    failure.fault = one->fault == Fault::not_found ? not_there : one->fault;
    failure.detail.append(", ").append(code);
    if (!one->words.empty()) failure.detail.append(": ").append(one->words);
    return failure;
}

}  // namespace fieldfare::sync
