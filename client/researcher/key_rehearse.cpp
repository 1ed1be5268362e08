#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <utility>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/output_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/salvaged_batch.h"
#include "client/researcher/share_files.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "crypto/batch_reader.h"
#include "crypto/batch_salvage.h"
#include "crypto/custody.h"

namespace fieldfare::researcher {
namespace {

using crypto::BoxKey;

/// How much of a batch is here.
enum class Here {
    damaged,
    redacted,  ///< records were cut out, and every other one holds
    whole,
};

/// What the rehearsal has shown of one device.
struct Rehearsed {
    crypto::Id device{};
    std::string name;
    bool revoked = false;                ///< left out
    std::optional<std::uint64_t> batch;  ///< the number of the one that was tried; nothing: never heard of
    std::string file;                    ///< in which it stands
    Here here = Here::whole;             ///< of that batch
    bool earlier_rules = false;          ///< it was sealed under an earlier study file
    bool by_shares = false;              ///< several custodians open it together
    bool other_quorum = false;           ///< sealed to be opened by more or fewer than the study says
    std::vector<std::string> opened_by;  ///< keys that open it alone, or custodians whose share takes part
    std::vector<std::string> not_by;    ///< keys that were tried in vain, custodians with a wrong share alone
    std::vector<std::string> apart;     ///< custodians whose share the device made so that it does not open
                                        ///< the batch together with those of `opened_by`
    std::vector<std::string> no_share;  ///< custodians who released shares of other batches, and none of it

    bool opens() const {
        return batch && !opened_by.empty() && not_by.empty() && apart.empty() && no_share.empty() &&
               !other_quorum;
    }
    bool ready() const { return revoked || (opens() && here != Here::damaged && !earlier_rules); }
};

struct Rehearsal {
    std::vector<Rehearsed> devices;
    std::vector<std::string> not_tried;  ///< recipients of the study
    std::vector<std::string> in_vain;    ///< those of them of whom shares were given
    std::size_t strangers = 0;           ///< files of devices that are not in the roster
    std::size_t unopened = 0;  ///< files that open with nothing that was given: what they are can't be told,
                               ///< and each may be the newest of some device
    std::size_t damaged = 0;   ///< files of which too little is left to tell: the same of them
    std::size_t others = 0;    ///< files that are no sealed batches
    std::vector<NoFile> not_looked_at;  ///< links and such: one may lead to the newest of some device
    RosterGuard guard = RosterGuard::holds;

    /// Whether some device's newest batch may be here and not have been seen.
    bool may_hide_one() const { return unopened > 0 || damaged > 0 || !not_looked_at.empty(); }
    bool ready() const {
        return !devices.empty() && not_tried.empty() && !may_hide_one() && guard == RosterGuard::holds &&
               std::ranges::all_of(devices, &Rehearsed::ready);
    }
};

/// All that can open anything, and whose it is.
struct Openers {
    const study::StudyPackage& study;
    std::vector<crypto::Identity> identities;
    std::vector<std::string> names;  ///< of the identities, by their files
    Shares shares;
    crypto::StudyMaterial material = material_of(study);

