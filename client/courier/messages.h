#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "client/courier/courier.h"
#include "sync/object_name.h"
#include "sync/sync_run.h"

namespace fieldfare::courier {

// What the form app and its courier say to each other: a packet each. Inside this folder only. The courier
// talks to stores, so the app believes it no more than what can be said here.

/// The app asks for a pass; the line on which the rest is said is enclosed. Of the stores that rest at most
/// most_stores go along.
struct Order {
    std::chrono::sys_days today;
    std::set<sync::StoreName> resting;

    bool operator==(const Order&) const = default;
};
std::string encode(const Order& order);
std::optional<Order> read_order(std::string_view packet);

/// So many a device has never; a courier that tells of more is not believed.
inline constexpr std::size_t most_stores = 64;

/// What the app says during a pass.
enum class Word { stop, may_forget, may_not_forget };
std::string encode(Word word);
std::optional<Word> read_word(std::string_view packet);

/// What the courier says during a pass.
struct Forgetting {  ///< may this file go? A Word is waited for
    sync::FileHash file;
};
struct End {
    PassReport report;  ///< without findings and stores: each was a packet of its own before
};
using News = std::variant<sync::SyncProgress, Forgetting, sync::SyncFinding, sync::StoreNews, End, Trouble>;
/// Of a finding the problem with a store goes along, and of one with our own files what kind it is, without
/// their names. When a store wants to be asked again is told of StoreNews alone. Texts are cut at 2,000
/// bytes.
std::string encode(const News& news);
std::optional<News> read_news(std::string_view packet);

}  // namespace fieldfare::courier
