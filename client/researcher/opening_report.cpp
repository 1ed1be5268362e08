#include "client/researcher/opening_report.h"

#include <algorithm>
#include <map>

#include "client/researcher/earlier_results.h"
#include "client/researcher/json_text.h"
#include "client/researcher/salvaged_batch.h"
#include "client/researcher/study_file.h"
#include "client/study/enrolment.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_reason = 1024 * 1024;
constexpr std::size_t came_back_in_full = 20;
constexpr std::size_t refused_in_full = 20;  ///< sentences on the terminal; each has its file in quarantine/

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

/// For a file name that may be anything.
std::string safe_name(const std::string& name) {
    std::string safe = shown(name);
    std::ranges::replace(safe, '/', '?');
    return safe.substr(0, 200);
}

bool has_gaps(const Opening& opening) {
    return std::ranges::any_of(opening.devices,
                               [](const DeviceReport& device) { return !device.gaps.empty(); });
}

bool has_branches(const Opening& opening) {
    return std::ranges::any_of(opening.devices,
                               [](const DeviceReport& device) { return !device.branches.empty(); });
}

std::vector<std::uint64_t> lost_for(const Salvaged& salvaged, crypto::Loss why) {
    std::vector<std::uint64_t> numbers;
    for (const crypto::LostRecord& lost : salvaged.lost)
        if (lost.why == why) numbers.push_back(lost.sequence);
    return numbers;
}

/// "record 3", "records 3 and 5 to 9".
std::string records_text(const std::vector<std::uint64_t>& numbers) {
    return (numbers.size() == 1 ? "record " : "records ") + number_list(numbers);
}

std::string word_for(crypto::Loss why) {
    switch (why) {
        case crypto::Loss::rotten:
            return "rotten";
        case crypto::Loss::faulty:
            return "faulty";
        case crypto::Loss::redacted:
            return "redacted";
    }
    return {};
}

std::string salvaged_text(const Salvaged& salvaged, const study::Roster& roster) {
    std::string text = "SALVAGED: " + std::to_string(salvaged.records - salvaged.lost.size()) + " of " +
                       counted(salvaged.records, "record", "records") + " of batch " +
                       std::to_string(salvaged.batch) + " of " + device_name(roster, salvaged.device) +
                       ", from ";
    for (std::size_t i = 0; i < salvaged.files.size(); ++i)
        text += (i == 0 ? "" : " and ") + safe_name(salvaged.files[i].name);
    text += ". ";
    const auto rotten = lost_for(salvaged, crypto::Loss::rotten);
    const auto redacted = lost_for(salvaged, crypto::Loss::redacted);
    const auto faulty = lost_for(salvaged, crypto::Loss::faulty);
    if (!rotten.empty()) text += "Lost: " + records_text(rotten) + ". ";
    if (!redacted.empty()) text += "Redacted: " + records_text(redacted) + ". ";
    if (!faulty.empty())
        text += "Broken by the device's program: " + records_text(faulty) + "; report it to the makers. ";
    const std::string& first = salvaged.files.front().sentence;
    if (std::ranges::all_of(salvaged.files, [&](const auto& file) { return file.sentence == first; }))
        return text + first + "\n";
    for (const Salvaged::File& file : salvaged.files)
        text += "\n  " + safe_name(file.name) + ": " + file.sentence;
    return text + "\n";
}

std::uint64_t interviews_of(const std::vector<Salvaged>& salvaged) {
    std::uint64_t count = 0;
    for (const Salvaged& batch : salvaged) count += batch.submissions.size();
    return count;
}

/// As the device itself shows them of its newest batch.
std::vector<std::string> newest_digits(const DeviceReport& device, const study::Roster& roster) {
    std::vector<std::string> digits;
    const study::RosterDevice* entry = find_device(roster, device.device);
    if (entry == nullptr) return digits;
    for (const crypto::BatchId& batch : device.newest_ids)
        digits.push_back(crypto::to_string(study::head_number(entry->key, device.newest_batch, batch)));
    return digits;
}

