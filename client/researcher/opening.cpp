#include "client/researcher/opening.h"

#include <algorithm>
#include <map>
#include <set>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/lineage.h"
#include "client/researcher/output_file.h"
#include "client/researcher/salvaged_batch.h"
#include "client/researcher/seen_submissions.h"
#include "client/researcher/simulated_device.h"
#include "crypto/batch_reader.h"
#include "crypto/hash.h"

namespace fieldfare::researcher {
namespace {

/// A file that was verified: the same batch may stand in several, in shorter and longer versions.
struct VerifiedFile {
    std::string name;
    crypto::Digest sha256{};
    crypto::OpenedBatch batch;
};

class Opener {
  public:
    explicit Opener(const OpeningContext& context)
        : context_(context), study_(context.editions.front().study) {
        for (const Edition& edition : context.editions) dictionaries_.push_back(edition.study.dictionary());
        result_.withdrawals = context.withdrawals;
    }

    Result<Opening> run(const std::function<void(std::size_t, std::size_t)>& on_file) {
        const auto names = batch_files(context_.inbox);
        if (!names) return tl::unexpected(names.error());
        result_.files = names->size();
        trace_revoked(*names);
        std::size_t done = 0;
        for (const std::vector<std::string>& versions : grouped(*names)) {
            on_file(done, names->size());
            done += versions.size();
            if (auto opened = open_versions(versions); !opened) return tl::unexpected(opened.error());
        }
        std::ranges::stable_sort(result_.refused, {}, &Refused::file);
        result_.devices = report_gaps(std::move(facts_));
        result_.withdrawn = withdrawn_.size();
        for (const auto& [hash, code] : result_.withdrawals.by_hash())
            result_.unknown_codes += carried_.contains(hash) ? 0 : 1;
        return std::move(result_);
    }

  private:
    /// The files of one batch together, groups in the order of their first names: the header tag, which
    /// anyone can see, is the same in every version of a batch.
    std::vector<std::vector<std::string>> grouped(const std::vector<std::string>& names) {
        std::vector<std::vector<std::string>> groups;
        std::map<crypto::Digest, std::size_t> group_of;
        for (const std::string& name : names) {
            const auto bytes = read_file(context_.inbox / name, crypto::max_batch_file);
            const auto outline =
                bytes ? crypto::outline_of_damaged(crypto::bytes_of(*bytes))
                      : crypto::Result<crypto::BatchOutline>(tl::unexpected(crypto::Error::not_readable));
            if (!outline) {  // it is read and refused once more in its turn
                groups.push_back({name});
                continue;
            }
            const auto [place, fresh] = group_of.emplace(outline->header_tag, groups.size());
            if (fresh) groups.emplace_back();
            groups[place->second].push_back(name);
        }
        return groups;
    }

    Result<void> open_versions(const std::vector<std::string>& names) {
        std::vector<DamagedFile> damaged;
        std::vector<VerifiedFile> kept;  // more than one only when a cloned machine went on twice
        std::vector<std::pair<crypto::Id, sync::ReceiptEntry>>
            covered;  // superseded files, which are accepted too
        for (const std::string& name : names) {
            auto bytes = read_file(context_.inbox / name, crypto::max_batch_file);
            if (!bytes) {
                refuse(name, {"unreadable", bytes.error().sentence});
                continue;
            }
            const crypto::ByteView view = crypto::bytes_of(*bytes);
            const crypto::Digest sha256 = crypto::sha256(view);
            const auto shares = context_.shares.of_file(view);
            for (const crypto::ReleasedShare& share : shares)
                if (!crypto::fits(share, view))
                    result_.forged_shares.push_back({name, name_of(share.custodian, study_)});
            auto batch = read_here(context_.inbox / name, view, context_.identities, dictionaries_, shares);
            if (!batch) {
                const std::string promised = promised_hash(name);
                const bool altered = !promised.empty() && promised != crypto::to_hex(sha256);
                Reason reason = altered ? damaged_on_the_way() : reason_for(batch.error());
                if (batch.error() == crypto::Error::damaged)
                    if (auto rest = crypto::salvage_batch(view, context_.identities, dictionaries_, shares)) {
                        if (only_redacted(*rest)) reason = redacted_here();
                        if (context_.salvage == Salvage::yes) {
                            damaged.push_back({name, std::move(reason), std::move(*rest), {}});
                            continue;
                        }
                    }
                refuse(name, std::move(reason));
                continue;
            }
            if (auto reason = objection_to_revoked(*batch)) {
                refuse(name, std::move(*reason), batch->close.device);
                continue;  // and is no gap, nor told to the device
            }
            VerifiedFile file{name, sha256, std::move(*batch)};
            if (auto loser = weigh(file, kept)) {
                ++result_.superseded;
                covered.emplace_back(loser->batch.close.device, entry_for(*loser, sync::Verdict::accepted));
            }
        }
        bool all_accepted = true;
        for (VerifiedFile& file : kept) {
            auto accepted = judge_and_export(file);
            if (!accepted) return tl::unexpected(accepted.error());
            all_accepted = all_accepted && *accepted;
        }
        if (all_accepted && !kept.empty())
            for (const auto& [device, entry] : covered)
                verdicts_for(kept.front().batch).entries.push_back(entry);
        for (DamagedFile& file : still_needed(damaged, kept))
            if (auto done = judge_and_salvage(file, kept); !done) return tl::unexpected(done.error());
        return {};
    }

