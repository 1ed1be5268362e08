#include "client/collector/study_records.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "client/collector/environment.h"
#include "client/study/rules.h"

namespace fieldfare::collector {

namespace {

/// Recipients of the one package that the other does not have.
std::vector<app::NamedKey> only_in(const study::StudyPackage& package, const study::StudyPackage& other) {
    std::vector<app::NamedKey> keys;
    for (const study::RecipientEntry& recipient : package.recipients()) {
        const bool there =
            std::ranges::count(other.recipients(), recipient.key, &study::RecipientEntry::key) > 0;
        if (there) continue;
        const auto fingerprint = study::fingerprint_of(recipient, package);
        keys.push_back({recipient.label, fingerprint ? fingerprint->digits : std::string()});
    }
    return keys;
}

std::vector<std::string> stores_only_in(const study::StudyPackage& package,
                                        const study::StudyPackage& other) {
    std::vector<std::string> addresses;
    for (const study::StoreEntry& store : package.stores()) {
        if (std::ranges::count(other.stores(), store.address, &study::StoreEntry::address) == 0)
            addresses.push_back(store.address);
    }
    return addresses;
}

std::optional<app::NamedKey> supervisor_of(const study::StudyPackage& package) {
    const auto supervisor = study::supervisor(package.policy());
    if (!supervisor) return std::nullopt;
    return app::NamedKey{supervisor->label, crypto::fingerprint_of(*supervisor).digits};
}

std::vector<crypto::VerifyKey> signers_of(const study::StudyPackage& package) {
    std::vector<crypto::VerifyKey> keys;
    for (const study::ReceiptKeyEntry& entry : package.receipt_keys()) keys.push_back(entry.key);
    return keys;
}

}  // namespace

app::PackageSummary package_summary(const study::StudyPackage& package) {
    app::PackageSummary summary;
    summary.title = package.policy().title;
    summary.version = package.form().settings.version;
    summary.fingerprint = package.fingerprint().digits;
    summary.languages = package.languages();
    summary.recipients = static_cast<int>(package.recipients().size());
    summary.opening_quorum = package.policy().opening_quorum;
    summary.supervisor = supervisor_of(package);
    summary.unattended = package.policy().mode == study::Mode::kiosk;
    return summary;
}

store::StudyRecord study_record(const study::StudyPackage& package, crypto::Bytes bytes) {
    store::StudyRecord record;
    record.study = package.policy().study_id;
    record.kind = package.policy().mode == study::Mode::kiosk ? store::VaultKind::unattended
                                                              : store::VaultKind::interviewer;
    record.root = package.root();
    record.package_version = package.policy().package_version;
    record.package_digest = package.digest();
    record.package = std::move(bytes);
    record.form_version = package.form().settings.version;
    record.form_hash = package.form_hash();
    record.policy_digest = package.policy_digest();
    record.policy_version = package.policy().policy_version;
    for (const study::RecipientEntry& recipient : package.recipients())
        record.recipients.push_back(recipient.key);
    record.dictionary = package.dictionary();
    record.opening_quorum = package.policy().opening_quorum;
    if (!package.policy().pre_shared_keys.empty())
        record.pre_shared_key = package.policy().pre_shared_keys.front();

    if (const auto supervisor = study::supervisor(package.policy())) record.supervisor = supervisor->box_key;

    const study::Policy& policy = package.policy();
    record.tag = policy.study_tag;
    for (auto earlier = policy.predecessors.rbegin(); earlier != policy.predecessors.rend(); ++earlier) {
        record.earlier_policies.push_back(earlier->policy_digest);
    }
    for (const study::ReceiptKeyEntry& signer : package.receipt_keys())
        record.receipt_signers.push_back(signer.key);
    record.quorum = policy.receipt_quorum;
    record.hold_days = policy.hold_days;
    record.copies = policy.copies;
    for (const study::StoreEntry& store : package.stores()) {
        study::StoreEntry reached = study::reached_under(policy, store);
        record.stores.push_back({std::move(reached.address), std::move(reached.settings)});
    }
    return record;
}

app::StudyChanges study_changes(const study::StudyPackage& before, const study::StudyPackage& after) {
    const study::Policy& old_rules = before.policy();
    const study::Policy& new_rules = after.policy();
    const auto size = [](const auto& list) { return static_cast<int>(list.size()); };
    const auto end = [](const study::Policy& rules) {
        return rules.expires ? iso_day(*rules.expires) : std::string();
    };
    app::StudyChanges changes;
    changes.same = before.digest() == after.digest();
    changes.title = {old_rules.title, new_rules.title};
    changes.version = {static_cast<int>(old_rules.package_version),
                       static_cast<int>(new_rules.package_version)};
    changes.form_version = {before.form().settings.version, after.form().settings.version};
    changes.form_changed = before.form_hash() != after.form_hash();
    changes.added = only_in(after, before);
    changes.removed = only_in(before, after);
    changes.recipients = {size(before.recipients()), size(after.recipients())};
    changes.opening_quorum = {old_rules.opening_quorum, new_rules.opening_quorum};
    changes.stores_added = stores_only_in(after, before);
    changes.stores_removed = stores_only_in(before, after);
    changes.confirmations = {old_rules.receipt_quorum, new_rules.receipt_quorum};
    changes.hold_days = {old_rules.hold_days, new_rules.hold_days};
    changes.confirmers_changed = signers_of(before) != signers_of(after);
    const auto destroys = [](const study::Policy& rules) {
        return study::sealed_when_destroyed(rules) == crypto::SealedFiles::go;
    };
    changes.destroys_sealed = {destroys(old_rules), destroys(new_rules)};
    changes.supervisor = {supervisor_of(before), supervisor_of(after)};
    changes.expires = {end(old_rules), end(new_rules)};
    return changes;
}

app::StudySummary study_summary(const study::StudyPackage& package,
                                const crypto::Fingerprint& enrolment_number) {
    app::StudySummary summary;
    summary.title = package.policy().title;
    summary.version = package.form().settings.version;
    summary.fingerprint = package.fingerprint().digits;
    summary.tag = package.policy().study_tag;
    summary.wave = package.policy().wave;
    summary.mode = package.policy().mode == study::Mode::kiosk ? "self" : "capi";
    summary.enrolment_number = enrolment_number.digits;
    summary.destroys_sealed = study::sealed_when_destroyed(package.policy()) == crypto::SealedFiles::go;
    summary.supervisor = supervisor_of(package);
    summary.package_version = static_cast<int>(package.policy().package_version);
    if (package.policy().expires) summary.last_day = iso_day(*package.policy().expires);
    return summary;
}

}  // namespace fieldfare::collector
