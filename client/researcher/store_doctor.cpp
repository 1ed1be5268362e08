#include <algorithm>
#include <ostream>

#include "client/confinement/stop_signals.h"
#include "client/researcher/store_access.h"
#include "client/researcher/store_examination.h"
#include "client/researcher/store_file.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "sync/http_address.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {
namespace {

/// Each store with its researcher's side: of the same address, or itself where nothing lets in.
Result<std::vector<StoreSides>> sides_of(const StoreDoctorOptions& options,
                                         const study::StudyPackage& study) {
    const auto devices = store_entries(study, options.stores);
    if (!devices) return tl::unexpected(devices.error());
    if (devices->empty()) return wrong_usage("The study names no store; give one with --store.");
    std::vector<StoreSides> all;
    for (const sync::Store& device : *devices) {
        StoreSides sides{.device = device,
                         .researcher = {},
                         .proxy = options.proxy,
                         .study_tag = study.policy().study_tag,
                         .names = options.names,
                         .stopped = {}};
        if (sync::folder_of(device.address)) sides.researcher = device;
        all.push_back(std::move(sides));
    }
    for (const std::string& given : options.researchers) {
        auto store = read_store(given);
        if (!store) return tl::unexpected(store.error());
        auto same = std::ranges::find_if(
            all, [&](const StoreSides& sides) { return sides.device.address == store->address; });
        // What a receiver of ours takes is read on its machine, in its folder.
        if (all.size() == 1 && sync::looks_like_http(all[0].device.address) &&
            sync::folder_of(store->address))
            same = all.begin();
        if (same == all.end())
            return wrong_usage("The store " + store->address +
                               " of --as-researcher is none of those that are tried; its address must be "
                               "written as theirs.");
        same->researcher = reached_in(study, std::move(*store));
    }
    return all;
}

ExitCode code_of(const std::vector<StoreReport>& reports) {
    if (std::ranges::none_of(reports, &StoreReport::reached)) return ExitCode::could_not;
    const bool good = std::ranges::all_of(
        reports, [](const StoreReport& report) { return report.verdict() == Verdict::good; });
    return good ? ExitCode::fine : ExitCode::findings;
}

}  // namespace

ExitCode run_store_doctor(const StoreDoctorOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    // Opened here, too, so that what can't be used is told before anything is touched.
    const auto stores = stores_of(*study, options.stores, options.proxy);
    if (!stores) return console.complain(stores.error());
    auto all = sides_of(options, *study);
    if (!all) return console.complain(all.error());
    console.keep_to(reach_of(pointers(*stores)));

    const confinement::StopSignals stops;
    std::vector<StoreReport> reports;
    for (StoreSides& sides : *all) {
        if (stops.token().stop_requested()) break;
        sides.stopped = [stop = stops.token()] { return stop.stop_requested(); };
        reports.push_back(examine(sides));
        if (options.output == Output::text)
            console.out << (reports.size() > 1 ? "\n" : "") << as_text(reports.back()) << std::flush;
    }
    if (options.output == Output::json) console.out << as_json(reports);
    return code_of(reports);
}

}  // namespace fieldfare::researcher