    /// Those of which there is no intact version as long, each batch once.
    std::vector<DamagedFile> still_needed(std::vector<DamagedFile>& damaged,
                                          std::span<const VerifiedFile> kept) {
        std::vector<DamagedFile> needed;
        for (DamagedFile& file : damaged) {
            const bool intact = std::ranges::any_of(kept, [&](const VerifiedFile& other) {
                const auto succession = crypto::compare(other.batch, file.rest.batch);
                return succession == crypto::Succession::same || succession == crypto::Succession::newer;
            });
            Merged merged = intact ? Merged::useless : Merged::apart;
            for (std::size_t i = 0; i < needed.size() && merged == Merged::apart; ++i)
                merged = merge(needed[i], file);
            if (merged == Merged::apart) needed.push_back(std::move(file));
            if (merged != Merged::useless) continue;
            refuse(file.name, file.reason);
            for (const std::string& other : file.others) refuse(other, file.reason);
        }
        return needed;
    }

    /// Puts the file among those kept, or not; returns the version that a longer one makes superfluous.
    static std::optional<VerifiedFile> weigh(VerifiedFile& file, std::vector<VerifiedFile>& kept) {
        for (VerifiedFile& other : kept) {
            switch (crypto::compare(file.batch, other.batch)) {
                case crypto::Succession::newer:
                    std::swap(file, other);
                    [[fallthrough]];
                case crypto::Succession::same:
                case crypto::Succession::older:
                    return std::move(file);
                case crypto::Succession::branched:
                case crypto::Succession::unrelated:
                    break;
            }
        }
        kept.push_back(std::move(file));
        return std::nullopt;
    }

    void refuse(const std::string& file, Reason reason, std::optional<crypto::Id> device = {}) {
        result_.refused.push_back({file, std::move(reason), device});
    }

    static sync::ReceiptEntry entry_for(const VerifiedFile& file, sync::Verdict verdict) {
        return {file.batch.close.batch_sequence, file.batch.id, file.sha256, verdict};
    }

    DeviceVerdicts& verdicts_for(crypto::OpenedBatch& batch) {
        const auto [place, fresh] = verdicts_of_.emplace(batch.close.device, result_.verdicts.size());
        if (fresh) result_.verdicts.push_back({batch.close.device, std::move(batch.receipt_key), {}});
        return result_.verdicts[place->second];
    }

    /// What is exported of a batch.
    struct Judged {
        const Edition* edition = nullptr;
        struct Record {
            std::size_t at = 0;  ///< in the batch's records
            schema::Submission submission;
        };
        std::vector<Record> records;
    };

    /// A withdrawal of a device that counts acts whatever else is against its batch.
    void note_withdrawals(const crypto::OpenedBatch& batch) {
        if (batch.close.study != study_.policy().study_id || objection_of_roster(batch)) return;
        for (const crypto::BatchRecord& record : batch.records) {
            if (record.type != crypto::RecordType::withdraw) continue;
            const auto code = crypto::withdrawal_code_in(record.payload);
            if (!code || !result_.withdrawals.add(*code)) continue;
            const std::string hash = crypto::to_hex(crypto::withdrawal_hash(*code));
            result_.withdrawn_late = result_.withdrawn_late || carried_.contains(hash);
        }
    }

    static std::uint64_t withdrawals_in(const crypto::OpenedBatch& batch) {
        return static_cast<std::uint64_t>(
            std::ranges::count(batch.records, crypto::RecordType::withdraw, &crypto::BatchRecord::type));
    }

    bool knows_rules(const crypto::Digest& digest) const {
        return std::ranges::any_of(context_.editions, [&](const Edition& edition) {
            const auto& before = edition.study.policy().predecessors;
            return edition.study.policy_digest() == digest ||
                   std::ranges::find(before, digest, &study::Predecessor::policy_digest) != before.end();
        });
    }

