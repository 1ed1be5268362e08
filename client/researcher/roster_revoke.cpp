#include <algorithm>
#include <ostream>

#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/lineage.h"
#include "client/researcher/output_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/share_files.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/study/wordings.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t shortest_prefix = 4;

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string in_lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// The one device with this label, or whose id begins so. A label that looks like an id is a label first.
Result<study::RosterDevice> device_called(const std::string& word, const study::Roster& roster) {
    std::vector<const study::RosterDevice*> labelled, numbered;
    const std::string prefix = in_lower_case(word);
    for (const study::RosterDevice& device : roster.devices) {
        if (!word.empty() && device.label == word) labelled.push_back(&device);
        if (is_hex(prefix) && prefix.size() >= shortest_prefix &&
            crypto::to_hex(crypto::device_id(device.key)).starts_with(prefix))
            numbered.push_back(&device);
    }
    const auto& found = labelled.empty() ? numbered : labelled;
    if (found.empty())
        return could_not("No device in the roster is called \"" + shown(word) +
                         "\" or has an id that begins so (four digits at least); \"roster show\" lists "
                         "them. Nothing was changed.");
    if (found.size() == 1) return *found.front();
    std::string several;
    for (const study::RosterDevice* device : found)
        several += (several.empty() ? "" : ", ") + crypto::to_hex(crypto::device_id(device->key));
    return could_not("\"" + shown(word) + "\" means more than one device: " + several +
                     ". Give more digits of its id. Nothing was changed.");
}

/// How the last batch that counts was found, and what counts with it.
struct LastAccepted {
    crypto::BatchId id{};
    std::optional<Lineage> lineage;  ///< nothing when no inbox was given
    std::uint64_t sequence = 0;
    std::size_t others = 0;  ///< files of the device in the inbox that do not count
};

std::optional<crypto::BatchId> whole_id(const std::string& word) {
    const auto bytes = crypto::from_hex(in_lower_case(word));
    crypto::BatchId id;
    if (!bytes || bytes->size() != id.size()) return std::nullopt;
    std::ranges::copy(*bytes, id.begin());
    return id;
}

Result<LastAccepted> find_last(const RosterRevokeOptions& options, const study::StudyPackage& study,
                               const crypto::Id& device, Console& console) {
    const auto names = batch_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return tl::unexpected(identities.error());
    const auto shares = read_shares(options.shares, *identities, study, console);
    if (!shares) return tl::unexpected(shares.error());
    const std::vector<LinkedBatch> batches =
        linked_batches(options.inbox, *names, {device}, *identities, *shares, material_of(study))[device];

    const std::string prefix = in_lower_case(options.after);
    std::vector<const LinkedBatch*> found;
    for (const LinkedBatch& batch : batches)
        if (crypto::to_hex(batch.id).starts_with(prefix) &&
            std::ranges::none_of(found, [&](const LinkedBatch* other) { return other->id == batch.id; }))
            found.push_back(&batch);
    if (found.empty())
        return could_not("No batch of this device in the inbox has the id " + options.after +
                         "; BATCH in survey.csv is the id of an interview's batch, report.txt of \"open\" "
                         "has that of the newest, and \"inspect\" shows that of any. A revocation can't be "
                         "changed later, so nothing was changed.");
    if (found.size() > 1)
        return could_not("More than one batch of this device has an id that begins with " + options.after +
                         "; give more digits. Nothing was changed.");
    LastAccepted last{found.front()->id, lineage_of(found.front()->id, batches), found.front()->sequence, 0};
    for (const LinkedBatch& batch : batches) last.others += !last.lineage->has(batch.id, batch.versions);
    return last;
}

struct Revoked {
    study::RosterDevice device;
    LastAccepted last;
    std::uint32_t roster_version = 0;
    RosterGuard guard = RosterGuard::holds;
};

Result<void> check_words(const RosterRevokeOptions& options) {
    if (options.all == !options.after.empty())
        return wrong_usage(
            "Say what of the device still counts: --after BATCH-ID, the last batch that does, "
            "or --all for nothing.");
    if (options.all) return {};
    const bool zeros = options.after.find_first_not_of('0') == std::string::npos;  // "none", in the roster
    if (zeros || !is_hex(options.after) || options.after.size() < shortest_prefix ||
        options.after.size() > 64)
        return wrong_usage("\"" + shown(options.after) +
                           "\" is no batch id: it has 64 digits from 0 to f, as \"inspect\" shows them.");
    const bool whole = options.after.size() == 64;
    if (options.inbox.empty() != options.keys.empty())
        return wrong_usage("To look at the device's batches, both --inbox and --key are needed.");
    if (options.inbox.empty() && !whole)
        return wrong_usage(
            "A batch id that is cut short is looked for among the batches: give --inbox and "
            "--key, or all 64 digits.");
    return {};
}

