#include "client/courier/messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fieldfare::courier {
namespace {

using Json = nlohmann::json;
constexpr std::size_t most_text = 2000;  // three of them, each byte six in JSON, fit a packet
constexpr std::uint64_t most_files = 1'000'000;
constexpr std::int64_t longest_rest = 86'400;  // seconds; whoever counts with them must not overflow

std::string written(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
/// A list whose first entry is `name`, of `size` entries in all; else nothing.
std::optional<Json> listed(std::string_view packet) {
    Json json = Json::parse(packet, nullptr, false);
    if (!json.is_array() || json.empty() || !json[0].is_string()) return std::nullopt;
    return json;
}
bool is(const Json& json, const char* name, std::size_t size) {
    return json[0] == name && json.size() == size;
}
bool numbers_from(const Json& json, std::size_t first) {
    return std::all_of(json.begin() + static_cast<std::ptrdiff_t>(first), json.end(),
                       [](const Json& one) { return one.is_number_unsigned(); });
}
/// Whether each of an end's numbers but the last, which counts over years, may be one of files, or days.
bool counts_files(const Json& end) {
    return std::all_of(end.begin() + 1, end.end() - 1,
                       [](const Json& one) { return one.get<std::uint64_t>() <= most_files; });
}
std::string cut(const std::string& text) {
    return text.substr(0, most_text);
}
template <typename Enum>
std::optional<Enum> one_of(const Json& json, Enum last) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > static_cast<std::uint64_t>(last))
        return std::nullopt;
    return static_cast<Enum>(json.get<std::uint64_t>());
}

Json list_of(const sync::SyncProgress& progress) {
    return {"progress",          progress.file,          progress.files,
            progress.bytes_done, progress.bytes_total,   progress.taken,
            progress.bytes_sent, progress.bytes_waiting, progress.hash};
}
Json list_of(const Forgetting& asked) {
    return {"forget", asked.file};
}
Json list_of(const sync::SyncFinding& finding) {
    Json list = {"finding", static_cast<unsigned>(finding.kind), finding.file, cut(finding.store)};
    if (const auto* error = std::get_if<sync::TransportError>(&finding.problem)) {
        list.push_back(static_cast<unsigned>(error->fault));
        list.push_back(cut(error->store));
        list.push_back(cut(error->detail));
    }
    if (const auto* error = std::get_if<sync::OutboxError>(&finding.problem))
        list.push_back(static_cast<unsigned>(error->kind));
    return list;
}
/// The store, whether it answered, and its problem: three more entries and when to ask again (-1: not said).
Json list_of(const sync::StoreNews& news) {
    Json list = {"store", news.store.study_tag, cut(news.store.address),
                 static_cast<unsigned>(news.answered)};
    if (news.problem) {
        list.push_back(static_cast<unsigned>(news.problem->fault));
        list.push_back(cut(news.problem->store));
        list.push_back(cut(news.problem->detail));
        list.push_back(news.problem->retry_after ? news.problem->retry_after->count() : -1);
    }
    return list;
}
Json list_of(const End& end) {
    const sync::SyncSummary& summary = end.report.summary;
    return {"end",
            static_cast<unsigned>(end.report.has_store),
            static_cast<unsigned>(summary.cancelled),
            summary.handed_over,
            summary.receipts,
            summary.forgotten,
            summary.still_waiting,
            std::clamp(summary.silent_days, 0, static_cast<int>(most_files)),
            summary.counts.sealed,
            summary.counts.handed_over,
            summary.counts.confirmed,
            summary.studies,
            static_cast<unsigned>(summary.counted),
            summary.counts.earlier,
            summary.counts.forgotten};
}
Json list_of(Trouble trouble) {
    return {"trouble", static_cast<unsigned>(trouble)};
}

std::optional<News> finding_of(const Json& list) {
    const auto kind = one_of(list[1], sync::SyncFinding::Kind::too_many);
    if (!kind || !list[2].is_string() || !list[3].is_string()) return std::nullopt;
    sync::SyncFinding finding{*kind, list[2].get<std::string>(), list[3].get<std::string>(), {}};
    if (!finding.file.empty() && !sync::is_file_hash(finding.file)) return std::nullopt;
    if (list.size() == 7) {
        const auto fault = one_of(list[4], sync::Fault::failed);
        if (!fault || !list[5].is_string() || !list[6].is_string()) return std::nullopt;
        finding.problem = sync::TransportError{*fault, list[5].get<std::string>(), list[6].get<std::string>(),
                                               std::nullopt};
    }
    if (list.size() == 5) {
        const auto own = one_of(list[4], sync::OutboxError::Kind::failed);
        if (!own) return std::nullopt;
        finding.problem = sync::OutboxError{*own, {}, {}};
    }
    return finding;
}

