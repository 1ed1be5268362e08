#include "sync/store_probe.h"

#include <map>

#include "sync/folder_probe.h"
#include "sync/http_status.h"
#include "sync/open_store.h"
#include "sync/s3_address.h"
#include "sync/s3_answers.h"
#include "sync/s3_request.h"
#include "sync/s3_signature.h"
#include "sync/sftp_address.h"
#include "sync/sftp_probe.h"
#include "sync/web_probe.h"

namespace fieldfare::sync {

namespace {

using Meaning = ProbeAnswer::Meaning;

Meaning meaning_of(int status) {
    switch (status) {
        case 412:
            return Meaning::has_it;
        case 401:
        case 402:
        case 403:
        case 405:
        case 451:
        case 501:
            return Meaning::refused;
        case 404:
        case 409:
        case 410:
            return Meaning::not_there;
        default:
            return Meaning::no_word;
    }
}

ProbeAnswer refusal_of_web(int status, const std::string&) {
    return {meaning_of(status), fault_of_status(status, Fault::not_found)};
}

ProbeAnswer refusal_of_s3(int status, const std::string& page) {
    const std::string_view code = s3_error_code(page);
    Meaning meaning = meaning_of(status);
    // A request whose clock or signature it does not take is refused, too, whoever sends it.
    if ((status == 401 || status == 403) && code != "AccessDenied") meaning = Meaning::no_word;
    if (status == 409) meaning = Meaning::no_word;  // another request is on its way
    return {meaning, s3_failure(status, code, Fault::not_found)};
}

// What is needed to come there, and to know that it is the store.
HttpSettings strangers(const HttpSettings& settings) {
    HttpSettings bare;
    bare.pin = settings.pin;
    bare.certificate = settings.certificate;
    bare.proxy = settings.proxy;
    return bare;
}

std::unique_ptr<StoreProbe> open_http(const Store& store, ProbeAs as, std::string_view persons_proxy) {
    const auto address = parse_http_address(store.address);
    if (!address) return nullptr;
    const auto settings = parse_http_settings(*address, store.settings, persons_proxy);
    if (!settings) return nullptr;
    return std::make_unique<WebProbe>(
        WebProbe::Kind{
            .address = *address, .before = "/", .moves = true, .listing = "/", .refusal = refusal_of_web},
        as == ProbeAs::given ? *settings : strangers(*settings));
}

std::unique_ptr<StoreProbe> open_s3(const Store& store, ProbeAs as, std::string_view persons_proxy) {
    const auto address = parse_s3_address(store.address);
    if (!address) return nullptr;
    const auto settings = parse_s3_settings(*address, store.settings, persons_proxy);
    if (!settings) return nullptr;
    WebProbe::Kind kind{.address = s3_endpoint(*address, settings->style),
                        .before = settings->style == S3Settings::Style::path ? "/" + address->bucket : "",
                        .goes_by_its_clock = !settings->http.pin.empty() && address->server.secure,
                        .refusal = refusal_of_s3};
    if (!address->folder.empty()) kind.before.append("/").append(address->folder);
    kind.before.append("/");
    kind.listing = (settings->style == S3Settings::Style::path ? "/" + address->bucket : "") +
                   "/?list-type=2&prefix=" + (address->folder.empty() ? "" : address->folder + "/");
    if (as == ProbeAs::stranger)
        return std::make_unique<WebProbe>(std::move(kind), strangers(settings->http));
    kind.let_in = [endpoint = kind.address, settings = *settings](
                      const HttpRequest& request,
                      std::chrono::sys_seconds now) -> tl::expected<std::vector<std::string>, HttpFailure> {
        const auto hash = s3_payload_hash(request.content);
        if (!hash) return tl::unexpected(hash.error());
        HttpRequest alone = request;
        const std::string_view path = request.path;
        alone.path = path.substr(0, path.find('?'));
        const std::string_view query = alone.path == path ? "" : path.substr(alone.path.size() + 1);
        return s3_signing_headers(alone, query, *hash, endpoint, settings,
                                  std::chrono::floor<std::chrono::minutes>(now));
    };
    kind.list_path = [bucket = settings->style == S3Settings::Style::path ? "/" + address->bucket : "/",
                      above = address->folder.empty() ? "" : address->folder + "/"](
                         std::string_view folder, std::size_t most, const std::string& next) {
        std::map<std::string, std::string> parameters{
            {"list-type", "2"}, {"delimiter", "/"}, {"prefix", above + std::string(folder)}};
        if (most > 0) parameters.emplace("max-keys", std::to_string(most));
        if (!next.empty()) parameters.emplace("continuation-token", next);
        return bucket + "?" + s3_query(parameters);
    };
    kind.read_list = [above = address->folder.empty() ? "" : address->folder + "/"](
                         std::string_view xml, std::string_view folder) -> std::optional<ProbePage> {
        auto listing = parse_s3_listing(xml, above, folder);
        if (!listing) return std::nullopt;
        ProbePage page{.names = {}, .next = std::move(listing->next), .most = s3_most_keys(xml)};
        for (ListedFile& file : listing->files) page.names.push_back(std::move(file.name));
        return page;
    };
    return std::make_unique<WebProbe>(std::move(kind), settings->http);
}

std::unique_ptr<StoreProbe> open_sftp(const Store& store, std::string_view persons_proxy) {
    const auto address = parse_sftp_address(store.address);
    if (!address) return nullptr;
    const auto settings = parse_sftp_settings(*address, store.settings, persons_proxy);
    if (!settings) return nullptr;
    return std::make_unique<SftpProbe>(*address, *settings);
}

}  // namespace

tl::expected<ProbePage, ProbeAnswer> StoreProbe::list_page(std::string_view, std::size_t,
                                                           const std::string&) {
    return tl::unexpected(
        ProbeAnswer{Meaning::refused, {Fault::bad_name, "this kind of store has no such request"}});
}

std::unique_ptr<StoreProbe> open_probe(const Store& store, ProbeAs as, std::string_view persons_proxy) {
    if (looks_like_http(store.address)) return open_http(store, as, persons_proxy);
    if (looks_like_s3(store.address)) return open_s3(store, as, persons_proxy);
    if (as == ProbeAs::stranger) return nullptr;
    if (looks_like_sftp(store.address)) return open_sftp(store, persons_proxy);
    const auto folder = folder_of(store.address);
    if (!folder) return nullptr;
    return std::make_unique<FolderProbe>(*folder);
}

}  // namespace fieldfare::sync
