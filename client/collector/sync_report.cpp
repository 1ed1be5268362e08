#include "client/collector/sync_report.h"

#include <algorithm>
#include <string>
#include <variant>

#include "sync/file_copies.h"

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

/// Until a person has done something about it; a disk that is not there is only waited for.
bool is_lasting(const sync::TransportError& error) {
    using enum sync::Fault;
    switch (error.fault) {
        case not_permitted:
        case read_only:
        case no_space:
        case bad_name:
            return true;
        case no_store:  // on a server somebody has to make the folder
            return !error.store.starts_with("folder:");
        case cancelled:
        case unreachable:
        case too_large:
        case not_found:
        case not_a_store:
        case wrong_clock:
        case busy:
        case unreadable:
        case failed:
            return false;
    }
    return false;
}

}  // namespace

app::Message message_of(const sync::SyncFinding& finding) {
    using Kind = sync::SyncFinding::Kind;
    if (const auto* error = std::get_if<sync::TransportError>(&finding.problem)) {
        const bool denied = error->fault == sync::Fault::not_permitted;
        if (finding.kind == Kind::receipt)
            return {denied ? "sync.receipts_denied" : "sync.receipt_unread", {{"store", error->store}}};
        return {"sync.fault." + word_of(error->fault), {{"store", error->store}}};
    }
    if (finding.kind == Kind::unknown_study) return {"sync.unknown_study", {}};
    if (const auto* own = std::get_if<sync::OutboxError>(&finding.problem)) {
        using Why = sync::OutboxError::Kind;
        if (own->kind == Why::read_only || own->kind == Why::not_permitted) return {"sync.own_read_only", {}};
    }
    if (finding.kind == Kind::rotten) return {"sync.rotten", {}};
    if (finding.kind == Kind::other_content) return {"sync.other_content", {{"store", finding.store}}};
    return {"sync.own_file", {}};
}

SyncList waiting_files(const sync::Outbox& outbox, const sync::ConfirmedFiles& confirmed,
                       const sync::SyncConfig& config) {
    SyncList list;
    auto sealed = outbox.sealed();
    if (!sealed) return list;
    std::erase_if(*sealed, [&](const auto& file) {
        return file.held || sync::is_handed_over(file, config) || confirmed.contains(file.hash);
    });
    std::ranges::stable_sort(*sealed, {}, &sync::SealedFile::size);
    for (const sync::SealedFile& file : *sealed) {
        ++list.totals.files;
        list.totals.bytes += file.size;
        if (list.files.size() < most_files_shown)
            list.files.push_back({file.hash, file.size, 0, app::FileState::waiting, {}});
    }
    return list;
}

bool show_progress(SyncList& list, const sync::SyncProgress& progress) {
    const app::SyncTotals before = list.totals;
    list.totals = {static_cast<int>(progress.files), static_cast<int>(progress.file),
                   static_cast<int>(progress.taken), progress.bytes_waiting,
                   std::min(progress.bytes_sent, progress.bytes_waiting)};
    const bool done = list.totals.done > before.done;
    bool differs = done || list.totals.taken != before.taken || list.totals.files != before.files ||
                   list.totals.bytes != before.bytes;
    const auto file = std::ranges::find(list.files, progress.hash, &app::SyncFile::name);
    if (file == list.files.end()) return differs;
    if (done) {
        file->state =
            list.totals.taken > before.taken ? app::FileState::handed_over : app::FileState::waiting;
        file->sent = list.totals.taken > before.taken ? file->bytes : 0;
        return true;
    }
    differs = differs || file->state != app::FileState::sending ||
              progress.bytes_done - std::min(file->sent, progress.bytes_done) > file->bytes / 100;
    if (!differs) {
        list.totals = before;
        return false;
    }
    file->state = app::FileState::sending;
    file->sent = std::min(progress.bytes_done, file->bytes);
    return true;
}

void show_end(SyncList& list, const sync::Outbox& outbox, const sync::ConfirmedFiles& confirmed,
              const sync::SyncConfig& config, const sync::SyncSummary& summary) {
    for (app::SyncFile& file : list.files) {
        const auto now = outbox.find(file.name);
        if ((now && sync::is_handed_over(*now, config)) || confirmed.contains(file.name)) {
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

app::PassNews news_of(const sync::SyncSummary& summary) {
    app::PassNews news{true, summary.cancelled, static_cast<int>(summary.still_waiting), {}};
    for (const sync::StoreNews& store : summary.stores) {
        app::StoreNews one{{store.store.study_tag, store.store.address}, store.answered};
        if (store.problem) {
            one.why = message_of(sync::SyncFinding{sync::SyncFinding::Kind::store, "", "", *store.problem});
            one.lasting = is_lasting(*store.problem);
            if (store.problem->retry_after)
                one.retry_after_seconds = static_cast<int>(store.problem->retry_after->count());
        }
        news.stores.push_back(std::move(one));
    }
    news.counted = summary.counted;
    news.own_trouble = std::ranges::any_of(summary.findings, [](const auto& finding) {
        return finding.kind == sync::SyncFinding::Kind::own_file;
    });
    return news;
}

std::optional<app::Message> silence_of(const sync::SyncSummary& summary) {
    constexpr int patience_days = 30;
    if (summary.silent_days < patience_days) return std::nullopt;
    return app::Message{"sync.silence", {{"days", std::to_string(summary.silent_days)}}};
}

SyncVerdict verdict_of(const sync::SyncSummary& summary, bool has_store) {
    using Kind = sync::SyncFinding::Kind;
    const std::string count = std::to_string(summary.handed_over);
    const auto found = [&](Kind kind) {
        const auto one = std::ranges::find(summary.findings, kind, &sync::SyncFinding::kind);
        return one == summary.findings.end() ? nullptr : &*one;
    };
    if (summary.cancelled && summary.still_waiting > 0)
        return {{"sync.stopped", {{"count", count}, {"left", std::to_string(summary.still_waiting)}}}, false};
    if (summary.cancelled) return {{"sync.stopped_none_left", {{"count", count}}}, false};
    // After a passphrase that destroys there may be sealed files, and no study and so no store; or another
    // study, beside which theirs is not taken in any more.
    const app::Message gone{summary.studies == 0 ? "sync.study_gone" : "sync.study_other", {}};
    if (!has_store && found(Kind::unknown_study)) return {gone, true};
    if (const auto* own = found(Kind::own_file); own && !has_store) return {message_of(*own), true};
    if (!has_store && summary.counted && summary.studies == 0) return {{"sync.no_study", {}}, false};
    if (!has_store) return {{"sync.no_store_known", {}}, true};
    const auto* store = found(Kind::store);
    if (summary.still_waiting > 0 && store) return {message_of(*store), true};
    if (const auto* own = found(Kind::own_file)) return {message_of(*own), true};
    const bool asked = std::ranges::any_of(
        summary.stores, [](const auto& one) { return one.answered || one.problem.has_value(); });
    if (summary.still_waiting > 0 && !asked && !summary.stores.empty()) return {{"sync.all_rest", {}}, true};
    if (summary.still_waiting > 0) {
        return {{"sync.some_left", {{"count", count}, {"left", std::to_string(summary.still_waiting)}}},
                true};
    }
    if (found(Kind::unknown_study)) return {gone, true};
    if (const auto* lost = found(Kind::lost)) return {{"sync.lost", {{"store", lost->store}}}, false};
    if (const auto silence = silence_of(summary)) return {*silence, false};
    if (summary.handed_over == 0) return {{"sync.nothing_new", {}}, false};
    return {{"sync.all_handed_over", {{"count", count}}}, false};
}

}  // namespace fieldfare::collector
