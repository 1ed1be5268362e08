#pragma once

#include <optional>

#include "client/researcher/dice.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/simulated_device.h"
#include "client/researcher/study_file.h"
#include "client/researcher/synthetic_respondent.h"
#include "client/study/enrolment.h"
#include "crypto/batch_writer.h"
#include "crypto/random.h"
#include "tests/support/researcher.h"

namespace fieldfare::tests {

/// A device of which a test decides when it seals, closes, is cloned and hands over.
class Laptop {
  public:
    explicit Laptop(Desk& desk)
        : desk_(desk),
          study(*researcher::read_study(desk.study)),
          first_package(study.digest()),
          form(*schema::CompiledForm::compile(std::make_shared<const schema::Form>(study.form()))),
          key(*crypto::SigningKey::generate()),
          receipt_key(*crypto::ReceiptKey::random()) {
        next.open.study = study.policy().study_id;
        next.open.device_key = key.verify_key();
        next.open.incarnation = *crypto::random_id();
        next.open.form_hash = study.form_hash();
        next.open.policy_digest = study.policy_digest();
        next.open.policy_version = study.policy().policy_version;
        for (const auto& recipient : study.recipients()) next.open.recipients.push_back(recipient.key);
        next.open.program_version = "a test";
    }

    /// Submission number `seed` into the open batch.
    Laptop& seals(std::uint64_t seed) {
        const auto submission =
            researcher::synthetic_submission({form, "s", "", "2026-11-23"}, researcher::mixed(9, seed));
        return seals_payload(submission.id, to_json(submission, study.form()));
    }
    Laptop& seals_payload(const std::string& id, const std::string& payload,
                          crypto::RecordType type = crypto::RecordType::data) {
        if (!writer) writer.emplace(std::move(*crypto::BatchWriter::begin(next, key, receipt_key)));
        REQUIRE(writer->append(key, type, *researcher::uuid_bytes(id), crypto::bytes_of(payload)));
        writer->commit();
        return *this;
    }
    /// The open batch as it stands now, into the inbox.
    Laptop& hands_over_open_batch() {
        put(*writer->current(key));
        return *this;
    }
    Laptop& hands_over(crypto::BatchWriter::Last last = crypto::BatchWriter::Last::No) {
        if (!writer) writer.emplace(std::move(*crypto::BatchWriter::begin(next, key, receipt_key)));
        const auto sealed = writer->finish(key, last);
        writer.reset();
        put(*sealed);
        ++next.open.batch_sequence;
        next.open.previous_batch = sealed->id;
        next.open.first_record_sequence = sealed->next_record_sequence;
        return *this;
    }
    /// Takes in the desk's newest study file.
    Laptop& updates() {
        study = *researcher::read_study(desk_.study);
        next.open.form_hash = study.form_hash();
        next.open.policy_digest = study.policy_digest();
        next.open.policy_version = study.policy().policy_version;
        const auto& secrets = study.policy().pre_shared_keys;
        next.pre_shared = secrets.empty() ? nullptr : secrets.front();
        next.open.recipients.clear();
        for (const auto& recipient : study.recipients()) next.open.recipients.push_back(recipient.key);
        return *this;
    }
    /// As the form app shows it: of the study file that it took in first.
    std::string enrolment_number() const { return enrolment_number(first_package); }
    std::string enrolment_number(const crypto::Digest& package) const {
        return crypto::to_string(
            study::enrolment_number(study.policy().study_id, study.root(), package, key.verify_key()));
    }
    /// `roster add` with this device's number, which may be of an earlier file of the study.
    ExitCode is_enrolled_with_earlier_file(const std::string& word = {}) {
        researcher::RosterAddOptions options;
        options.earlier_file = true;
        return is_enrolled(word, std::move(options));
    }
    /// `roster add` with this device's number.
    ExitCode is_enrolled(const std::string& word = {}, researcher::RosterAddOptions options = {}) {
        options.study = desk_.study;
        options.root = desk_.root;
        options.roster = desk_.roster;
        options.inbox = desk_.inbox;
        options.keys = {desk_.key};
        options.enrolment_numbers = {word.empty() ? enrolment_number() : word};
        return desk_.said(researcher::run_roster_add, options);
    }

    std::string device() const { return crypto::to_hex(crypto::device_id(key.verify_key())); }

    /// `roster revoke` of this device: only this batch and its ancestors count (zeros: none).
    ExitCode is_revoked_after(const crypto::BatchId& last) {
        researcher::RosterRevokeOptions options;
        options.study = desk_.study;
        options.root = desk_.root;
        options.roster = desk_.roster;
        options.device = device();
        options.all = last == crypto::BatchId{};
        if (!options.all) options.after = crypto::to_hex(last);
        return desk_.said(researcher::run_roster_revoke, options);
    }

  private:
    void put(const crypto::SealedBatch& batch) {
        files.push_back(batch.sha256);
        write(desk_.inbox / ("20261123-" + crypto::to_hex(batch.sha256) + ".batch"),
              std::string(batch.file.begin(), batch.file.end()));
    }
    Desk& desk_;

  public:
    study::StudyPackage study;
    crypto::Digest first_package;
    std::shared_ptr<const schema::CompiledForm> form;
    crypto::SigningKey key;
    crypto::ReceiptKey receipt_key;
    crypto::BatchContext next;  ///< of the next batch; a test may change it
    std::optional<crypto::BatchWriter> writer;
    std::vector<crypto::Digest> files;  ///< handed over
};

}  // namespace fieldfare::tests
