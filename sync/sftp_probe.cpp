#include "sync/sftp_probe.h"

#include "sync/object_name.h"
#include "sync/random_name.h"

namespace fieldfare::sync {

namespace {

using Meaning = ProbeAnswer::Meaning;
using Said = SftpFailure::Said;

constexpr std::size_t most_read = 4 * 1024 * 1024;

Meaning meaning_of(Said said) {
    switch (said) {
        case Said::nothing_there:
            return Meaning::not_there;
        case Said::denied:
        case Said::refused:
            return Meaning::refused;
        case Said::exists:
            return Meaning::has_it;
        case Said::full:
        case Said::no_word:
        case Said::no_answer:
            break;
    }
    return Meaning::no_word;
}

ProbeAnswer answer_of(const SftpResult<void>& result) {
    if (result) return {Meaning::done};
    return {meaning_of(result.error().said), result.error().why};
}

ProbeAnswer no_such_request() {
    return {Meaning::refused, {Fault::bad_name, "this kind of store has no such request"}};
}

}  // namespace

SftpProbe::SftpProbe(SftpAddress address, SftpSettings settings)
    : folder_(address.path),
      circuit_(random_name()),
      session_(std::move(address), std::move(settings), HttpPatience{}) {
    session_.go_by(circuit_);
}

std::optional<ProbeAnswer> SftpProbe::unasked(std::string_view name) const {
    if (circuit_.empty())
        return ProbeAnswer{Meaning::no_word, {Fault::failed, "this system gives no random numbers"}};
    if (!is_object_name(name)) return ProbeAnswer{Meaning::no_word, {Fault::bad_name, ""}};
    return std::nullopt;
}

ProbeAnswer SftpProbe::put_over(std::string_view name, crypto::ByteView content) {
    if (auto why = unasked(name)) return std::move(*why);
    auto body = ContentReader::open(Content(content));
    if (!body) return {Meaning::no_word, {Fault::unreadable, ""}};
    return answer_of(session_.write(path_of(name), *body, {}));
}

ProbeAnswer SftpProbe::put_end(std::string_view, crypto::ByteView, std::uint64_t) {
    return no_such_request();
}

ProbeAnswer SftpProbe::remove(std::string_view name) {
    if (auto why = unasked(name)) return std::move(*why);
    return answer_of(session_.remove(path_of(name)));
}

ProbeAnswer SftpProbe::move(std::string_view name, std::string_view to) {
    for (const std::string_view one : {name, to})
        if (auto why = unasked(one)) return std::move(*why);
    return answer_of(session_.rename(path_of(name), path_of(to), {}));
}

// SFTP has one word for both.
ProbeAnswer SftpProbe::move_over(std::string_view name, std::string_view to) {
    return move(name, to);
}

ProbeAnswer SftpProbe::open_to_all(std::string_view name) {
    if (auto why = unasked(name)) return std::move(*why);
    return answer_of(session_.open_to_all(path_of(name)));
}

ProbeAnswer SftpProbe::get(std::string_view name) {
    if (auto why = unasked(name)) return std::move(*why);
    ProbeAnswer answer;
    bool too_large = false;
    const SftpSession::Piece take = [&](crypto::ByteView piece) {
        too_large = answer.content.size() + piece.size() > most_read;
        if (!too_large) answer.content.insert(answer.content.end(), piece.begin(), piece.end());
        return !too_large;
    };
    const auto read = session_.read(path_of(name), take, {});
    if (!read) return answer_of(read);
    if (too_large) return {Meaning::no_word, {Fault::too_large, ""}};
    answer.meaning = Meaning::done;
    return answer;
}

ProbeAnswer SftpProbe::page(std::string_view) {
    return no_such_request();
}

}  // namespace fieldfare::sync