std::string device_text(const DeviceReport& device, const study::Roster& roster) {
    std::string text =
        "  " + device_name(roster, device.device) + ": " +
        counted(device.records, "interview that opens", "interviews that open") + " here, in " +
        counted(device.batches, "batch", "batches") +
        (device.salvaged > 0 ? " (" + std::to_string(device.salvaged) + " of them salvaged)" : "") +
        ", the newest is batch " + std::to_string(device.newest_batch);
    if (const auto* entry = find_device(roster, device.device); entry && entry->revoked)
        text += ", revoked on " + iso_day(entry->revoked->day);
    if (device.copies > 0) text += ", " + counted(device.copies, "copy came", "copies came") + " besides";
    if (device.refused > 0) text += ", and " + counted(device.refused, "refused batch", "refused batches");
    if (device.provisional) text += ", not closed for good: a longer version may follow";
    if (device.finished) text += "; the device says that it will send no more";
    text += "\n";
    for (const std::string& digits : newest_digits(device, roster))
        text += "    Of that batch the device shows " + digits + ", unless it has sealed another since.\n";
    for (const crypto::BatchId& id : device.newest_ids)
        text += "    The id of that batch is " + crypto::to_hex(id) + ".\n";
    for (const Gap& gap : device.gaps)
        text +=
            "    MISSING: " + sentence_for(gap) +
            ". Sync that device again. If it no longer has them, fetch from every store. A batch that was "
            "refused as damaged below may be the one.\n";
    for (const std::uint64_t sequence : device.branches)
        text += "    From batch " + std::to_string(sequence) +
                " on there are two lines: the device was restored from a backup or cloned. Both are kept; " +
                (device.refused == 0 ? "nothing is wrong with either.\n"
                                     : "of what was refused of this device the reason is in quarantine/.\n");
    return text;
}

/// A share that is wrong proves nothing of the custodian whose name it bears unless that key signed it.
std::string text_for(const ForgedShare& share) {
    const ShareFileGiven& given = share.given;
    const std::string wrong = " is not the share that the device made for them";
    switch (given.signed_by) {
        case SignedBy::custodian:
            return "WRONG SHARE: what " + given.custodian + " released for " + safe_name(share.file) + wrong +
                   "; their key signed it. Ask them to run \"custody extract\" again, and to look whether "
                   "somebody else has their key.\n";
        case SignedBy::another:
            return "WRONG SHARE: what came for " + safe_name(share.file) + " in the name of " +
                   given.custodian + wrong + ". It was not signed with the key that the study file lists " +
                   "for them, but with one of the digits " + given.signer + ".\n";
        case SignedBy::unknown:
            break;
    }
    return "WRONG SHARE: what came for " + safe_name(share.file) + " in the name of " + given.custodian +
           wrong + ". Whether they made it is not known here: compare the digits " + given.signer +
           " with theirs (\"key show\"); if they differ, somebody else made it.\n";
}

std::string text_for(const ShareFileGiven& given) {
    if (!given.refused.empty()) return "SHARES NOT READ: " + given.refused + "\n";
    if (given.signed_by != SignedBy::another) return {};
    return "SHARES OF ANOTHER HAND: " + given.file + " is in the name of " + given.custodian +
           ", and not signed with the key that the study file lists for them, but with one of the digits " +
           given.signer + "; ask who made it.\n";
}

void put_signer(JsonObject& object, const ShareFileGiven& given) {
    object.put("custodian", given.custodian).put("signer", given.signer);
    object.put_json("signed_by_custodian", given.signed_by == SignedBy::custodian ? "true"
                                           : given.signed_by == SignedBy::another ? "false"
                                                                                  : "null");
}

bool needs_a_look(const ShareFileGiven& given) {
    return !given.refused.empty() || given.signed_by == SignedBy::another;
}

