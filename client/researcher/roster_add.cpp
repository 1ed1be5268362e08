#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/output_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/share_files.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/study/enrolment.h"
#include "client/study/parts.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t longest_label = 64;  // client/study/roster.h

struct Wanted {
    std::string label;
    crypto::Fingerprint number;
};

/// "DIGITS" or "NAME=DIGITS".
Result<Wanted> parse_wanted(const std::string& word) {
    const std::size_t equals = word.rfind('=');
    const std::string digits = equals == std::string::npos ? word : word.substr(equals + 1);
    const auto number = crypto::parse_fingerprint(digits);
    if (!number)
        return wrong_usage("\"" + shown(digits) +
                           "\" is no enrolment number: it has 30 digits, as the device shows them.");
    std::string label = equals == std::string::npos ? "" : word.substr(0, equals);
    if (label.size() > longest_label || !study::is_plain_text(label))
        return wrong_usage("\"" + shown(label) + "\" is no name for a device: at most " +
                           std::to_string(longest_label) + " bytes of plain text.");
    return Wanted{std::move(label), *number};
}

struct Candidates {
    std::map<std::string, study::RosterDevice> by_number;  ///< with the package whose number it is
    std::set<crypto::VerifyKey> up_to_date;  ///< have sealed under the rules of the newest package
};

/// Every device that has signed a batch of this study in the inbox.
Result<Candidates> devices_by_number(const RosterAddOptions& options, const study::StudyPackage& study,
                                     std::span<const crypto::Identity> identities, const Shares& shares,
                                     Console& console) {
    const auto names = batch_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    std::vector<crypto::Digest> packages = {study.digest()};
    for (const study::Predecessor& before : study.policy().predecessors)
        packages.push_back(before.package_digest);

    Candidates candidates;
    std::set<crypto::VerifyKey> known;
    const crypto::StudyMaterial material = material_of(study);
    Progress progress(console, "Looking for devices", names->size());
    for (std::size_t i = 0; i < names->size(); ++i) {
        progress.at(i);
        const auto bytes = read_file(options.inbox / (*names)[i], crypto::max_batch_file);
        if (!bytes) continue;  // "open" tells of it
        const crypto::ByteView view = crypto::bytes_of(*bytes);
        const auto batch =
            inspect_here(options.inbox / (*names)[i], view, identities, material, shares.of_file(view));
        if (!batch || batch->close.study != study.policy().study_id) continue;
        if (batch->open.policy_digest == study.policy_digest())
            candidates.up_to_date.insert(batch->open.device_key);
        if (!known.insert(batch->open.device_key).second) continue;
        for (const crypto::Digest& package : packages) {
            study::RosterDevice device;
            device.key = batch->open.device_key;
            device.unattended = study.policy().mode == study::Mode::kiosk;
            device.package_digest = package;
            device.added = today_utc();
            candidates.by_number.emplace(
                study::enrolment_number(study.policy().study_id, study.root(), package, device.key).digits,
                device);
        }
    }
    return candidates;
}

struct Added {
    std::vector<study::RosterDevice> devices;
    RosterGuard guard = RosterGuard::holds;
    crypto::Digest newest{};                 ///< of the study file given
    std::set<crypto::VerifyKey> up_to_date;  ///< as in Candidates

    bool earlier(const study::RosterDevice& device) const { return device.package_digest != newest; }
    bool needs_a_look(const study::RosterDevice& device) const {
        return earlier(device) && !up_to_date.contains(device.key);
    }
};

std::string of_earlier_file(const RosterAddOptions& options, const Wanted& wanted) {
    return "The number " + crypto::to_string(wanted.number) + " is that of an earlier study file than " +
           shown(options.study) +
           ": the device seals to the recipients of that one until it imports the newer. When it got its "
           "file only now, somebody has handed it an old one.";
}

std::string of_updated_device(const RosterAddOptions& options, const Wanted& wanted) {
    return "The number " + crypto::to_string(wanted.number) + " is that of an earlier study file than " +
           shown(options.study) +
           ", the first that the device took in. It has taken in the newest since: a batch here is sealed "
           "under it.";
}

