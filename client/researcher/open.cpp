#include <algorithm>
#include <deque>
#include <ostream>
#include <set>
#include <system_error>

#include "client/researcher/earlier_results.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/media_output.h"
#include "client/researcher/opening.h"
#include "client/researcher/opening_report.h"
#include "client/researcher/ordered_work.h"
#include "client/researcher/receipt_box.h"
#include "client/researcher/store_access.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {
namespace {

struct Receipts {
    std::size_t made = 0, sent = 0, waiting = 0;
    std::vector<std::string> troubles;
    bool failed = false;  ///< they could not be made, or not be sent to a store that is there
};

/// Opening goes to no network: where a store is on one, "fetch" sends what waits, to all of them, since a
/// receipt counts as sent when all have it.
std::vector<std::unique_ptr<sync::Transport>> folders_at_hand(const study::StudyPackage& study) {
    const bool all_folders = std::ranges::all_of(study.stores(), [](const study::StoreEntry& store) {
        return sync::folder_of(store.address).has_value();
    });
    auto stores = stores_of(study, {});
    if (!all_folders || !stores) return {};
    return std::move(*stores);
}

/// Receipts never stop an export that has succeeded: what fails here is told, and tried again next time.
Receipts tell_devices(const OpenOptions& options, const study::StudyPackage& study,
                      std::span<const crypto::Identity> identities, std::vector<DeviceVerdicts> verdicts) {
    Receipts receipts;
    if (!options.receipts) return receipts;
    const auto certified = std::ranges::find_if(identities, [&](const crypto::Identity& identity) {
        const auto& keys = study.receipt_keys();
        return std::ranges::find(keys, identity.recipient().signing_key, &study::ReceiptKeyEntry::key) !=
               keys.end();
    });
    if (certified == identities.end()) {
        receipts.troubles.emplace_back(
            "The key given is not among those whose receipts the study's devices believe, so none were "
            "made.");
        return receipts;
    }
    const auto made = make_receipts(options.inbox, study, *certified, std::move(verdicts));
    if (!made) {
        receipts.troubles.push_back("No receipts were made: " + made.error().sentence);
        receipts.failed = true;
        return receipts;
    }
    receipts.made = *made;
    const auto stores = folders_at_hand(study);
    const auto sending = send_receipts(options.inbox, study.policy().study_tag, pointers(stores));
    if (!sending) {
        receipts.troubles.push_back(sending.error().sentence);
        receipts.failed = true;
        return receipts;
    }
    receipts.troubles = sending->troubles;
    receipts.failed = sending->failed;  // a stick that is not at hand is no failure: they wait for it
    receipts.sent = sending->sent;
    receipts.waiting = sending->waiting;
    return receipts;
}

/// The study files, the newest first, each with the outputs of its version of the form.
struct Editions {
    std::deque<study::StudyPackage> studies;
    std::deque<Exports> exports;  ///< the newest's first; fewer than studies where two have the same form
    std::vector<Edition> all;
};

/// A folder for an earlier version's results; versions are texts that a form's author chose.
std::string folder_for(const std::string& version) {
    std::string name = "version-";
    for (const char c : version.substr(0, 60)) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '.' || c == '_';
        name += plain ? c : '_';
    }
    return name;
}