bool is_store_name(const Json& study_tag, const Json& address) {
    return study_tag.is_string() && sync::is_study_tag(study_tag.get<std::string>()) && address.is_string() &&
           address.get<std::string>().size() <= most_text;
}

std::optional<News> store_news_of(const Json& list) {
    if (!is_store_name(list[1], list[2]) || !list[3].is_number_unsigned()) return std::nullopt;
    sync::StoreNews news{{list[1].get<std::string>(), list[2].get<std::string>()},
                         list[3].get<std::uint64_t>() != 0,
                         std::nullopt};
    if (list.size() == 8) {
        const auto fault = one_of(list[4], sync::Fault::failed);
        if (!fault || !list[5].is_string() || !list[6].is_string() || !list[7].is_number_integer())
            return std::nullopt;
        news.problem = sync::TransportError{*fault, list[5].get<std::string>(), list[6].get<std::string>(),
                                            std::nullopt};
        const auto seconds = list[7].get<std::int64_t>();
        if (seconds >= 0) news.problem->retry_after = std::chrono::seconds(std::min(seconds, longest_rest));
    }
    return news;
}

std::optional<sync::SyncProgress> progress_of(const Json& list) {
    const auto number = [&](std::size_t place) { return list[place].get<std::uint64_t>(); };
    for (std::size_t place = 1; place <= 7; ++place)
        if (!list[place].is_number_unsigned()) return std::nullopt;
    if (number(2) > most_files || number(1) > number(2) || number(5) > number(2)) return std::nullopt;
    if (!list[8].is_string()) return std::nullopt;
    sync::SyncProgress progress{number(1), number(2), number(3), number(4), list[8].get<std::string>(),
                                number(5), number(6), number(7)};
    if (!progress.hash.empty() && !sync::is_file_hash(progress.hash)) return std::nullopt;
    return progress;
}

End end_of(const Json& list) {
    const auto number = [&](std::size_t place) { return list[place].get<std::uint64_t>(); };
    End end;
    end.report.has_store = number(1) != 0;
    sync::SyncSummary& summary = end.report.summary;
    summary.cancelled = number(2) != 0;
    summary.handed_over = number(3);
    summary.receipts = number(4);
    summary.forgotten = number(5);
    summary.still_waiting = number(6);
    summary.silent_days = static_cast<int>(number(7));
    summary.studies = number(11);
    summary.counted = number(12) != 0;
    summary.counts = {number(8), number(9), number(10), number(14), number(13)};
    return end;
}

}  // namespace

std::string encode(const Order& order) {
    Json resting = Json::array();
    std::size_t room = 4 * most_text;  // each byte six in JSON; a store that has none left is asked
    for (const sync::StoreName& store : order.resting) {
        if (resting.size() == most_stores || store.address.size() > room) break;
        resting.push_back({store.study_tag, store.address});
        room -= store.address.size();
    }
    return written({"pass", order.today.time_since_epoch().count(), std::move(resting)});
}

std::optional<Order> read_order(std::string_view packet) {
    const auto list = listed(packet);
    if (!list || !is(*list, "pass", 3) || !(*list)[1].is_number_integer() || !(*list)[2].is_array())
        return std::nullopt;
    Order order{std::chrono::sys_days(std::chrono::days((*list)[1].get<int>())), {}};
    for (const Json& store : (*list)[2]) {
        if (!store.is_array() || store.size() != 2 || !is_store_name(store[0], store[1])) return std::nullopt;
        order.resting.insert({store[0].get<std::string>(), store[1].get<std::string>()});
    }
    return order;
}

std::string encode(Word word) {
    switch (word) {
        case Word::stop:
            return "stop";
        case Word::may_forget:
            return "may forget";
        case Word::may_not_forget:
            break;
    }
    return "may not forget";
}

std::optional<Word> read_word(std::string_view packet) {
    for (const Word word : {Word::stop, Word::may_forget, Word::may_not_forget})
        if (packet == encode(word)) return word;
    return std::nullopt;
}

std::string encode(const News& news) {
    return written(std::visit([](const auto& one) { return list_of(one); }, news));
}

std::optional<News> read_news(std::string_view packet) {
    const auto list = listed(packet);
    if (!list) return std::nullopt;
    const Json& said = *list;
    if (is(said, "progress", 9)) return progress_of(said);
    if (is(said, "forget", 2) && said[1].is_string() && sync::is_file_hash(said[1].get<std::string>()))
        return Forgetting{said[1].get<std::string>()};
    if (is(said, "finding", 4) || is(said, "finding", 5) || is(said, "finding", 7)) return finding_of(said);
    if (is(said, "store", 4) || is(said, "store", 8)) return store_news_of(said);
    if (is(said, "end", 15) && numbers_from(said, 1) && counts_files(said)) return end_of(said);
    if (is(said, "trouble", 2)) return one_of(said[1], Trouble::gone);
    return std::nullopt;
}

}  // namespace fieldfare::courier
