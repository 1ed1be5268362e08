#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/output_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/study/enrolment.h"
#include "client/study/wordings.h"

namespace fieldfare::researcher {

namespace {

/// "today", "12 days old": of the day on which it was signed, by this machine's clock.
std::string age_of(const study::Roster& roster) {
    const auto days = (today_utc() - roster.day).count();
    if (days < 0) return "dated in the future";
    return days == 0 ? "of today" : std::to_string(days) + (days == 1 ? " day old" : " days old");
}

/// Empty when nothing of the device counts.
std::string last_accepted(const study::RosterDevice& device) {
    const crypto::BatchId& id = device.revoked->last_accepted;
    return id == crypto::BatchId{} ? "" : crypto::to_hex(id);
}

Result<void> check_since(const RosterShowOptions& options, const study::StudyPackage& study,
                         const study::OpenedRoster& roster) {
    if (options.since.empty()) return {};
    const auto before = read_roster(options.since, study);
    if (!before) return tl::unexpected(before.error());
    if (!*before) return could_not(shown(options.since) + " does not exist; correct the path.");
    const auto later = study::check_later(**before, roster);
    if (!later) return could_not(shown(options.roster) + ": " + study::sentence(later.error()));
    return {};
}

}  // namespace

ExitCode run_roster_show(const RosterShowOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto opened = read_roster(options.roster, *study);
    if (!opened) return console.complain(opened.error());
    if (!*opened)
        return console.complain(
            {shown(options.roster) + " does not exist; \"roster add\" makes it with the first device."});
    if (auto continues = check_since(options, *study, **opened); !continues)
        return console.complain(continues.error());
    const study::Roster& roster = (*opened)->roster;

    std::vector<std::string> devices;
    if (options.output == Output::text)
        console.out << "Roster version " << roster.version << " of " << iso_day(roster.day) << " ("
                    << age_of(roster) << "), " << roster.devices.size()
                    << (roster.devices.size() == 1 ? " device\n" : " devices\n") << "  digest  "
                    << crypto::to_hex((*opened)->digest) << "\n"
                    << (options.since.empty() ? "" : "  continues " + shown(options.since) + "\n");
    for (const study::RosterDevice& device : roster.devices) {
        const std::string id = crypto::to_hex(crypto::device_id(device.key));
        const std::string number = crypto::to_string(study::enrolment_number(
            study->policy().study_id, study->root(), device.package_digest, device.key));
        JsonObject object;
        object.put("device", id)
            .put("label", device.label)
            .put("enrolment_number", number)
            .put("added", iso_day(device.added))
            .put("unattended", device.unattended);
        if (device.revoked)
            object.put("revoked", iso_day(device.revoked->day)).put("last_accepted", last_accepted(device));
        devices.push_back(object.text());
        if (options.output == Output::text)
            console.out << "  " << id << "  added " << iso_day(device.added)
                        << (device.unattended ? "  unattended" : "")
                        << (device.revoked ? "  REVOKED " + iso_day(device.revoked->day) : "")
                        << (device.label.empty() ? "" : "  " + shown(device.label))
                        << "\n    enrolment number " << number << "\n"
                        << (device.revoked
                                ? "    last batch that counts: " +
                                      (last_accepted(device).empty() ? "none" : last_accepted(device)) + "\n"
                                : "");
    }
    if (options.output == Output::json)
        console.out << JsonObject()
                           .put("version", roster.version)
                           .put("day", iso_day(roster.day))
                           .put("age_days", (today_utc() - roster.day).count())
                           .put("digest", crypto::to_hex((*opened)->digest))
                           .put("previous", crypto::to_hex(roster.previous))
                           .put_json("devices", json_array(devices))
                           .text()
                    << "\n";
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
