#include "client/researcher/examining.h"

#include <algorithm>
#include <set>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/output_file.h"
#include "client/researcher/simulated_device.h"
#include "client/researcher/study_file.h"
#include "crypto/hash.h"
#include "crypto/withdrawal.h"

namespace fieldfare::researcher {
namespace {

/// A restored or cloned machine goes on twice, perhaps a few times more. What a batch has beyond that
/// somebody made, to fill the memory of whoever opens it: each may hold 64 MiB of answers.
constexpr std::size_t most_branches = 8;

Reason too_many_branches() {
    return {"too_many_branches",
            "This batch is here in more than " + std::to_string(most_branches) +
                " versions that contradict each other, which no restored or copied machine brings about. "
                "Nothing of this file was exported. Keep it, and ask who has this device's key."};
}

/// Puts the file among those kept, or not; returns the one that another makes superfluous.
std::optional<Examined::Superseded> weigh(VerifiedFile& file, std::vector<VerifiedFile>& kept) {
    for (VerifiedFile& other : kept) {
        switch (crypto::compare(file.batch, other.batch)) {
            case crypto::Succession::same:
                return Examined::Superseded{std::move(file), true};
            case crypto::Succession::newer:
                std::swap(file, other);
                [[fallthrough]];
            case crypto::Succession::older:
                return Examined::Superseded{std::move(file), false};
            case crypto::Succession::branched:
            case crypto::Succession::unrelated:
                break;
        }
    }
    kept.push_back(std::move(file));
    return std::nullopt;
}

Reason of_another_study() {
    return {"other_study",
            "This belongs to another study that is sealed to the same key; open it with that study's file."};
}

/// Of what is refused, codes act all the same. They are short.
void keep_withdrawals(crypto::OpenedBatch&& batch, Examined& examined) {
    std::erase_if(batch.records, [](const crypto::BatchRecord& record) {
        return record.type != crypto::RecordType::withdraw || !crypto::withdrawal_code_in(record.payload);
    });
    if (!batch.records.empty()) examined.withdrawals.push_back(std::move(batch));
}

/// It gives nothing to the others: refused, or counted where records were cut out and no other is lost.
void pass_over(const DamagedFile& file, Examined& examined) {
    const auto pass = [&](const std::string& name, const Reason& reason) {
        if (reason.word == "redacted")
            ++examined.redacted;
        else
            examined.refused.push_back({name, reason, {}});
    };
    pass(file.name, file.reason);
    for (const DamagedFile::Other& other : file.others) pass(other.name, other.reason);
}

/// Among the damaged ones, as part of one that is there, or refused since it gives nothing to one. False: it
/// contradicts too many others.
bool taken_up(DamagedFile& file, std::vector<DamagedFile>& damaged, Examined& examined) {
    Merged merged = Merged::apart;
    for (std::size_t i = 0; i < damaged.size() && merged == Merged::apart; ++i)
        merged = merge(damaged[i], file);
    if (merged == Merged::apart && damaged.size() == most_branches) return false;
    if (merged == Merged::apart) damaged.push_back(std::move(file));
    if (merged != Merged::useless) return true;
    pass_over(file, examined);
    return true;
}

/// Those of which there is no intact version as long, each batch once; the others are refused.
std::vector<DamagedFile> still_needed(std::vector<DamagedFile>& damaged, std::span<const VerifiedFile> kept,
                                      Examined& examined) {
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
        if (merged == Merged::useless) pass_over(file, examined);
    }
    return needed;
}

}  // namespace

Examiner::Examiner(const OpeningContext& context, const std::vector<std::string>& names)
    : context_(context), study_(context.editions.front().study) {
    for (const Edition& edition : context.editions) add_material(material_, edition.study);
    trace_revoked(names);
}

std::vector<std::vector<std::string>> Examiner::grouped(const std::vector<std::string>& names) const {
    std::vector<std::vector<std::string>> groups;
    std::map<crypto::Digest, std::size_t> group_of;
    for (const std::string& name : names) {
        // The header tag, which anyone can see, is the same in every version of a batch.
        const auto head = read_head(context_.inbox / name, crypto::max_batch_header);
        const auto outline =
            head ? crypto::outline_of_damaged(crypto::bytes_of(*head))
                 : crypto::Result<crypto::BatchOutline>(tl::unexpected(crypto::Error::not_readable));
        if (!outline) {  // it is read and refused in its turn
            groups.push_back({name});
            continue;
        }
        const auto [place, fresh] = group_of.emplace(outline->header_tag, groups.size());
        if (fresh) groups.emplace_back();
        groups[place->second].push_back(name);
    }
    return groups;
}