Result<Editions> begin(const OpenOptions& options) {
    Editions editions;
    std::vector<std::filesystem::path> files = {options.study};
    files.insert(files.end(), options.earlier.begin(), options.earlier.end());
    std::set<std::string> folders;
    for (const std::filesystem::path& file : files) {
        auto study = read_study(file);
        if (!study) return tl::unexpected(study.error());
        editions.studies.push_back(std::move(*study));
        const study::StudyPackage& package = editions.studies.back();
        const study::StudyPackage& newest = editions.studies.front();
        if (package.root() != newest.root() || package.policy().study_id != newest.policy().study_id)
            return could_not(shown(file) + " is of another study than " + shown(options.study) +
                             "; open them apart.");
        // What the newest says of receipts, rules and enrolment numbers holds for all.
        if (package.policy().package_version > newest.policy().package_version)
            return could_not(shown(file) + " is version " + std::to_string(package.policy().package_version) +
                             " of the study file, and " + shown(options.study) + " is version " +
                             std::to_string(newest.policy().package_version) +
                             "; give the newest as --study and those before it as --earlier.");
        const auto same = std::ranges::find_if(editions.all, [&](const Edition& edition) {
            return edition.study.form_hash() == package.form_hash();
        });
        if (same != editions.all.end()) {
            Exports& shared = same->exports;
            editions.all.push_back({package, shared, same->folder});
            continue;
        }
        std::filesystem::path folder = options.out;
        if (!editions.all.empty()) {
            std::string name = folder_for(package.form().settings.version);
            while (!folders.insert(name).second) name += "~";
            folder /= name;
        }
        const auto made = editions.all.empty() ? make_folder(folder) : make_own_folder(folder);
        if (!made) return tl::unexpected(made.error());
        auto exports = Exports::create(std::make_shared<const schema::Form>(package.form()), folder,
                                       options.formats, options.overwrite, options.salvage);
        if (!exports) return tl::unexpected(exports.error());
        editions.exports.push_back(std::move(*exports));
        editions.all.push_back({package, editions.exports.back(), folder});
    }
    return editions;
}

std::vector<std::filesystem::path> folders_of(const Editions& editions) {
    std::vector<std::filesystem::path> folders;
    for (const Edition& edition : editions.all) folders.push_back(edition.folder);
    return folders;
}

/// What could not be done once the results were written, and must not go unsaid.
struct Aftermath {
    EarlierResults earlier;
    bool roster_kept = true, withdrawals_noted = true;
    bool roster_overtaken = false;  ///< another one is the newest since

    bool fine() const {
        return earlier.stayed.empty() && earlier.doubtful.empty() && roster_kept && withdrawals_noted &&
               !roster_overtaken;
    }
};

/// Of what an earlier run has left, and this one has not made anew.
EarlierResults remove_earlier(const std::filesystem::path& out, const Editions& editions,
                              const MediaOutput& media) {
    std::set<std::filesystem::path> kept;
    for (const Exports& exports : editions.exports) {
        for (std::filesystem::path& path : exports.paths()) kept.insert(std::move(path));
        kept.insert(exports.instances().begin(), exports.instances().end());
    }
    const auto folders = folders_of(editions);
    EarlierResults results{media.remove_earlier(folders), {}};
    std::set<std::filesystem::path> done;
    for (const Edition& edition : editions.all)
        if (done.insert(edition.folder).second)
            remove_earlier_results(edition.folder, kept, edition.exports.table_names(), results);
    find_earlier_versions(out, folders, results);
    return results;
}

std::vector<std::string> texts_of(std::span<const std::filesystem::path> paths) {
    std::vector<std::string> texts;
    for (const std::filesystem::path& path : paths) texts.push_back(path.string());
    return texts;
}

/// All of the tables, of survey.jsonl and of the report, or none: what takes room comes before the first
/// appears, since nothing brings back what it replaces. Instances, a file each, come after them.
Result<void> commit(Editions& editions, OutputFile& report, Overwrite overwrite) {
    for (Exports& exports : editions.exports)
        if (auto done = exports.make_durable(); !done) return done;
    if (auto done = report.make_durable(); !done) return done;
    bool reported = false;
    const auto appear = [&]() -> Result<void> {
        for (Exports& exports : editions.exports)
            if (auto done = exports.commit(); !done) return done;
        if (auto done = report.commit(); !done) return done;
        reported = true;
        for (Exports& exports : editions.exports)
            if (auto done = exports.write_instances(); !done) return done;
        return {};
    };
    auto done = appear();
    if (done || overwrite == Overwrite::yes) return done;
    for (Exports& exports : editions.exports) exports.take_back();
    std::error_code ignored;
    if (reported) std::filesystem::remove(report.path(), ignored);
    return done;
}

