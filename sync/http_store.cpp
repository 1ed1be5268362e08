#include "sync/http_store.h"

#include <algorithm>

#include "sync/dav_listing.h"
#include "sync/http_status.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

using Meaning = WebAnswer::Meaning;

constexpr std::size_t most_listed = 64 * 1024 * 1024;  // bytes of XML; about 250,000 files

Meaning of_put(int status) {
    switch (status) {
        case 201:
            return Meaning::done;
        case 204:  // RFC 9110, 9.3.4: of a new file it must say 201
            return Meaning::replaced;
        case 412:
            return Meaning::has_it;
        case 501:
            return Meaning::cannot_guard;
        default:
            return Meaning::refused;
    }
}

Meaning of_get(int status) {
    switch (status) {
        case 200:
            return Meaning::done;
        case 401:
        case 403:
        case 405:
            return Meaning::hidden;
        case 404:
        case 410:
            return Meaning::nothing;
        default:
            return Meaning::refused;
    }
}

}  // namespace

HttpStore::HttpStore(HttpAddress address, HttpSettings settings, HttpPatience patience)
    : address_(std::move(address)),
      session_(address_, std::move(settings), patience),
      files_(address_.text(), [this](const HttpRequest& request) { return ask(request); }) {}

std::string HttpStore::address() const {
    return files_.address();
}

tl::expected<WebAnswer, HttpFailure> HttpStore::ask(const HttpRequest& request) {
    const auto answer = session_.perform(request);
    if (!answer) return tl::unexpected(answer.error());
    const bool puts = request.verb == HttpRequest::Verb::put;
    WebAnswer result{puts ? of_put(answer->status) : of_get(answer->status),
                     fault_of_status(answer->status, puts ? Fault::no_store : Fault::not_found),
                     answer->retry_after, answer->sent};
    // 405, too: it takes files, and gives none.
    if (result.meaning == Meaning::hidden) result.why.fault = Fault::not_permitted;
    return result;
}

tl::unexpected<TransportError> HttpStore::refused(const HttpAnswer& answer) const {
    auto error = files_.fail(fault_of_status(answer.status, Fault::no_store));
    error.value().retry_after = answer.retry_after;
    return error;
}

TransportResult<PutOutcome> HttpStore::put(std::string_view name, const Content& content,
                                           const Watch& watch) {
    return files_.put(name, content, watch);
}

TransportResult<void> HttpStore::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                     const Watch& watch) {
    return files_.get(name, max_size, sink, watch);
}

TransportResult<std::vector<ListedFile>> HttpStore::list_all(const std::string& prefix,
                                                             const Watch& only_stop) {
    const std::string path = "/" + prefix, circuit = files_.reading_circuit(prefix);
    std::string xml;
    HttpRequest request{.verb = HttpRequest::Verb::propfind,
                        .path = path,
                        .text = propfind_body(),
                        .circuit = circuit,
                        .watch = &only_stop};
    request.headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 1", "Expect:"};
    request.on_body = [&](int status, crypto::ByteView piece) {
        if (status != 207 || xml.size() + piece.size() > most_listed) return false;
        xml.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    };
    const auto answer = session_.perform(request);
    if (!answer) return files_.fail(answer.error());
    if (answer->status == 404) {  // no folder of that study, or no store at all?
        if (auto base = see_base(circuit, only_stop); !base) return tl::unexpected(base.error());
        return std::vector<ListedFile>{};
    }
    if (answer->status != 207) return refused(*answer);
    if (!answer->whole) return files_.fail(Fault::failed, "its list of files is too long");
    auto files = parse_dav_listing(xml, address_.path, prefix);
    if (!files) return files_.fail(Fault::not_a_store, "its list of files is none");
    return std::move(*files);
}

// Fault::no_store when the address itself leads to nothing.
TransportResult<void> HttpStore::see_base(std::string_view circuit, const Watch& only_stop) {
    HttpRequest request{.verb = HttpRequest::Verb::propfind,
                        .path = "/",
                        .text = propfind_body(),
                        .circuit = circuit,
                        .watch = &only_stop};
    request.headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 0", "Expect:"};
    const auto answer = session_.perform(request);
    if (!answer) return files_.fail(answer.error());
    // Who may read the study's folder alone has seen that it is not there.
    if (answer->status == 207 || answer->status == 401 || answer->status == 403) return {};
    return refused(*answer);
}

TransportResult<Listing> HttpStore::list(std::string_view prefix, std::string_view after, std::size_t limit,
                                         const std::stop_token& stop) {
    if (!prefix.ends_with('/') || !is_object_name(std::string(prefix) + "x") || limit == 0)
        return files_.fail(Fault::bad_name, "");
    if (after.empty() || listed_prefix_ != prefix) {
        auto files = list_all(std::string(prefix), {{}, stop});
        if (!files) return tl::unexpected(files.error());
        listed_ = std::move(*files);
        listed_prefix_ = prefix;
    }
    Listing listing;
    auto at = std::ranges::upper_bound(listed_, after, {}, &ListedFile::name);
    for (; at != listed_.end() && listing.files.size() < limit; ++at) listing.files.push_back(*at);
    listing.more = at != listed_.end();
    if (!listing.more) {  // a store may have listed a million names
        listed_ = {};
        listed_prefix_ = {};
    }
    return listing;
}

}  // namespace fieldfare::sync
