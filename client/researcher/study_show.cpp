#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/study_file.h"
#include "client/researcher/terminal_qr.h"
#include "client/researcher/verbs.h"
#include "client/study/rules.h"

namespace fieldfare::researcher {
namespace {

/// Empty where it can't be told.
std::string digits_of(const study::RecipientEntry& entry, const study::StudyPackage& package) {
    const auto known = study::fingerprint_of(entry, package);
    return known ? crypto::to_string(*known) : std::string();
}

std::size_t questions_in(const std::vector<schema::Item>& items) {
    std::size_t count = 0;
    for (const schema::Item& item : items) {
        const bool asked = item.kind == schema::ItemKind::question &&
                           item.type != schema::QuestionType::note &&
                           item.type != schema::QuestionType::calculate && item.extension.empty();
        count += asked ? 1 : questions_in(item.children);
    }
    return count;
}

/// The names of a store's settings, which tell no credential: " (password, pin, user)".
std::string settings_of(const study::StoreEntry& store) {
    std::string names;
    for (const auto& setting : store.settings) names += (names.empty() ? "  (" : ", ") + setting.first;
    return names.empty() ? "" : names + ")";
}

void print(const study::StudyPackage& package, Console& console) {
    const study::Policy& policy = package.policy();
    const schema::Settings& settings = package.form().settings;
    console.out << "Study \"" << policy.title << "\"\n"
                << "  fingerprint  " << crypto::to_string(package.fingerprint()) << "\n"
                << "  version      " << policy.package_version << " of the study file, "
                << policy.policy_version << " of its rules, made on " << iso_day(policy.created)
                << (policy.expires ? ", until " + iso_day(*policy.expires) : "") << "\n"
                << "  form         " << settings.form_id << " version " << settings.version << ", "
                << questions_in(package.form().items) << " questions\n"
                << "  languages    ";
    for (std::size_t i = 0; i < package.languages().size(); ++i)
        console.out << (i ? ", " : "") << package.languages()[i];
    console.out << "\n";
    if (!policy.wave.empty()) console.out << "  wave         " << policy.wave << "\n";
    console.out << "  mode         "
                << (policy.mode == study::Mode::kiosk ? "kiosk: an unattended shared machine, no drafts"
                                                      : "interviewer's laptop, drafts are kept")
                << "\n  receipts     " << int(policy.receipt_quorum) << " of "
                << package.receipt_keys().size() << " researchers must confirm, then " << policy.hold_days
                << " days, before a device forgets a file\n";
    if (policy.opening_quorum != 0)
        console.out << "  opening      any " << int(policy.opening_quorum) << " of the "
                    << package.recipients().size() << " recipients together, none of them alone\n";
    if (const auto supervisor = study::supervisor(policy))
        console.out << "  recovery     by " << supervisor->label << "  " << supervisor_fingerprint(policy)
                    << "\n";
    if (when_destroyed(policy) == "remove")
        console.out << "  destroying   a passphrase that destroys removes sealed interviews, too\n";
    if (network_word(policy) == "proxy")
        console.out << "  network      no store on one is reached without a proxy, such as Tor\n";
    if (!policy.pre_shared_keys.empty())
        console.out << "  pre-shared   this file holds a key that all batches are sealed under besides: keep "
                       "it secret\n";
    if (!package.dictionary().empty())
        console.out << "  dictionary   " << (package.dictionary().size() + 1023) / 1024
                    << " KiB, made from the form, so that sealed interviews are smaller\n";
    for (const study::RecipientEntry& recipient : package.recipients())
        console.out << "  recipient    " << recipient.label << "  " << digits_of(recipient, package) << "\n";
    for (const study::StoreEntry& store : package.stores())
        console.out << "  store        " << store.address << settings_of(store) << "\n";
}

std::string as_json(const study::StudyPackage& package) {
    const study::Policy& policy = package.policy();
    std::vector<std::string> recipients, stores;
    for (const study::RecipientEntry& recipient : package.recipients())
        recipients.push_back(JsonObject()
                                 .put("label", recipient.label)
                                 .put("fingerprint", digits_of(recipient, package))
                                 .text());
    for (const study::StoreEntry& store : package.stores()) stores.push_back(store.address);
    JsonObject object;
    object.put("title", policy.title)
        .put("fingerprint", crypto::to_string(package.fingerprint()))
        .put("study_id", crypto::to_hex(policy.study_id))
        .put("study_tag", policy.study_tag)
        .put("package_version", policy.package_version)
        .put("policy_version", policy.policy_version)
        .put("package_digest", crypto::to_hex(package.digest()))
        .put("policy_digest", crypto::to_hex(package.policy_digest()))
        .put("form_id", package.form().settings.form_id)
        .put("form_version", package.form().settings.version)
        .put("form_hash", crypto::to_hex(package.form_hash()))
        .put_json("languages", json_strings(package.languages()))
        .put("wave", policy.wave)
        .put("mode", policy.mode == study::Mode::kiosk ? "kiosk" : "interviewer")
        .put("created", iso_day(policy.created));
    if (policy.expires) object.put("expires", iso_day(*policy.expires));
    object.put("dictionary_bytes", package.dictionary().size());
    object.put("when_destroyed", when_destroyed(policy));
    object.put("network", network_word(policy));
    object.put("recovery", supervisor_fingerprint(policy));
    object.put("pre_shared_key", !policy.pre_shared_keys.empty());
    return object.put("opening_quorum", int(policy.opening_quorum))
        .put("receipt_quorum", int(policy.receipt_quorum))
        .put("hold_days", policy.hold_days)
        .put("copies", int(policy.copies))
        .put_json("recipients", json_array(recipients))
        .put_json("stores", json_strings(stores))
        .text();
}

}  // namespace

ExitCode run_study_show(const StudyShowOptions& options, Console& console) {
    const auto package = read_study(options.file);
    if (!package) return console.complain(package.error());
    if (options.output == Output::json) {
        console.out << as_json(*package) << "\n";
        return ExitCode::fine;
    }
    print(*package, console);
    if (package->expired(today_utc()))
        console.note("This study has expired: devices warn, and no longer import it.");
    std::string digits;
    for (const char c : crypto::to_string(package->fingerprint()))
        if (c != ' ') digits += c;
    if (options.qr) console.out << terminal_qr(digits);
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
