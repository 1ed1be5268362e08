// Handing over by itself, with the real threads, courier and vault.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "client/collector/environment.h"
#include "client/collector/loop.h"
#include "client/collector/preferences.h"
#include "client/store/vault.h"
#include "client/study/rules.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/receipt.h"
#include "sync/receipt_book.h"
#include "tests/support/collector.h"
#include "tests/support/processes.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr const char* destroying = "marzipan eleven saddles";

/// A server that takes a connection and never says a word.
class SilentServer {
  public:
    SilentServer() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listens_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listens_, 8) == 0);
        REQUIRE(::getsockname(listens_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    SilentServer(const SilentServer&) = delete;
    ~SilentServer() {
        ::close(listens_);
        if (line_ >= 0) ::close(line_);
    }
    std::string address() const { return "https://127.0.0.1:" + std::to_string(port_); }
    /// Waits until somebody has come.
    void meets() {
        line_ = ::accept(listens_, nullptr, nullptr);
        REQUIRE(line_ >= 0);
    }
    /// Whether whoever came is still there.
    bool holds() const {
        std::array<char, 4096> said{};
        ssize_t got = 0;
        while ((got = ::recv(line_, said.data(), said.size(), MSG_DONTWAIT)) > 0) {
        }
        return got < 0 && errno == EAGAIN;
    }

  private:
    int listens_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int line_ = -1;
    std::uint16_t port_ = 0;
};

/// A laptop with sealed interviews, whose program is started anew and is locked; its clock can be put
/// forward.
struct Laptop {
    explicit Laptop(const std::string& store, const std::function<void(Study&)>& change = {}) {
        study.contents.stores = {{store, {}}};
        if (change) change(study);
        program.begins_with(study);
        form = program.last<app::ProfileCreated>()->opened.form;
        program.does(app::SetDestroyPassphrase{app::Passphrase(Device::right_passphrase),
                                               app::Passphrase(destroying)});
        program.interviews(1, form);
        program.does(app::LockVault{});
    }

    void starts() {
        starts([&] { return std::holds_alternative<app::Locked>(state().stage); });
    }
    void starts(const std::function<bool()>& stands) {
        program.backend.reset();
        loop.emplace(collector::Loop::Options{.backend = {program.profile.path(), crypto::cost_floor,
                                                          [this] { return program.now; }, &*program.courier},
                                              .wake = [] {},
                                              .quit = [this] { quit = true; },
                                              .world =
                                                  [this] {
                                                      app::Environment world = collector::read_environment();
                                                      world.tick_ms += ahead_ms;
                                                      return world;
                                                  },
                                              .asked =
                                                  [this](const app::Effect& effect) {
                                                      if (std::holds_alternative<app::StartSync>(effect))
                                                          ++passes;
                                                  }});
        until(stands);
    }
    const app::AppState& state() const { return loop->state(); }
    void until(const std::function<bool()>& holds) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!holds()) {
            if (std::chrono::steady_clock::now() > end) FAIL("waited in vain");
            loop->apply_worker();
            std::this_thread::yield();
        }
    }
    void pass_ends() {
        until([&] { return !state().sync.running; });
    }
    /// Lets time go by, as the window would sleep through it.
    void sleeps(std::int64_t milliseconds) {
        const std::int64_t end = ahead_ms + milliseconds;
        while (ahead_ms < end) {
            const auto due = loop->tick();
            if (due && *due == 0) continue;
            ahead_ms += std::min(end - ahead_ms, due.value_or(end));
        }
    }
    /// The same, waiting for each pass that begins.
    void goes_on(std::int64_t milliseconds) {
        for (const std::int64_t end = ahead_ms + milliseconds; ahead_ms < end; ahead_ms += 60'000) {
            (void)loop->tick();
            pass_ends();
        }
    }
    void unlocks(const char* passphrase = Device::right_passphrase) {
        loop->act(app::TryPassphrase{app::Passphrase(passphrase)});
        until([&] { return !std::holds_alternative<app::Locked>(state().stage); });
    }
    void switches_on() {
        unlocks();
        loop->act(app::ChooseHandingOver{app::HandingOver::by_itself});
        loop->act(app::Lock{});
    }
    std::size_t files(const std::filesystem::path& folder) const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            count += entry.path().extension() == ".batch" ? 1 : 0;
        return count;
    }
    std::filesystem::path outbox() const { return store::outbox_folder(program.profile.path()); }

    Program program;
    Study study;
    std::shared_ptr<const schema::CompiledForm> form;
    std::int64_t ahead_ms = 0;
    int passes = 0;
    bool quit = false;
    std::optional<collector::Loop> loop;
};

