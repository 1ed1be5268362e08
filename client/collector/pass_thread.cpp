#include "client/collector/pass_thread.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "client/collector/messages.h"
#include "client/store/profile.h"
#include "client/store/vault.h"

namespace fieldfare::collector {

PassThread::PassThread(Options options) : options_(std::move(options)) {}

void PassThread::start(std::chrono::sys_days today, std::set<sync::StoreName> resting) {
    runs_ = true;
    at_once_ = {};
    let_go_ = {};
    std::promise<void> carried;
    carried_ = carried.get_future();
    thread_ = std::jthread([this, today, resting = std::move(resting), carried = std::move(carried),
                            at_once = at_once_.get_token(),
                            let_go = let_go_.get_token()](const std::stop_token& stop) mutable {
        carry(today, std::move(resting), {stop, std::move(at_once), std::move(let_go)});
        carried.set_value();
    });
}

void PassThread::stop() {
    if (!thread_.request_stop()) at_once_.request_stop();
}

void PassThread::end_at_once() {
    at_once_.request_stop();
    thread_.request_stop();
    if (carried_.valid() && carried_.wait_for(patience) != std::future_status::ready) let_go_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void PassThread::end() {
    thread_.request_stop();
    if (carried_.valid()) (void)carried_.wait_for(patience);
    end_at_once();
}

void PassThread::carry(std::chrono::sys_days today, std::set<sync::StoreName> resting, const Stops& stops) {
    const auto fail = [this](app::Message why) { finish({{}, {std::move(why), true}, {}, {}}); };
    const auto outbox = sync::Outbox::open_existing(store::outbox_folder(options_.profile));
    if (!outbox) {
        const bool missing = outbox.error().kind == sync::OutboxError::Kind::missing;
        return fail(
            message_of(missing ? courier::Trouble::outbox_missing : courier::Trouble::outbox_unusable));
    }
    // Where it can't be read, nothing is known to be confirmed.
    const auto config =
        sync::SyncConfig::read(store::sync_file(options_.profile)).value_or(sync::SyncConfig{});
    const auto confirmed = [&] { return sync::ConfirmedFiles(*outbox, config); };
    SyncList list = waiting_files(*outbox, confirmed(), config);
    const auto show = [&] { options_.post(app::SyncProgress{list.files, list.totals}); };
    show();

    const courier::Courier::Orders orders{
        .today = today,
        .resting = std::move(resting),
        .may_forget = [&](const sync::FileHash& hash) { return vault_agrees(hash, stops.stop); },
        .on_progress =
            [&](const sync::SyncProgress& progress) {
                if (show_progress(list, progress)) show();
            },
        .stop = stops.stop,
        .at_once = stops.at_once,
        .let_go = stops.let_go};
    if (options_.courier == nullptr) return fail(message_of(courier::Trouble::gone));
    const auto pass = options_.courier->carry(orders);
    if (!pass && stops.at_once.stop_requested()) {  // as it was told to
        sync::SyncSummary broken_off;
        broken_off.cancelled = true;
        broken_off.handed_over = static_cast<std::size_t>(list.totals.taken);
        broken_off.still_waiting =
            static_cast<std::size_t>(std::max(list.totals.files - list.totals.taken, 0));
        show_end(list, *outbox, confirmed(), config, broken_off);
        app::PassNews news;
        news.cancelled = true;
        return finish({std::move(list), verdict_of(broken_off, true), {}, std::move(news)});
    }
    if (!pass) return fail(message_of(pass.error()));
    const sync::SyncSummary& summary = pass->summary;
    show_end(list, *outbox, confirmed(), config, summary);
    finish(
        {std::move(list), verdict_of(summary, pass->has_store),
         app::Counts{0, static_cast<int>(summary.counts.sealed), static_cast<int>(summary.counts.handed_over),
                     static_cast<int>(summary.counts.confirmed), 0, 0},
         news_of(summary)});
}

void PassThread::finish(PassEnd end) {
    options_.schedule([this, end = std::move(end)] {
        runs_ = false;
        options_.ended(end);
    });
}

/// On the pass's thread; the vault answers on its own, by what it knows of the file itself. Locked, it can't
/// agree, and nothing is forgotten.
bool PassThread::vault_agrees(const sync::FileHash& hash, const std::stop_token& stop) {
    const auto answer = std::make_shared<std::promise<bool>>();
    std::future<bool> agreed = answer->get_future();
    options_.schedule([this, hash, answer] { answer->set_value(options_.may_forget(hash)); });
    while (agreed.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (stop.stop_requested()) return false;
    }
    return agreed.get();
}

}  // namespace fieldfare::collector
