#include "client/researcher/opening.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "client/researcher/examining.h"
#include "client/researcher/inbox.h"
#include "client/researcher/ordered_work.h"
#include "client/researcher/seen_submissions.h"
#include "client/researcher/simulated_device.h"
#include "crypto/hash.h"
#include "crypto/open_spares.h"

namespace fieldfare::researcher {
namespace {

class Opener {
  public:
    explicit Opener(const OpeningContext& context)
        : context_(context), study_(context.editions.front().study) {
        result_.withdrawals = context.withdrawals;
        result_.share_files = context.shares.files();
    }

    Result<Opening> run(const std::function<void(std::size_t, std::size_t)>& on_file) {
        const crypto::OpenSpares spares;
        const auto names = batch_files(context_.inbox);
        if (!names) return tl::unexpected(names.error());
        const auto media = media_files(context_.inbox);
        if (!media) return tl::unexpected(media.error());
        const auto others = no_files(context_.inbox);
        if (!others) return tl::unexpected(others.error());
        for (const NoFile& other : *others) refuse(other.name, not_a_file(other.what));
        result_.files = names->size() + media->size();
        const Examiner& examiner = examiner_.emplace(context_, *names);
        const auto groups = examiner.grouped(*names);
        std::size_t done = 0;
        Result<void> taken;
        on_file(done, result_.files);
        in_order(
            groups.size(), context_.workers, [&](std::size_t i) { return examiner.examine(groups[i]); },
            [&](std::size_t i, Examined&& examined) {
                taken = take(examined);
                done += groups[i].size();
                if (taken) on_file(done, result_.files);
                return taken.has_value();
            });
        if (!taken) return tl::unexpected(taken.error());
        // Else all of this is done anew, and reading media takes its time.
        if (!result_.withdrawn_late) {
            for (const std::string& name : *media) {
                on_file(done++, result_.files);
                judge_media(name);
            }
            match_media();
        }
        std::ranges::stable_sort(result_.refused, {}, &Refused::file);
        result_.devices = report_gaps(std::move(facts_));
        for (DeviceReport& device : result_.devices) device.copies = copies_of_[device.device];
        result_.withdrawn = withdrawn_.size();
        for (const auto& [hash, code] : result_.withdrawals.by_hash())
            result_.unknown_codes += carried_.contains(hash) || context_.redactions.covers_code(hash) ? 0 : 1;
        return std::move(result_);
    }

  private:
    /// Everything that depends on the batches before.
    Result<void> take(Examined& examined) {
        std::ranges::move(examined.refused, std::back_inserter(result_.refused));
        for (const crypto::OpenedBatch& batch : examined.withdrawals) note_withdrawals(batch);
        std::ranges::move(examined.forged_shares, std::back_inserter(result_.forged_shares));
        std::ranges::move(examined.sealed_wrongly, std::back_inserter(result_.sealed_wrongly));
        for (const Examined::Superseded& each : examined.superseded) {
            ++(each.copy ? result_.copies : result_.superseded);
            if (each.copy) ++copies_of_[each.file.batch.close.device];
        }
        result_.redacted += examined.redacted;
        bool all_accepted = !examined.kept.empty();
        for (Examined::Kept& kept : examined.kept) {
            const auto accepted = export_kept(kept);
            if (!accepted) return tl::unexpected(accepted.error());
            all_accepted = all_accepted && *accepted;
        }
        if (all_accepted)
            for (const Examined::Superseded& each : examined.superseded)
                verdicts_for(examined.kept.front().file.batch)
                    .entries.push_back(entry_for(each.file, sync::Verdict::accepted));
        for (Examined::Damaged& damaged : examined.damaged)
            if (auto done = export_salvaged(damaged, examined.kept); !done)
                return tl::unexpected(done.error());
        return {};
    }

    void refuse(const std::string& file, Reason reason, std::optional<crypto::Id> device = {}) {
        result_.refused.push_back({file, std::move(reason), device});
    }

    static sync::ReceiptEntry entry_for(const VerifiedFile& file, sync::Verdict verdict) {
        return {file.batch.close.batch_sequence, file.batch.id, file.sha256, verdict};
    }

    DeviceVerdicts& verdicts_for(crypto::OpenedBatch& batch) {
        return verdicts_for(batch.close.device, batch.receipt_key);
    }
    DeviceVerdicts& verdicts_for(const crypto::Id& device, crypto::ReceiptKey& receipt_key) {
        const auto [place, fresh] = verdicts_of_.emplace(device, result_.verdicts.size());
        if (fresh) result_.verdicts.push_back({device, std::move(receipt_key), {}});
        return result_.verdicts[place->second];
    }