/// A laptop whose store is a folder.
struct WithStick : Laptop {
    explicit WithStick(const std::function<void(Study&)>& change = {})
        : Laptop("folder:" + (std::filesystem::create_directories(stick()), stick().string()), change) {}
    static std::filesystem::path stick() {
        static const TemporaryProfile folder;
        return folder.path() / std::to_string(::getpid());
    }
    ~WithStick() { std::filesystem::remove_all(stick()); }

    /// Every file on the device has been opened by both researchers.
    void confirmed() {
        const auto config = sync::SyncConfig::read(program.profile.path() / "sync.json");
        REQUIRE(config);
        const sync::StudySync& own = config->studies.front();
        const auto box = sync::Outbox::open(outbox());
        const auto files = box->sealed();
        std::uint32_t number = 0;
        for (const crypto::Identity* who : {&study.first, &study.second}) {
            sync::Receipt receipt;
            receipt.study_id = own.study_id;
            receipt.device_id = own.device_id;
            receipt.policy_digest = own.policies.front();
            receipt.counter = 1;
            for (const sync::SealedFile& file : *files) {
                const auto bytes = bytes_of_file(box->path_of(file.hash));
                const auto batch = crypto::read_batch(crypto::bytes_of(bytes), {who, 1});
                REQUIRE(batch);
                sync::ReceiptEntry entry;
                entry.batch_sequence = batch->open.batch_sequence;
                entry.batch_id = batch->id;
                const auto raw = crypto::from_hex(file.hash);
                std::copy(raw->begin(), raw->end(), entry.file_sha256.begin());
                entry.verdict = sync::Verdict::accepted;
                receipt.entries.push_back(entry);
            }
            const auto sealed = sync::make_receipt(receipt, who->signing_key(), own.receipt_key);
            REQUIRE(sealed);
            const auto path =
                stick() / sync::receipt_name(own.study_tag, sync::device_tag(own.receipt_key), ++number);
            std::filesystem::create_directories(path.parent_path());
            write_file(path, std::string(sealed->begin(), sealed->end()));
        }
    }
};

}  // namespace

TEST_CASE("a machine on which nobody has switched it on hands over nothing by itself") {
    WithStick laptop;
    laptop.starts();
    laptop.sleeps(48 * hour);
    laptop.unlocks();
    laptop.sleeps(48 * hour);
    CHECK(laptop.passes == 0);
    CHECK(laptop.files(WithStick::stick()) == 0);
}

TEST_CASE(
    "with the switch on, what is sealed goes out behind the screen for the passphrase, after a restart too") {
    WithStick laptop;
    laptop.starts();
    laptop.switches_on();
    laptop.loop.reset();
    laptop.starts();
    laptop.sleeps(7 * hour);
    laptop.pass_ends();
    CHECK(std::holds_alternative<app::Locked>(laptop.state().stage));
    CHECK(laptop.passes == 1);
    CHECK(laptop.files(WithStick::stick()) == 1);
    CHECK(laptop.state().sync.totals.taken == 1);
    laptop.loop->act(app::ChooseHandingOver{app::HandingOver::when_asked});
    laptop.loop.reset();
    CHECK(collector::read_preferences(laptop.program.profile.path()) == app::Preferences{});
}