/// Of a file in quarantine/ that an earlier run has written: the folder may hold the researcher's own notes.
bool is_reason(const fs::path& file) {
    const auto text = file.extension() == ".txt" ? read_file(file, longest_reason) : could_not("");
    return text && text->find("\nreason: ") != std::string::npos;
}

std::string text_for(const CameBack& again) {
    const bool withdrawn = again.submission.empty();
    return "REDACTED, AND STILL HERE: " +
           (withdrawn ? "what was withdrawn" : "submission " + again.submission) +
           " was cut out of this inbox, or was to be, and stands in " + safe_name(again.file) +
           ". It was left out of the results. Cut it out of that file, too: \"archive redact " +
           (withdrawn ? "--withdrawn" : "--submission " + again.submission) + "\".\n";
}

constexpr std::size_t lacking_in_full = 20;  ///< on the terminal; --json has all

std::uint64_t lacking_as(const MediaFindings& media, std::string_view why) {
    return static_cast<std::uint64_t>(std::ranges::count(media.lacking, why, &LackingMedia::why));
}

std::string media_text(const MediaFindings& media) {
    if (!media.any()) return {};
    std::string text = "Media: " + counted(media.written, "file", "files");
    if (const auto missing = lacking_as(media, "missing"); missing > 0)
        text += "; " + counted(missing, "is", "are") + " not here yet";
    if (const auto incomplete = lacking_as(media, "incomplete"); incomplete > 0)
        text += "; " + counted(incomplete, "is", "are") + " not complete";
    if (const auto wrong = lacking_as(media, "wrong"); wrong > 0)
        text +=
            "; " + counted(wrong, "is not what its interview names", "are not what their interviews name");
    if (const auto unreadable = lacking_as(media, "unreadable"); unreadable > 0)
        text += "; " + counted(unreadable, "was", "were") + " not readable a second time";
    if (media.waiting > 0)
        text += "; " +
                counted(media.waiting, "waits for its interview, which is",
                        "wait for their interviews, which are") +
                " not here";
    if (media.withdrawn > 0)
        text += "; " +
                counted(media.withdrawn, "is of an interview that was", "are of interviews that were") +
                " withdrawn, and left out";
    if (media.unnamed > 0)
        text += "; " + counted(media.unnamed, "is", "are") +
                " named by no interview: kept in the inbox, and not used";
    if (media.unnamed_of_contradictions > 0)
        text += " (" + std::to_string(media.unnamed_of_contradictions) +
                " of them may be of what contradicts another, below)";
    if (media.redacted > 0)
        text += "; " + counted(media.redacted, "sealed file was", "sealed files were") + " redacted here";
    text += "\n";
    for (std::size_t i = 0; i < std::min(lacking_in_full, media.lacking.size()); ++i) {
        const LackingMedia& each = media.lacking[i];
        text += "  " + each.name + " of " + each.submission;
        if (each.why == "wrong")
            text +=
                " IS NOT what the interview names, though the device signed its parts; its program is "
                "faulty or was altered. Report it to the makers.\n";
        else if (each.why == "unreadable")
            text += " could not be read a second time; the disk may be failing. Open again.\n";
        else if (each.here == 0)
            text += " is not here. It comes with a later sync of the device; the answers are whole.\n";
        else
            text += ": " + std::to_string(each.here) + " of " + std::to_string(each.parts) +
                    " parts are here. The others come with a later sync of the device.\n";
    }
    if (media.lacking.size() > lacking_in_full)
        text += "  and " + std::to_string(media.lacking.size() - lacking_in_full) + " more\n";
    return text;
}