Result<Revoked> revoke(const RosterRevokeOptions& options, Console& console) {
    if (auto fine = check_words(options); !fine) return tl::unexpected(fine.error());
    const auto study = read_study(options.study);
    if (!study) return tl::unexpected(study.error());
    const auto current = read_roster(options.roster, *study);
    if (!current) return tl::unexpected(current.error());
    Revoked revoked;
    if (!options.inbox.empty()) {
        const auto guard = check_not_older(options.roster, *current, options.inbox, *study, console);
        if (!guard) return tl::unexpected(guard.error());
        revoked.guard = *guard;
    }
    if (!*current) return could_not("There is no roster " + shown(options.roster) + "; correct the path.");
    auto device = device_called(options.device, (*current)->roster);
    if (!device) return tl::unexpected(device.error());
    if (device->revoked)
        return could_not("This device was revoked on " + iso_day(device->revoked->day) +
                         " already, which can't be changed. Nothing was changed.");
    const auto root = read_root_key(options.root, console);
    if (!root) return tl::unexpected(root.error());

    revoked.device = std::move(*device);
    if (!options.all && options.inbox.empty()) revoked.last.id = *whole_id(options.after);
    if (!options.all && !options.inbox.empty()) {
        auto last = find_last(options, *study, crypto::device_id(revoked.device.key), console);
        if (!last) return tl::unexpected(last.error());
        revoked.last = std::move(*last);
    }
    const auto next =
        study::revoke_device(**current, revoked.device.key, study::Revocation{revoked.last.id, today_utc()});
    if (!next) return could_not(study::sentence(next.error()));
    if (auto written = write_roster(options.roster, *study, *root, *next); !written)
        return tl::unexpected(written.error());
    revoked.roster_version = next->version;
    if (!options.inbox.empty())
        revoked.guard =
            std::max(revoked.guard, remember_new_roster(options.roster, options.inbox, *study, console));
    return revoked;
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void print(const RosterRevokeOptions& options, const Revoked& revoked, Console& console) {
    const crypto::Id id = crypto::device_id(revoked.device.key);
    console.out << "Revoked " << (revoked.device.label.empty() ? "device" : shown(revoked.device.label))
                << " " << crypto::to_hex(id) << "\n";
    const std::optional<Lineage>& lineage = revoked.last.lineage;
    if (options.all) {
        console.out << "  counts       nothing that it has sealed\n";
    } else if (!lineage) {
        console.out << "  counts       batch " << crypto::to_hex(revoked.last.id)
                    << " and those before it; not looked for, since no --inbox was given\n";
    } else {
        console.out << "  counts       batch " << revoked.last.sequence
                    << " and those before it: " << counted(lineage->records, "record", "records")
                    << " (interviews and withdrawals) in " << counted(lineage->batches, "batch", "batches")
                    << " of the inbox\n"
                    << "  batch id     " << crypto::to_hex(revoked.last.id) << "\n";
        if (lineage->missing)
            console.out << "  missing      batch " << *lineage->missing
                        << " is not in the inbox; what came before it counts when it comes\n";
        if (revoked.last.others > 0)
            console.out << "  refused      " << counted(revoked.last.others, "file", "files")
                        << " of the device in the inbox\n";
    }
    console.out << "Roster version " << revoked.roster_version << " in " << shown(options.roster)
                << "; give it to everybody who opens batches.\n";
}

}  // namespace

ExitCode run_roster_revoke(const RosterRevokeOptions& options, Console& console) {
    const auto revoked = revoke(options, console);
    if (!revoked) return console.complain(revoked.error());
    const bool guarded = revoked->guard == RosterGuard::holds;
    if (options.output == Output::text) {
        print(options, *revoked, console);
        return guarded ? ExitCode::fine : ExitCode::findings;
    }
    JsonObject object;
    object.put("roster", options.roster.string())
        .put("version", revoked->roster_version)
        .put("device", crypto::to_hex(crypto::device_id(revoked->device.key)))
        .put("label", revoked->device.label)
        .put("last_accepted", options.all ? "" : crypto::to_hex(revoked->last.id))
        .put("looked_for", revoked->last.lineage.has_value())
        .put("roster_unguarded", !guarded);
    if (const auto& lineage = revoked->last.lineage) {
        object.put("batches", lineage->batches)
            .put("records", lineage->records)
            .put("refused", revoked->last.others);
        if (lineage->missing) object.put("missing", *lineage->missing);
    }
    console.out << object.text() << "\n";
    return guarded ? ExitCode::fine : ExitCode::findings;
}

}  // namespace fieldfare::researcher