    bool together() const { return study.policy().opening_quorum != 0; }
};

/// The shares of this batch that fit it, one a custodian: those in files, and those of our own keys.
std::vector<crypto::ReleasedShare> fitting_shares(const Openers& openers, crypto::ByteView file,
                                                  std::set<BoxKey>& wrong) {
    std::vector<crypto::ReleasedShare> fitting;
    const auto add = [&](crypto::ReleasedShare&& share) {
        const bool there = std::ranges::any_of(
            fitting, [&](const crypto::ReleasedShare& other) { return other.custodian == share.custodian; });
        if (!there) fitting.push_back(std::move(share));
    };
    for (const crypto::ReleasedShare& share : openers.shares.of_file(file)) {
        if (!crypto::fits(share, file)) {
            // Of a file that somebody else signed the custodian is not accused; it was noted when it was
            // read.
            if (openers.shares.file_of(share).signed_by != SignedBy::another) wrong.insert(share.custodian);
            continue;
        }
        auto part = crypto::copy_of(share);
        if (part) add(std::move(*part));
    }
    for (const crypto::Identity& identity : openers.identities)
        if (auto share = crypto::extract_share(file, identity)) add(std::move(*share));
    return fitting;
}

struct Opened {
    crypto::BatchOpen open;
    Here here = Here::whole;
};

/// Verified as far as it is here.
crypto::Result<Opened> opened_with(const Openers& openers, crypto::ByteView file,
                                   std::span<const crypto::Identity> identities,
                                   std::span<const crypto::ReleasedShare> shares = {}) {
    auto whole = crypto::inspect_batch(file, identities, openers.material, shares);
    if (whole) return Opened{std::move(whole->open)};
    if (whole.error() != crypto::Error::damaged) return tl::unexpected(whole.error());
    auto rest = crypto::inspect_damaged_batch(file, identities, openers.material, shares);
    if (!rest) return tl::unexpected(rest.error());
    return Opened{std::move(rest->batch.open), only_redacted(*rest) ? Here::redacted : Here::damaged};
}

/// Shares in front that open a file together.
struct Together {
    std::size_t quorum = 0;  ///< how many
    Opened opened;
};

/// Whether those in front, up to `chosen`, open the file with some of those from `next` on, `quorum` in all;
/// these stand in front, too, then. Each set is tried once.
std::optional<Together> completed(const Openers& openers, crypto::ByteView file,
                                  std::span<crypto::ReleasedShare> shares, std::size_t quorum,
                                  std::size_t chosen, std::size_t next) {
    if (chosen == quorum) {
        auto opened = opened_with(openers, file, {}, shares.first(quorum));
        if (!opened) return std::nullopt;
        return Together{quorum, std::move(*opened)};
    }
    for (std::size_t i = next; i + (quorum - chosen) <= shares.size(); ++i) {
        std::swap(shares[chosen], shares[i]);
        if (auto together = completed(openers, file, shares, quorum, chosen + 1, i + 1)) return together;
        std::swap(shares[chosen], shares[i]);
    }
    return std::nullopt;
}

/// Puts those in front that open the file together. That a share fits says nothing of its value: a device can
/// deal some of which no one is to blame and only some sets open. A set that is off costs a look at the
/// header.
std::optional<Together> opened_together(const Openers& openers, crypto::ByteView file,
                                        std::vector<crypto::ReleasedShare>& shares) {
    std::set<std::uint8_t> quorums;
    for (const crypto::ReleasedShare& share : shares) quorums.insert(share.quorum);
    for (const std::uint8_t quorum : quorums)
        if (auto together = completed(openers, file, shares, quorum, 0, 0)) return together;
    return std::nullopt;
}

/// Each custodian's share takes part in one opening with as many others as it takes, which open the file
/// together. Those with which it opens lie on one polynomial, and any of them open it. Of one that fits and
/// does not, the device is to blame: nobody else can make a share that fits.
void try_together(const Openers& openers, crypto::ByteView file, Rehearsed& result, std::set<BoxKey>& tried) {
    std::set<BoxKey> wrong;
    auto shares = fitting_shares(openers, file, wrong);
    tried = wrong;
    for (const crypto::ReleasedShare& share : shares) {
        tried.insert(share.custodian);
        wrong.erase(share.custodian);  // the right one is here as well, so that one is somebody else's
    }
    for (const BoxKey& custodian : wrong) result.not_by.push_back(name_of(custodian, openers.study));
    const bool opened = opened_together(openers, file, shares).has_value();
    const std::size_t quorum = shares.empty() ? 0 : shares.front().quorum;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const std::string name = name_of(shares[i].custodian, openers.study);
        bool opens = opened;
        if (opened && i >= quorum) {
            const auto these = std::span(shares).first(quorum);
            const auto twin = std::ranges::find(
                these, shares[i].share.x, [](const crypto::ReleasedShare& share) { return share.share.x; });
            crypto::ReleasedShare& instead = twin == these.end() ? these.front() : *twin;
            std::swap(instead, shares[i]);
            opens = opened_with(openers, file, {}, these).has_value();
            std::swap(instead, shares[i]);
        }
        (opens ? result.opened_by : result.apart).push_back(name);
    }
    for (auto* names : {&result.opened_by, &result.not_by, &result.apart}) std::ranges::sort(*names);
}

/// With all that was given; `given` becomes whose shares of this file are there.
crypto::Result<Opened> opened_somehow(const Openers& openers, crypto::ByteView file,
                                      std::set<BoxKey>& given) {
    std::set<BoxKey> wrong;
    auto shares =
        openers.together() ? fitting_shares(openers, file, wrong) : std::vector<crypto::ReleasedShare>();
    for (const crypto::ReleasedShare& share : shares) given.insert(share.custodian);
    auto opened = opened_with(openers, file, openers.identities, shares);
    if (opened || shares.empty()) return opened;
    if (auto together = opened_together(openers, file, shares)) return std::move(together->opened);
    return opened;
}

/// `earlier`: keys to which the study was sealed before; they need not open what is sealed now.
void try_alone(const Openers& openers, crypto::ByteView file, const std::set<BoxKey>& earlier,
               Rehearsed& result) {
    for (std::size_t i = 0; i < openers.identities.size(); ++i) {
        const bool opened = opened_with(openers, file, {&openers.identities[i], 1}).has_value();
        if (!opened && earlier.contains(openers.identities[i].recipient().box_key)) continue;
        (opened ? result.opened_by : result.not_by).push_back(openers.names[i]);
    }
}

struct Newest {
    std::string file;
    Opened batch;