Result<Added> add(const RosterAddOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return tl::unexpected(study.error());
    std::vector<Wanted> wanted;
    for (const std::string& word : options.enrolment_numbers) {
        auto parsed = parse_wanted(word);
        if (!parsed) return tl::unexpected(parsed.error());
        wanted.push_back(std::move(*parsed));
    }
    const auto current = read_roster(options.roster, *study);
    if (!current) return tl::unexpected(current.error());
    const auto guard = check_not_older(options.roster, *current, options.inbox, *study, console);
    if (!guard) return tl::unexpected(guard.error());
    const auto root = read_root_key(options.root, console);
    if (!root) return tl::unexpected(root.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return tl::unexpected(identities.error());
    const auto shares = read_shares(options.shares, *identities, *study, console);
    if (!shares) return tl::unexpected(shares.error());
    auto candidates = devices_by_number(options, *study, *identities, *shares, console);
    if (!candidates) return tl::unexpected(candidates.error());

    std::vector<study::RosterDevice> added;
    for (const Wanted& one : wanted) {
        const auto found = candidates->by_number.find(one.number.digits);
        if (found == candidates->by_number.end())
            return could_not("No device in the inbox has the number " + crypto::to_string(one.number) +
                             ", so nothing was added. Compare the digits once more; have the device sync, "
                             "and fetch; see that it has "
                             "imported this study file. When all that is right, somebody has put another "
                             "device in its place.");
        study::RosterDevice device = found->second;
        device.label = one.label;
        const bool listed = *current && (*current)->roster.find(device.key);
        const bool twice = std::ranges::find(added, device.key, &study::RosterDevice::key) != added.end();
        if (listed || twice) {
            console.note("The device with the number " + crypto::to_string(one.number) +
                         " is in the roster already.");
            continue;
        }
        if (device.package_digest != study->digest() && candidates->up_to_date.contains(device.key)) {
            console.note(of_updated_device(options, one));
        } else if (device.package_digest != study->digest()) {
            const std::string sentence = of_earlier_file(options, one);
            if (!options.earlier_file)
                return could_not(sentence +
                                 " Nothing was added. When you know that the device got it in its day, say "
                                 "--earlier-file.");
            console.note(sentence);
        }
        added.push_back(std::move(device));
    }
    if (auto written = add_to_roster(options.roster, *study, *root, added); !written)
        return tl::unexpected(written.error());
    // Where all of them stood there already nothing was written.
    const RosterGuard kept =
        added.empty() ? *guard : remember_new_roster(options.roster, options.inbox, *study, console);
    return Added{std::move(added), std::max(*guard, kept), study->digest(),
                 std::move(candidates->up_to_date)};
}

}  // namespace

ExitCode run_roster_add(const RosterAddOptions& options, Console& console) {
    const auto added = add(options, console);
    if (!added) return console.complain(added.error());
    std::vector<std::string> devices;
    bool look = added->guard == RosterGuard::lost;
    for (const study::RosterDevice& device : added->devices) {
        look = look || added->needs_a_look(device);
        const std::string id = crypto::to_hex(crypto::device_id(device.key));
        devices.push_back(JsonObject()
                              .put("device", id)
                              .put("label", device.label)
                              .put("package_digest", crypto::to_hex(device.package_digest))
                              .put("earlier", added->earlier(device))
                              .put("up_to_date", added->up_to_date.contains(device.key))
                              .text());
        if (options.output == Output::text)
            console.out << "Added " << (device.label.empty() ? "device" : shown(device.label)) << " " << id
                        << "\n";
    }
    if (options.output == Output::json)
        console.out << JsonObject()
                           .put("roster", options.roster.string())
                           .put_json("added", json_array(devices))
                           .put("roster_unguarded", added->guard == RosterGuard::lost)
                           .text()
                    << "\n";
    return look ? ExitCode::findings : ExitCode::fine;
}

}  // namespace fieldfare::researcher
