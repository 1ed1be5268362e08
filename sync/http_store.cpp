#include "sync/http_store.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "crypto/random.h"
#include "sync/dav_listing.h"
#include "sync/http_status.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

// Above it the store says yes or no before the body is sent: a 412 or 401 costs nothing then.
constexpr std::uint64_t ask_first_above = 256 * 1024;
constexpr std::size_t most_listed = 64 * 1024 * 1024;  // bytes of XML; about 250,000 files

std::string new_circuit() {
    std::array<std::uint8_t, 16> random{};
    if (!crypto::fill_random(random)) return "fieldfare";  // then nothing here works; sealing says so
    return crypto::to_hex(random);
}

std::string path_of(std::string_view name) {
    return std::string("/").append(name);
}

bool is_taken(int status) {
    return status == 201 || status == 204;
}

}  // namespace

HttpStore::HttpStore(HttpAddress address, HttpSettings settings, HttpPatience patience)
    : address_(std::move(address)), session_(address_, std::move(settings), patience) {}

std::string HttpStore::address() const {
    return address_.text();
}

tl::unexpected<TransportError> HttpStore::fail(Fault fault, std::string detail) const {
    return tl::unexpected(TransportError{fault, address(), std::move(detail), std::nullopt});
}

tl::unexpected<TransportError> HttpStore::fail(const HttpFailure& failure) const {
    return fail(failure.fault, failure.detail);
}

tl::unexpected<TransportError> HttpStore::refused(const HttpAnswer& answer, Fault not_there) const {
    auto error = fail(fault_of_status(answer.status, not_there));
    error.value().retry_after = answer.retry_after;
    return error;
}

std::string HttpStore::reading_circuit(std::string_view name) {
    const auto tag = name.substr(0, name.find('/'));
    const auto found = circuits_.find(tag);
    if (found != circuits_.end()) return found->second;
    return circuits_.emplace(std::string(tag), new_circuit()).first->second;
}

TransportResult<HttpAnswer> HttpStore::put_once(std::string_view name, ContentReader& content,
                                                const Watch& watch, bool if_absent) {
    const std::string path = path_of(name), circuit = new_circuit();
    HttpRequest request{.verb = HttpRequest::Verb::put,
                        .path = path,
                        .content = &content,
                        .circuit = circuit,
                        .alone = true,
                        .watch = &watch};
    request.headers = {"Content-Type: application/octet-stream",
                       content.size() > ask_first_above ? "Expect: 100-continue" : "Expect:"};
    if (if_absent) request.headers.push_back("If-None-Match: *");
    if (auto back = content.rewind(); !back)
        return fail(Fault::unreadable, std::generic_category().message(back.error()));
    const auto answer = session_.perform(request);
    if (!answer) return fail(answer.error());
    if (is_taken(answer->status) && answer->sent != content.size())
        return fail(Fault::not_a_store, "it said that it has the file before it had it");
    return *answer;
}

TransportResult<PutOutcome> HttpStore::put(std::string_view name, const Content& content,
                                           const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto ours = ContentReader::open(content);
    if (!ours) return fail(Fault::unreadable, std::generic_category().message(ours.error()));

    auto answer = put_once(name, *ours, watch, true);
    if (!answer) return tl::unexpected(answer.error());
    PutOutcome stored = PutOutcome::stored;
    bool look_first = answer->status == 412;
    if (answer->status == 501) {
        stored = PutOutcome::stored_unguarded;
        look_first = true;
    }
    if (look_first) {
        const auto there = look(name, *ours, watch);
        if (!there) return tl::unexpected(there.error());
        if (*there == There::same) return PutOutcome::same_content;
        if (*there == There::other) return PutOutcome::other_content;
        if (answer->status == 412) {
            if (*there == There::hidden) return PutOutcome::taken;
            return fail(Fault::failed, "it says that it has the file, and does not have it");
        }
        answer = put_once(name, *ours, watch, false);
        if (!answer) return tl::unexpected(answer.error());
    }
    if (!is_taken(answer->status)) return refused(*answer);
    if (watch.on_bytes) watch.on_bytes(ours->size(), ours->size());
    return stored;
}

