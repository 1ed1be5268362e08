#include "client/store/studies.h"

#include <algorithm>

#include "client/store/faults.h"
#include "client/store/vault_kind.h"
#include "sync/object_name.h"

namespace fieldfare::store {

namespace {

/// The setting of a study whose keys are new here; its tag follows.
constexpr std::string_view begun_anew_prefix = "begun anew ";

/// Study id and supervisor's key, in hex.
constexpr std::string_view supervisor_setting = "vault.supervisor";

template <std::size_t N>
Result<std::array<std::uint8_t, N>> fixed(crypto::ByteView bytes) {
    std::array<std::uint8_t, N> out{};
    if (bytes.size() != N) return tl::unexpected(Error::database_damaged);
    std::ranges::copy(bytes, out.begin());
    return out;
}

/// Whether interviews could be sealed with it; the package's signature says nothing about that.
bool usable(const StudyRecord& record) {
    auto keys = record.recipients;
    std::ranges::sort(keys);
    return record.package_version > 0 && sync::is_study_tag(record.tag) && !keys.empty() &&
           keys.size() <= crypto::max_recipients && record.opening_quorum != 1 &&
           record.opening_quorum <= keys.size() && std::ranges::adjacent_find(keys) == keys.end() &&
           std::ranges::all_of(keys,
                               [](const crypto::BoxKey& key) { return crypto::check(key).has_value(); });
}

}  // namespace

Result<ImportOutcome> Studies::outcome_of(const StudyRecord& record) {
    Statement known = database_->prepare("SELECT root, tag FROM study WHERE id = ?");
    const auto row = known.bind(1, crypto::ByteView(record.study)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) {
        // Files in the outbox belong to a study by its tag alone.
        Statement taken = database_->prepare("SELECT 1 FROM study WHERE tag = ?");
        const auto other = taken.bind(1, std::string_view(record.tag)).step();
        if (!other) return tl::unexpected(other.error());
        if (*other) return tl::unexpected(Error::unusable_package);
        return ImportOutcome::new_study;
    }
    if (!std::ranges::equal(known.blob(0), record.root.bytes)) return tl::unexpected(Error::other_root);
    if (known.text(1) != record.tag) return tl::unexpected(Error::unusable_package);

    Statement newest = database_->prepare(
        "SELECT version, digest FROM package WHERE study = ? ORDER BY version DESC LIMIT 1");
    const auto found = newest.bind(1, crypto::ByteView(record.study)).step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return tl::unexpected(Error::database_damaged);
    if (newest.integer(0) > record.package_version) return tl::unexpected(Error::older_package);
    if (newest.integer(0) < record.package_version) return ImportOutcome::new_version;
    if (!std::ranges::equal(newest.blob(1), record.package_digest))
        return tl::unexpected(Error::changed_package);
    return ImportOutcome::already_there;
}

Result<void> Studies::fit_kind(const StudyRecord& record) {
    const auto kind = vault_kind(*database_);
    if (!kind) return tl::unexpected(kind.error());
    if (*kind == record.kind) return {};
    if (*kind == VaultKind::unattended) return tl::unexpected(Error::unattended_vault);
    {
        Statement any = database_->prepare("SELECT 1 FROM study LIMIT 1");
        const auto row = any.step();
        if (!row) return tl::unexpected(row.error());
        if (*row) return tl::unexpected(Error::interviewer_vault);
    }
    return make_unattended(*database_);
}

Result<ImportOutcome> Studies::add(const StudyRecord& record) {
    if (!usable(record)) return tl::unexpected(Error::unusable_package);
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    const auto outcome = outcome_of(record);
    if (!outcome || *outcome == ImportOutcome::already_there) return outcome;
    if (auto fits = fit_kind(record); !fits) return tl::unexpected(fits.error());
    if (*outcome == ImportOutcome::new_study) {
        if (auto added = add_study(record); !added) return tl::unexpected(added.error());
    }
    if (auto added = add_version(record); !added) return tl::unexpected(added.error());
    if (auto kept = settle_on(record); !kept) return tl::unexpected(kept.error());
    if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
    return outcome;
}

Result<std::vector<std::string>> Studies::begun_anew() {
    std::vector<std::string> tags;
    Statement rows = database_->prepare(
        "SELECT study.tag FROM study JOIN setting ON setting.name = ? || study.tag"
        " WHERE NOT EXISTS (SELECT 1 FROM batch WHERE batch.study = study.id)"
        " AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.study = study.id AND pending.sequence >= 0)"
        " ORDER BY study.tag");
    rows.bind(1, begun_anew_prefix);
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tags;
        tags.emplace_back(rows.text(0));
    }
}