Examined Examiner::examine(const std::vector<std::string>& versions) const {
    Examined examined;
    std::vector<DamagedFile> damaged;
    std::vector<VerifiedFile> kept;
    std::set<crypto::Digest> seen;
    for (const std::string& name : versions) {
        auto file = verified(name, examined, damaged);
        if (!file) continue;
        const bool again = !seen.insert(file->sha256).second;
        if (auto loser = weigh(*file, kept)) {
            loser->copy = loser->copy || again;
            loser->file.batch.records.clear();
            examined.superseded.push_back(std::move(*loser));
        } else if (kept.size() > most_branches && counts_here(kept.back().batch)) {
            examined.refused.push_back({name, too_many_branches(), kept.back().batch.close.device});
            keep_withdrawals(std::move(kept.back().batch), examined);
            kept.pop_back();
        }
    }
    for (DamagedFile& file : still_needed(damaged, kept, examined)) {
        auto judged = judge(file.rest.batch);
        examined.damaged.push_back({std::move(file), std::move(judged)});
    }
    for (VerifiedFile& file : kept) {
        auto judged = judge(file.batch);
        examined.kept.push_back({std::move(file), std::move(judged)});
    }
    return examined;
}

std::optional<VerifiedFile> Examiner::verified(const std::string& name, Examined& examined,
                                               std::vector<DamagedFile>& damaged) const {
    const auto refuse = [&](Reason reason, std::optional<crypto::Id> device = {}) {
        examined.refused.push_back({name, std::move(reason), device});
        return std::nullopt;
    };
    std::error_code error;  // before it is read: anyone can put a file as large as the disk into a store
    if (const auto size = std::filesystem::file_size(context_.inbox / name, error);
        !error && size > crypto::max_batch_file)
        return refuse(reason_for(crypto::Error::too_large));
    auto bytes = read_file(context_.inbox / name, crypto::max_batch_file);
    if (!bytes) return refuse({"unreadable", bytes.error().sentence});
    const crypto::ByteView view = crypto::bytes_of(*bytes);
    const crypto::Digest sha256 = crypto::sha256(view);
    const auto shares = context_.shares.of_file(view);
    for (const crypto::ReleasedShare& share : shares)
        if (!crypto::fits(share, view))
            examined.forged_shares.push_back({name, context_.shares.file_of(share)});
    auto batch = read_here(context_.inbox / name, view, context_.identities, material_, shares);
    if (!batch) {
        const std::string promised = promised_hash(name);
        const bool altered = !promised.empty() && promised != crypto::to_hex(sha256);
        Reason reason = altered ? misnamed() : reason_for(batch.error());
        if (batch.error() == crypto::Error::damaged)
            if (auto rest =
                    salvage_here(context_.inbox / name, view, context_.identities, material_, shares)) {
                const bool redacted = only_redacted(*rest);
                if (redacted) reason = redacted_here();
                if (context_.salvage == Salvage::yes)
                    reason = redacted ? redacted_with_salvage() : damaged_with_salvage();
                if (!counts_here(rest->batch)) rest->batch.records.clear();
                if (context_.salvage == Salvage::yes)
                    if (const auto objection = objection_to_revoked(rest->batch))
                        return refuse(nothing_salvaged(reason, *objection), rest->batch.close.device);
                DamagedFile file(name, reason, std::move(*rest));
                if (context_.salvage == Salvage::yes && taken_up(file, damaged, examined))
                    return std::nullopt;
                keep_withdrawals(std::move(file.rest.batch), examined);
            }
        return refuse(std::move(reason));
    }
    // What counts for nothing is no gap either, and is not told to the device.
    if (auto reason = objection_to_revoked(*batch)) return refuse(std::move(*reason), batch->close.device);
    // Anyone can make such files, with as much in them as a batch can hold: one at a time is in memory.
    if (!counts_here(*batch)) batch->records.clear();
    try_other_keys(name, view, *batch, examined);
    return VerifiedFile{name, sha256, std::move(*batch)};
}

bool Examiner::counts_here(const crypto::OpenedBatch& batch) const {
    return batch.close.study == study_.policy().study_id && context_.roster.find(batch.open.device_key);
}

// One key is enough to open it, and the others are needed on the day when that one is lost.
void Examiner::try_other_keys(const std::string& name, crypto::ByteView file,
                              const crypto::OpenedBatch& batch, Examined& examined) const {
    if (!counts_here(batch)) return;
    for (std::size_t i = 0; i < context_.identities.size(); ++i) {
        const crypto::Recipient& ours = context_.identities[i].recipient();
        const auto& listed = batch.open.recipients;
        if (batch.identity == i || std::ranges::find(listed, ours.box_key) == listed.end()) continue;
        const bool opens =
            batch.open.quorum == 0
                ? crypto::inspect_batch(file, context_.identities.subspan(i, 1), material_).has_value()
                : crypto::extract_share(file, context_.identities[i]).has_value();
        if (!opens)
            examined.sealed_wrongly.push_back(
                {name, ours.label.empty() ? name_of(ours.box_key, study_) : ours.label, batch.close.device,
                 batch.close.batch_sequence});
    }
}

