#include "client/collector/sync_only.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/collector/messages.h"
#include "client/collector/start_confined.h"
#include "client/collector/sync_report.h"
#include "client/confinement/system_calls.h"
#include "client/gui/texts.h"
#include "client/store/vault.h"

namespace fieldfare::collector {
namespace {

constexpr int nothing_waits = 0, needs_a_look = 1, no_pass = 3;

class Words {
  public:
    std::string of(const app::Message& message) const {
        return texts_.get(app::InterfaceLanguage::english, message);
    }
    int complain(const std::string& sentence) const {
        std::fprintf(stderr, "fieldfare: %s\n", sentence.c_str());
        return no_pass;
    }

  private:
    gui::Texts texts_;
};

std::vector<std::string> troubles_of(const sync::SyncSummary& summary, const Words& words) {
    std::vector<std::string> troubles;
    for (const sync::SyncFinding& finding : summary.findings)
        troubles.push_back(words.of(message_of(finding)));
    return troubles;
}

std::string json_of(const sync::SyncSummary& summary, const std::vector<std::string>& troubles) {
    const nlohmann::ordered_json object{{"handed_over", summary.handed_over},
                                        {"waiting", summary.still_waiting},
                                        {"receipts", summary.receipts},
                                        {"files",
                                         {{"sealed", summary.counts.sealed},
                                          {"handed_over", summary.counts.handed_over},
                                          {"confirmed", summary.counts.confirmed}}},
                                        {"troubles", troubles}};
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

int sync_only(const SyncOnlyOptions& options) {
    const Words words;
    if (store::profile_state(options.profile).kind == store::ProfileState::Kind::no_vault)
        return words.complain("There is nothing to hand over: " + options.profile.string() +
                              " has no profile of Fieldfare.");
    auto courier = start_confined(options.profile, options.proxy);
    if (!courier) return words.complain(courier.error());
    (void)confinement::forbid_network();  // the courier has its own
    // Where the form app is open this waits for it: it has open batches of its own, and finishes them itself.
    if (const auto adopted = store::adopt_leftovers(options.profile);
        !adopted && adopted.error() != store::Error::in_use)
        words.complain(words.of(message_of(adopted.error())));

    const auto report =
        courier->carry({.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()),
                        .may_forget = {},
                        .on_progress = {},
                        .stop = {}});
    if (!report) return words.complain(words.of(message_of(report.error())));
    const sync::SyncSummary& summary = report->summary;
    const auto troubles = troubles_of(summary, words);
    const SyncVerdict verdict = verdict_of(summary, report->has_store);
    const std::string said = options.json ? json_of(summary, troubles) : words.of(verdict.message);
    for (const std::string& trouble : troubles)
        if (trouble != said) (void)words.complain(trouble);
    std::puts(said.c_str());
    return verdict.failed || !troubles.empty() || summary.still_waiting > 0 ? needs_a_look : nothing_waits;
}

}  // namespace fieldfare::collector
