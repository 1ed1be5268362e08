#include "sync/s3_store.h"

#include <algorithm>

#include "sync/object_name.h"
#include "sync/s3_answers.h"
#include "sync/s3_request.h"
#include "sync/s3_signature.h"

namespace fieldfare::sync {

namespace {

using Meaning = WebAnswer::Meaning;
using Verb = HttpRequest::Verb;

constexpr std::size_t most_listed = 16 * 1024 * 1024;  // bytes of XML of a page, which has 1,000 keys at most
constexpr std::size_t most_listed_in_all = 64 * 1024 * 1024;  // of all pages; about 150,000 files
constexpr std::size_t least_page =
    64 * 1024;  // what a page counts at least: else a million pages had room in that
constexpr std::size_t most_explained = 64 * 1024;  // bytes of a refusal
constexpr int most_empty_pages = 100;              // one after the other without a file of ours
constexpr std::string_view receipts = "/receipts/";

std::chrono::sys_seconds this_machines_clock() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// A login page says 200, too, but sends a page with it, and no ETag. Which one says nothing: with encryption
// at the store it is no hash of what was sent.
bool has_taken(const HttpAnswer& answer, bool with_page) {
    return answer.status == 200 && answer.has_etag && !with_page;
}

Meaning of_put(const HttpAnswer& answer, bool with_page) {
    if (has_taken(answer, with_page)) return Meaning::done;
    if (answer.status == 412) return Meaning::has_it;
    return answer.status == 501 ? Meaning::cannot_guard : Meaning::refused;
}

Meaning of_get(int status, Fault fault) {
    if (status == 200) return Meaning::done;
    if (fault == Fault::not_found) return Meaning::nothing;
    return fault == Fault::not_permitted ? Meaning::hidden : Meaning::refused;
}

}  // namespace

S3Store::S3Store(S3Address address, S3Settings settings, HttpPatience patience, Clock clock)
    : address_(std::move(address)),
      endpoint_(s3_endpoint(address_, settings.style)),
      settings_(std::move(settings)),
      session_(endpoint_, settings_.http, patience),
      clock_(clock ? std::move(clock) : this_machines_clock),
      files_(address_.text(), [this](const HttpRequest& request) { return ask(request); }) {}

std::string S3Store::address() const {
    return files_.address();
}

tl::expected<S3Store::Said, HttpFailure> S3Store::perform_once(HttpRequest request, std::string_view query,
                                                               const std::string& payload_hash) {
    // To the minute: how far a clock is off tells one machine from another.
    const std::chrono::sys_seconds now = std::chrono::floor<std::chrono::minutes>(clock_() + ahead_);
    for (std::string& line : s3_signing_headers(request, query, payload_hash, endpoint_, settings_, now))
        request.headers.push_back(std::move(line));
    const std::string whole = std::string(request.path) + (query.empty() ? "" : "?") + std::string(query);
    request.path = whole;
    std::string explained;
    bool with_page = false;
    request.on_body = [&, given = request.on_body](int status, crypto::ByteView piece) {
        if (status == 200 && given) return given(status, piece);
        with_page = with_page || !piece.empty();
        if (status == 200 || explained.size() + piece.size() > most_explained) return false;
        explained.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    };
    auto answer = session_.perform(request);
    if (!answer) return tl::unexpected(answer.error());
    return Said{std::move(*answer), s3_error_code(explained), with_page};
}

// Whether the request is worth another try by the server's clock.
bool S3Store::goes_by_its_clock(const Said& said) {
    if (said.code != "RequestTimeTooSkewed" || !said.answer.date) return false;
    if (settings_.http.pin.empty() || !endpoint_.secure) return false;
    ahead_ = *said.answer.date - clock_();
    return true;
}

tl::expected<S3Store::Said, HttpFailure> S3Store::perform(
    const HttpRequest& request, const std::map<std::string, std::string>& parameters) {
    const auto hash = s3_payload_hash(request.content);
    if (!hash) return tl::unexpected(hash.error());
    const std::string query = s3_query(parameters);
    auto said = perform_once(request, query, *hash);
    if (!said || !goes_by_its_clock(*said)) return said;
    if (request.content != nullptr && !request.content->rewind())
        return tl::unexpected(HttpFailure{Fault::unreadable, ""});
    return perform_once(request, query, *hash);
}

tl::expected<WebAnswer, HttpFailure> S3Store::ask(const HttpRequest& request) {
    std::string path = settings_.style == S3Settings::Style::path ? "/" + address_.bucket : "";
    if (!address_.folder.empty()) path.append("/").append(address_.folder);
    path.append(request.path);
    HttpRequest inside = request;
    inside.path = path;
    const auto said = perform(inside, {});
    if (!said) return tl::unexpected(said.error());
    const HttpAnswer& answer = said->answer;
    const bool puts = request.verb == Verb::put;
    WebAnswer result{.why = s3_failure(answer.status, said->code, puts ? Fault::no_store : Fault::not_found),
                     .retry_after = answer.retry_after,
                     .sent = answer.sent};
    result.meaning = puts ? of_put(answer, said->with_page) : of_get(answer.status, result.why.fault);
    // Whoever may not list is told "no" of what is not there, too; and devices ask for receipts by name.
    if (!puts && said->code == "AccessDenied" && request.path.find(receipts) != std::string_view::npos)
        result.why.fault = Fault::not_found;
    return result;
}

TransportResult<PutOutcome> S3Store::put(std::string_view name, const Content& content, const Watch& watch) {
    return files_.put(name, content, watch);
}

TransportResult<void> S3Store::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                   const Watch& watch) {
    return files_.get(name, max_size, sink, watch);
}