void print(const OpenOptions& options, const Opening& opening, const std::string& text,
           const Editions& editions, const Receipts& receipts, Console& console) {
    console.out << text << "Written to " << shown(options.out) << ":";
    for (const Exports& exports : editions.exports)
        for (const std::filesystem::path& path : exports.paths())
            console.out << " " << shown(path.lexically_relative(options.out));
    std::size_t instances = 0;
    for (const Exports& exports : editions.exports) instances += exports.instances().size();
    if (instances > 0) console.out << " " << instances << " instances as <id>.xml";
    std::set<std::filesystem::path> with_media;
    for (const WholeMedia& media : opening.media.whole) with_media.insert(media.named.folder);
    for (const std::filesystem::path& folder : with_media)
        console.out << " " << shown((folder / "media").lexically_relative(options.out)) << "/";
    console.out << " report.txt"
                << (opening.refused.empty() && opening.salvaged.empty() ? "" : " quarantine/") << "\n";
    if (receipts.made + receipts.sent + receipts.waiting == 0) return;
    console.out << "Receipts: " << receipts.made << " made, " << receipts.sent << " sent";
    if (receipts.waiting > 0)
        console.out << ", " << receipts.waiting
                    << (receipts.waiting == 1 ? " waits (\"fetch\" sends it)"
                                              : " wait (\"fetch\" sends them)");
    console.out << "\n";
}

}  // namespace

