#include "client/collector/sync_report.h"

#include <algorithm>
#include <string>
#include <variant>

namespace fieldfare::collector {
namespace {

std::string word_of(sync::Fault fault) {
    using enum sync::Fault;
    switch (fault) {
        case cancelled:
            return "cancelled";
        case unreachable:
            return "unreachable";
        case no_store:
            return "no_store";
        case not_permitted:
            return "not_permitted";
        case read_only:
            return "read_only";
        case no_space:
            return "no_space";
        case too_large:
            return "too_large";
        case not_found:
            return "not_found";
        case not_a_store:
            return "not_a_store";
        case wrong_clock:
            return "wrong_clock";
        case busy:
            return "busy";
        case unreadable:
            return "unreadable";
        case bad_name:
            return "bad_name";
        case failed:
            return "failed";
    }
    return "failed";
}

}  // namespace

app::Message message_of(const sync::SyncFinding& finding) {
    using Kind = sync::SyncFinding::Kind;
    if (const auto* error = std::get_if<sync::TransportError>(&finding.problem)) {
        return {"sync.fault." + word_of(error->fault), {{"store", error->store}}};
    }
    if (finding.kind == Kind::unknown_study) return {"sync.unknown_study", {}};
    if (finding.kind == Kind::rotten) return {"sync.rotten", {}};
    return {"sync.own_file", {}};
}

std::vector<app::SyncFile> waiting_files(const sync::Outbox& outbox) {
    std::vector<app::SyncFile> files;
    const auto sealed = outbox.sealed();
    if (!sealed) return files;
    for (const sync::SealedFile& file : *sealed) {
        if (file.handed_over.empty()) files.push_back({file.hash, file.size, 0, app::FileState::waiting, {}});
    }
    return files;
}

void show_progress(std::vector<app::SyncFile>& files, const sync::SyncProgress& progress) {
    for (std::size_t i = 0; i < files.size() && i <= progress.file; ++i) {
        if (i < progress.file) {
            files[i].sent = files[i].bytes;
        } else {
            files[i].state = app::FileState::sending;
            files[i].sent = progress.bytes_done;
        }
    }
}

void show_end(std::vector<app::SyncFile>& files, const sync::Outbox& outbox,
              const sync::SyncSummary& summary) {
    for (app::SyncFile& file : files) {
        const auto now = outbox.find(file.name);
        if (now && !now->handed_over.empty()) {
            file.state = app::FileState::handed_over;
            file.sent = file.bytes;
            continue;
        }
        file.sent = 0;
        file.state = app::FileState::waiting;
        const auto why = std::find_if(summary.findings.begin(), summary.findings.end(),
                                      [&](const sync::SyncFinding& one) { return one.file == file.name; });
        if (why != summary.findings.end()) {
            file.state = app::FileState::failed;
            file.why = message_of(*why);
        }
    }
}

SyncVerdict verdict_of(const sync::SyncSummary& summary, bool has_store) {
    using Kind = sync::SyncFinding::Kind;
    const std::string count = std::to_string(summary.handed_over);
    if (summary.cancelled) return {{"sync.stopped", {{"count", count}}}, false};
    if (!has_store) return {{"sync.no_store_known", {}}, true};
    const auto store = std::find_if(summary.findings.begin(), summary.findings.end(),
                                    [](const sync::SyncFinding& one) { return one.kind == Kind::store; });
    if (summary.still_waiting > 0 && store != summary.findings.end()) return {message_of(*store), true};
    if (summary.still_waiting > 0) {
        return {{"sync.some_left", {{"count", count}, {"left", std::to_string(summary.still_waiting)}}},
                true};
    }
    if (summary.handed_over == 0) return {{"sync.nothing_new", {}}, false};
    return {{"sync.all_handed_over", {{"count", count}}}, false};
}

}  // namespace fieldfare::collector