    /// Every record decoded, or why a verified batch is not taken all the same.
    tl::expected<Judged, Reason> judge(const crypto::OpenedBatch& batch) const {
        const auto refusal = [](std::string word, std::string sentence) {
            return tl::unexpected(Reason{std::move(word), std::move(sentence)});
        };
        if (batch.close.study != study_.policy().study_id)
            return refusal("other_study",
                           "This belongs to another study that is sealed to the same key; open it with that "
                           "study's file.");
        if (auto reason = objection_of_roster(batch)) return tl::unexpected(std::move(*reason));
        if (!knows_rules(batch.close.policy_digest))
            return refusal("other_rules",
                           "This was sealed under rules that this study file does not know; open with the "
                           "newest study file.");
        for (const Edition& edition : context_.editions)
            if (edition.study.policy_digest() == batch.close.policy_digest &&
                edition.study.policy().opening_quorum != batch.open.quorum)
                return refusal(
                    "other_quorum",
                    "The study demands that " + std::to_string(edition.study.policy().opening_quorum) +
                        " custodians co-operate, and the device sealed this otherwise; its program "
                        "was altered. Nothing of it was exported.");
        Judged judged;
        for (const Edition& edition : context_.editions)
            if (!judged.edition && edition.study.form_hash() == batch.open.form_hash)
                judged.edition = &edition;
        if (!judged.edition)
            return refusal("other_form",
                           "This was filled in with another version of the form than this study file has; "
                           "open again with the "
                           "study file of that version as --earlier.");
        for (std::size_t i = 0; i < batch.records.size(); ++i) {
            const crypto::BatchRecord& record = batch.records[i];
            const auto faulty = [&] {
                return refusal(
                    "bad_record",
                    "Record " + std::to_string(record.sequence) +
                        " does not fit the form; the device's program is faulty or was altered. "
                        "Nothing of this batch was exported. Keep it, and report it to the makers.");
            };
            if (record.type == crypto::RecordType::withdraw) {
                if (!crypto::withdrawal_code_in(record.payload)) return faulty();
                continue;
            }
            const std::string_view payload(reinterpret_cast<const char*>(record.payload.data()),
                                           record.payload.size());
            auto submission = schema::submission_from_json(payload, judged.edition->study.form());
            if (!submission || uuid_bytes(submission->id) != record.uuid) return faulty();
            judged.records.push_back({i, std::move(*submission)});
        }
        return judged;
    }

    Result<bool> judge_and_export(VerifiedFile& file) {
        note_withdrawals(file.batch);
        const auto judged = judge(file.batch);
        if (!judged) {
            const bool of_the_study = file.batch.close.study == study_.policy().study_id;
            refuse(file.name, judged.error(), file.batch.close.device);
            if (!of_the_study || !context_.roster.find(file.batch.open.device_key))
                return false;  // no word to strangers
            facts_.push_back(facts_of(file.batch));
            facts_.back().refused = true;
            verdicts_for(file.batch).entries.push_back(entry_for(file, sync::Verdict::quarantined));
            return false;
        }
        const auto exported = export_records(file.name, file.batch, *judged, {});
        if (!exported) return tl::unexpected(exported.error());
        ++result_.batches;
        facts_.push_back(facts_of(file.batch));
        facts_.back().no_interviews = withdrawals_in(file.batch);
        // What was left out may be the respondent's real answers: the device keeps them until somebody has
        // looked.
        const auto verdict = exported->whole ? sync::Verdict::accepted : sync::Verdict::quarantined;
        verdicts_for(file.batch).entries.push_back(entry_for(file, verdict));
        return exported->whole;
    }

    /// The records that hold, but for those that an intact, shorter version has given. No receipt: the device
    /// is to keep what is damaged here.
    Result<void> judge_and_salvage(DamagedFile& file, std::span<const VerifiedFile> kept) {
        crypto::OpenedBatch& batch = file.rest.batch;
        note_withdrawals(batch);
        const auto judged = judge(batch);
        if (!judged) {
            refuse(file.name,
                   {file.reason.word, file.reason.sentence + " Nothing was salvaged from it either. " +
                                          judged.error().sentence},
                   batch.close.device);
            if (judged.error().word == "revoked" || batch.close.study != study_.policy().study_id ||
                !context_.roster.find(batch.open.device_key))
                return {};
            facts_.push_back(facts_of(batch));
            facts_.back().refused = true;
            return {};
        }
        std::uint64_t there_already = 0;  // records in an intact, shorter version
        for (const VerifiedFile& other : kept)
            if (crypto::compare(other.batch, batch) == crypto::Succession::older)
                there_already = std::max<std::uint64_t>(there_already, other.batch.close.count);
        std::erase_if(file.rest.lost,
                      [&](const crypto::LostRecord& lost) { return lost.index <= there_already; });
        const auto exported = export_records(file.name, batch, *judged, {there_already, Marked::as_salvaged});
        if (!exported) return tl::unexpected(exported.error());

        BatchFacts facts = facts_of(batch);
        facts.salvaged = true;
        facts.no_interviews = file.rest.lost.size() + withdrawals_in(batch);
        if (there_already > 0) {  // one batch, of which the longer version tells more
            std::erase_if(facts_, [&](const BatchFacts& other) {
                return other.device == facts.device &&
                       std::ranges::find(facts.earlier_ids, other.id) != facts.earlier_ids.end();
            });
        } else {
            ++result_.batches;
        }
        facts_.push_back(std::move(facts));
        Salvaged salvaged{
            {file.name},       file.reason.sentence,      batch.close.device,   batch.close.batch_sequence,
            batch.close.count, std::move(file.rest.lost), exported->submissions};
        salvaged.files.insert(salvaged.files.end(), file.others.begin(), file.others.end());
        result_.salvaged.push_back(std::move(salvaged));
        return {};
    }

