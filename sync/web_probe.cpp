#include "sync/web_probe.h"

#include "sync/object_name.h"
#include "sync/random_name.h"

namespace fieldfare::sync {

namespace {

using Meaning = ProbeAnswer::Meaning;
using Verb = HttpRequest::Verb;

constexpr std::size_t most_explained = 64 * 1024;   // bytes of a refusal
constexpr std::size_t most_read = 4 * 1024 * 1024;  // of a file, or of a list

bool is_done(int status, Verb verb) {
    return status == 200 || status == 201 || status == 204 || (status == 202 && verb == Verb::remove);
}

ProbeAnswer bad_name() {
    return {Meaning::no_word, {Fault::bad_name, ""}};
}

}  // namespace

WebProbe::WebProbe(Kind kind, HttpSettings settings)
    : kind_(std::move(kind)),
      session_(kind_.address, std::move(settings), HttpPatience{.go_ahead = std::chrono::seconds(1)}),
      circuit_(random_name()) {}

ProbeAnswer WebProbe::ask_once(HttpRequest request) {
    if (request.content != nullptr && !request.content->rewind())
        return {Meaning::no_word, {Fault::unreadable, ""}};
    if (kind_.let_in) {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        auto more = kind_.let_in(request, now + ahead_);
        if (!more) return {Meaning::no_word, more.error()};
        for (std::string& line : *more) request.headers.push_back(std::move(line));
    }
    std::string page;
    const std::size_t most = request.verb == Verb::get ? most_read : most_explained;
    request.on_body = [&](int, crypto::ByteView piece) {
        if (page.size() + piece.size() > most) return false;
        page.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    };
    const auto answer = session_.perform(request);
    if (!answer) {
        // So a server says no whom it wants to show a certificate first.
        const bool no = answer.error().fault == Fault::not_permitted;
        return {no ? Meaning::refused : Meaning::no_word, answer.error()};
    }
    clock_ahead_.reset();
    if (answer->date)
        clock_ahead_ =
            *answer->date - std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    // A login page says 200, too.
    if (request.verb == Verb::put && answer->status == 200 && (!answer->has_etag || !page.empty()))
        return {Meaning::no_word, {Fault::not_a_store, "HTTP 200"}, 200};
    if (is_done(answer->status, request.verb)) {
        ProbeAnswer done{Meaning::done, {}, answer->status};
        if (request.verb == Verb::get) done.content.assign(page.begin(), page.end());
        return done;
    }
    ProbeAnswer refusal = kind_.refusal(answer->status, page);
    refusal.status = answer->status;
    return refusal;
}

ProbeAnswer WebProbe::ask(HttpRequest request, std::string_view name) {
    if (!is_object_name(name)) return bad_name();
    return ask_path(std::move(request), kind_.before + std::string(name));
}

ProbeAnswer WebProbe::ask_path(HttpRequest request, const std::string& path) {
    if (circuit_.empty()) return {Meaning::no_word, {Fault::failed, "this system gives no random numbers"}};
    request.path = path;
    request.circuit = circuit_;
    ProbeAnswer answer = ask_once(request);
    if (answer.why.fault != Fault::wrong_clock || !kind_.goes_by_its_clock || !clock_ahead_) return answer;
    ahead_ = *clock_ahead_;
    return ask_once(request);
}

ProbeAnswer WebProbe::put(std::string_view name, crypto::ByteView content, std::vector<std::string> headers) {
    auto body = ContentReader::open(Content(content));
    if (!body) return {Meaning::no_word, {Fault::unreadable, ""}};
    headers.insert(headers.end(), {"Content-Type: application/octet-stream", "Expect:"});
    return ask({.verb = Verb::put, .path = {}, .headers = std::move(headers), .content = &*body}, name);
}

ProbeAnswer WebProbe::put_over(std::string_view name, crypto::ByteView content) {
    return put(name, content, {});
}

ProbeAnswer WebProbe::put_end(std::string_view name, crypto::ByteView content, std::uint64_t before) {
    const std::uint64_t whole = before + content.size();
    ProbeAnswer answer = put(name, content,
                             {"Content-Range: bytes " + std::to_string(before) + "-" +
                              std::to_string(whole - 1) + "/" + std::to_string(whole)});
    // RFC 9110, 14.4, has 400 for whoever does not take such a request.
    if (answer.status == 400 || answer.status == 416) answer.meaning = Meaning::refused;
    return answer;
}

ProbeAnswer WebProbe::remove(std::string_view name) {
    return ask({.verb = Verb::remove, .path = {}}, name);
}

ProbeAnswer WebProbe::move_with(std::string_view name, std::string_view to, const char* overwrite) {
    if (!is_object_name(to)) return bad_name();
    if (!kind_.moves) return {Meaning::refused, {Fault::bad_name, "this kind of store has no such request"}};
    return ask({.verb = Verb::move,
                .path = {},
                .headers = {"Destination: " + kind_.address.text() + kind_.before + std::string(to),
                            std::string("Overwrite: ") + overwrite}},
               name);
}

ProbeAnswer WebProbe::move(std::string_view name, std::string_view to) {
    return move_with(name, to, "F");
}

ProbeAnswer WebProbe::move_over(std::string_view name, std::string_view to) {
    return move_with(name, to, "T");
}

ProbeAnswer WebProbe::open_to_all(std::string_view) {
    return {Meaning::refused, {Fault::bad_name, "this kind of store has no such request"}};
}

ProbeAnswer WebProbe::get(std::string_view name) {
    return ask({}, name);
}

ProbeAnswer WebProbe::page(std::string_view folder) {
    if (!folder.ends_with('/') || !is_object_name(std::string(folder) + "x")) return bad_name();
    if (kind_.let_in) return {Meaning::refused, {Fault::bad_name, "this kind of store has no such request"}};
    return ask_path({}, kind_.listing + std::string(folder));
}

tl::expected<ProbePage, ProbeAnswer> WebProbe::list_page(std::string_view folder, std::size_t most,
                                                         const std::string& next) {
    if (!folder.ends_with('/') || !is_object_name(std::string(folder) + "x"))
        return tl::unexpected(bad_name());
    if (!kind_.list_path) return StoreProbe::list_page(folder, most, next);
    ProbeAnswer answer = ask_path({}, kind_.list_path(folder, most, next));
    if (answer.meaning != Meaning::done) return tl::unexpected(std::move(answer));
    const std::string_view text(reinterpret_cast<const char*>(answer.content.data()), answer.content.size());
    auto page = kind_.read_list(text, folder);
    if (!page)
        return tl::unexpected(
            ProbeAnswer{Meaning::no_word, {Fault::not_a_store, "its list of files is none"}});
    return std::move(*page);
}

}  // namespace fieldfare::sync
