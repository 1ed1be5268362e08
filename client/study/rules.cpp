#include "client/study/rules.h"

#include <algorithm>
#include <string_view>

namespace fieldfare::study {

namespace {

constexpr const char* when_destroyed = "outbox-when-destroyed";
constexpr const char* goes = "remove";
constexpr const char* recovery = "recovery";
constexpr const char* network = "network";
constexpr const char* by_proxy = "proxy";

constexpr const char* proxy_setting = "proxy";  // of a store (sync/SYNC.md)
constexpr const char* tor_here = "socks5h://127.0.0.1:9050";
constexpr std::string_view folder_scheme = "folder:";

/// A public line written in the one way, of a key that opens what is sealed to it.
std::optional<crypto::Recipient> recipient_of(const std::string& line) {
    auto recipient = crypto::from_line(line);
    if (!recipient || recipient->kind != crypto::IdentityKind::researcher) return std::nullopt;
    const auto canonical = crypto::to_line(*recipient);
    if (!canonical || *canonical != line) return std::nullopt;
    return std::move(*recipient);
}

}  // namespace

bool all_known(const std::map<std::string, std::string>& rules) {
    return std::ranges::all_of(rules, [](const auto& rule) {
        if (rule.first == when_destroyed) return rule.second == goes;
        if (rule.first == network) return rule.second == by_proxy;
        return rule.first == recovery && recipient_of(rule.second).has_value();
    });
}

std::optional<crypto::Recipient> supervisor(const Policy& policy) {
    const auto rule = policy.rules.find(recovery);
    return rule == policy.rules.end() ? std::nullopt : recipient_of(rule->second);
}

crypto::Result<void> set_supervisor(Policy& policy, const crypto::Recipient& supervisor) {
    auto line = crypto::to_line(supervisor);
    if (!line) return tl::unexpected(line.error());
    policy.rules[recovery] = std::move(*line);
    return {};
}

NetworkWay network_way(const Policy& policy) {
    return policy.rules.contains(network) ? NetworkWay::proxy_alone : NetworkWay::as_each_says;
}

void set_network_way(Policy& policy, NetworkWay way) {
    if (way == NetworkWay::proxy_alone) {
        policy.rules[network] = by_proxy;
    } else {
        policy.rules.erase(network);
    }
}

StoreEntry reached_under(const Policy& policy, StoreEntry store) {
    if (network_way(policy) == NetworkWay::proxy_alone && !store.address.starts_with(folder_scheme))
        store.settings.try_emplace(proxy_setting, tor_here);
    return store;
}

crypto::SealedFiles sealed_when_destroyed(const Policy& policy) {
    return policy.rules.contains(when_destroyed) ? crypto::SealedFiles::go : crypto::SealedFiles::stay;
}

void set_sealed_when_destroyed(Policy& policy, crypto::SealedFiles sealed) {
    if (sealed == crypto::SealedFiles::go) {
        policy.rules[when_destroyed] = goes;
    } else {
        policy.rules.erase(when_destroyed);
    }
}

}  // namespace fieldfare::study