// What stands under a name, read no further than to the first byte that differs.
TransportResult<HttpStore::There> HttpStore::look(std::string_view name, ContentReader& ours,
                                                  const Watch& watch) {
    if (auto back = ours.rewind(); !back)
        return fail(Fault::unreadable, std::generic_category().message(back.error()));
    const std::string path = path_of(name), circuit = reading_circuit(name);
    const Watch only_stop{{}, watch.stop};
    bool same = true, unreadable = false;
    std::uint64_t done = 0;
    crypto::Bytes buffer;
    HttpRequest request{.path = path, .circuit = circuit, .watch = &only_stop};
    request.on_body = [&](int status, crypto::ByteView piece) {
        if (status != 200) return false;
        buffer.resize(piece.size());
        for (std::size_t have = 0; have < piece.size();) {
            const auto n = ours.read(std::span(buffer).subspan(have));
            unreadable = !n;
            if (!n) return false;
            if (*n == 0) return same = false;  // theirs is longer
            have += *n;
        }
        done += piece.size();
        return same = std::ranges::equal(buffer, piece);
    };
    const auto answer = session_.perform(request);
    if (unreadable) return fail(Fault::unreadable, "");
    if (!answer) return fail(answer.error());
    switch (answer->status) {
        case 200:
            return same && done == ours.size() ? There::same : There::other;
        case 401:
        case 403:
        case 405:
            return There::hidden;
        case 404:
        case 410:
            return There::nothing;
        default:
            return refused(*answer);
    }
}

TransportResult<std::vector<ListedFile>> HttpStore::list_all(const std::string& prefix) {
    const std::string path = path_of(prefix), circuit = reading_circuit(prefix);
    std::string xml;
    HttpRequest request{
        .verb = HttpRequest::Verb::propfind, .path = path, .text = propfind_body(), .circuit = circuit};
    request.headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 1", "Expect:"};
    request.on_body = [&](int status, crypto::ByteView piece) {
        if (status != 207 || xml.size() + piece.size() > most_listed) return false;
        xml.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    };
    const auto answer = session_.perform(request);
    if (!answer) return fail(answer.error());
    if (answer->status == 404) {  // no folder of that study, or no store at all?
        if (auto base = see_base(circuit); !base) return tl::unexpected(base.error());
        return std::vector<ListedFile>{};
    }
    if (answer->status != 207) return refused(*answer);
    if (!answer->whole) return fail(Fault::failed, "its list of files is too long");
    auto files = parse_dav_listing(xml, address_.path, prefix);
    if (!files) return fail(Fault::not_a_store, "its list of files is none");
    return std::move(*files);
}

// Fault::no_store when the address itself leads to nothing.
TransportResult<void> HttpStore::see_base(std::string_view circuit) {
    HttpRequest request{
        .verb = HttpRequest::Verb::propfind, .path = "/", .text = propfind_body(), .circuit = circuit};
    request.headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 0", "Expect:"};
    const auto answer = session_.perform(request);
    if (!answer) return fail(answer.error());
    // Who may read the study's folder alone has seen that it is not there.
    if (answer->status == 207 || answer->status == 401 || answer->status == 403) return {};
    return refused(*answer);
}

TransportResult<Listing> HttpStore::list(std::string_view prefix, std::string_view after, std::size_t limit) {
    if (!prefix.ends_with('/') || !is_object_name(std::string(prefix) + "x") || limit == 0)
        return fail(Fault::bad_name, "");
    if (after.empty() || listed_prefix_ != prefix) {
        auto files = list_all(std::string(prefix));
        if (!files) return tl::unexpected(files.error());
        listed_ = std::move(*files);
        listed_prefix_ = prefix;
    }
    Listing listing;
    auto at = std::ranges::upper_bound(listed_, after, {}, &ListedFile::name);
    for (; at != listed_.end() && listing.files.size() < limit; ++at) listing.files.push_back(*at);
    listing.more = at != listed_.end();
    return listing;
}

TransportResult<void> HttpStore::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                     const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    const std::string path = path_of(name), circuit = reading_circuit(name);
    enum class Ended { no, too_large, by_sink } ended = Ended::no;
    std::uint64_t done = 0;
    HttpRequest request{.path = path, .circuit = circuit, .watch = &watch};
    request.on_body = [&](int status, crypto::ByteView piece) {
        if (status != 200) return false;
        done += piece.size();
        if (done > max_size) {
            ended = Ended::too_large;
            return false;
        }
        if (!sink(piece)) {
            ended = Ended::by_sink;
            return false;
        }
        return true;
    };
    const auto answer = session_.perform(request);
    if (!answer) return fail(answer.error());
    if (answer->status != 200) {
        return refused(*answer, Fault::not_found);
    }
    switch (ended) {
        case Ended::no:
            return {};
        case Ended::too_large:
            return fail(Fault::too_large, "");
        case Ended::by_sink:
            return fail(Fault::cancelled, "");
    }
    return {};
}

}  // namespace fieldfare::sync
