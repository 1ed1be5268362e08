#include "client/collector/sync_only.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <vector>

#include "client/collector/messages.h"
#include "client/collector/start_confined.h"
#include "client/collector/sync_report.h"
#include "client/confinement/stop_signals.h"
#include "client/gui/texts.h"
#include "client/store/vault.h"
#include "sync/wordings.h"

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

/// How far the pass is, drawn over itself on a terminal, at most ten times a second; erased at its end.
class ProgressLine {
  public:
    ProgressLine() : shown_(::isatty(STDERR_FILENO) == 1) {}
    ~ProgressLine() { erase(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void at(const sync::SyncProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (!shown_ || (drawn_ && now - *drawn_ < std::chrono::milliseconds(100))) return;
        drawn_ = now;
        std::fprintf(stderr, "\rHanding over: %zu of %zu files, %.1f of %.1f MB\x1b[K", progress.file,
                     progress.files, megabytes(std::min(progress.bytes_sent, progress.bytes_waiting)),
                     megabytes(progress.bytes_waiting));
    }
    void erase() {
        if (drawn_) std::fputs("\r\x1b[K", stderr);
        drawn_.reset();
    }

  private:
    static double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

    bool shown_;
    std::optional<std::chrono::steady_clock::time_point> drawn_;
};

std::vector<std::string> troubles_of(const sync::SyncSummary& summary, const Words& words) {
    std::vector<std::string> troubles;
    for (const sync::SyncFinding& finding : summary.findings)
        troubles.push_back(std::holds_alternative<sync::TransportError>(finding.problem) ||
                                   finding.kind == sync::SyncFinding::Kind::own_file
                               ? words.of(message_of(finding))
                               : sync::sentence(finding));
    if (const auto silence = silence_of(summary)) troubles.push_back(words.of(*silence));
    return troubles;
}

/// Open batches that could not be made final, or are another program's: complete, and handed over by no pass
/// of this one.
std::size_t files_in_open(const std::filesystem::path& profile) {
    std::size_t files = 0;
    std::error_code unreadable;
    for (std::filesystem::directory_iterator file(store::outbox_folder(profile) / "open", unreadable), end;
         !unreadable && file != end; file.increment(unreadable))
        files += file->path().filename().string().starts_with('.') ? 0 : 1;
    return files;
}

std::string counts_of(const sync::SyncCounts& counts) {
    std::string said = "Sealed files on this machine: " + std::to_string(counts.sealed) +
                       " not handed over yet, " + std::to_string(counts.handed_over) + " handed over, " +
                       std::to_string(counts.confirmed) + " confirmed by the researchers.";
    if (counts.earlier > 0)
        said +=
            "\nOf an earlier profile of this machine: " + std::to_string(counts.earlier) +
            ". Receipts for them can't be read here any more; ask the researchers whether they have them.";
    return said;
}

std::string text_of(const nlohmann::ordered_json& object) {
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string json_of(const sync::SyncSummary& summary, const std::vector<std::string>& troubles) {
    nlohmann::ordered_json files;  // null where they could not be counted
    if (summary.counted)
        files = {{"sealed", summary.counts.sealed},
                 {"handed_over", summary.counts.handed_over},
                 {"confirmed", summary.counts.confirmed},
                 {"earlier", summary.counts.earlier}};
    // They wait, too, but for a study and for no store.
    const auto unknown_study = std::ranges::count(summary.findings, sync::SyncFinding::Kind::unknown_study,
                                                  &sync::SyncFinding::kind);
    return text_of({{"stopped", summary.cancelled},
                    {"handed_over", summary.handed_over},
                    {"waiting", summary.still_waiting},
                    {"unknown_study", unknown_study},
                    {"receipts", summary.receipts},
                    {"files", files},
                    {"troubles", troubles}});
}

}  // namespace

int sync_only(const SyncOnlyOptions& options) {
    const Words words;
    const auto fail = [&](const std::string& sentence) {
        if (options.json) std::puts(text_of({{"error", "could_not"}, {"sentence", sentence}}).c_str());
        return words.complain(sentence);
    };
    if (store::profile_state(options.profile).kind == store::ProfileState::Kind::no_vault)
        return fail("There is nothing to hand over: " + options.profile.string() +
                    " has no profile of Fieldfare.");
    auto courier = start_confined(options.profile, options.proxy, Screen::none);
    if (!courier) return fail(courier.error());
    const auto adopted = store::adopt_leftovers(options.profile);
    // Where the form app is open it finishes its open batches itself.
    const bool in_use = adopted.fault == store::Error::in_use;
    if (adopted.fault && !in_use) words.complain(words.of(message_of(*adopted.fault)));

    const confinement::StopSignals stops;
    ProgressLine line;
    auto report =
        courier->carry({.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()),
                        .may_forget = {},
                        .on_progress = [&](const sync::SyncProgress& progress) { line.at(progress); },
                        .stop = stops.token()});
    line.erase();
    if (!report) return fail(words.of(message_of(report.error())));
    sync::SyncSummary& summary = report->summary;
    const std::size_t open = adopted.fault ? files_in_open(options.profile) : 0;
    summary.still_waiting += open;
    summary.counts.sealed += open;
    auto troubles = troubles_of(summary, words);
    if (in_use && open > 0)
        troubles.emplace_back(
            "Fieldfare is open on this machine and has sealed interviews that wait until it hands over or is "
            "locked.");
    const SyncVerdict verdict = verdict_of(summary, report->has_store);
    const std::string said = options.json ? json_of(summary, troubles) : words.of(verdict.message);
    for (const std::string& trouble : troubles)
        if (trouble != said) (void)words.complain(trouble);
    std::puts(said.c_str());
    if (!options.json && summary.counted) std::puts(counts_of(summary.counts).c_str());
    const bool fine = !verdict.failed && !summary.cancelled && troubles.empty() && summary.still_waiting == 0;
    return fine ? nothing_waits : needs_a_look;
}

}  // namespace fieldfare::collector