    bool before(const Opened& other) const {
        return std::pair(batch.open.batch_sequence, batch.here) <
               std::pair(other.open.batch_sequence, other.here);
    }
};

Result<Rehearsal> rehearse(const KeyRehearseOptions& options, const Openers& openers,
                           const study::Roster& roster, Console& console) {
    const auto names = batch_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    auto no_batches = no_files(options.inbox);
    if (!no_batches) return tl::unexpected(no_batches.error());
    Rehearsal rehearsal;
    rehearsal.not_looked_at = std::move(*no_batches);
    std::map<crypto::VerifyKey, Newest> newest;
    std::set<BoxKey> earlier, given;
    Progress progress(console, "Looking for devices", names->size());
    for (std::size_t i = 0; i < names->size(); ++i) {
        progress.at(i);
        std::error_code error;
        if (const auto size = std::filesystem::file_size(options.inbox / (*names)[i], error);
            !error && size > crypto::max_batch_file) {
            ++rehearsal.others;
            continue;
        }
        const auto bytes = read_file(options.inbox / (*names)[i], crypto::max_batch_file);
        if (!bytes) {
            ++rehearsal.unopened;
            continue;
        }
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        auto batch = opened_somehow(openers, file, given);
        if (!batch) {
            ++(batch.error() == crypto::Error::wrong_format ? rehearsal.others
               : batch.error() == crypto::Error::damaged    ? rehearsal.damaged
                                                            : rehearsal.unopened);
            continue;
        }
        if (batch->open.study != openers.study.policy().study_id) continue;
        const crypto::VerifyKey device = batch->open.device_key;
        if (!roster.find(device)) {
            ++rehearsal.strangers;
            continue;
        }
        if (batch->open.policy_digest != openers.study.policy_digest())
            for (const BoxKey& key : batch->open.recipients)
                if (std::ranges::find(openers.study.recipients(), key, &study::RecipientEntry::key) ==
                    openers.study.recipients().end())
                    earlier.insert(key);
        const auto known = newest.find(device);
        if (known == newest.end() || known->second.before(*batch))
            newest[device] = {(*names)[i], std::move(*batch)};
    }

    std::map<crypto::VerifyKey, std::set<BoxKey>> tried;  // custodians, by device
    std::set<BoxKey> seen;                                // of all devices
    for (const study::RosterDevice& device : roster.devices) {
        Rehearsed& result = rehearsal.devices.emplace_back();
        result.device = crypto::device_id(device.key);
        result.name = device_name(roster, result.device);
        result.revoked = device.revoked.has_value();
        const auto found = newest.find(device.key);
        if (result.revoked || found == newest.end()) continue;
        const auto bytes = read_file(options.inbox / found->second.file, crypto::max_batch_file);
        if (!bytes) return tl::unexpected(bytes.error());
        const crypto::BatchOpen& open = found->second.batch.open;
        result.file = found->second.file;
        result.here = found->second.batch.here;
        result.batch = open.batch_sequence;
        result.earlier_rules = open.policy_digest != openers.study.policy_digest();
        result.other_quorum = !result.earlier_rules && open.quorum != openers.study.policy().opening_quorum;
        result.by_shares = open.quorum != 0;
        if (result.by_shares) {
            try_together(openers, crypto::bytes_of(*bytes), result, tried[device.key]);
            seen.insert(tried[device.key].begin(), tried[device.key].end());
        } else {
            try_alone(openers, crypto::bytes_of(*bytes), earlier, result);
        }
    }
    for (std::size_t i = 0; i < roster.devices.size(); ++i)
        if (const auto by = tried.find(roster.devices[i].key); by != tried.end())
            for (const BoxKey& custodian : newest.at(by->first).batch.open.recipients)
                if (seen.contains(custodian) && !by->second.contains(custodian))
                    rehearsal.devices[i].no_share.push_back(name_of(custodian, openers.study));
    for (const study::RecipientEntry& recipient : openers.study.recipients()) {
        const bool tried =
            openers.together()
                ? seen.contains(recipient.key)
                : std::ranges::any_of(openers.identities, [&](const crypto::Identity& identity) {
                      return identity.recipient().box_key == recipient.key;
                  });
        if (!tried) rehearsal.not_tried.push_back(name_of(recipient.key, openers.study));
        if (!tried && given.contains(recipient.key)) rehearsal.in_vain.push_back(rehearsal.not_tried.back());
    }
    return rehearsal;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + shown(name);
    return text;
}

std::string files_are(std::size_t count, const std::string& what, const std::string& more) {
    return std::to_string(count) + (count == 1 ? " file " + what : " files " + more);
}

std::string sentence_for(const Rehearsed& device, const Rehearsal& rehearsal, const Openers& openers) {
    if (device.revoked) return "revoked, and left out";
    if (!device.batch && rehearsal.may_hide_one())
        return "NEVER HEARD OF in what opens here; have it sync, fetch, and run this again, unless a file "
               "that "
               "does not open is its";
    if (!device.batch) return "NEVER HEARD OF; have it sync, fetch, and run this again";
    std::string text = "batch " + std::to_string(*device.batch);
    if (openers.together() && !device.other_quorum) {
        text += ", shares of " + std::to_string(device.opened_by.size()) + " of " +
                std::to_string(openers.study.recipients().size()) + " custodians open it, " +
                std::to_string(openers.study.policy().opening_quorum) +
                " at a time: " + listed(device.opened_by);
    } else if (!device.opened_by.empty()) {
        text += ", opened by " + listed(device.opened_by);
    }
    if (!device.not_by.empty())
        text +=
            (device.by_shares ? ", WRONG SHARE in the name of " : ", NOT OPENED by ") + listed(device.not_by);
    if (!device.apart.empty())
        text += ", NOT TOGETHER WITH THEM: " + listed(device.apart) +
                "; each share is as the device made it, so its program is faulty or was altered";
    if (!device.no_share.empty()) text += ", NO SHARE of it from " + listed(device.no_share);
    if (device.other_quorum) text += ", SEALED OTHERWISE than the study demands; its program was altered";
    if (device.earlier_rules)
        text +=
            "; sealed under an earlier study file, so it says nothing of this one: have the device import "
            "it and sync";
    if (device.here == Here::redacted) text += "; records of it were redacted here";
    if (device.here == Here::damaged)
        text += "; DAMAGED here: move " + shown(device.file) +
                " aside, run \"fetch --sweep\", put it back if no whole copy came, and run this again";
    return text;
}

void print(const Rehearsal& rehearsal, const Openers& openers, Console& console) {
    for (const Rehearsed& device : rehearsal.devices)
        console.out << "  " << shown(device.name) << ": " << sentence_for(device, rehearsal, openers) << "\n";
    if (rehearsal.devices.empty()) console.out << "The roster has no devices.\n";
    if (rehearsal.strangers > 0)
        console.out << files_are(rehearsal.strangers, "is of a device that is", "are of devices that are")
                    << " not in the roster\n";
    if (rehearsal.unopened > 0)
        console.out << files_are(rehearsal.unopened, "opens", "open")
                    << " with nothing that was given, and may be the newest of a device\n";
    if (rehearsal.damaged > 0)
        console.out << files_are(rehearsal.damaged, "is", "are")
                    << " damaged, so that it can't be told whose, and may be the newest of a device\n";
    if (rehearsal.others > 0)
        console.out << files_are(rehearsal.others, "is no sealed batch", "are no sealed batches") << "\n";
    for (const NoFile& other : rehearsal.not_looked_at)
        console.out << "  " << shown(other.name) << ": " << not_a_file(other.what).sentence << "\n";
    if (!rehearsal.not_tried.empty())
        console.out << "NOT TRIED: " << listed(rehearsal.not_tried)
                    << (!openers.together()         ? "; run this with their keys as well\n"
                        : rehearsal.in_vain.empty() ? "; no share of theirs was given\n"
                                                    : "\n");
    if (!rehearsal.in_vain.empty())
        console.out << "Of these, shares of " << listed(rehearsal.in_vain)
                    << " were given, and with those alone no device's newest batch opens.\n";
    if (!rehearsal.ready())
        console.out << "Not ready. ";
    else if (openers.together())
        console.out << "Ready: every device's batch opens with the shares of any "
                    << std::to_string(openers.study.policy().opening_quorum) << " custodians. ";
    else
        console.out << "Ready: every device's batch opens with every recipient's key. ";
    console.out << "Nothing was exported.\n";
}

std::string as_json(const Rehearsal& rehearsal) {
    std::vector<std::string> devices, not_looked_at;
    for (const NoFile& other : rehearsal.not_looked_at) not_looked_at.push_back(other.name);
    for (const Rehearsed& device : rehearsal.devices) {
        JsonObject object;
        object.put("device", crypto::to_hex(device.device)).put("name", device.name);
        const char* verdict = device.revoked   ? "revoked"
                              : !device.batch  ? "never_heard_of"
                              : device.opens() ? device.here == Here::damaged ? "damaged"
                                                 : device.earlier_rules       ? "earlier_rules"
                                                                              : "opens"
                                               : "does_not_open";
        object.put("verdict", verdict);
        if (device.batch)
            object.put("batch", *device.batch)
                .put_json("opened_by", json_strings(device.opened_by))
                .put("file", device.file)
                .put("damaged", device.here == Here::damaged)
                .put("redacted", device.here == Here::redacted)
                .put_json("not_opened_by", json_strings(device.not_by))
                .put_json("not_together_with_them", json_strings(device.apart))
                .put_json("no_share_from", json_strings(device.no_share))
                .put("earlier_rules", device.earlier_rules)
                .put("other_quorum", device.other_quorum);
        devices.push_back(object.text());
    }
    return JsonObject()
        .put("ready", rehearsal.ready())
        .put_json("devices", json_array(devices))
        .put_json("not_tried", json_strings(rehearsal.not_tried))
        .put_json("given_in_vain", json_strings(rehearsal.in_vain))
        .put("files_of_strangers", rehearsal.strangers)
        .put("files_not_opened", rehearsal.unopened)
        .put("files_damaged", rehearsal.damaged)
        .put("files_of_no_batch", rehearsal.others)
        .put_json("not_looked_at", json_strings(not_looked_at))
        .put("roster_unguarded", rehearsal.guard == RosterGuard::lost)
        .text();
}

Result<Rehearsal> prepare_and_rehearse(const KeyRehearseOptions& options, const study::StudyPackage& study,
                                       std::optional<Openers>& openers, Console& console) {
    const auto roster = read_roster(options.roster, study);
    if (!roster) return tl::unexpected(roster.error());
    const auto guard = check_not_older(options.roster, *roster, options.inbox, study, console);
    if (!guard) return tl::unexpected(guard.error());
    if (!*roster)
        return could_not(shown(options.roster) +
                         " does not exist; \"roster add\" makes it with the first device.");
    auto identities = read_keys(options.keys, console);
    if (!identities) return tl::unexpected(identities.error());
    auto shares = read_shares(options.shares, *identities, study, console);
    if (!shares) return tl::unexpected(shares.error());
    openers.emplace(Openers{study, std::move(*identities), {}, std::move(*shares)});
    for (const std::filesystem::path& key : options.keys) openers->names.push_back(key.stem().string());
    auto rehearsal = rehearse(options, *openers, (*roster)->roster, console);
    if (rehearsal) rehearsal->guard = *guard;
    return rehearsal;
}

}  // namespace

ExitCode run_key_rehearse(const KeyRehearseOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    std::optional<Openers> openers;
    const auto rehearsal = prepare_and_rehearse(options, *study, openers, console);
    if (!rehearsal) return console.complain(rehearsal.error());
    if (options.output == Output::json)
        console.out << as_json(*rehearsal) << "\n";
    else
        print(*rehearsal, *openers, console);
    return rehearsal->ready() ? ExitCode::fine : ExitCode::findings;
}

}  // namespace fieldfare::researcher
