#include "client/study/rules.h"

#include <algorithm>

namespace fieldfare::study {

namespace {

constexpr const char* when_destroyed = "outbox-when-destroyed";
constexpr const char* goes = "remove";

}  // namespace

bool all_known(const std::map<std::string, std::string>& rules) {
    return std::ranges::all_of(
        rules, [](const auto& rule) { return rule.first == when_destroyed && rule.second == goes; });
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
