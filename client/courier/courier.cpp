#include "client/courier/courier.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <thread>
#include <utility>
#include <variant>

#include "client/courier/carrying.h"
#include "client/courier/messages.h"
#include "client/courier/packet_socket.h"

namespace fieldfare::courier {
namespace {

/// Of one kind: more say nothing that these do not, and whoever talks to stores must not fill this program's
/// memory.
constexpr std::size_t most_findings = 1000;

}  // namespace

struct Courier::Process {
    std::optional<PacketSocket> line;
    pid_t number;
    bool ended = false;

    ~Process() {
        line.reset();  // it ends when nobody is at the other end
        while (!ended && ::waitpid(number, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    /// With the pass that it carries, which it kills; waits for that, but not for ever.
    void end_now() {
        line->hang_up();
        const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (!ended && std::chrono::steady_clock::now() < last) {
            ended = ::waitpid(number, nullptr, WNOHANG) == number;
            if (!ended) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
};

Courier::Courier(std::unique_ptr<Process> process) : process_(std::move(process)) {}
Courier::Courier(Courier&&) noexcept = default;
Courier& Courier::operator=(Courier&&) noexcept = default;
Courier::~Courier() = default;

std::optional<Courier> Courier::start(Options options) {
    auto ends = PacketSocket::pair();
    if (!ends) return std::nullopt;
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return std::nullopt;
    if (child == 0) wait_for_orders(std::move(ends->second), parent, options);
    return Courier(std::make_unique<Process>(std::move(ends->first), child));
}

tl::expected<PassReport, Trouble> Courier::carry(const Orders& orders) {
    const auto gone = [] { return tl::unexpected(Trouble::gone); };
    auto ends = PacketSocket::pair();
    if (!ends || !process_->line->send(encode(Order{orders.today, orders.resting}), &ends->second))
        return gone();
    const PacketSocket line = std::move(ends->first);
    { const PacketSocket theirs = std::move(ends->second); }  // so that we notice when they are gone
    // A pass that reads nothing must not make the app wait: a line that is full is as good as dead.
    const auto say = [&](Word word) {
        if (line.send_now(encode(word)) == PacketSocket::Sent::full) line.hang_up();
    };
    const std::stop_callback on_stop(orders.stop, [&] { say(Word::stop); });

    const std::stop_callback at_once(orders.at_once, [&] { line.say_no_more(); });
    const std::stop_callback let_go(orders.let_go, [&] {
        process_->end_now();
        line.hang_up();
    });

    std::vector<sync::SyncFinding> findings;
    std::map<sync::SyncFinding::Kind, std::size_t> told;
    std::vector<sync::StoreNews> stores;
    while (auto packet = line.receive()) {
        auto news = read_news(packet->bytes);
        if (!news) return gone();
        if (const auto* progress = std::get_if<sync::SyncProgress>(&*news)) {
            if (orders.on_progress) orders.on_progress(*progress);
        } else if (const auto* asked = std::get_if<Forgetting>(&*news)) {
            const bool may = orders.may_forget && orders.may_forget(asked->file);
            say(may ? Word::may_forget : Word::may_not_forget);
        } else if (auto* finding = std::get_if<sync::SyncFinding>(&*news)) {
            if (told[finding->kind]++ < most_findings) findings.push_back(std::move(*finding));
        } else if (auto* store = std::get_if<sync::StoreNews>(&*news)) {
            if (stores.size() == most_stores) return gone();
            stores.push_back(std::move(*store));
        } else if (const auto* trouble = std::get_if<Trouble>(&*news)) {
            return tl::unexpected(*trouble);
        } else {
            PassReport report = std::move(std::get<End>(*news).report);
            report.summary.findings = std::move(findings);
            report.summary.stores = std::move(stores);
            return report;
        }
    }
    return gone();
}

}  // namespace fieldfare::courier