TEST_CASE(
    "a disk that is away is asked for about once an hour, and has what waits in the hour after it is back") {
    WithStick laptop;
    laptop.starts();
    laptop.switches_on();
    std::filesystem::remove_all(WithStick::stick());
    laptop.goes_on(30 * hour);
    CHECK(laptop.passes >= 20);
    CHECK(laptop.passes <= 70);
    CHECK(laptop.state().sync.result.key == "sync.fault.no_store");
    CHECK(laptop.files(laptop.outbox()) == 1);
    std::filesystem::create_directories(WithStick::stick());
    laptop.goes_on(hour + 120'000);
    CHECK(laptop.files(WithStick::stick()) == 1);
    CHECK(laptop.state().schedule.failed.empty());
}

TEST_CASE("an outbox that has vanished is told while locked, and once unlocked what was in it") {
    WithStick laptop;
    std::filesystem::remove_all(laptop.outbox());
    laptop.starts();
    laptop.loop->act(app::BeginSync{});
    laptop.pass_ends();
    CHECK(laptop.state().sync.failed);
    CHECK(laptop.state().sync.result == app::Message{"sync.outbox_missing", {}});
    CHECK_FALSE(std::filesystem::exists(laptop.outbox()));
    laptop.unlocks();
    laptop.loop->act(app::BeginSync{});
    laptop.pass_ends();
    CHECK(laptop.state().sync.result == app::Message{"sync.nothing_new", {}});
    CHECK(std::get<app::Session>(laptop.state().stage).counts == app::Counts{0, 0, 0, 0, 1, 1});
}

TEST_CASE("from a profile that nothing opens any more what is sealed is handed over by the button") {
    WithStick laptop;
    const auto profile = laptop.program.profile.path();
    const auto is_fatal = [&] { return std::holds_alternative<app::Fatal>(laptop.state().stage); };
    SUBCASE("the keyslots are damaged") {
        write_file(profile / "keyslots", "junk");
    }
    SUBCASE("the database is gone") {
        std::filesystem::remove(profile / "vault.db");
    }
    laptop.starts(is_fatal);
    laptop.loop->act(app::ShowSync{});
    laptop.loop->act(app::BeginSync{});
    laptop.pass_ends();
    CHECK(laptop.state().sync.result.key == "sync.all_handed_over");
    CHECK(laptop.files(WithStick::stick()) == 1);
    CHECK(is_fatal());
}

TEST_CASE("nothing is handed over from a profile that another program has open, or that says no place") {
    WithStick laptop;
    const auto profile = laptop.program.profile.path();
    std::optional<store::Vault> other;
    SUBCASE("open elsewhere") {
        auto opened = store::Vault::unlock(profile, passphrase(Device::right_passphrase),
                                           {[&] { return laptop.program.now; }, "test", {}});
        REQUIRE(opened);
        other.emplace(std::move(*opened));
    }
    SUBCASE("without settings") {
        std::filesystem::remove(profile / "vault.db");
        std::filesystem::remove(profile / "sync.json");
    }
    laptop.starts([&] { return std::holds_alternative<app::Fatal>(laptop.state().stage); });
    CHECK_FALSE(std::get<app::Fatal>(laptop.state().stage).hands_over);
}

TEST_CASE("while the vault is locked nothing is deleted; once it is open, what may go goes") {
    WithStick laptop([](Study& study) { study.contents.policy.hold_days = 0; });
    laptop.program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    laptop.program.interviews(2, laptop.form);  // the newest stays, whatever is said of it
    laptop.program.does(app::LockVault{});
    laptop.starts();
    const auto hand_over = [&] {
        laptop.loop->act(app::BeginSync{});
        laptop.pass_ends();
    };
    hand_over();
    laptop.confirmed();
    hand_over();
    laptop.program.now += std::chrono::days(40);
    hand_over();
    CHECK(laptop.files(laptop.outbox()) == 2);
    laptop.unlocks();
    hand_over();
    CHECK(laptop.files(laptop.outbox()) < 2);
}

TEST_CASE("a pass that hangs holds up neither the unlock, nor a seal, nor the lock, nor the end") {
    SilentServer server;
    Laptop laptop(server.address());
    laptop.starts();
    laptop.loop->act(app::BeginSync{});
    server.meets();
    laptop.unlocks();
    REQUIRE(std::holds_alternative<app::Session>(laptop.state().stage));
    CHECK(laptop.state().sync.running);
    CHECK(server.holds());
    laptop.loop->act(app::StartInterview{});
    laptop.until([&] {
        const auto& session = std::get<app::Session>(laptop.state().stage);
        return session.open && session.open->saved();
    });
    laptop.loop->act(app::Lock{});
    laptop.unlocks();
    CHECK(laptop.state().sync.running);
    laptop.loop->act(app::CloseWindow{});
    laptop.loop.reset();
    CHECK(laptop.quit);
    CHECK_FALSE(server.holds());
}

TEST_CASE("a pass that hangs can be stopped, and what it was at waits") {
    SilentServer server;
    Laptop laptop(server.address());
    laptop.starts();
    laptop.loop->act(app::BeginSync{});
    server.meets();
    laptop.loop->act(app::CancelSync{});
    laptop.pass_ends();
    CHECK(laptop.state().sync.result.key == "sync.stopped");
    CHECK(laptop.files(laptop.outbox()) == 1);
}

TEST_CASE("a pass that is stopped twice ends at once, and is told as one that was stopped") {
    SilentServer server;
    Laptop laptop(server.address());
    laptop.starts();
    laptop.loop->act(app::BeginSync{});
    server.meets();
    laptop.loop->act(app::CancelSync{});
    laptop.loop->act(app::CancelSync{});
    laptop.pass_ends();
    CHECK(laptop.state().sync.result.key == "sync.stopped");
    CHECK_FALSE(server.holds());
    CHECK(laptop.files(laptop.outbox()) == 1);
}

TEST_CASE(
    "a passphrase that destroys ends a pass before it removes anything, so that nothing is written after") {
    SilentServer server;
    Laptop laptop(server.address(), [](Study& study) {
        study::set_sealed_when_destroyed(study.contents.policy, crypto::SealedFiles::go);
    });
    laptop.starts();
    laptop.loop->act(app::BeginSync{});
    server.meets();
    laptop.unlocks(destroying);
    CHECK(std::holds_alternative<app::FirstRun>(laptop.state().stage));
    CHECK_FALSE(server.holds());
    CHECK_FALSE(laptop.state().sync.running);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(laptop.outbox())) {
        CAPTURE(entry.path());
        CHECK_FALSE(entry.is_regular_file());
    }
}

