#include "client/courier/carrying.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "client/confinement/files.h"
#include "client/confinement/system_calls.h"
#include "client/courier/messages.h"
#include "crypto/random.h"
#include "sync/curl_request.h"
#include "sync/open_store.h"

namespace fieldfare::courier {
namespace {

/// What names of hosts, certificates and libraries are looked up by. resolv.conf may lead into /run.
const std::vector<std::filesystem::path> for_the_network{
    "/etc",     "/usr", "/lib", "/lib64", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
    "/run/nscd"};

void die_with(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (::getppid() != parent) ::_exit(0);  // it died before
}

// Ctrl-C in a terminal, and the end of a service, come to every process at once. The program decides what
// becomes of the pass, and without it there is none.
void leave_signals_to_the_program() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_IGN);
}

void close_all_but(PacketSocket& line) {
    constexpr int place = 3;
    if (line.number() != place) {
        if (::dup2(line.number(), place) != place) ::_exit(1);
        line = PacketSocket(place);  // the old number is closed with the rest
    }
    ::closefrom(place + 1);
}

void confine_to(const Reach& reach) {
    (void)confinement::confine_files(reach.files);
    if (!reach.network) (void)confinement::forbid_network();
}

/// What the app says while a pass runs, listened to on a thread of its own.
class Listener {
  public:
    explicit Listener(const PacketSocket& line) : line_(line) {
        std::thread([this] { listen(); }).detach();  // until the process ends
    }
    std::stop_token stop() const { return stop_.get_token(); }

    bool may_forget(const sync::FileHash& file) {
        std::unique_lock lock(mutex_);
        answer_.reset();
        if (!line_.send(encode(Forgetting{file}))) return false;
        changed_.wait(lock, [this] { return answer_ || stop_.stop_requested(); });
        return answer_.value_or(false);
    }

  private:
    void listen() {
        for (;;) {
            const auto packet = line_.receive();
            // Nobody listens any more: whatever was done is noted, and nothing must be written from here on.
            if (!packet) ::_exit(0);
            const auto word = read_word(packet->bytes);
            const std::lock_guard lock(mutex_);
            const bool ended = !word || *word == Word::stop;
            if (ended)
                stop_.request_stop();
            else
                answer_ = *word == Word::may_forget;
            changed_.notify_all();
            if (!word) return;
        }
    }

    const PacketSocket& line_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<bool> answer_;
};

/// Until the pass has ended. It is killed when nobody is at the other end of `line` any more, and this
/// process ends with it: so the app lets go of a pass, since it may signal no process that was there before
/// it gave that up.
void see_to_its_end(pid_t pass, const PacketSocket& line) {
    pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, pass, 0)), POLLIN, 0};
    if (ended.fd >= 0) {  // Linux 5.3
        pollfd both[] = {ended, {line.number(), POLLRDHUP, 0}};
        while (::poll(both, 2, -1) < 0 && errno == EINTR) {
        }
        if (both[0].revents == 0 && both[1].revents != 0) {
            ::kill(pass, SIGKILL);
            (void)::poll(&ended, 1, 1000);  // it may hang in the kernel
            ::_exit(0);
        }
        ::close(ended.fd);
    }
    while (::waitpid(pass, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void carry_out(const PacketSocket& line, Order order, const Courier::Options& options) {
    const auto config = sync::SyncConfig::read(options.profile / "sync.json");
    if (!config) {
        line.send(encode(Trouble::settings_damaged));
        return;
    }
    const auto folder = options.profile / "outbox";
    auto outbox = sync::Outbox::open_existing(folder);
    if (!outbox && outbox.error().kind == sync::OutboxError::Kind::missing) {
        line.send(encode(Trouble::outbox_missing));
        return;
    }
    if (!crypto::start() || !outbox) {
        line.send(encode(Trouble::outbox_unusable));
        return;
    }
    sync::start_network();
    confine_to(reach_of_pass(folder, *config));

    auto* listener = new Listener(line);  // its thread goes on until the process ends
    sync::SyncOptions how;
    how.today = order.today;
    how.resting = std::move(order.resting);
    how.proxy = options.proxy;
    how.stop = listener->stop();
    how.vault_agrees = [&](const sync::SealedFile& file) { return listener->may_forget(file.hash); };
    how.on_progress = [&](const sync::SyncProgress& progress) { line.send(encode(progress)); };
    End end{{sync::sync_once(*outbox, *config, how),
             std::ranges::any_of(config->studies, [](const auto& study) { return !study.stores.empty(); })}};
    for (const sync::SyncFinding& finding : end.report.summary.findings) line.send(encode(finding));
    std::vector<sync::StoreNews>& stores = end.report.summary.stores;
    stores.resize(std::min(stores.size(), most_stores));
    for (const sync::StoreNews& store : stores) line.send(encode(store));
    line.send(encode(end));
}

}  // namespace

Reach reach_of_pass(const std::filesystem::path& outbox, const sync::SyncConfig& config) {
    Reach reach{{.reading = confinement::Reading::where_given,
                 .read = {},
                 .change = {outbox},
                 .devices = {"/dev/null", "/dev/urandom"}},
                false};
    for (const sync::StudySync& study : config.studies) {
        for (const sync::Store& store : study.stores) {
            if (const auto folder = sync::folder_of(store.address))
                reach.files.change.push_back(*folder);
            else
                reach.network = true;
        }
    }
    if (reach.network) reach.files.read = for_the_network;
    return reach;
}

void wait_for_orders(PacketSocket line, pid_t parent, const Courier::Options& options) {
    die_with(parent);
    leave_signals_to_the_program();
    close_all_but(line);
    const pid_t self = ::getpid();
    while (auto packet = line.receive()) {
        auto order = read_order(packet->bytes);
        if (!order || !packet->enclosed) continue;
        const pid_t pass = ::fork();
        if (pass == 0) {
            die_with(self);
            ::close(line.number());
            carry_out(*packet->enclosed, std::move(*order), options);
            ::_exit(0);
        }
        packet->enclosed.reset();
        if (pass > 0) see_to_its_end(pass, line);
    }
    ::_exit(0);
}

}  // namespace fieldfare::courier