Result<void> Studies::forget_begun_anew(std::string_view tag) {
    return database_->run("DELETE FROM setting WHERE name = ?",
                          std::string(begun_anew_prefix) + std::string(tag));
}

Result<void> Studies::restore(const StudyRecord& record) {
    if (!usable(record)) return tl::unexpected(Error::unusable_package);
    Statement study = database_->prepare("SELECT root, tag FROM study WHERE id = ?");
    const auto known = study.bind(1, crypto::ByteView(record.study)).step();
    if (!known) return tl::unexpected(known.error());
    if (!*known) {
        if (auto added = add_study(record); !added) return added;
    } else if (!std::ranges::equal(study.blob(0), record.root.bytes)) {
        return tl::unexpected(Error::other_root);
    } else if (study.text(1) != record.tag) {
        return tl::unexpected(Error::unusable_package);
    }
    Statement version = database_->prepare("SELECT digest FROM package WHERE study = ? AND version = ?");
    const auto kept =
        version.bind(1, crypto::ByteView(record.study)).bind(2, std::int64_t{record.package_version}).step();
    if (!kept) return tl::unexpected(kept.error());
    if (*kept && !std::ranges::equal(version.blob(0), record.package_digest))
        return tl::unexpected(Error::changed_package);
    return *kept ? add_recipients(record) : add_version(record);
}

Result<void> Studies::settle_on(const StudyRecord& newest) {
    if (auto kept = keep_sync_settings(newest); !kept) return kept;
    return keep_supervisor(newest);
}

Result<void> Studies::add_study(const StudyRecord& record) {
    const auto signing = crypto::SigningKey::generate();
    if (!signing) return tl::unexpected(from_crypto(signing.error()));
    const auto receipt = crypto::ReceiptKey::random();
    if (!receipt) return tl::unexpected(from_crypto(receipt.error()));
    if (auto noted =
            database_->run("INSERT INTO setting (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING",
                           std::string(begun_anew_prefix) + record.tag);
        !noted) {
        return noted;
    }
    return database_->run(
        "INSERT INTO study (id, root, tag, device_key, device_seed, receipt_key, sync) VALUES (?, ?, ?, ?, "
        "?, ?, '')",
        crypto::ByteView(record.study), crypto::ByteView(record.root.bytes), record.tag,
        crypto::ByteView(signing->verify_key().bytes), crypto::ByteView(signing->expose_seed()),
        crypto::ByteView(receipt->expose()));
}

Result<void> Studies::add_version(const StudyRecord& record) {
    if (auto added = database_->run(
            "INSERT INTO package (study, version, digest, bytes, form_version, "
            "form_hash, policy_digest, policy_version,"
            " dictionary, opening_quorum, pre_shared_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            crypto::ByteView(record.study), record.package_version, crypto::ByteView(record.package_digest),
            crypto::ByteView(record.package), record.form_version, crypto::ByteView(record.form_hash),
            crypto::ByteView(record.policy_digest), record.policy_version,
            crypto::ByteView(record.dictionary), std::uint32_t{record.opening_quorum},
            record.pre_shared_key ? crypto::ByteView(record.pre_shared_key->expose()) : crypto::ByteView());
        !added) {
        return added;
    }
    return add_recipients(record);
}

Result<void> Studies::add_recipients(const StudyRecord& record) {
    for (const crypto::BoxKey& key : record.recipients) {
        if (auto added = database_->run("INSERT INTO recipient (study, version, key) VALUES (?, ?, ?)",
                                        crypto::ByteView(record.study), record.package_version,
                                        crypto::ByteView(key.bytes));
            !added) {
            return added;
        }
    }
    return {};
}

