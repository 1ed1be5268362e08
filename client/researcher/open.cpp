#include <algorithm>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/opening.h"
#include "client/researcher/opening_report.h"
#include "client/researcher/receipt_box.h"
#include "client/researcher/store_access.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {
namespace {

struct Receipts {
    std::size_t made = 0, sent = 0, waiting = 0;
    std::string trouble;  ///< empty: none
};

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
        receipts.trouble =
            "The key given is not among those whose receipts the study's devices believe, so none were made.";
        return receipts;
    }
    const auto made = make_receipts(options.inbox, study, *certified, std::move(verdicts));
    if (!made) {
        receipts.trouble = "No receipts were made: " + made.error().sentence;
        return receipts;
    }
    receipts.made = *made;
    const auto stores = stores_of(study, {});
    const auto sending = send_receipts(options.inbox, study.policy().study_tag,
                                       stores ? pointers(*stores) : std::vector<sync::Transport*>());
    if (!sending) {
        receipts.trouble = sending.error().sentence;
        return receipts;
    }
    receipts.sent = sending->sent;
    receipts.waiting = sending->waiting;
    return receipts;
}

}  // namespace

ExitCode run_open(const OpenOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto opened_roster = read_roster(options.roster, *study);
    if (!opened_roster) return console.complain(opened_roster.error());
    if (!*opened_roster)
        console.note("There is no roster " + shown(options.roster) +
                     " yet, so no device counts; \"roster add\" takes them in.");
    const study::Roster roster = *opened_roster ? (*opened_roster)->roster : study::Roster();
    if (options.keys.empty())
        return console.complain({"Give the key that opens the batches: --key NAME.ffkey.", ExitCode::usage});
    if (auto folder = make_folder(options.out); !folder) return console.complain(folder.error());
    // Outputs before passphrases: nobody should type one for a run that can't write.
    auto exports =
        Exports::create(std::make_shared<const schema::Form>(study->form()), options.out, options.overwrite);
    if (!exports) return console.complain(exports.error());
    auto report = OutputFile::create(options.out / "report.txt", options.overwrite);
    if (!report) return console.complain(report.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return console.complain(identities.error());

    auto opening = [&] {
        std::optional<Progress> progress;
        return open_inbox({*study, roster, *identities, options.inbox}, *exports,
                          [&](std::size_t done, std::size_t total) {
                              if (!progress) progress.emplace(console, "Opening", total);
                              progress->at(done);
                          });
    }();
    if (!opening) return console.complain(opening.error());
    const std::string text = report_text(*opening, roster);
    if (auto written = report->write(text); !written) return console.complain(written.error());
    if (auto done = write_quarantine(options.out / "quarantine", *opening, options.overwrite); !done)
        return console.complain(done.error());
    if (auto done = exports->commit(); !done) return console.complain(done.error());
    if (auto done = report->commit(); !done) return console.complain(done.error());

    const Receipts receipts = tell_devices(options, *study, *identities, std::move(opening->verdicts));
    if (!receipts.trouble.empty()) console.note("fieldfare-cli: " + receipts.trouble);
    if (options.output == Output::json) {
        JsonObject object;
        put_report(object, *opening, roster);
        std::vector<std::string> outputs;
        for (const std::filesystem::path& path : exports->paths()) outputs.push_back(path.string());
        object.put_json("outputs", json_strings(outputs))
            .put("receipts", JsonObject()
                                 .put("made", receipts.made)
                                 .put("sent", receipts.sent)
                                 .put("waiting", receipts.waiting));
        console.out << object.text() << "\n";
    } else {
        console.out << text << "Written to " << shown(options.out) << ":";
        for (const std::filesystem::path& path : exports->paths())
            console.out << " " << shown(path.filename());
        console.out << " report.txt" << (opening->refused.empty() ? "" : " quarantine/") << "\n";
        if (receipts.made + receipts.sent + receipts.waiting > 0)
            console.out << "Receipts: " << receipts.made << " made, " << receipts.sent << " sent, "
                        << receipts.waiting
                        << (receipts.waiting > 0 ? " wait (\"fetch\" sends them)\n" : " wait\n");
    }
    return verdict_of(*opening);
}

}  // namespace fieldfare::researcher