void put_media(JsonObject& object, const MediaFindings& media) {
    std::vector<std::string> lacking;
    for (const LackingMedia& each : media.lacking) {
        lacking.push_back(JsonObject()
                              .put("submission", each.submission)
                              .put("name", each.name)
                              .put("why", each.why)
                              .put("parts", each.parts)
                              .put("here", each.here)
                              .text());
    }
    object.put("media", JsonObject()
                            .put("whole", media.written)
                            .put("missing", lacking_as(media, "missing"))
                            .put("incomplete", lacking_as(media, "incomplete"))
                            .put("wrong", lacking_as(media, "wrong"))
                            .put("unreadable", lacking_as(media, "unreadable"))
                            .put("waiting", media.waiting)
                            .put("withdrawn", media.withdrawn)
                            .put("redacted", media.redacted)
                            .put("unnamed", media.unnamed)
                            .put("unnamed_of_contradictions", media.unnamed_of_contradictions)
                            .put_json("lacking", json_array(lacking)));
}

}  // namespace

ExitCode verdict_of(const Opening& opening) {
    // What somebody cut out on purpose is nothing new to look at, and never goes away again.
    const bool rotten = !std::ranges::all_of(opening.salvaged, &Salvaged::only_redacted);
    const bool look = !opening.refused.empty() || rotten || !opening.contradictions.empty() ||
                      !opening.came_back.empty() || !opening.forged_shares.empty() ||
                      std::ranges::any_of(opening.share_files, needs_a_look) ||
                      !opening.sealed_wrongly.empty() || opening.roster_unguarded || has_gaps(opening) ||
                      has_branches(opening) || !opening.media.lacking.empty() || opening.media.waiting > 0;
    return look ? ExitCode::findings : ExitCode::fine;
}

std::string report_text(const Opening& opening, const study::Roster& roster) {
    std::string text = counted(opening.interviews, "interview", "interviews") + " from " +
                       counted(opening.batches, "batch", "batches") + " of " +
                       counted(opening.devices.size(), "device", "devices");
    if (opening.repeated > 0)
        text += "; " + counted(opening.repeated, "record", "records") + " came twice and counted once";
    if (!opening.salvaged.empty())
        text += "; " + counted(interviews_of(opening.salvaged), "interview was", "interviews were") +
                " salvaged, and marked so";
    if (opening.withdrawn > 0)
        text += "; " +
                counted(opening.withdrawn, "was taken back by its respondent",
                        "were taken back by their respondents") +
                " and left out";
    if (opening.unknown_codes > 0)
        text += "; " + counted(opening.unknown_codes, "withdrawal code is", "withdrawal codes are") +
                " of no submission of this study that opens here";
    if (opening.superseded > 0)
        text += "; " +
                counted(opening.superseded, "file is an older version of a batch that is",
                        "files are older versions of batches that are") +
                " here whole";
    if (opening.redacted > 0)
        text += "; " +
                counted(opening.redacted, "file that was redacted is of a batch that is",
                        "files that were redacted are of batches that are") +
                " here otherwise";
    if (opening.copies > 0)
        text += "; " +
                counted(opening.copies, "file is a copy of a batch that is",
                        "files are copies of batches that are") +
                " here already";
    text += "\n";
    if (!roster.devices.empty())
        text += "Judged by version " + std::to_string(roster.version) + " of the roster, of " +
                iso_day(roster.day) + "\n";
    for (const DeviceReport& device : opening.devices) text += device_text(device, roster);
    text += media_text(opening.media);
    for (const Salvaged& batch : opening.salvaged) text += salvaged_text(batch, roster);
    for (const Contradiction& contradiction : opening.contradictions)
        text += "CONTRADICTION: submission " + contradiction.submission + " in " +
                safe_name(contradiction.file) +
                " has other answers than one of the same id that came before it; the first stands. The "
                "device keeps its copy. Ask who used it, and compare the two, before you rely on this "
                "interview.\n";
    for (std::size_t i = 0; i < std::min(came_back_in_full, opening.came_back.size()); ++i)
        text += text_for(opening.came_back[i]);
    if (opening.came_back.size() > came_back_in_full)
        text += "  and " + std::to_string(opening.came_back.size() - came_back_in_full) +
                " more of what was redacted, see --json\n";
    for (const ForgedShare& share : opening.forged_shares) text += text_for(share);
    for (const ShareFileGiven& given : opening.share_files) text += text_for(given);
    for (const SealedWrongly& batch : opening.sealed_wrongly)
        text += "SEALED WRONGLY: batch " + std::to_string(batch.batch) + " of " +
                device_name(roster, batch.device) + " (" + safe_name(batch.file) +
                ") says that it is sealed to " + batch.key +
                ", and does not open with that key, only with another; the device's program is faulty or "
                "was altered. Keep the other key, and report it to the makers.\n";
    if (!opening.refused.empty())
        text += counted(opening.refused.size(), "file was refused; nothing of it is",
                        "files were refused; nothing of them is") +
                " in the results:\n";
    for (std::size_t i = 0; i < std::min(refused_in_full, opening.refused.size()); ++i)
        text += "  " + safe_name(opening.refused[i].file) + ": " + opening.refused[i].reason.sentence + "\n";
    if (opening.refused.size() > refused_in_full)
        text +=
            "  and " + std::to_string(opening.refused.size() - refused_in_full) + " more, see quarantine/\n";
    return text;
}