Result<void> Studies::keep_sync_settings(const StudyRecord& record) {
    auto keys = device_keys(record.study);
    if (!keys) return tl::unexpected(keys.error());
    sync::StudySync study{.study_tag = record.tag,
                          .study_id = record.study,
                          .device_id = crypto::device_id(keys->signing.verify_key()),
                          .policies = {record.policy_digest},
                          .receipt_signers = record.receipt_signers,
                          .quorum = record.quorum,
                          .hold_days = record.hold_days,
                          .copies = record.copies,
                          .stores = record.stores,
                          .receipt_key = std::move(keys->receipt)};
    study.policies.insert(study.policies.end(), record.earlier_policies.begin(),
                          record.earlier_policies.end());
    sync::SyncConfig config;
    config.studies.push_back(std::move(study));
    std::string text = config.to_json();
    auto kept =
        database_->run("UPDATE study SET sync = ? WHERE id = ?", text, crypto::ByteView(record.study));
    crypto::wipe(text);
    return kept;
}

Result<void> Studies::keep_supervisor(const StudyRecord& record) {
    if (!record.supervisor) return database_->run("DELETE FROM setting WHERE name = ?", supervisor_setting);
    return database_->run(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
        "excluded.value",
        supervisor_setting, crypto::to_hex(record.study) + crypto::to_hex(record.supervisor->bytes));
}

Result<Studies::Supervision> Studies::supervision() {
    Statement found = database_->prepare("SELECT value FROM setting WHERE name = ?");
    const auto row = found.bind(1, supervisor_setting).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return Supervision{};
    const auto bytes = crypto::from_hex(found.text(0));
    if (!bytes || bytes->size() != 48) return tl::unexpected(Error::database_damaged);
    Supervision supervision{crypto::BoxKey{}, {}};
    std::ranges::copy(crypto::ByteView(*bytes).first(16), supervision.vault.study.begin());
    std::ranges::copy(crypto::ByteView(*bytes).last(32), supervision.supervisor->bytes.begin());
    const auto keys = device_keys(supervision.vault.study);
    if (!keys) return tl::unexpected(keys.error());
    supervision.vault.device = crypto::device_id(keys->signing.verify_key());
    return supervision;
}

Result<std::vector<StudySummary>> Studies::list() {
    Statement rows = database_->prepare(
        "SELECT study.id, study.tag, study.root, study.device_key, package.version FROM study"
        " JOIN package ON package.study = study.id ORDER BY study.rowid, package.version");
    std::vector<StudySummary> studies;
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return studies;
        const auto id = fixed<16>(rows.blob(0));
        const auto root = fixed<32>(rows.blob(2));
        const auto device = fixed<32>(rows.blob(3));
        if (!id || !root || !device) return tl::unexpected(Error::database_damaged);
        if (studies.empty() || studies.back().study != *id) {
            studies.push_back({*id, std::string(rows.text(1)), {*root}, {*device}, {}});
        }
        studies.back().versions.push_back(static_cast<std::uint32_t>(rows.integer(4)));
    }
}

Result<crypto::Bytes> Studies::package(const StudyId& study, std::uint32_t version) {
    Statement found = database_->prepare("SELECT bytes FROM package WHERE study = ? AND version = ?");
    const auto row = found.bind(1, crypto::ByteView(study)).bind(2, std::int64_t{version}).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    const auto bytes = found.blob(0);
    return crypto::Bytes(bytes.begin(), bytes.end());
}

