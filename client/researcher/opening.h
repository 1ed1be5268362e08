#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/exports.h"
#include "client/researcher/gap_report.h"
#include "client/researcher/media_inbox.h"
#include "client/researcher/receipt_box.h"
#include "client/researcher/redactions.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/share_files.h"
#include "client/researcher/withdrawals.h"
#include "client/study/study_package.h"
#include "crypto/batch_salvage.h"
#include "crypto/identity.h"

namespace fieldfare::researcher {

/// A file of the inbox whose records were not exported, and why.
struct Refused {
    std::string file;
    Reason reason;
    std::optional<crypto::Id> device;  ///< where a signature proves it
};

/// A damaged file of whose batch records were exported, marked as salvaged. The device keeps its whole copy.
struct Salvaged {
    struct File {
        std::string name;
        std::string sentence;  ///< what is wrong with it, and what to do
    };
    std::vector<File> files;  ///< the longest version first; more where each had something
    crypto::Id device{};
    std::uint64_t batch = 0;    ///< the device's number of it
    std::uint64_t records = 0;  ///< that the device signed
    std::vector<crypto::LostRecord> lost;
    std::vector<std::string> submissions;  ///< ids of those exported from it
    bool only_redacted = false;  ///< records were cut out of the one file of it, and no other is lost
};

/// One record that says something else than an earlier one of the same submission id; the earlier one stands.
struct Contradiction {
    std::string file, submission;
};

/// What `archive redact` has cut out of this inbox, and is there again, in another file. It was left out.
struct CameBack {
    std::string file;
    std::string submission;  ///< its id; empty when its respondent has withdrawn, since who has is not told
};

/// A share that was given for a batch in a custodian's name, and is not the one which the device put into it.
struct ForgedShare {
    std::string file;
    ShareFileGiven given;  ///< the file of shares in which it came
};

/// A batch of which the device says that it is sealed to this key of ours, and which does not open with it.
struct SealedWrongly {
    std::string file, key;
    crypto::Id device{};
    std::uint64_t batch = 0;
};

/// What a run over an inbox has found. Grows with the number of batches, about half a kilobyte each, never
/// with their contents.
struct Opening {
    std::uint64_t files = 0;          ///< in the inbox, media among them
    std::uint64_t batches = 0;        ///< of which records were exported
    std::uint64_t interviews = 0;     ///< exported
    std::uint64_t repeated = 0;       ///< records that were there before: counted once
    std::uint64_t withdrawn = 0;      ///< submissions left out because their respondents withdrew
    std::uint64_t unknown_codes = 0;  ///< codes of withdrawal that are of no submission here, now or before
    std::uint64_t superseded = 0;     ///< shorter versions of a batch that is here in a longer one
    std::uint64_t copies = 0;         ///< files that say again what another one here says
    /// With Salvage::yes: files of which records were cut out, and that add nothing to another one here.
    std::uint64_t redacted = 0;
    std::vector<Refused> refused;  ///< in the order of the files
    std::vector<Salvaged> salvaged;
    std::vector<Contradiction> contradictions;
    std::vector<CameBack> came_back;
    std::vector<ForgedShare> forged_shares;
    std::vector<SealedWrongly> sealed_wrongly;
    std::vector<ShareFileGiven> share_files;  ///< as they were given
    bool roster_unguarded = false;  ///< the inbox's copy of the newest roster could not be compared with
    MediaFindings media;            ///< nothing of them was written yet
    std::vector<DeviceReport> devices;
    std::vector<DeviceVerdicts> verdicts;  ///< to be told to the devices of the roster
    Withdrawals withdrawals;               ///< the codes given, and those that the batches hold
    /// A code came after the submission that it withdraws, which is among the exports: they are to be thrown
    /// away, and the inbox opened anew with these withdrawals.
    bool withdrawn_late = false;
};

/// A version of the study's form, and where its submissions go.
struct Edition {
    const study::StudyPackage& study;
    Exports& exports;
    std::filesystem::path folder;
};

struct OpeningContext {
    std::span<const Edition> editions;  ///< one at least; the first is the newest, which rules
    const study::Roster& roster;
    std::span<const crypto::Identity> identities;
    const Shares& shares;
    std::filesystem::path inbox;
    const Withdrawals& withdrawals;
    const Redactions& redactions;
    Salvage salvage = Salvage::no;
    unsigned workers = 1;  ///< threads that verify and decode (ordered_work.h); the exports are the same
};

/// Reads every batch of the inbox: verifies it, then judges it (study, roster, rules, form), then decodes all
/// of its records, and only then exports them. Two batches a worker stand in memory at a time. A batch is
/// exported whole or not at all; one bad batch stops no other. With Salvage::yes a damaged file of which no
/// intact version is here gives the records that hold, if nothing else is against it; it gets no receipt. The
/// order is that of the file names, so that the same inbox gives the same bytes. Media come after all
/// answers, since these say which are wanted; one that is missing stops nothing. `on_file` is called before
/// each file with how many are done and how many there are. Fails only when the inbox can't be read or
/// exports can't be written.
Result<Opening> open_inbox(const OpeningContext& context,
                           const std::function<void(std::size_t, std::size_t)>& on_file);

/// After the media were put together (media_output.h): a device is told nothing of those that could not be
/// read again, and is to keep those that are not what their interview names.
void correct_verdicts(Opening& opening);

}  // namespace fieldfare::researcher