    enum class Marked { no, as_salvaged };
    struct HowToExport {
        std::uint64_t skip = 0;  ///< the first so many records of the batch
        Marked marked = Marked::no;
    };
    struct Exported {
        bool whole = true;                     ///< no record contradicts one that came before
        std::vector<std::string> submissions;  ///< their ids, of a salvaged batch
    };

    Result<Exported> export_records(const std::string& file, const crypto::OpenedBatch& batch,
                                    const Judged& judged, const HowToExport& how) {
        Exported exported;
        for (const auto& [at, submission] : judged.records) {
            const crypto::BatchRecord& record = batch.records[at];
            if (record.sequence < batch.close.first_record_sequence + how.skip) continue;
            if (!submission.withdrawal.empty()) carried_.insert(submission.withdrawal);
            if (result_.withdrawals.covers(submission.withdrawal)) {
                withdrawn_.insert(record.uuid);
                continue;
            }
            switch (seen_.add(record.uuid, record.payload)) {
                case SeenSubmissions::Kind::repeated:
                    ++result_.repeated;
                    continue;
                case SeenSubmissions::Kind::contradicting:
                    result_.contradictions.push_back({file, submission.id});
                    exported.whole = false;
                    continue;
                case SeenSubmissions::Kind::fresh:
                    break;
            }
            const Provenance provenance{crypto::to_hex(batch.close.device), crypto::to_hex(batch.id),
                                        record.sequence, how.marked == Marked::as_salvaged};
            const std::string_view payload(reinterpret_cast<const char*>(record.payload.data()),
                                           record.payload.size());
            if (auto added = judged.edition->exports.add(submission, provenance, payload); !added)
                return tl::unexpected(added.error());
            ++result_.interviews;
            if (provenance.salvaged) exported.submissions.push_back(submission.id);
        }
        return exported;
    }

    /// Of devices revoked after some batch, that batch and its ancestors: they count, however late they come
    /// and whatever number a forged one bears. Needs a pass of its own, only when there is such a device.
    void trace_revoked(const std::vector<std::string>& names) {
        std::map<crypto::Id, crypto::BatchId> ends;
        std::set<crypto::Id> devices;
        for (const study::RosterDevice& device : context_.roster.devices)
            if (device.revoked && device.revoked->last_accepted != crypto::BatchId{}) {
                const crypto::Id id = crypto::device_id(device.key);
                ends[id] = device.revoked->last_accepted;
                devices.insert(id);
            }
        const auto batches =
            linked_batches(context_.inbox, names, devices, context_.identities, context_.shares);
        for (const auto& [device, of_device] : batches)
            lineages_[device] = researcher::lineage_of(ends[device], of_device);
    }

    std::optional<Reason> objection_of_roster(const crypto::OpenedBatch& batch) const {
        static const Lineage none;
        const auto found = lineages_.find(batch.close.device);
        return roster_objection(context_.roster, study_, batch,
                                found == lineages_.end() ? none : found->second);
    }

    /// What a revoked device made up later must not take the place of what counts, as a longer version of
    /// it. Nothing for all other batches.
    std::optional<Reason> objection_to_revoked(const crypto::OpenedBatch& batch) const {
        const study::RosterDevice* device = context_.roster.find(batch.open.device_key);
        if (!device || !device->revoked || batch.close.study != study_.policy().study_id) return {};
        return objection_of_roster(batch);
    }

    const OpeningContext& context_;
    const study::StudyPackage& study_;
    std::vector<crypto::Bytes> dictionaries_;
    std::map<crypto::Id, Lineage> lineages_;
    Opening result_;
    std::vector<BatchFacts> facts_;
    SeenSubmissions seen_;
    std::set<std::string, std::less<>> carried_;  ///< hashes of withdrawal, of the submissions so far
    std::set<crypto::Id> withdrawn_;
    std::map<crypto::Id, std::size_t> verdicts_of_;  ///< device -> index into result_.verdicts
};

}  // namespace

Result<Opening> open_inbox(const OpeningContext& context,
                           const std::function<void(std::size_t, std::size_t)>& on_file) {
    return Opener(context).run(on_file);
}

}  // namespace fieldfare::researcher