void put_report(JsonObject& object, const Opening& opening, const study::Roster& roster) {
    std::vector<std::string> refused, contradictions, came_back, devices, forged_shares, salvaged,
        share_files, sealed_wrongly;
    for (const ForgedShare& share : opening.forged_shares) {
        JsonObject entry;
        entry.put("file", share.file).put("shares", share.given.file);
        put_signer(entry, share.given);
        forged_shares.push_back(entry.text());
    }
    for (const ShareFileGiven& given : opening.share_files) {
        JsonObject entry;
        entry.put("file", given.file);
        if (given.refused.empty()) {
            put_signer(entry, given);
            entry.put("batches", given.shares);
        } else {
            entry.put("refused", given.refused);
        }
        share_files.push_back(entry.text());
    }
    for (const SealedWrongly& batch : opening.sealed_wrongly)
        sealed_wrongly.push_back(JsonObject()
                                     .put("file", batch.file)
                                     .put("device", crypto::to_hex(batch.device))
                                     .put("batch", batch.batch)
                                     .put("key", batch.key)
                                     .text());
    for (const Refused& file : opening.refused) {
        JsonObject entry;
        entry.put("file", file.file).put("reason", file.reason.word).put("sentence", file.reason.sentence);
        if (file.device) entry.put("device", crypto::to_hex(*file.device));
        refused.push_back(entry.text());
    }
    for (const Salvaged& batch : opening.salvaged) {
        std::vector<std::string> files, lost;
        for (const Salvaged::File& file : batch.files) files.push_back(file.name);
        for (const crypto::LostRecord& record : batch.lost)
            lost.push_back(
                JsonObject().put("record", record.sequence).put("why", word_for(record.why)).text());
        salvaged.push_back(JsonObject()
                               .put_json("files", json_strings(files))
                               .put("device", crypto::to_hex(batch.device))
                               .put("batch", batch.batch)
                               .put("records", batch.records)
                               .put_json("lost", json_array(lost))
                               .put_json("submissions", json_strings(batch.submissions))
                               .text());
    }
    for (const Contradiction& contradiction : opening.contradictions)
        contradictions.push_back(
            JsonObject().put("file", contradiction.file).put("submission", contradiction.submission).text());
    for (const CameBack& again : opening.came_back)
        came_back.push_back(JsonObject().put("file", again.file).put("submission", again.submission).text());
    for (const DeviceReport& device : opening.devices) {
        std::vector<std::string> gaps, branches;
        for (const Gap& gap : device.gaps) {
            JsonObject entry;
            entry.put("first_batch", gap.first_batch).put("last_batch", gap.last_batch);
            if (gap.records) entry.put("records", *gap.records);
            gaps.push_back(entry.put("other_branch", gap.other_branch).text());
        }
        for (const std::uint64_t sequence : device.branches) branches.push_back(std::to_string(sequence));
        std::vector<std::string> newest_ids;
        for (const crypto::BatchId& id : device.newest_ids) newest_ids.push_back(crypto::to_hex(id));
        const study::RosterDevice* entry = find_device(roster, device.device);
        devices.push_back(JsonObject()
                              .put("device", crypto::to_hex(device.device))
                              .put("name", device_name(roster, device.device))
                              .put("batches", device.batches)
                              .put("records", device.records)
                              .put("salvaged", device.salvaged)
                              .put("copies", device.copies)
                              .put("refused", device.refused)
                              .put("newest_batch", device.newest_batch)
                              .put_json("newest_ids", json_strings(newest_ids))
                              .put_json("newest_digits", json_strings(newest_digits(device, roster)))
                              .put_json("gaps", json_array(gaps))
                              .put_json("restored_or_cloned_at", json_array(branches))
                              .put("finished", device.finished)
                              .put("provisional", device.provisional)
                              .put("revoked", entry && entry->revoked)
                              .text());
    }
    object.put("interviews", opening.interviews)
        .put("batches", opening.batches)
        .put("files", opening.files)
        .put("repeated", opening.repeated)
        .put("superseded", opening.superseded)
        .put("copies", opening.copies)
        .put("redacted", opening.redacted)
        .put_json("roster",
                  roster.devices.empty()
                      ? "null"
                      : JsonObject().put("version", roster.version).put("day", iso_day(roster.day)).text())
        .put("withdrawn", opening.withdrawn)
        .put("unknown_codes", opening.unknown_codes)
        .put_json("devices", json_array(devices))
        .put_json("refused", json_array(refused))
        .put_json("salvaged", json_array(salvaged))
        .put_json("contradictions", json_array(contradictions))
        .put_json("came_back", json_array(came_back))
        .put_json("forged_shares", json_array(forged_shares))
        .put_json("share_files", json_array(share_files))
        .put_json("sealed_wrongly", json_array(sealed_wrongly))
        .put("roster_unguarded", opening.roster_unguarded);
    put_media(object, opening.media);
}

