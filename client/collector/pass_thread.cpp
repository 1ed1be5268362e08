#include "client/collector/pass_thread.h"

#include <future>
#include <memory>
#include <utility>

#include "client/collector/messages.h"
#include "client/store/profile.h"
#include "client/store/vault.h"

namespace fieldfare::collector {

PassThread::PassThread(Options options) : options_(std::move(options)) {}

void PassThread::start(std::chrono::sys_days today) {
    runs_ = true;
    thread_ = std::jthread([this, today](std::stop_token stop) { carry(today, stop); });
}

void PassThread::stop() {
    thread_.request_stop();
}

void PassThread::end() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void PassThread::carry(std::chrono::sys_days today, const std::stop_token& stop) {
    const auto fail = [this](app::Message why) { finish({{}, {std::move(why), true}, {}}); };
    const auto outbox = sync::Outbox::open(store::outbox_folder(options_.profile));
    if (!outbox) return fail(message_of(store::Error::not_writable));
    std::vector<app::SyncFile> files = waiting_files(*outbox);
    options_.post(app::SyncProgress{files});

    const courier::Courier::Orders orders{
        .today = today,
        .may_forget = [&](const sync::FileHash& hash) { return vault_agrees(hash, stop); },
        .on_progress =
            [&](const sync::SyncProgress& progress) {
                show_progress(files, progress);
                options_.post(app::SyncProgress{files});
            },
        .stop = stop};
    if (options_.courier == nullptr) return fail(message_of(courier::Trouble::gone));
    const auto pass = options_.courier->carry(orders);
    if (!pass) return fail(message_of(pass.error()));
    const sync::SyncSummary& summary = pass->summary;
    show_end(files, *outbox, summary);
    finish({std::move(files), verdict_of(summary, pass->has_store),
            app::Counts{0, static_cast<int>(summary.counts.sealed),
                        static_cast<int>(summary.counts.handed_over),
                        static_cast<int>(summary.counts.confirmed)}});
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