std::optional<Reason> Examiner::objection_to_rules(const crypto::Digest& policy, std::uint8_t quorum) const {
    const bool known = std::ranges::any_of(context_.editions, [&](const Edition& edition) {
        const auto& before = edition.study.policy().predecessors;
        return edition.study.policy_digest() == policy ||
               std::ranges::find(before, policy, &study::Predecessor::policy_digest) != before.end();
    });
    if (!known)
        return Reason{"other_rules",
                      "This was sealed under rules that this study file does not know; open with the newest "
                      "study file."};
    const auto its = std::ranges::find_if(
        context_.editions, [&](const Edition& edition) { return edition.study.policy_digest() == policy; });
    const int wanted = (its == context_.editions.end() ? study_ : its->study).policy().opening_quorum;
    if (wanted == quorum) return std::nullopt;
    // Of earlier rules whose study file is not here, only their digest is known: they may have said so.
    if (its == context_.editions.end())
        return Reason{"earlier_quorum",
                      "This was sealed under earlier rules, to be opened by " +
                          (quorum == 0 ? "one key alone" : std::to_string(quorum) + " custodians together") +
                          ", and this study file demands otherwise; whether the earlier rules allowed it is "
                          "not known here. Open again with the study file of that version as --earlier."};
    return Reason{"other_quorum", "The study demands that " + std::to_string(wanted) +
                                      " custodians co-operate, and the device sealed this otherwise; "
                                      "its program was altered. Nothing of it was exported."};
}

// Every record decoded, or why a verified batch is not taken all the same.
Verdict Examiner::judge(const crypto::OpenedBatch& batch) const {
    const auto refusal = [](std::string word, std::string sentence) {
        return tl::unexpected(Reason{std::move(word), std::move(sentence)});
    };
    if (batch.close.study != study_.policy().study_id) return tl::unexpected(of_another_study());
    if (auto reason = objection_of_roster(batch)) return tl::unexpected(std::move(*reason));
    if (auto reason = objection_to_rules(batch.close.policy_digest, batch.open.quorum))
        return tl::unexpected(std::move(*reason));
    Judged judged;
    for (const Edition& edition : context_.editions)
        if (!judged.edition && edition.study.form_hash() == batch.open.form_hash) judged.edition = &edition;
    if (!judged.edition)
        return refusal("other_form",
                       "This was filled in with another version of the form than this study file has; "
                       "open again with the "
                       "study file of that version as --earlier.");
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const crypto::BatchRecord& record = batch.records[i];
        const auto faulty = [&] {
            return refusal("bad_record",
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

tl::expected<VerifiedPart, MediaRefusal> Examiner::media_part_of(const std::string& name) const {
    return media_part(context_.inbox, name, context_.identities, material_, context_.shares);
}

std::optional<Reason> Examiner::objection_to_media(const crypto::MediaHead& head) const {
    if (head.study != study_.policy().study_id) return of_another_study();
    if (!context_.roster.find(head.device_key)) {
        crypto::BatchOpen open;  // of which it takes what media say too
        open.device_key = head.device_key;
        open.policy_digest = head.policy_digest;
        return unknown_device(study_, open);
    }
    return objection_to_rules(head.policy_digest, head.quorum);
}

// Of devices revoked after some batch, that batch and its ancestors: they count, however late they come
// and whatever number a forged one bears. Needs a pass of its own, only when there is such a device.
void Examiner::trace_revoked(const std::vector<std::string>& names) {
    std::map<crypto::Id, crypto::BatchId> ends;
    std::set<crypto::Id> devices;
    for (const study::RosterDevice& device : context_.roster.devices)
        if (device.revoked && device.revoked->last_accepted != crypto::BatchId{}) {
            const crypto::Id id = crypto::device_id(device.key);
            ends[id] = device.revoked->last_accepted;
            devices.insert(id);
        }
    const auto batches =
        linked_batches(context_.inbox, names, devices, context_.identities, context_.shares, material_);
    for (const auto& [device, of_device] : batches)
        lineages_[device] = researcher::lineage_of(ends[device], of_device);
}

std::optional<Reason> Examiner::objection_of_roster(const crypto::OpenedBatch& batch) const {
    static const Lineage none;
    const auto found = lineages_.find(batch.close.device);
    return roster_objection(context_.roster, study_, batch, found == lineages_.end() ? none : found->second);
}

// What a revoked device made up later must not take the place of what counts, as a longer version of
// it. Nothing for all other batches.
std::optional<Reason> Examiner::objection_to_revoked(const crypto::OpenedBatch& batch) const {
    const study::RosterDevice* device = context_.roster.find(batch.open.device_key);
    if (!device || !device->revoked || batch.close.study != study_.policy().study_id) return {};
    return objection_of_roster(batch);
}

}  // namespace fieldfare::researcher