    /// A withdrawal of a device that counts acts whatever else is against its batch.
    void note_withdrawals(const crypto::OpenedBatch& batch) {
        if (batch.close.study != study_.policy().study_id || examiner_->objection_of_roster(batch)) return;
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

    Result<bool> export_kept(Examined::Kept& kept) {
        auto& [file, judged] = kept;
        note_withdrawals(file.batch);
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
    Result<void> export_salvaged(Examined::Damaged& damaged, std::span<const Examined::Kept> kept) {
        auto& [file, judged] = damaged;
        crypto::OpenedBatch& batch = file.rest.batch;
        note_withdrawals(batch);
        if (!judged) {
            const auto refuse_as = [&](const std::string& name, const Reason& reason) {
                refuse(name, nothing_salvaged(reason, judged.error()), batch.close.device);
            };
            refuse_as(file.name, file.reason);
            for (const DamagedFile::Other& other : file.others) refuse_as(other.name, other.reason);
            if (judged.error().word == "revoked" || batch.close.study != study_.policy().study_id ||
                !context_.roster.find(batch.open.device_key))
                return {};
            facts_.push_back(facts_of(batch));
            facts_.back().refused = true;
            return {};
        }
        std::uint64_t there_already = 0;  // records in an intact, shorter version
        for (const Examined::Kept& other : kept)
            if (crypto::compare(other.file.batch, batch) == crypto::Succession::older)
                there_already = std::max<std::uint64_t>(there_already, other.file.batch.close.count);
        std::erase_if(file.rest.lost,
                      [&](const crypto::LostRecord& lost) { return lost.index <= there_already; });
        const auto exported =
            export_records(file.name, batch, *judged, {there_already, Marked::as_salvaged, &file.holders});
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
        Salvaged salvaged{{{file.name, file.reason.sentence}},
                          batch.close.device,
                          batch.close.batch_sequence,
                          batch.close.count,
                          std::move(file.rest.lost),
                          exported->submissions,
                          file.reason.word == "redacted" && file.others.empty()};
        for (const DamagedFile::Other& other : file.others)
            salvaged.files.push_back({other.name, other.reason.sentence});
        result_.salvaged.push_back(std::move(salvaged));
        return {};
    }

    enum class Marked { no, as_salvaged };
    struct HowToExport {
        std::uint64_t skip = 0;  ///< the first so many records of the batch
        Marked marked = Marked::no;
        /// Of a salvaged batch: as in DamagedFile. Null: each record stands in the file.
        const std::map<std::uint64_t, std::vector<std::string>>* holders = nullptr;
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
            const bool withdrawn = result_.withdrawals.covers(submission.withdrawal);
            if (withdrawn) withdrawn_.insert(record.uuid);
            const bool redacted = context_.redactions.covers(batch.close.device, record.uuid);
            if (redacted)
                for (const std::string& holder :
                     how.holders ? how.holders->at(record.sequence) : std::vector{file})
                    result_.came_back.push_back({holder, withdrawn ? "" : submission.id});
            if (withdrawn || redacted) continue;
            switch (seen_.add(record.uuid, record.payload)) {
                case SeenSubmissions::Kind::repeated:
                    ++result_.repeated;
                    continue;
                case SeenSubmissions::Kind::contradicting:
                    result_.contradictions.push_back({file, submission.id});
                    contradicted_.insert(record.uuid);
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
            name_media(submission, record.uuid, batch.close.device, judged.edition->folder);
            if (provenance.salvaged) exported.submissions.push_back(submission.id);
        }
        return exported;
    }

    // --- media

    void name_media(const schema::Submission& submission, const crypto::Id& uuid, const crypto::Id& device,
                    const std::filesystem::path& folder) {
        exported_.emplace(uuid, device);
        for (const schema::MediaFile& file : submission.media) {
            MediaKeyOfParts key{device, uuid, file.size, {}};
            std::ranges::copy(*crypto::from_hex(file.hash), key.hash.begin());
            named_.push_back({key, submission.id, file.name, folder});
        }
    }

    /// Verified, and of the study; whether anyone asked for it is seen in the end.
    void judge_media(const std::string& name) {
        auto verified = examiner_->media_part_of(name);
        if (!verified) {
            if (verified.error().redacted)
                ++result_.media.redacted;
            else
                refuse(name, std::move(verified.error().reason));
            return;
        }
        MediaPart& part = verified->part;
        const crypto::MediaHead& head = part.head;
        const crypto::Id device = crypto::device_id(head.device_key);
        auto reason = examiner_->objection_to_media(head);
        const study::RosterDevice* entry = context_.roster.find(head.device_key);
        if (reason && (!entry || entry->revoked || head.study != study_.policy().study_id)) {
            refuse(name, std::move(*reason), device);  // and no word to strangers
            return;
        }
        verdicts_for(device, verified->receipt_key);  // its key: what it is told of is added later
        if (reason) {
            refuse(name, std::move(*reason), device);
            tell_of_media(part, sync::Verdict::quarantined);
            return;
        }
        parts_[{device, head.submission, head.size, head.media_hash}].push_back(std::move(part));
    }

    /// Of a device whose key for receipts is known.
    void tell_of_media(const MediaPart& part, sync::Verdict verdict) {
        const std::size_t at = verdicts_of_.at(crypto::device_id(part.head.device_key));
        result_.verdicts[at].entries.push_back({sync::media_sequence, part.id, part.sha256, verdict});
    }

    /// What submissions name is whole or lacking; what nobody names waits, is withdrawn, or stays unused.
    void match_media() {
        static const std::vector<MediaPart> none;
        std::set<MediaKeyOfParts> asked_for;
        for (NamedMedia& named : named_) {
            const auto found = parts_.find(named.key);
            const std::uint32_t count = crypto::media_parts(named.key.size);
            std::vector<std::string> files(count);
            std::uint32_t here = 0;
            const std::vector<MediaPart>& parts = found == parts_.end() ? none : found->second;
            for (const MediaPart& part : parts)
                if (files[part.head.part].empty()) {
                    files[part.head.part] = part.file;
                    ++here;
                }
            asked_for.insert(named.key);
            if (here == count)
                result_.media.whole.push_back({std::move(named), std::move(files), hashes_of(parts)});
            else
                result_.media.lacking.push_back(
                    {named.submission, named.name, count, here, here == 0 ? "missing" : "incomplete"});
        }
        for (const auto& [key, parts] : parts_) {
            const crypto::MediaHead& head = parts.front().head;
            const study::RosterDevice* device = context_.roster.find(head.device_key);
            sync::Verdict verdict = sync::Verdict::accepted;
            if (asked_for.contains(key)) {
                // It is wanted, whether or not all of it is here.
            } else if (context_.redactions.covers(key.device, key.submission)) {
                for (const MediaPart& part : parts)
                    result_.came_back.push_back(
                        {part.file, is_withdrawn(head) ? "" : uuid_text(key.submission)});
            } else if (is_withdrawn(head)) {
                ++result_.media.withdrawn;
            } else if (device && device->revoked) {
                // No submission that counts names it; its batches say so too, and nobody is told.
                for (const MediaPart& part : parts)
                    refuse(part.file,
                           {"revoked", "This comes from " + device_name(context_.roster, key.device) +
                                           ", which was revoked, and no interview that counts names it; "
                                           "whoever has the device may have made it up."},
                           key.device);
                continue;
            } else if (const auto there = exported_.find(key.submission);
                       there != exported_.end() && there->second == key.device) {
                verdict = sync::Verdict::quarantined;  // it may be what was left out that names it
                ++result_.media.unnamed;
                result_.media.unnamed_of_contradictions += contradicted_.contains(key.submission) ? 1 : 0;
            } else {
                ++result_.media.waiting;
            }
            for (const MediaPart& part : parts) tell_of_media(part, verdict);
        }
    }

    static std::vector<crypto::Digest> hashes_of(const std::vector<MediaPart>& parts) {
        std::vector<crypto::Digest> hashes;
        for (const MediaPart& part : parts) hashes.push_back(part.sha256);
        return hashes;
    }

    bool is_withdrawn(const crypto::MediaHead& head) const {
        return head.withdrawal != crypto::Digest{} &&
               result_.withdrawals.covers(crypto::to_hex(head.withdrawal));
    }

    const OpeningContext& context_;
    const study::StudyPackage& study_;
    std::optional<Examiner> examiner_;
    Opening result_;
    std::vector<BatchFacts> facts_;
    std::map<crypto::Id, std::uint64_t> copies_of_;  ///< by device
    SeenSubmissions seen_;
    std::set<std::string, std::less<>> carried_;  ///< hashes of withdrawal, of the submissions so far
    std::set<crypto::Id> withdrawn_, contradicted_;
    std::map<crypto::Id, crypto::Id> exported_;  ///< submission -> device
    std::vector<NamedMedia> named_;
    std::map<MediaKeyOfParts, std::vector<MediaPart>> parts_;  ///< as they came: some may be here twice
    std::map<crypto::Id, std::size_t> verdicts_of_;            ///< device -> index into result_.verdicts
};

std::vector<sync::ReceiptEntry>* entries_of(Opening& opening, const crypto::Id& device) {
    const auto found = std::ranges::find(opening.verdicts, device, &DeviceVerdicts::device);
    return found == opening.verdicts.end() ? nullptr : &found->entries;
}

bool is_part_of(const WholeMedia& media, const sync::ReceiptEntry& entry) {
    return entry.batch_sequence == sync::media_sequence &&
           std::ranges::find(media.sealed, entry.file_sha256) != media.sealed.end();
}

}  // namespace

void correct_verdicts(Opening& opening) {
    for (const WholeMedia& media : opening.media.unreadable)
        if (auto* entries = entries_of(opening, media.named.key.device))
            std::erase_if(*entries,
                          [&](const sync::ReceiptEntry& entry) { return is_part_of(media, entry); });
    for (const WholeMedia& media : opening.media.wrong)
        if (auto* entries = entries_of(opening, media.named.key.device))
            for (sync::ReceiptEntry& entry : *entries)
                if (is_part_of(media, entry)) entry.verdict = sync::Verdict::quarantined;
}

Result<Opening> open_inbox(const OpeningContext& context,
                           const std::function<void(std::size_t, std::size_t)>& on_file) {
    return Opener(context).run(on_file);
}

}  // namespace fieldfare::researcher
