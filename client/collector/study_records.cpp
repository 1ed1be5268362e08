#include "client/collector/study_records.h"

#include <utility>

namespace fieldfare::collector {

app::PackageSummary package_summary(const study::StudyPackage& package) {
    app::PackageSummary summary;
    summary.title = package.policy().title;
    summary.version = package.form().settings.version;
    summary.fingerprint = package.fingerprint().digits;
    summary.languages = package.languages();
    summary.recipients = static_cast<int>(package.recipients().size());
    summary.opening_quorum = package.policy().opening_quorum;
    return summary;
}

store::StudyRecord study_record(const study::StudyPackage& package, crypto::Bytes bytes) {
    store::StudyRecord record;
    record.study = package.policy().study_id;
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
    for (const study::StoreEntry& store : package.stores())
        record.stores.push_back({store.address, store.settings});
    return record;
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
    return summary;
}

}  // namespace fieldfare::collector
