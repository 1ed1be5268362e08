#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>

#include "client/researcher/form_dictionary.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/store_file.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/study/rules.h"
#include "client/study/wordings.h"
#include "crypto/random.h"
#include "schema/compiled_form.h"
#include "schema/media_file.h"
#include "schema/readers/read_form.h"
#include "sync/http_address.h"
#include "sync/s3_address.h"
#include "sync/sftp_address.h"

namespace fieldfare::researcher {
namespace {

using study::PackageError;

/// The form, or a failure after all of its faults have been printed. What `form check` only warns of, because
/// a study can't hold it, stops here.
Result<schema::Form> read_form(const std::filesystem::path& file, Console& console) {
    schema::FormCheck check = schema::check_form(file);
    for (const std::vector<schema::Problem>* problems : {&check.findings.errors, &check.not_for_studies})
        for (const schema::Problem& problem : *problems) console.note("error: " + schema::to_string(problem));
    for (const schema::Problem& problem : check.findings.warnings)
        console.note("warning: " + schema::to_string(problem));
    const std::size_t errors = check.findings.errors.size() + check.not_for_studies.size();
    if (errors > 0 || !check.form)
        return could_not("The form " + shown(file) + " has " + std::to_string(errors) +
                         (errors == 1 ? " error" : " errors") +
                         ", named above; correct the form and build again. No study was made.");
    return std::move(*check.form);
}

Result<std::vector<study::StoreEntry>> read_stores(const std::vector<std::string>& given) {
    std::vector<study::StoreEntry> stores;
    for (const std::string& one : given) {
        auto store = read_store(one);
        if (!store) return tl::unexpected(store.error());
        stores.push_back({std::move(store->address), std::move(store->settings)});
    }
    return stores;
}

void note_bucket(const sync::S3Address& address, const std::string& tag, const Console& console) {
    const std::string place = (address.folder.empty() ? "" : address.folder + "/") + tag;
    console.note(
        "Make the bucket " + address.bucket + " at " + address.server.text() + ". Let devices put " + place +
        "/*.batch and get " + place +
        "/receipts/*, and nothing else; without the second no device learns that its files have come "
        "through. Let whoever fetches list the bucket, get both, and put receipts. No program does "
        "this.");
}

/// What whoever builds a study must know of its stores on the network.
void note_stores(const study::StudyPackage& package, const Console& console) {
    for (const study::StoreEntry& store : package.stores()) {
        const auto s3 = sync::parse_s3_address(store.address);
        const bool web = sync::looks_like_http(store.address);
        if (!s3 && !web && !sync::looks_like_sftp(store.address)) continue;
        const std::string& tag = package.policy().study_tag;
        if (s3)
            note_bucket(*s3, tag, console);
        else
            console.note(
                "Make the folders " + tag + "/ and " + tag + "/receipts/ in " + store.address +
                (web ? ", unless it is a receiver (\"fieldfare-cli serve\"), which makes them itself."
                     : "; no program makes them."));
        const auto has = [&](const char* name) { return store.settings.contains(name); };
        if (has("password") || has("token") || has("query") || has("client_key") || has("secret_key") ||
            has("key"))
            console.note("The study file holds what lets devices into " + store.address +
                         ": hand it on as you would a password.");
        if (store.address.find("https:") != std::string::npos && !has("pin"))
            console.note("No key is pinned for " + store.address +
                         ": who can have a certificate made for that name can stand in its place (and still "
                         "reads nothing). A store file can give the pin.");
    }
}

/// A label alone would hide that its key is another one now.
std::string named(const std::string& label, crypto::ByteView key) {
    return label + " (" + crypto::to_hex(key.first(4)) + "…)";
}

std::string list_of(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list.empty() ? "none" : list;
}

/// What a study file says that no later one takes over by itself, in words: what of, and how it is.
std::vector<std::pair<std::string, std::string>> rules_of(const study::StudyPackage& package) {
    const study::Policy& policy = package.policy();
    std::vector<std::string> recipients, confirmers, stores;
    for (const study::RecipientEntry& each : package.recipients())
        recipients.push_back(named(each.label, each.key.bytes));
    for (const study::ReceiptKeyEntry& each : package.receipt_keys())
        confirmers.push_back(named(each.label, each.key.bytes));
    for (const study::StoreEntry& each : package.stores()) stores.push_back(each.address);
    const auto of = [](int count, std::size_t all) {
        return std::to_string(count) + " of " + std::to_string(all);
    };
    return {
        {"title", policy.title},
        {"wave", policy.wave.empty() ? "none" : policy.wave},
        {"last day", policy.expires ? iso_day(*policy.expires) : "none"},
        {"recipients", list_of(recipients)},
        {"opened by", policy.opening_quorum == 0
                          ? "each recipient alone"
                          : of(policy.opening_quorum, package.recipients().size()) + " custodians together"},
        {"confirmed by", of(policy.receipt_quorum, confirmers.size()) + ": " + list_of(confirmers)},
        {"kept after that", std::to_string(policy.hold_days) + " days"},
        {"stores", list_of(stores)},
        {"copies", std::to_string(policy.copies)},
        {"recovery", study::supervisor(policy)
                         ? "by " + study::supervisor(policy)->label + " " + supervisor_fingerprint(policy)
                         : "by nobody"},
        {"when destroyed", when_destroyed(policy)},
    };
}

/// Whoever forgets a word when building the next version is to see it.
void note_changes(const std::filesystem::path& file, const study::StudyPackage& before,
                  const study::StudyPackage& after, const Console& console) {
    const auto old_rules = rules_of(before), new_rules = rules_of(after);
    for (std::size_t i = 0; i < new_rules.size(); ++i)
        if (old_rules[i].second != new_rules[i].second)
            console.note("Other than in " + shown(file.filename()) + ": " + new_rules[i].first + " " +
                         shown(new_rules[i].second) + ", before " + shown(old_rules[i].second) + ".");
    for (const study::StoreEntry& now : after.stores()) {
        const auto then = std::ranges::find(before.stores(), now.address, &study::StoreEntry::address);
        if (then != before.stores().end() && then->settings != now.settings)
            console.note("Other than in " + shown(file.filename()) + ": the settings of " + now.address +
                         ".");
    }
}

std::string sentence_for(PackageError error) {
    switch (error) {
        case PackageError::malformed_policy:
            return "The study's title, wave, versions, quorum, hold or copies are outside what a study can "
                   "have: a title of 1 to "
                   "200 bytes, a wave of at most 32, a quorum of at most the number of recipients, copies of "
                   "at most the number "
                   "of stores.";
        case PackageError::malformed_recipients:
            return "The recipients must be at most 16 different keys, with names of plain text.";
        case PackageError::malformed_receipt_keys:
            return "The keys that confirm must be at most 16 different ones, with names of plain text.";
        case PackageError::no_recipients:
            return "A study needs at least one recipient, or nobody could ever open the answers; give "
                   "--recipient NAME.ffpub.";
        case PackageError::malformed_stores:
            return "A store's address is too long or given twice, or a setting of one holds more than a line "
                   "of plain text.";
        case PackageError::malformed_form:
        case PackageError::malformed_languages:
            return "The form can't be put into a study file; \"form check\" says why.";
        case PackageError::too_large:
            return "The form makes a study file of over 256 MiB, which no device would take.";
        default:
            return "The study file could not be made (internal error " +
                   std::to_string(static_cast<int>(error)) + ").";
    }
}

/// Takes over from the package before what identifies a study, and counts on.
Result<void> continue_from(const StudyBuildOptions& options, const crypto::VerifyKey& root,
                           study::Policy& policy, Console& console) {
    const auto before = read_study(options.predecessor);
    if (!before) return tl::unexpected(before.error());
    if (before->root() != root)
        return could_not(
            shown(options.predecessor) +
            " is signed by another root than the one given; devices would refuse the new study file.");
    if ((before->policy().mode == study::Mode::kiosk) != options.kiosk)
        return could_not(shown(options.predecessor) +
                         (options.kiosk ? " is for interviewers' machines, whose vaults are of another kind: "
                                          "devices would refuse the new study file. Leave --mode kiosk out."
                                        : " is for unattended machines, whose vaults are of another kind: "
                                          "devices would refuse the new study file. Give --mode kiosk."));
    if (options.version != 0 && options.version <= before->policy().package_version)
        return wrong_usage(shown(options.predecessor) + " has version " +
                           std::to_string(before->policy().package_version) +
                           " already, and devices would refuse another of version " +
                           std::to_string(options.version) + ". Give a higher --version, or leave it out.");
    policy.study_id = before->policy().study_id;
    policy.study_tag = before->policy().study_tag;
    policy.package_version = before->policy().package_version + 1;
    policy.policy_version = before->policy().policy_version + 1;
    policy.predecessors = before->policy().predecessors;
    policy.predecessors.push_back({before->digest(), before->policy_digest()});
    policy.pre_shared_keys = before->policy().pre_shared_keys;
    // Nobody ends it by forgetting a word: devices would go there directly.
    study::set_network_way(policy, study::network_way(before->policy()));
    policy.opening_quorum = before->policy().opening_quorum;
    if (options.recovery.empty() && study::supervisor(before->policy()))
        console.note(
            "The study file before named a supervisor and this one names nobody: a device that takes it in "
            "can't be given its key back any more. Give --recovery to keep it.");
    return {};
}

tl::unexpected<Failure> given_before(const std::filesystem::path& file, const char* word) {
    return wrong_usage(shown(file) + " was given before, as " + word +
                       ", or holds the same key as one that was; give each key once.");
}

/// Who opens and who confirms are matched by their names (study::fingerprint_of): of two keys of one name
/// people would be shown digits that are neither's.
tl::unexpected<Failure> of_one_name(const std::filesystem::path& analyst,
                                    const std::filesystem::path& recipient, const std::string& label) {
    return wrong_usage(
        shown(analyst) + " and " + shown(recipient) + " are two keys of one name, \"" + shown(label) +
        "\", and could not be told apart. Give --analyst the key that is given as --recipient, "
        "or another, made under another name (\"key new --label\").");
}

/// What the words ask for has to be had with what else they name.
Result<void> check_numbers(const StudyBuildOptions& options, const study::PackageContents& contents) {
    const auto more_than = [](const char* word, int number, const char* of, std::size_t most) {
        return wrong_usage(std::string(word) + " " + std::to_string(number) + " is more than the " + of +
                           ", of which there are " + std::to_string(most) + ".");
    };
    const auto is_more = [](int number, std::size_t most) {
        return number > 0 && static_cast<std::size_t>(number) > most;
    };
    if (const std::size_t keys = contents.receipt_keys.size(); is_more(options.quorum, keys))
        return more_than("--quorum", options.quorum, "keys that confirm", keys);
    // A study may name its stores later, and then means one copy at least.
    if (is_more(options.copies, std::max<std::size_t>(contents.stores.size(), 1)))
        return more_than("--copies", options.copies, "stores", contents.stores.size());
    if (contents.policy.expires && *contents.policy.expires < contents.policy.created)
        return wrong_usage("--expires " + options.expires +
                           " is in the past; no device would take such a study file.");
    return {};
}

Result<study::PackageContents> gather(const StudyBuildOptions& options, const crypto::Recipient& root,
                                      Console& console) {
    study::PackageContents contents;
    auto form = read_form(options.form, console);
    if (!form) return tl::unexpected(form.error());
    contents.form = std::move(*form);
    contents.dictionary = dictionary_for(contents.form);
    std::vector<crypto::Recipient> recipients;
    for (const std::filesystem::path& file : options.recipients) {
        auto recipient = read_public_key(file);
        if (!recipient) return tl::unexpected(recipient.error());
        if (recipient->kind == crypto::IdentityKind::root)
            return could_not(
                shown(file) +
                " is a study root, which opens no answers; give researchers' keys as recipients.");
        if (std::ranges::find(contents.recipients, recipient->box_key, &study::RecipientEntry::key) !=
            contents.recipients.end())
            return given_before(file, "--recipient");
        contents.recipients.push_back({recipient->box_key, recipient->label});
        if (options.analysts.empty())
            contents.receipt_keys.push_back({recipient->signing_key, recipient->label});
        recipients.push_back(std::move(*recipient));
    }
    for (const std::filesystem::path& file : options.analysts) {
        auto analyst = read_public_key(file);
        if (!analyst) return tl::unexpected(analyst.error());
        if (analyst->kind == crypto::IdentityKind::root)
            return could_not(shown(file) +
                             " is a study root, which opens no answers; give an analyst's key.");
        if (std::ranges::find(contents.receipt_keys, analyst->signing_key, &study::ReceiptKeyEntry::key) !=
            contents.receipt_keys.end())
            return given_before(file, "--analyst");
        for (std::size_t i = 0; i < recipients.size(); ++i)
            if (recipients[i].label == analyst->label && recipients[i] != *analyst)
                return of_one_name(file, options.recipients[i], analyst->label);
        contents.receipt_keys.push_back({analyst->signing_key, analyst->label});
    }
    auto stores = read_stores(options.stores);
    if (!stores) return tl::unexpected(stores.error());
    contents.stores = std::move(*stores);

    study::Policy& policy = contents.policy;
    const auto id = crypto::random_id();
    const auto tag = study::new_study_tag();
    if (!id || !tag) return could_not("This system gives no random numbers, so no study can be made on it.");
    policy.study_id = *id;
    policy.study_tag = *tag;
    if (!options.predecessor.empty())
        if (auto continued = continue_from(options, root.signing_key, policy, console); !continued)
            return tl::unexpected(continued.error());
    if (options.pre_shared_key) {
        auto key = crypto::PreSharedKey::random();
        if (!key) return could_not("No pre-shared key could be made: this system gives no random numbers.");
        auto& keys = policy.pre_shared_keys;
        keys.insert(keys.begin(), std::make_shared<const crypto::PreSharedKey>(std::move(*key)));
    }
    policy.title = !options.title.empty() ? options.title : contents.form.settings.form_title;
    if (policy.title.empty()) policy.title = contents.form.settings.form_id;
    policy.wave = options.wave;
    policy.mode = options.kiosk ? study::Mode::kiosk : study::Mode::interviewer;
    if (const schema::Item* asks = schema::first_media_question(contents.form); asks && options.kiosk)
        return could_not(
            "The question " + asks->name + " (row " + std::to_string(asks->row) +
            ") asks for a file. On an unattended machine whoever sits there would look through its "
            "folders to choose one, and what is attached could not be kept in memory alone: leave "
            "the question out, or build the study without --mode kiosk.");
    if (options.version != 0) policy.package_version = options.version;
    policy.created = today_utc();
    if (!options.expires.empty()) {
        policy.expires = parse_iso_day(options.expires);
        if (!policy.expires) return wrong_usage("--expires wants a day as YYYY-MM-DD.");
    }
    if (auto fine = check_numbers(options, contents); !fine) return tl::unexpected(fine.error());
    const int custodians = options.custodians.value_or(policy.opening_quorum);
    if (custodians != 0 &&
        (custodians < 2 || static_cast<std::size_t>(custodians) > contents.recipients.size()))
        return wrong_usage(
            options.custodians
                ? "--custodians wants a number from 2 to that of the recipients: so many of them must "
                  "co-operate. 0 lets each open alone."
                : "The study file before demands that " + std::to_string(custodians) +
                      " custodians co-operate, and there are fewer recipients now. Give --custodians with "
                      "another number, or 0 to let each open alone.");
    policy.opening_quorum = static_cast<std::uint8_t>(custodians);
    policy.receipt_quorum = options.quorum == 0
                                ? study::default_quorum(contents.receipt_keys.size())
                                : static_cast<std::uint8_t>(std::clamp(options.quorum, 0, 255));
    policy.hold_days = static_cast<std::uint16_t>(std::clamp(options.hold_days, 0, 65535));
    policy.copies = static_cast<std::uint8_t>(std::clamp(options.copies, 0, 255));
    if (!options.recovery.empty()) {
        const auto supervisor = read_public_key(options.recovery);
        if (!supervisor) return tl::unexpected(supervisor.error());
        if (supervisor->kind == crypto::IdentityKind::root)
            return could_not(shown(options.recovery) +
                             " is a study root, which opens nothing; give a supervisor's key.");
        if (!study::set_supervisor(policy, *supervisor))
            return could_not("The supervisor's key " + shown(options.recovery) + " can't be used to seal.");
    }
    if (options.network_by_proxy) study::set_network_way(policy, study::NetworkWay::proxy_alone);
    if (options.remove_when_destroyed) study::set_sealed_when_destroyed(policy, crypto::SealedFiles::go);
    return contents;
}

}  // namespace

ExitCode run_study_build(const StudyBuildOptions& options, Console& console) {
    auto file = OutputFile::create(options.out, options.overwrite);
    if (!file) return console.complain(file.error());
    const auto root = read_root_key(options.root, console);
    if (!root) return console.complain(root.error());
    const auto contents = gather(options, root->recipient(), console);
    if (!contents) return console.complain(contents.error());
    const auto bytes = study::build_package(*contents, *root);
    if (!bytes) return console.complain({sentence_for(bytes.error())});
    const auto package = study::StudyPackage::open(*bytes);
    if (!package) return console.complain({sentence_for(package.error())});
    std::optional<study::StudyPackage> before;  // read now: it may be the file that is replaced
    if (!options.predecessor.empty()) {
        auto read = read_study(options.predecessor);
        if (!read) return console.complain(read.error());
        if (const auto update = study::check_update(*read, *package); !update)
            return console.complain({"Devices with " + shown(options.predecessor) +
                                     " would refuse this study file: " + study::sentence(update.error())});
        before.emplace(std::move(*read));
    }
    if (auto written = file->write({reinterpret_cast<const char*>(bytes->data()), bytes->size()}); !written)
        return console.complain(written.error());
    if (auto done = file->commit(); !done) return console.complain(done.error());

    if (before) note_changes(options.predecessor, *before, *package, console);
    const study::Policy& policy = package->policy();
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("file", options.out.string())
                           .put("title", policy.title)
                           .put("package_version", policy.package_version)
                           .put("study_tag", policy.study_tag)
                           .put("pre_shared_key", !policy.pre_shared_keys.empty())
                           .put("when_destroyed", when_destroyed(policy))
                           .put("network", network_word(policy))
                           .put("recovery", supervisor_fingerprint(policy))
                           .put("fingerprint", crypto::to_string(package->fingerprint()))
                           .text()
                    << "\n";
        return ExitCode::fine;
    }
    console.out << "Study \"" << policy.title << "\", version " << policy.package_version << ", in "
                << shown(options.out) << "\n"
                << "  fingerprint  " << crypto::to_string(package->fingerprint()) << "\n"
                << "  Whoever imports it compares these digits with you, over a channel that the file did "
                   "not come by.\n";
    if (!policy.pre_shared_keys.empty())
        console.note(
            "The study file holds the study's pre-shared key: hand it on as you would a key, never over a "
            "store or a web page. Whoever opens batches needs it.");
    if (study::supervisor(policy))
        console.note(
            "Whoever has the supervisor's key and a device, seized or found, reads its unfinished "
            "interviews: keep that key offline, away from the devices. A device seals to it when it is "
            "next unlocked.");
    if (study::sealed_when_destroyed(policy) == crypto::SealedFiles::go)
        console.note(
            "Whoever types a passphrase that destroys removes sealed interviews, too: what was not handed "
            "over by then is lost. Passphrases that were set before a device takes this file in keep to the "
            "rule of that day.");
    if (study::network_way(policy) == study::NetworkWay::proxy_alone)
        console.note(
            "No store on a network is reached without a proxy: Tor must run on each device, at "
            "127.0.0.1:9050, where neither the store's settings nor --proxy name another one.");
    note_stores(*package, console);
    if (package->stores().empty())
        console.note(
            "The study names no store: sealed batches will wait on the devices until one is given "
            "(--store).");
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