Result<void> write_quarantine(const fs::path& folder, const Opening& opening, Overwrite overwrite) {
    std::error_code error;
    if (overwrite == Overwrite::yes && is_own_folder(folder))
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code ignored;
            if (is_reason(entry->path())) fs::remove(entry->path(), ignored);
        }
    if (opening.refused.empty() && opening.salvaged.empty()) return {};
    if (auto made = make_own_folder(folder); !made) return made;
    std::map<std::string, std::string> reasons;  // by file name: two names may become one when made safe
    for (const Refused& file : opening.refused)
        reasons[safe_name(file.file) + ".txt"] +=
            file.reason.sentence + "\nreason: " + file.reason.word + "\n" +
            (file.device ? "device: " + crypto::to_hex(*file.device) + "\n" : "");
    for (const Salvaged& batch : opening.salvaged) {
        std::string text = "\nreason: salvaged\ndevice: " + crypto::to_hex(batch.device) + "\n";
        for (const crypto::LostRecord& lost : batch.lost)
            text += word_for(lost.why) + " record: " + std::to_string(lost.sequence) + "\n";
        for (const std::string& submission : batch.submissions) text += "salvaged: " + submission + "\n";
        for (const Salvaged::File& file : batch.files)
            reasons[safe_name(file.name) + ".txt"] += file.sentence + text;
    }
    for (const auto& [name, text] : reasons)
        if (auto written = write_file(folder / name, text, overwrite); !written) return written;
    return {};
}

}  // namespace fieldfare::researcher
