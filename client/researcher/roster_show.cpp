#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/study/enrolment.h"

namespace fieldfare::researcher {

ExitCode run_roster_show(const RosterShowOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto opened = read_roster(options.roster, *study);
    if (!opened) return console.complain(opened.error());
    if (!*opened)
        return console.complain(
            {shown(options.roster) + " does not exist; \"roster add\" makes it with the first device."});
    const study::Roster& roster = (*opened)->roster;

    std::vector<std::string> devices;
    if (options.output == Output::text)
        console.out << "Roster version " << roster.version << " of " << iso_day(roster.day) << ", "
                    << roster.devices.size() << (roster.devices.size() == 1 ? " device\n" : " devices\n");
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
        if (device.revoked) object.put("revoked", iso_day(device.revoked->day));
        devices.push_back(object.text());
        if (options.output == Output::text)
            console.out << "  " << id << "  added " << iso_day(device.added)
                        << (device.unattended ? "  unattended" : "")
                        << (device.revoked ? "  REVOKED " + iso_day(device.revoked->day) : "")
                        << (device.label.empty() ? "" : "  " + shown(device.label))
                        << "\n    enrolment number " << number << "\n";
    }
    if (options.output == Output::json)
        console.out << JsonObject()
                           .put("version", roster.version)
                           .put("day", iso_day(roster.day))
                           .put("digest", crypto::to_hex((*opened)->digest))
                           .put_json("devices", json_array(devices))
                           .text()
                    << "\n";
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
