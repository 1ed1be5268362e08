#include <algorithm>
#include <array>

#include "client/study/package_parts.h"
#include "client/study/parts.h"
#include "client/study/study_package.h"
#include "crypto/random.h"
#include "schema/form_json.h"

namespace fieldfare::study {

namespace {

template <typename Entry>
std::vector<Entry> sorted_by_key(std::vector<Entry> entries) {
    std::sort(entries.begin(), entries.end(),
              [](const Entry& left, const Entry& right) { return left.key < right.key; });
    return entries;
}

std::vector<std::string> names_of(const std::vector<schema::Language>& languages) {
    std::vector<std::string> names;
    for (const schema::Language& language : languages) names.push_back(language.name);
    return names;
}

// Lengths and counts that their field can't even hold; every other fault open() finds.
std::optional<PackageError> beyond_its_field(const PackageContents& contents) {
    constexpr std::size_t longest_text = UINT16_MAX;
    const Policy& policy = contents.policy;
    const auto too_long = [](const std::string& text) { return text.size() > longest_text; };
    const auto beyond = [&](const std::map<std::string, std::string>& settings) {
        return settings.size() > UINT8_MAX ||
               std::any_of(settings.begin(), settings.end(),
                           [&](const auto& one) { return too_long(one.first) || too_long(one.second); });
    };
    if (too_long(policy.study_tag) || too_long(policy.title) || too_long(policy.wave) ||
        beyond(policy.rules)) {
        return PackageError::malformed_policy;
    }
    if (policy.predecessors.size() > UINT16_MAX || policy.created < std::chrono::sys_days{} ||
        (policy.expires && *policy.expires <= std::chrono::sys_days{})) {
        return PackageError::malformed_package;
    }
    const auto long_label = [&](const auto& entry) { return too_long(entry.label); };
    const auto& recipients = contents.recipients;
    if (recipients.size() > UINT8_MAX || std::any_of(recipients.begin(), recipients.end(), long_label)) {
        return PackageError::malformed_recipients;
    }
    const auto& keys = contents.receipt_keys;
    if (keys.size() > UINT8_MAX || std::any_of(keys.begin(), keys.end(), long_label)) {
        return PackageError::malformed_receipt_keys;
    }
    if (contents.stores.size() > UINT8_MAX) return PackageError::malformed_stores;
    for (const StoreEntry& store : contents.stores) {
        if (too_long(store.address) || beyond(store.settings)) return PackageError::malformed_stores;
    }
    if (contents.languages.size() > UINT8_MAX || contents.form.languages.size() > UINT8_MAX ||
        std::any_of(contents.languages.begin(), contents.languages.end(), too_long)) {
        return PackageError::malformed_languages;
    }
    return std::nullopt;
}

}  // namespace

std::uint8_t default_quorum(std::size_t receipt_keys) {
    return static_cast<std::uint8_t>(std::clamp<std::size_t>(receipt_keys, 1, 2));
}

crypto::Result<std::string> new_study_tag() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";  // 32: five bits each, evenly
    std::array<std::uint8_t, 16> random{};
    if (auto filled = crypto::fill_random(random); !filled) return tl::unexpected(filled.error());
    std::string tag;
    for (const std::uint8_t byte : random) tag += letters[byte % letters.size()];
    return tag;
}

PackageResult<crypto::Bytes> build_package(const PackageContents& contents, const crypto::Identity& root) {
    if (root.recipient().kind != crypto::IdentityKind::root) return tl::unexpected(PackageError::other_root);
    if (const auto fault = beyond_its_field(contents)) return tl::unexpected(*fault);
    const auto languages =
        contents.languages.empty() ? names_of(contents.form.languages) : contents.languages;

    PartWriter body;
    body.part(write_package_part(contents.policy));
    body.part(write_policy_part(contents.policy));
    body.part(write_recipients(sorted_by_key(contents.recipients)));
    body.part(write_receipt_keys(sorted_by_key(contents.receipt_keys)));
    body.part(write_stores(contents.stores));
    body.part(write_languages(languages));
    body.part(crypto::bytes_of(schema::to_json(contents.form)));
    body.part(contents.dictionary);
    body.part({});  // media

    PartWriter file;
    file.raw(package_magic);
    file.number(package_format, 4);
    file.raw(root.recipient().signing_key.bytes);
    const auto signature = root.signing_key().sign("FFS1 package sig", {file.bytes(), body.bytes()});
    file.raw(signature);
    file.raw(body.bytes());

    // A package that the devices would refuse must not leave the researcher's machine.
    if (auto opened = StudyPackage::open(file.bytes()); !opened) return tl::unexpected(opened.error());
    return file.bytes();
}

}  // namespace fieldfare::study