TransportResult<void> S3Store::read_page(const Watch& only_stop) {
    const std::string folder = address_.folder.empty() ? "" : address_.folder + "/";
    std::map<std::string, std::string> parameters{
        {"list-type", "2"}, {"delimiter", "/"}, {"prefix", folder + course_.prefix}};
    if (!course_.next.empty())
        parameters.emplace("continuation-token", course_.next);
    else if (!course_.after.empty())
        parameters.emplace("start-after", folder + course_.after);
    const std::string path = settings_.style == S3Settings::Style::path ? "/" + address_.bucket : "/";
    const std::string circuit = files_.reading_circuit(course_.prefix);
    std::string xml;
    HttpRequest request{.path = path, .circuit = circuit, .watch = &only_stop};
    request.on_body = [&](int, crypto::ByteView piece) {
        if (xml.size() + piece.size() > most_listed) return false;
        xml.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    };
    const auto said = perform(request, parameters);
    if (!said) return files_.fail(said.error());
    if (said->answer.status != 200) {
        auto error = files_.fail(s3_failure(said->answer.status, said->code, Fault::no_store));
        error.value().retry_after = said->answer.retry_after;
        return error;
    }
    if (!said->answer.whole) return files_.fail(Fault::failed, "its list of files is too long");
    auto page = parse_s3_listing(xml, folder, course_.prefix);
    if (!page) return files_.fail(Fault::not_a_store, "its list of files is none");
    course_.next = std::move(page->next);
    course_.ended = course_.next.empty();
    course_.weight += std::max(xml.size(), least_page);
    const std::size_t before = course_.files.size();
    for (ListedFile& file : page->files) {
        // A server that does not know "start-after" begins at the start.
        if (file.name <= course_.after && course_.files.empty()) continue;
        if (!course_.files.empty() && file.name <= course_.files.back().name)
            return files_.fail(Fault::failed, "its list of files has no order");
        course_.files.push_back(std::move(file));
    }
    course_.empty_pages = course_.files.size() == before ? course_.empty_pages + 1 : 0;
    const bool endless = course_.weight > most_listed_in_all || course_.empty_pages > most_empty_pages;
    if (!course_.ended && endless) return files_.fail(Fault::failed, "its list of files does not end");
    return {};
}

TransportResult<Listing> S3Store::list(std::string_view prefix, std::string_view after, std::size_t limit,
                                       const std::stop_token& stop) {
    if (!prefix.ends_with('/') || !is_object_name(std::string(prefix) + "x") || limit == 0)
        return files_.fail(Fault::bad_name, "");
    if (after.empty() || course_.prefix != prefix || course_.after != after)
        course_ = {.prefix = std::string(prefix), .after = std::string(after)};
    // One file more than is asked for, to know whether there is more.
    while (course_.files.size() <= limit && !course_.ended) {
        if (auto read = read_page({{}, stop}); !read) {
            course_ = {};
            return tl::unexpected(read.error());
        }
    }
    Listing listing;
    const auto end =
        course_.files.begin() + static_cast<std::ptrdiff_t>(std::min(limit, course_.files.size()));
    listing.files.assign(std::make_move_iterator(course_.files.begin()), std::make_move_iterator(end));
    course_.files.erase(course_.files.begin(), end);
    listing.more = !course_.files.empty();
    if (!listing.files.empty()) course_.after = listing.files.back().name;
    if (!listing.more) course_ = {};
    return listing;
}

}  // namespace fieldfare::sync
