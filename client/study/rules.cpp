#include "client/study/rules.h"

#include <algorithm>

namespace fieldfare::study {

namespace {

constexpr const char* when_destroyed = "outbox-when-destroyed";
constexpr const char* goes = "remove";
constexpr const char* recovery = "recovery";

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
