#include "client/study/package_parts.h"

#include <algorithm>
#include <array>

#include "client/study/parts.h"

namespace fieldfare::study {

namespace {

constexpr std::size_t max_recipients = 16;
constexpr std::size_t max_receipt_keys = 32;
constexpr std::size_t max_stores = 16;
constexpr std::size_t max_settings = 32;
constexpr std::size_t max_predecessors = 1000;
constexpr std::size_t max_languages = 100;
constexpr std::size_t max_label = 64;
constexpr std::size_t max_pre_shared_keys = 16;

std::uint64_t number_of(std::chrono::sys_days day) {
    return static_cast<std::uint64_t>(day.time_since_epoch().count());
}

std::chrono::sys_days day_of(std::uint64_t number) {
    return std::chrono::sys_days(std::chrono::days(static_cast<int>(number)));
}

constexpr std::uint64_t last_day = 2932896;  // 9999-12-31

bool is_study_tag(std::string_view tag) {
    return std::all_of(tag.begin(), tag.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// Names and values, the names strictly rising.
void write_settings(PartWriter& out, const std::map<std::string, std::string>& settings) {
    out.number(settings.size(), 1);
    for (const auto& [name, value] : settings) {
        out.text(name);
        out.text(value);
    }
}

std::map<std::string, std::string> read_settings(PartReader& in) {
    std::map<std::string, std::string> settings;
    const auto count = in.number(1, 0, max_settings);
    for (std::uint64_t n = 0; n < count; ++n) {
        std::string name = in.text(1, 64);
        std::string value = in.text(0, 4096);
        if (!settings.empty() && settings.rbegin()->first >= name) in.refuse();
        settings.emplace(std::move(name), std::move(value));
    }
    return settings;
}

// Both lists of keys: count, then key and label, keys strictly rising.
template <typename Entry>
crypto::Bytes write_keys(const std::vector<Entry>& entries) {
    PartWriter out;
    out.number(entries.size(), 1);
    for (const Entry& entry : entries) {
        out.raw(entry.key.bytes);
        out.text(entry.label);
    }
    return out.bytes();
}

template <typename Entry>
std::optional<std::vector<Entry>> read_keys(crypto::ByteView bytes, std::size_t most) {
    PartReader in(bytes);
    std::vector<Entry> entries(static_cast<std::size_t>(in.number(1, 0, most)));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i].key.bytes = in.raw<32>();
        entries[i].label = in.text(0, max_label);
        if (!crypto::check(entries[i].key) || (i > 0 && !(entries[i - 1].key < entries[i].key))) in.refuse();
    }
    if (!in.complete()) return std::nullopt;
    return entries;
}

}  // namespace

crypto::Bytes write_package_part(const Policy& policy) {
    PartWriter out;
    out.number(policy.package_version, 4);
    out.number(number_of(policy.created), 4);
    out.number(policy.expires ? number_of(*policy.expires) : 0, 4);
    out.number(policy.predecessors.size(), 2);
    for (const Predecessor& predecessor : policy.predecessors) {
        out.raw(predecessor.package_digest);
        out.raw(predecessor.policy_digest);
    }
    return out.bytes();
}

bool read_package_part(crypto::ByteView bytes, Policy& policy) {
    PartReader in(bytes);
    policy.package_version = static_cast<std::uint32_t>(in.number(4, 1, UINT32_MAX));
    policy.created = day_of(in.number(4, 0, last_day));
    const auto expires = in.number(4, 0, last_day);
    if (expires != 0) policy.expires = day_of(expires);
    if (expires != 0 && *policy.expires < policy.created) in.refuse();
    policy.predecessors.resize(static_cast<std::size_t>(in.number(2, 0, max_predecessors)));
    for (Predecessor& predecessor : policy.predecessors) {
        predecessor.package_digest = in.raw<32>();
        predecessor.policy_digest = in.raw<32>();
    }
    return in.complete();
}

crypto::Bytes write_policy_part(const Policy& policy) {
    PartWriter out;
    out.raw(policy.study_id);
    out.text(policy.study_tag);
    out.text(policy.title);
    out.text(policy.wave);
    out.number(static_cast<std::uint8_t>(policy.mode), 1);
    out.number(policy.policy_version, 4);
    out.number(policy.opening_quorum, 1);
    out.number(policy.receipt_quorum, 1);
    out.number(policy.hold_days, 2);
    out.number(policy.copies, 1);
    write_settings(out, policy.rules);
    for (const crypto::SharedPreSharedKey& key : policy.pre_shared_keys) out.raw(key->expose());
    return out.bytes();
}

bool read_policy_part(crypto::ByteView bytes, Policy& policy) {
    PartReader in(bytes);
    policy.study_id = in.raw<16>();
    policy.study_tag = in.text(8, 32);
    policy.title = in.text(1, 200);
    policy.wave = in.text(0, 32);
    policy.mode = static_cast<Mode>(in.number(1, 1, 2));
    policy.policy_version = static_cast<std::uint32_t>(in.number(4, 1, UINT32_MAX));
    policy.opening_quorum = static_cast<std::uint8_t>(in.number(1, 0, max_recipients));
    policy.receipt_quorum = static_cast<std::uint8_t>(in.number(1, 1, max_receipt_keys));
    policy.hold_days = static_cast<std::uint16_t>(in.number(2, 0, 3650));
    policy.copies = static_cast<std::uint8_t>(in.number(1, 1, max_stores));
    policy.rules = read_settings(in);
    while (in.good() && !in.at_end()) {
        auto bytes = in.raw<32>();
        auto key = crypto::PreSharedKey::take(bytes);
        if (!key || policy.pre_shared_keys.size() == max_pre_shared_keys) return false;
        policy.pre_shared_keys.push_back(std::make_shared<const crypto::PreSharedKey>(std::move(*key)));
    }
    return in.complete() && is_study_tag(policy.study_tag) && policy.study_id != crypto::Id{};
}

crypto::Bytes write_recipients(const std::vector<RecipientEntry>& recipients) {
    return write_keys(recipients);
}

std::optional<std::vector<RecipientEntry>> read_recipients(crypto::ByteView bytes) {
    return read_keys<RecipientEntry>(bytes, max_recipients);
}

crypto::Bytes write_receipt_keys(const std::vector<ReceiptKeyEntry>& keys) {
    return write_keys(keys);
}

std::optional<std::vector<ReceiptKeyEntry>> read_receipt_keys(crypto::ByteView bytes) {
    return read_keys<ReceiptKeyEntry>(bytes, max_receipt_keys);
}

crypto::Bytes write_stores(const std::vector<StoreEntry>& stores) {
    PartWriter out;
    out.number(stores.size(), 1);
    for (const StoreEntry& store : stores) {
        out.text(store.address);
        write_settings(out, store.settings);
    }
    return out.bytes();
}

std::optional<std::vector<StoreEntry>> read_stores(crypto::ByteView bytes) {
    PartReader in(bytes);
    std::vector<StoreEntry> stores(static_cast<std::size_t>(in.number(1, 0, max_stores)));
    for (std::size_t i = 0; i < stores.size(); ++i) {
        stores[i].address = in.text(1, 1000);
        stores[i].settings = read_settings(in);
        for (std::size_t earlier = 0; earlier < i; ++earlier) {
            if (stores[earlier].address == stores[i].address) in.refuse();
        }
    }
    if (!in.complete()) return std::nullopt;
    return stores;
}

crypto::Bytes write_languages(const std::vector<std::string>& languages) {
    PartWriter out;
    out.number(languages.size(), 1);
    for (const std::string& language : languages) out.text(language);
    return out.bytes();
}

std::optional<std::vector<std::string>> read_languages(crypto::ByteView bytes) {
    PartReader in(bytes);
    std::vector<std::string> languages(static_cast<std::size_t>(in.number(1, 0, max_languages)));
    for (std::string& language : languages) language = in.text(0, 200);
    if (!in.complete()) return std::nullopt;
    return languages;
}

}  // namespace fieldfare::study