ExitCode run_open(const OpenOptions& options, Console& console) {
    if (options.keys.empty())
        return console.complain({"Give the key that opens the batches: --key NAME.ffkey.", ExitCode::usage});
    // Outputs before passphrases: nobody should type one for a run that can't write.
    auto editions = begin(options);
    if (!editions) return console.complain(editions.error());
    const study::StudyPackage& study = editions->studies.front();
    console.keep_to(reach_of(pointers(folders_at_hand(study))));
    const auto opened_roster = read_roster(options.roster, study);
    if (!opened_roster) return console.complain(opened_roster.error());
    const auto guard = check_not_older(options.roster, *opened_roster, options.inbox, study, console);
    if (!guard) return console.complain(guard.error());
    if (!*opened_roster)
        console.note("There is no roster " + shown(options.roster) +
                     " yet, so no device counts; \"roster add\" takes them in.");
    const study::Roster roster = *opened_roster ? (*opened_roster)->roster : study::Roster();
    auto report = OutputFile::create(options.out / "report.txt", options.overwrite);
    if (!report) return console.complain(report.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return console.complain(identities.error());

    const auto shares = read_shares(options.shares, *identities, study, console);
    if (!shares) return console.complain(shares.error());

    const auto withdrawals = Withdrawals::read(options.inbox);
    if (!withdrawals) return console.complain(withdrawals.error());
    const auto redactions = Redactions::read(options.inbox);
    if (!redactions) return console.complain(redactions.error());
    const auto open_all = [&](const Editions& into, const Withdrawals& known) {
        std::optional<Progress> progress;
        return open_inbox({into.all, roster, *identities, *shares, options.inbox, known, *redactions,
                           options.salvage, options.workers > 0 ? options.workers : usual_workers()},
                          [&](std::size_t done, std::size_t total) {
                              if (!progress) progress.emplace(console, "Opening", total);
                              progress->at(done);
                          });
    };
    auto opening = open_all(*editions, *withdrawals);
    std::optional<Editions> anew;  // whoever withdraws in a later batch is not to be found in an earlier one
    // Batches may come while it is opened, so more than once. Each time one code more is known.
    while (opening && opening->withdrawn_late) {
        const Withdrawals known = std::move(opening->withdrawals);
        for (Exports& exports : (anew ? *anew : *editions).exports) exports.drop();
        auto again = begin(options);
        if (!again) return console.complain(again.error());
        anew.emplace(std::move(*again));
        opening = open_all(*anew, known);
    }
    if (!opening) return console.complain(opening.error());
    opening->roster_unguarded = *guard == RosterGuard::lost;
    Editions& results = anew ? *anew : *editions;
    // The largest first: when the disk is full, nothing of this run stays.
    crypto::StudyMaterial material;
    for (const study::StudyPackage& package : results.studies) add_material(material, package);
    MediaOutput media(options.inbox, *identities, std::move(material), *shares, options.overwrite);
    const auto complain_without_media = [&](const Failure& failure) {
        media.take_back();
        return console.complain(failure);
    };
    {
        std::optional<Progress> progress;
        const std::size_t total = opening->media.whole.size();
        const auto written = media.write(opening->media, [&](std::size_t done) {
            if (!progress) progress.emplace(console, "Writing media", total);
            progress->at(done);
        });
        if (!written) return complain_without_media(written.error());
    }
    correct_verdicts(*opening);
    const std::string text = report_text(*opening, roster);
    if (auto written = report->write(text); !written) return complain_without_media(written.error());
    if (auto done = write_quarantine(options.out / "quarantine", *opening, options.overwrite); !done)
        return complain_without_media(done.error());
    if (auto done = commit(results, *report, options.overwrite); !done)
        return complain_without_media(done.error());
    Aftermath after;
    if (options.overwrite == Overwrite::yes) after.earlier = remove_earlier(options.out, results, media);
    for (const std::filesystem::path& stayed : after.earlier.stayed)
        console.note("fieldfare-cli: " + shown(stayed) +
                     " is of an earlier run and could not be removed; its respondent may have withdrawn. "
                     "Remove it.");
    for (const std::filesystem::path& doubtful : after.earlier.doubtful)
        console.note(
            "fieldfare-cli: " + shown(doubtful) +
            " may be of an earlier run, or your own, and was left. Who has withdrawn since may stand in "
            "it: remove it, or move it out of this folder.");
    if (*opened_roster) {
        const auto newest = remember_roster(options.roster, options.inbox, study);
        after.roster_kept = newest.has_value();
        after.roster_overtaken = newest && newest->digest != (*opened_roster)->digest;
        if (!newest)
            console.note(
                "fieldfare-cli: No copy of the roster was kept with the inbox, so an older one would "
                "not be noticed: " +
                newest.error().sentence);
        if (after.roster_overtaken)
            console.note(
                "fieldfare-cli: The roster by which this inbox was judged is not the newest any more. " +
                overtaken_by(*newest, options.inbox, study) + " No receipts were made. Open again with it.");
    }
    // They stay withdrawn when the batch that said so is here no more.
    if (opening->withdrawals.by_hash().size() > withdrawals->by_hash().size())
        if (auto noted = opening->withdrawals.add_to(options.inbox); !noted) {
            after.withdrawals_noted = false;
            console.note("fieldfare-cli: The withdrawals could not be noted in the inbox: " +
                         noted.error().sentence);
        }
    Receipts receipts;
    if (!after.roster_overtaken)  // or a device that was revoked meanwhile would be told "accepted"
        receipts = tell_devices(options, study, *identities, std::move(opening->verdicts));
    for (const std::string& trouble : receipts.troubles) console.note("fieldfare-cli: " + trouble);
    const ExitCode code = after.fine() && !receipts.failed ? verdict_of(*opening) : ExitCode::findings;
    if (options.output == Output::text) {
        print(options, *opening, text, results, receipts, console);
        return code;
    }
    JsonObject object;
    put_report(object, *opening, roster);
    std::vector<std::string> outputs;
    for (const Exports& exports : results.exports) {
        for (const std::filesystem::path& path : exports.paths()) outputs.push_back(path.string());
        for (const std::filesystem::path& path : exports.instances()) outputs.push_back(path.string());
    }
    for (const std::filesystem::path& path : media.paths()) outputs.push_back(path.string());
    object.put_json("outputs", json_strings(outputs))
        .put("receipts", JsonObject()
                             .put("made", receipts.made)
                             .put("sent", receipts.sent)
                             .put("waiting", receipts.waiting)
                             .put_json("troubles", json_strings(receipts.troubles)))
        .put_json("stayed", json_strings(texts_of(after.earlier.stayed)))
        .put_json("doubtful", json_strings(texts_of(after.earlier.doubtful)))
        .put("roster_kept", after.roster_kept)
        .put("roster_overtaken", after.roster_overtaken)
        .put("withdrawals_noted", after.withdrawals_noted);
    console.out << object.text() << "\n";
    return code;
}

}  // namespace fieldfare::researcher
