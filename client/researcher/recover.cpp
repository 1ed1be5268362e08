#include "client/researcher/recover.h"

#include <optional>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/output_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/study_file.h"
#include "client/study/enrolment.h"
#include "crypto/recovery.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t request_limit = 4096;  // far above any request

std::string sentence_for(crypto::Error error, const std::filesystem::path& file) {
    switch (error) {
        case crypto::Error::wrong_format:
            return shown(file) + " is no request for recovery; choose the file that ends in .ffrecover.";
        case crypto::Error::unsupported:
            return shown(file) + " was made by a newer Fieldfare; use that one.";
        case crypto::Error::not_openable:
            return shown(file) +
                   " is not sealed to this key: the study names another supervisor or none, or the device "
                   "was not unlocked since it took in the study file that names this one.";
        default:
            return shown(file) + " was damaged or changed on its way; have the device make a new one.";
    }
}

/// What the study and the roster say of the vault, where they were given.
struct Names {
    std::string study, device;
    std::string enrolment_number;  ///< as people compare it
};

Result<Names> names_of(const crypto::VaultName& vault, const RecoverOptions& options) {
    Names names{crypto::to_hex(vault.study), crypto::to_hex(vault.device), {}};
    if (options.study.empty()) {
        if (!options.roster.empty()) return wrong_usage("--roster wants the --study that it belongs to.");
        return names;
    }
    const auto study = read_study(options.study);
    if (!study) return tl::unexpected(study.error());
    if (study->policy().study_id != vault.study)
        return could_not("The request is of another study than " + shown(options.study) +
                         "; nothing was answered.");
    names.study = "\"" + study->policy().title + "\"";
    if (options.roster.empty()) return names;
    const auto roster = read_roster(options.roster, *study);
    if (!roster) return tl::unexpected(roster.error());
    const study::RosterDevice* device = *roster ? find_device((*roster)->roster, vault.device) : nullptr;
    if (device == nullptr)
        return could_not("The device " + names.device + " is not in " + shown(options.roster) +
                         ", so nothing was answered; leave out --roster if you know it in some other way.");
    names.device = device_name((*roster)->roster, vault.device);
    if (device->revoked)
        return could_not("The roster says that " + names.device +
                         " was revoked, so nothing was answered: whoever has it now would read what is "
                         "on it.");
    names.enrolment_number = crypto::to_string(
        study::enrolment_number(vault.study, study->root(), device->package_digest, device->key));
    return names;
}

ExitCode say(const RecoverOptions& options, const crypto::VaultName& vault, const Names& names, bool answered,
             Console& console) {
    if (options.output == Output::json) {
        JsonObject object;
        object.put("study_id", crypto::to_hex(vault.study)).put("device", crypto::to_hex(vault.device));
        if (!names.enrolment_number.empty()) object.put("enrolment_number", names.enrolment_number);
        object.put("roster_looked_up", !options.roster.empty());
        object.put("answered", answered);
        if (answered) object.put("file", options.out.string());
        console.out << object.text() << "\n";
    } else {
        console.out << "Request for the key of a locked device\n"
                    << "  study        " << names.study << "\n"
                    << "  device       " << names.device << "\n";
        if (!names.enrolment_number.empty())
            console.out << "  enrolment    " << names.enrolment_number << "\n";
        if (answered)
            console.out << "Answered in " << shown(options.out)
                        << ". It opens on that device and for this request only.\n";
    }
    if (options.roster.empty())
        console.note(
            "Whether this device was revoked was not looked up: give the --study and its --roster, or be "
            "sure "
            "of it in some other way.");
    if (answered) return ExitCode::fine;
    console.note(
        "Nothing was answered yet. Whoever gets the answer reads every unfinished interview on that device. "
        "Speak with its interviewer, by phone or in person; be sure that it is they and that nobody makes "
        "them ask; have them read out the 30 digits that the device shows; then run this again with the "
        "digits and --out.");
    return ExitCode::findings;
}

}  // namespace

ExitCode run_recover(const RecoverOptions& options, Console& console) {
    std::optional<crypto::Fingerprint> digits;
    std::optional<OutputFile> file;
    if (options.digits.empty() != options.out.empty())
        return console.complain(
            {"The digits that the device shows and --out NAME.ffanswer go together: without both it is only "
             "shown who asks.",
             ExitCode::usage});
    if (!options.digits.empty()) {
        const auto parsed = crypto::parse_fingerprint(options.digits);
        if (!parsed)
            return console.complain(
                {"Give the 30 digits that the device shows, in six groups of five, in quotes.",
                 ExitCode::usage});
        digits = *parsed;
        auto created = OutputFile::create(options.out, options.overwrite);
        if (!created) return console.complain(created.error());
        file.emplace(std::move(*created));
    }
    const auto bytes = read_file(options.request, request_limit);
    if (!bytes) return console.complain(bytes.error());
    const auto key = read_key(options.key, console);
    if (!key) return console.complain(key.error());
    const auto request = crypto::OpenedRequest::open(crypto::bytes_of(*bytes), {&*key, 1});
    if (!request) return console.complain({sentence_for(request.error(), options.request)});
    const auto names = names_of(request->vault(), options);
    if (!names) return console.complain(names.error());
    if (!digits) return say(options, request->vault(), *names, false, console);
    if (request->digits() != *digits)
        return console.complain(
            {"These are not the digits of this request, so nothing was answered: they were misheard, the "
             "device has made a new request since, or somebody has put another file in its place."});
    const auto answer = request->answer();
    if (!answer) return console.complain({"The answer could not be sealed; try again."});
    if (auto written = file->write({reinterpret_cast<const char*>(answer->data()), answer->size()}); !written)
        return console.complain(written.error());
    if (auto done = file->commit(); !done) return console.complain(done.error());
    return say(options, request->vault(), *names, true, console);
}

}  // namespace fieldfare::researcher