Result<std::uint32_t> Studies::newest_version(const StudyId& study) {
    Statement newest =
        database_->prepare("SELECT version FROM package WHERE study = ? ORDER BY version DESC LIMIT 1");
    const auto row = newest.bind(1, crypto::ByteView(study)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    return static_cast<std::uint32_t>(newest.integer(0));
}

Result<SealingTerms> Studies::sealing_terms(const StudyId& study, std::uint32_t form_version) {
    SealingTerms terms;
    if (auto read = read_form_terms(study, form_version, terms); !read) return tl::unexpected(read.error());
    const auto newest = newest_version(study);
    if (!newest) return tl::unexpected(newest.error());
    terms.newest_version = *newest;
    if (auto read = read_rules(study, *newest, terms); !read) return tl::unexpected(read.error());
    return terms;
}

Result<void> Studies::read_form_terms(const StudyId& study, std::uint32_t version, SealingTerms& terms) {
    Statement found = database_->prepare(
        "SELECT study.tag, form_hash, dictionary FROM package JOIN study ON study.id = package.study"
        " WHERE package.study = ? AND package.version = ?");
    const auto row = found.bind(1, crypto::ByteView(study)).bind(2, std::int64_t{version}).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    const auto form_hash = fixed<32>(found.blob(1));
    if (!form_hash) return tl::unexpected(form_hash.error());
    const auto dictionary = found.blob(2);
    terms.tag = found.text(0);
    terms.form_hash = *form_hash;
    terms.dictionary.assign(dictionary.begin(), dictionary.end());
    return {};
}

Result<void> Studies::read_rules(const StudyId& study, std::uint32_t version, SealingTerms& terms) {
    Statement found = database_->prepare(
        "SELECT policy_digest, policy_version, opening_quorum, pre_shared_key FROM package WHERE study = ? "
        "AND version = ?");
    const auto row = found.bind(1, crypto::ByteView(study)).bind(2, std::int64_t{version}).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    const auto policy_digest = fixed<32>(found.blob(0));
    if (!policy_digest) return tl::unexpected(policy_digest.error());
    terms.policy_digest = *policy_digest;
    terms.policy_version = static_cast<std::uint32_t>(found.integer(1));
    terms.opening_quorum = static_cast<std::uint8_t>(found.integer(2));
    if (const auto stored = found.blob(3); !stored.empty()) {
        auto bytes = fixed<32>(stored);
        if (!bytes) return tl::unexpected(bytes.error());
        auto key = crypto::PreSharedKey::take(*bytes);
        if (!key) return tl::unexpected(from_crypto(key.error()));
        terms.pre_shared_key = std::make_shared<const crypto::PreSharedKey>(std::move(*key));
    }

    Statement keys =
        database_->prepare("SELECT key FROM recipient WHERE study = ? AND version = ? ORDER BY key");
    keys.bind(1, crypto::ByteView(study)).bind(2, std::int64_t{version});
    for (;;) {
        const auto next = keys.step();
        if (!next) return tl::unexpected(next.error());
        if (!*next) return {};
        const auto key = fixed<32>(keys.blob(0));
        if (!key) return tl::unexpected(key.error());
        terms.recipients.push_back({*key});
    }
}

Result<DeviceKeys> Studies::device_keys(const StudyId& study) {
    Statement found =
        database_->prepare("SELECT device_seed, receipt_key, device_key FROM study WHERE id = ?");
    const auto row = found.bind(1, crypto::ByteView(study)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    const auto seed = found.blob(0);
    const auto receipt_bytes = found.blob(1);
    if (seed.size() != 32 || receipt_bytes.size() != 32) return tl::unexpected(Error::database_damaged);
    auto signing = crypto::SigningKey::from_seed(seed.first<32>());
    if (!signing) return tl::unexpected(from_crypto(signing.error()));
    if (!std::ranges::equal(found.blob(2), signing->verify_key().bytes)) {
        return tl::unexpected(Error::database_damaged);
    }
    auto receipt = crypto::ReceiptKey::zeroed();
    if (!receipt) return tl::unexpected(from_crypto(receipt.error()));
    std::ranges::copy(receipt_bytes, receipt->storage().begin());
    return DeviceKeys{std::move(*signing), std::move(*receipt)};
}

Result<sync::SyncConfig> Studies::sync_config() {
    sync::SyncConfig all;
    Statement rows = database_->prepare("SELECT sync FROM study ORDER BY tag");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return all;
        auto one = sync::SyncConfig::from_json(rows.text(0));
        if (!one) {
            return tl::unexpected(one.error() == sync::SyncConfigError::out_of_memory
                                      ? Error::out_of_memory
                                      : Error::database_damaged);
        }
        for (auto& study : one->studies) all.studies.push_back(std::move(study));
    }
}

}  // namespace fieldfare::store