namespace {

/// A laptop's program without its screen: what a pass of it comes to.
class WithoutScreen {
  public:
    explicit WithoutScreen(Laptop& laptop)
        : backend(
              {laptop.program.profile.path(), crypto::cost_floor, [&] { return laptop.program.now; },
               &*laptop.program.courier},
              [this](app::Action action) {
                  const std::lock_guard lock(mutex_);
                  if (auto* done = std::get_if<app::SyncDone>(&action)) result_ = done->result;
                  if (auto* failed = std::get_if<app::SyncFailed>(&action)) result_ = failed->why;
              },
              [this](std::function<void()> job) {
                  const std::lock_guard lock(mutex_);
                  jobs_.push_back(std::move(job));
              }) {}

    std::string hands_over(std::vector<app::StoreName> resting = {}) {
        backend.run(app::StartSync{std::move(resting)});
        for (result_.reset();;) {
            std::function<void()> job;
            {
                const std::lock_guard lock(mutex_);
                if (result_) return result_->key;
                if (!jobs_.empty()) {
                    job = std::move(jobs_.front());
                    jobs_.pop_front();
                }
            }
            if (job) job();
            std::this_thread::yield();
        }
    }

  private:
    std::mutex mutex_;
    std::deque<std::function<void()>> jobs_;
    std::optional<app::Message> result_;

  public:
    collector::Backend backend;  // the last, so that its threads end before what they use
};

}  // namespace

TEST_CASE("stores that rest are left alone, and a person asks them all the same") {
    WithStick laptop;
    laptop.starts();
    laptop.loop.reset();
    const std::string address = "folder:" + WithStick::stick().string();
    WithoutScreen program(laptop);
    CHECK(program.hands_over({{laptop.study.contents.policy.study_tag, address}}) == "sync.all_rest");
    CHECK(laptop.files(WithStick::stick()) == 0);
    CHECK(program.hands_over() == "sync.all_handed_over");
    CHECK(laptop.files(WithStick::stick()) == 1);
}

TEST_CASE("after a passphrase that destroys what is sealed waits for its study, and goes once that is back") {
    WithStick laptop;
    laptop.starts();
    laptop.unlocks(destroying);
    laptop.loop.reset();
    WithoutScreen program(laptop);
    CHECK(program.hands_over() == "sync.study_gone");
    CHECK(laptop.files(WithStick::stick()) == 0);
    CHECK(laptop.files(laptop.outbox()) == 1);

    const auto file = laptop.program.file_of(laptop.study);
    program.backend.run(app::Unlock{app::Passphrase(destroying)});
    program.backend.run(app::ReadPackage{file});
    program.backend.run(app::TakeFirstStudy{file});
    CHECK(program.hands_over() == "sync.all_handed_over");
    CHECK(laptop.files(WithStick::stick()) == laptop.files(laptop.outbox()));
}

TEST_CASE("a pass is over when a passphrase has destroyed, though it hangs where nobody can ask it to stop") {
    SilentServer server;
    Laptop laptop(server.address());
    laptop.starts();
    laptop.loop.reset();
    WithoutScreen program(laptop);
    program.backend.run(app::StartSync{});
    server.meets();
    ::kill(tests::children_of(tests::children_of(::getpid()).front()).front(), SIGSTOP);
    program.backend.run(app::Unlock{app::Passphrase(destroying)});
    CHECK_FALSE(server.holds());
}
