#include "client/study/study_package.h"

#include <algorithm>

#include "client/study/package_parts.h"
#include "client/study/parts.h"
#include "client/study/rules.h"
#include "crypto/dictionary.h"
#include "crypto/hash.h"
#include "schema/form_json.h"

namespace fieldfare::study {

namespace {

tl::unexpected<PackageError> fail(PackageError error) {
    return tl::unexpected(error);
}

// The form's own languages, in the form's order, some of them or all; at least one where the form has any.
bool are_of(const std::vector<std::string>& offered, const schema::Form& form) {
    std::size_t at = 0;
    for (const std::string& name : offered) {
        while (at < form.languages.size() && form.languages[at].name != name) ++at;
        if (at == form.languages.size()) return false;
        ++at;
    }
    return !offered.empty() || form.languages.empty();
}

}  // namespace

PackageResult<StudyPackage> StudyPackage::open(crypto::ByteView bytes,
                                               const std::optional<crypto::VerifyKey>& expected_root) {
    if (bytes.size() > max_package) return fail(PackageError::too_large);
    const auto magic_size = std::min(bytes.size(), package_magic.size());
    if (bytes.empty() || !std::equal(package_magic.begin(),
                                     package_magic.begin() + static_cast<int>(magic_size), bytes.begin())) {
        return fail(PackageError::not_a_package);
    }
    if (bytes.size() < package_body_at) return fail(PackageError::truncated);
    PartReader head(bytes.subspan(package_magic.size(), package_body_at - package_magic.size()));
    if (head.number(4, 0, UINT32_MAX) != package_format) return fail(PackageError::unknown_version);

    StudyPackage package;
    package.root_.bytes = head.raw<32>();
    const crypto::Signature signature = head.raw<64>();
    const auto signed_head = bytes.first(package_signature_at);
    const auto body = bytes.subspan(package_body_at);
    if (!crypto::verify(package.root_, "FFS1 package sig", {signed_head, body}, signature)) {
        return fail(PackageError::bad_signature);
    }
    if (expected_root && package.root_ != *expected_root) return fail(PackageError::other_root);
    package.digest_ = crypto::hash("FFS1 package dig", {signed_head, body});

    // From here on every byte is the root's word.
    PartReader parts(body);
    const auto package_part = parts.part();
    const auto policy_part = parts.part();
    const auto recipients_part = parts.part();
    const auto receipt_keys_part = parts.part();
    const auto stores_part = parts.part();
    const auto languages_part = parts.part();
    const auto form_part = parts.part();
    const auto dictionary_part = parts.part();
    const auto media_part = parts.part();
    if (!parts.good()) return fail(PackageError::malformed_package);
    if (!parts.at_end()) return fail(PackageError::trailing_bytes);

    Policy& policy = package.policy_;
    if (!read_package_part(package_part, policy)) return fail(PackageError::malformed_package);
    if (!read_policy_part(policy_part, policy)) return fail(PackageError::malformed_policy);
    if (!all_known(policy.rules)) return fail(PackageError::unknown_rule);
    auto recipients = read_recipients(recipients_part);
    if (!recipients) return fail(PackageError::malformed_recipients);
    if (recipients->empty()) return fail(PackageError::no_recipients);
    if (policy.opening_quorum == 1 || policy.opening_quorum > recipients->size())
        return fail(PackageError::malformed_policy);
    auto receipt_keys = read_receipt_keys(receipt_keys_part);
    if (!receipt_keys || policy.receipt_quorum > receipt_keys->size()) {
        return fail(PackageError::malformed_receipt_keys);
    }
    auto stores = read_stores(stores_part);
    if (!stores || policy.copies > std::max<std::size_t>(stores->size(), 1)) {
        return fail(PackageError::malformed_stores);
    }
    auto languages = read_languages(languages_part);
    if (!languages) return fail(PackageError::malformed_languages);
    if (!crypto::is_usable_dictionary(dictionary_part)) return fail(PackageError::malformed_dictionary);
    if (!media_part.empty()) return fail(PackageError::unsupported_media);

    package.form_json_.assign(form_part.begin(), form_part.end());
    auto form = schema::form_from_json(package.form_json_);
    if (!form) return fail(PackageError::malformed_form);
    if (!are_of(*languages, *form)) return fail(PackageError::malformed_languages);

    package.recipients_ = std::move(*recipients);
    package.receipt_keys_ = std::move(*receipt_keys);
    package.stores_ = std::move(*stores);
    package.languages_ = std::move(*languages);
    package.dictionary_.assign(dictionary_part.begin(), dictionary_part.end());
    package.form_ = std::move(*form);
    package.form_hash_ = crypto::hash("FFS1 form hash  ", {form_part});
    // Lengths go in too: no byte may move from one part to the next unseen.
    PartWriter covered;
    covered.part(policy_part);
    covered.part(recipients_part);
    covered.part(receipt_keys_part);
    package.policy_digest_ = crypto::hash("FFS1 policy dig ", {covered.bytes()});
    return package;
}

crypto::Fingerprint StudyPackage::fingerprint() const {
    crypto::Recipient root;
    root.kind = crypto::IdentityKind::root;
    root.signing_key = root_;
    return crypto::fingerprint_of(root);
}

bool StudyPackage::expired(std::chrono::sys_days today) const {
    return policy_.expires && today > *policy_.expires;
}

namespace {

/// Sorted.
template <class Entry>
std::vector<std::string> labels_of(const std::vector<Entry>& entries) {
    std::vector<std::string> labels;
    for (const Entry& entry : entries) labels.push_back(entry.label);
    std::ranges::sort(labels);
    return labels;
}

}  // namespace

std::optional<crypto::Fingerprint> fingerprint_of(const RecipientEntry& recipient,
                                                  const StudyPackage& package) {
    const auto& keys = package.receipt_keys();
    const auto labels = labels_of(keys);
    if (labels != labels_of(package.recipients()) || std::ranges::count(labels, recipient.label) != 1)
        return std::nullopt;
    const auto signer = std::ranges::find(keys, recipient.label, &ReceiptKeyEntry::label);
    crypto::Recipient person;
    person.box_key = recipient.key;
    person.signing_key = signer->key;
    return crypto::fingerprint_of(person);
}

PackageResult<Update> check_update(const StudyPackage& current, const StudyPackage& offered) {
    const Policy& old_policy = current.policy();
    const Policy& new_policy = offered.policy();
    if (old_policy.study_id != new_policy.study_id || current.root() != offered.root()) {
        return fail(PackageError::other_study);
    }
    if (current.digest() == offered.digest()) return Update::same;
    if (new_policy.package_version < old_policy.package_version ||
        new_policy.policy_version < old_policy.policy_version) {
        return fail(PackageError::older_version);
    }
    const bool same_policy = current.policy_digest() == offered.policy_digest();
    if (new_policy.package_version == old_policy.package_version ||
        same_policy != (new_policy.policy_version == old_policy.policy_version)) {
        return fail(PackageError::forked_version);
    }
    const Predecessor ours{current.digest(), current.policy_digest()};
    const auto& way = new_policy.predecessors;
    if (std::find(way.begin(), way.end(), ours) == way.end()) return fail(PackageError::not_a_successor);
    return Update::newer;
}

}  // namespace fieldfare::study
