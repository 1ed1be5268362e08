#include "sync/web_files.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "crypto/random.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

using Meaning = WebAnswer::Meaning;

// Above it the store says yes or no before the body is sent: a 412 or 401 costs nothing then.
constexpr std::uint64_t ask_first_above = 256 * 1024;

std::string new_circuit() {
    std::array<std::uint8_t, 16> random{};
    if (!crypto::fill_random(random)) return "fieldfare";  // then nothing here works; sealing says so
    return crypto::to_hex(random);
}

std::string path_of(std::string_view name) {
    return std::string("/").append(name);
}

}  // namespace

WebFiles::WebFiles(std::string address, Ask ask) : address_(std::move(address)), ask_(std::move(ask)) {}

tl::unexpected<TransportError> WebFiles::fail(Fault fault, std::string detail) const {
    return tl::unexpected(TransportError{fault, address_, std::move(detail), std::nullopt});
}

tl::unexpected<TransportError> WebFiles::fail(const HttpFailure& failure) const {
    return fail(failure.fault, failure.detail);
}

tl::unexpected<TransportError> WebFiles::refused(const WebAnswer& answer) const {
    auto error = fail(answer.why);
    error.value().retry_after = answer.retry_after;
    return error;
}

std::string WebFiles::reading_circuit(std::string_view name) {
    const auto tag = name.substr(0, name.find('/'));
    const auto found = circuits_.find(tag);
    if (found != circuits_.end()) return found->second;
    return circuits_.emplace(std::string(tag), new_circuit()).first->second;
}

TransportResult<WebAnswer> WebFiles::put_once(std::string_view name, ContentReader& content,
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
    auto answer = ask_(std::move(request));
    if (!answer) return fail(answer.error());
    const bool has_all = answer->meaning == Meaning::done || answer->meaning == Meaning::replaced;
    if (has_all && answer->sent != content.size())
        return fail(Fault::not_a_store, "it said that it has the file before it had it");
    return std::move(*answer);
}

TransportResult<PutOutcome> WebFiles::put(std::string_view name, const Content& content, const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto ours = ContentReader::open(content);
    if (!ours) return fail(Fault::unreadable, std::generic_category().message(ours.error()));

    auto answer = put_once(name, *ours, watch, true);
    if (!answer) return tl::unexpected(answer.error());
    PutOutcome stored = PutOutcome::stored;
    const bool has_it = answer->meaning == Meaning::has_it;
    if (answer->meaning == Meaning::cannot_guard) stored = PutOutcome::stored_unguarded;
    if (has_it || stored == PutOutcome::stored_unguarded) {
        const auto there = look(name, *ours, watch);
        if (!there) return tl::unexpected(there.error());
        if (*there == There::same) return PutOutcome::same_content;
        if (*there == There::other) return PutOutcome::other_content;
        if (has_it) {
            if (*there == There::hidden) return PutOutcome::taken;
            return fail(Fault::failed, "it says that it has the file, and does not have it");
        }
        answer = put_once(name, *ours, watch, false);
        if (!answer) return tl::unexpected(answer.error());
    }
    if (answer->meaning == Meaning::replaced)
        stored = PutOutcome::stored_unguarded;
    else if (answer->meaning != Meaning::done)
        return refused(*answer);
    if (watch.on_bytes) watch.on_bytes(ours->size(), ours->size());
    return stored;
}

// What stands under a name, read no further than to the first byte that differs.
TransportResult<WebFiles::There> WebFiles::look(std::string_view name, ContentReader& ours,
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
    const auto answer = ask_(std::move(request));
    if (unreadable) return fail(Fault::unreadable, "");
    if (!answer) return fail(answer.error());
    switch (answer->meaning) {
        case Meaning::done:
            return same && done == ours.size() ? There::same : There::other;
        case Meaning::hidden:
            return There::hidden;
        case Meaning::nothing:
            return There::nothing;
        case Meaning::replaced:
        case Meaning::has_it:
        case Meaning::cannot_guard:
        case Meaning::refused:
            break;
    }
    return refused(*answer);
}

TransportResult<void> WebFiles::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
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
    const auto answer = ask_(std::move(request));
    if (!answer) return fail(answer.error());
    if (answer->meaning != Meaning::done) return refused(*answer);
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
