#include <algorithm>
#include <ostream>

#include "client/confinement/stop_signals.h"
#include "client/researcher/fetching.h"
#include "client/researcher/json_text.h"
#include "client/researcher/receipt_box.h"
#include "client/researcher/store_access.h"
#include "client/researcher/study_file.h"
#include "client/researcher/sweeps.h"
#include "client/researcher/verbs.h"
#include "sync/object_name.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {
namespace {

namespace chrono = std::chrono;

constexpr chrono::days two_weeks{14};

/// How much of a store was looked through.
struct Look {
    std::string store;
    bool by_pages = false;                       ///< so that looking at all of it costs time
    Looked looked{};                             ///< from `since` on
    std::optional<chrono::sys_days> since{};     ///< from which day on; nothing: from the start
    std::optional<chrono::sys_days> all_here{};  ///< when all that it lists was last in the inbox
    std::string trouble{};                       ///< of noting it
};

Look not_looked_at(const Connections& store, const std::string& tag, const Sweeps& sweeps) {
    Look look{.store = store.front()->address()};
    look.by_pages = sync::lists_by_pages(look.store);
    const auto last = sweeps.last(tag, look.store);
    if (look.by_pages && last) look.all_here = last->day;
    return look;
}

/// Goes through one store, and notes it where that was a sweep which found everything.
Result<Look> look_through(const Connections& store, const FetchOptions& options, const std::string& tag,
                          chrono::sys_days today, Fetching& fetching, Sweeps& sweeps,
                          const Console& console) {
    Look look = not_looked_at(store, tag, sweeps);
    const auto last = sweeps.last(tag, look.store);
    if (look.by_pages && !options.sweep) look.since = listed_since(last, today, fetching.files());
    const auto from = [&](chrono::sys_days day) { return tag + "/" + sync::day_text(day); };
    const auto looked = fetching.from(pointers(store), look.since ? from(*look.since) : "", console, {},
                                      from(today - two_weeks));
    if (!looked) return tl::unexpected(looked.error());
    look.looked = *looked;
    if (!look.since && looked->all_here) look.all_here = today;
    if (!look.by_pages) return look;
    if (look.since)
        sweeps.note(tag, look.store, {last->day, last->files, last->parts + 1});
    else if (looked->all_here)
        sweeps.note(tag, look.store, {today, fetching.files()});
    else
        return look;
    if (const auto noted = sweeps.write(options.inbox); !noted)
        look.trouble = "What was looked through can't be noted, so the next fetch lists all again. " +
                       noted.error().sentence;
    return look;
}

/// As JSON has it.
std::string how_much(const Look& look) {
    if (!look.looked.begun) return "not";
    if (!look.looked.to_the_end) return "in part";
    return look.since ? "since" : "all";
}

std::string as_json(const Look& look) {
    const auto day_or_null = [](const std::optional<chrono::sys_days>& day) {
        return day ? json_string(iso_day(*day)) : "null";
    };
    return JsonObject()
        .put("address", look.store)
        .put("looked_through", how_much(look))
        .put_json("listed_since", day_or_null(look.since))
        .put_json("all_here", day_or_null(look.all_here))
        .text();
}

/// Of a store that was not looked through to the end, or is looked through in part between two sweeps.
std::string as_text(const Look& look) {
    std::string what = "all that it lists";
    if (!look.looked.begun) what = "not looked through";
    if (look.looked.begun && !look.looked.to_the_end) what = "looked through in part";
    if (!look.by_pages) return look.looked.to_the_end ? "" : look.store + ": " + what + "\n";
    if (look.looked.to_the_end && look.since) what = "what was sealed since " + iso_day(*look.since);
    const std::string when = look.all_here ? "last on " + iso_day(*look.all_here) : "not yet";
    return look.store + ": " + what + "; all that it lists was here " + when +
           (look.since ? " (--sweep goes through all of it)\n" : "\n");
}

void print(const FetchOptions& options, const Fetched& fetched, const std::vector<std::string>& troubles,
           const Sending& receipts, const std::vector<Look>& looks, std::ostream& out) {
    if (options.output == Output::json) {
        std::vector<std::string> stores;
        for (const Look& look : looks) stores.push_back(as_json(look));
        out << JsonObject()
                   .put("fetched", fetched.got)
                   .put("had", fetched.had)
                   .put("damaged", fetched.damaged)
                   .put("receipts_sent", receipts.sent)
                   .put("receipts_waiting", receipts.waiting)
                   .put("stopped", fetched.stopped)
                   .put_json("stores", json_array(stores))
                   .put_json("troubles", json_strings(troubles))
                   .text()
            << "\n";
        return;
    }
    out << fetched.got << " new in " << shown(options.inbox) << ", " << fetched.had
        << (fetched.had == 1 ? " of those listed was there already, "
                             : " of those listed were there already, ")
        << receipts.sent << (receipts.sent == 1 ? " receipt sent" : " receipts sent");
    if (receipts.waiting > 0)
        out << ", " << receipts.waiting << (receipts.waiting == 1 ? " receipt waits" : " receipts wait");
    out << "\n";
    for (const Look& look : looks) out << as_text(look);
}

}  // namespace

ExitCode run_fetch(const FetchOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto stores = connections_to(*study, options.stores, options.proxy, options.connections);
    if (!stores) return console.complain(stores.error());
    if (stores->empty())
        return console.complain({"The study names no store; give one with --store.", ExitCode::usage});
    std::vector<sync::Transport*> first;  // of each
    for (const Connections& store : *stores) first.push_back(store.front().get());
    console.keep_to(reach_of(first));
    if (auto folder = make_folder(options.inbox); !folder) return console.complain(folder.error());

    const std::string& tag = study->policy().study_tag;
    const confinement::StopSignals stops;
    auto fetching = Fetching::into(options.inbox, tag, stops.token());
    if (!fetching) return console.complain(fetching.error());
    Sweeps sweeps = Sweeps::read(options.inbox);
    const auto today = options.today.value_or(chrono::floor<chrono::days>(chrono::system_clock::now()));
    std::vector<Look> looks;
    for (const Connections& store : *stores) {
        if (stops.token().stop_requested()) {
            looks.push_back(not_looked_at(store, tag, sweeps));
            continue;
        }
        auto look = look_through(store, options, tag, today, *fetching, sweeps, console);
        if (!look) return console.complain(look.error());
        looks.push_back(std::move(*look));
    }
    const auto receipts = send_receipts(options.inbox, tag, first, stops.token());
    if (!receipts) return console.complain(receipts.error());

    Fetched fetched = fetching->so_far();
    fetched.stopped = stops.token().stop_requested();
    auto troubles = fetched.troubles.sentences();
    for (const Look& look : looks)
        if (!look.trouble.empty()) troubles.push_back(look.trouble);
    troubles.insert(troubles.end(), receipts->troubles.begin(), receipts->troubles.end());
    if (fetched.stopped)
        troubles.push_back("Stopped before the end; what came is whole. Run this again to go on.");
    for (const std::string& trouble : troubles) console.note("fieldfare-cli: " + trouble);
    print(options, fetched, troubles, *receipts, looks, console.out);
    if (troubles.empty()) return ExitCode::fine;
    const bool came = fetched.got + fetched.had + fetched.damaged > 0;
    const bool looked = std::ranges::any_of(looks, [](const Look& look) { return look.looked.to_the_end; });
    return came || looked ? ExitCode::findings : ExitCode::could_not;
}

}  // namespace fieldfare::researcher
