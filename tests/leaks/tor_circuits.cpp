#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "tests/support/lonely_network.h"
#include "tests/support/sealed_profile.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;

// The real Tor, in a network without anything but loopback: it reaches no relay, and says all the same what
// it is asked for, and what it would keep apart.

namespace {

constexpr const char* tor_program = "/usr/bin/tor";
constexpr std::uint16_t socks_port = 9050, control_port = 9051;
const std::string proxy = "socks5h://127.0.0.1:9050";

class Tor {
  public:
    /// What a program wants, as the control port tells it.
    struct Stream {
        std::string target, user, isolated_by;
    };

    explicit Tor(const LonelyNetwork& network) {
        const std::string home = folder_.path().string();
        write(folder_ / "torrc",
              "DataDirectory " + home + "/data\nSocksPort 127.0.0.1:" + std::to_string(socks_port) +
                  " IsolateSOCKSAuth\nControlPort 127.0.0.1:" + std::to_string(control_port) +
                  "\nCookieAuthentication 0\nSafeSocks 1\nTestSocks 1\nClientOnly 1\n"
                  "RunAsDaemon 0\nLog notice file " +
                  home + "/log\n");
        process_ = network.start({{tor_program, "--defaults-torrc", "/dev/null", "-f", home + "/torrc"}},
                                 folder_ / "said");
        for (int tries = 0; (control_ = network.connect_to(control_port)) < 0; ++tries) {
            REQUIRE_MESSAGE(tries < 1000, content_of(folder_ / "said"));
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        REQUIRE(say("AUTHENTICATE"));
        REQUIRE(say("SETEVENTS STREAM"));
    }
    ~Tor() {
        ::close(control_);
        ::kill(process_, SIGTERM);
        for (int tries = 0; ::waitpid(process_, nullptr, WNOHANG) == 0; ++tries) {
            if (tries == 300) ::kill(process_, SIGKILL);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    Tor(const Tor&) = delete;

    /// Tells each program that wants something that it can't have it, while `work` goes on.
    template <typename Work>
    std::vector<Stream> asked_during(const Work& work) {
        std::vector<Stream> streams;
        std::jthread listener([&](const std::stop_token& stop) {
            while (true) {
                pollfd one{control_, POLLIN, 0};
                if (::poll(&one, 1, 100) > 0 ? !take_events(streams) : stop.stop_requested()) return;
            }
        });
        work();
        listener.request_stop();
        listener.join();
        return streams;
    }
    std::string log() const { return content_of(folder_ / "log"); }

  private:
    bool say(const std::string& command) const {
        const std::string line = command + "\r\n";
        return ::send(control_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
    }
    // False: Tor is gone.
    // "650 STREAM 7 NEW 0 drop.test:443 … SOCKS_USERNAME="…" … ISO_FIELDS=…"
    bool take_events(std::vector<Stream>& streams) {
        std::array<char, 4096> buffer{};
        const ssize_t n = ::recv(control_, buffer.data(), buffer.size(), 0);
        if (n <= 0) return false;
        said_.append(buffer.data(), static_cast<std::size_t>(n));
        for (std::size_t end = 0; (end = said_.find("\r\n")) != std::string::npos; said_.erase(0, end + 2)) {
            std::istringstream words(said_.substr(0, end));
            std::string code, event, number, what, circuit, word;
            Stream stream;
            words >> code >> event >> number >> what >> circuit >> stream.target;
            bool of_a_program = false;  // Tor looks for relays by itself
            while (words >> word) {
                of_a_program = of_a_program || word == "PURPOSE=USER";
                if (word.starts_with("SOCKS_USERNAME=")) stream.user = word.substr(15);
                if (word.starts_with("ISO_FIELDS=")) stream.isolated_by = word.substr(11);
            }
            if (code != "650" || event != "STREAM" || what != "NEW" || !of_a_program) continue;
            streams.push_back(stream);
            if (!say("CLOSESTREAM " + number + " 1")) return false;
        }
        return true;
    }

    TemporaryFolder folder_;
    pid_t process_ = -1;
    int control_ = -1;
    std::string said_;
};

/// Null, with a message, where there is no Tor or no network for it.
std::unique_ptr<LonelyNetwork> network_for_tor() {
    if (::access(tor_program, X_OK) != 0) {
        skipped("no Tor here; client/setup --tests installs it");
        return nullptr;
    }
    return LonelyNetwork::make(LonelyNetwork::Way::none);
}

std::set<std::string> users_of(const std::vector<Tor::Stream>& streams) {
    std::set<std::string> users;
    for (const auto& stream : streams) users.insert(stream.user);
    return users;
}

void are_isolated(const std::vector<Tor::Stream>& streams) {
    for (const auto& stream : streams) {
        CAPTURE(stream.target);
        CHECK(stream.isolated_by.starts_with("SOCKS_USERNAME,SOCKS_PASSWORD"));
        CHECK(stream.user.size() == 34);  // 32 digits and two quotes
    }
}

const sync::Store stores[]{
    {"https://drop.test/drop", {{"user", "laptops"}, {"password", "secret"}, {"proxy", proxy}}},
    {"s3+https://s3.test/drop", {{"access_key", "A"}, {"secret_key", "B"}, {"proxy", proxy}}},
    {"sftp://sftp.test/drop",
     {{"user", "laptops"},
      {"password", "secret"},
      {"host_key", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
      {"proxy", proxy}}},
};

}  // namespace

TEST_CASE("(inside) three files are put and three receipts are read, in vain" * doctest::skip()) {
    const char* home = std::getenv("HOME");
    if (home == nullptr) return;
    const auto config = sync::SyncConfig::read(fs::path(home) / "sync.json");
    if (!config) return;  // somebody runs all cases, hidden ones too
    const auto store = sync::open_store(config->studies[0].stores[0]);
    REQUIRE(store);
    for (int day_of = 1; day_of <= 3; ++day_of) {
        const std::string name = sync::batch_name(study_tag, day(day_of), std::string(64, 'a'));
        CHECK(fault_of(put(**store, name, "sealed")) == sync::Fault::unreachable);
    }
    for (std::uint32_t number = 1; number <= 3; ++number)
        CHECK(fault_of(sync::get_bytes(**store, sync::receipt_name(study_tag, "d", number), 100)) ==
              sync::Fault::unreachable);
}

TEST_CASE("Tor keeps each file apart from all else, and is asked for names alone") {
    const auto network = network_for_tor();
    if (!network) return;
    Tor tor(*network);
    std::set<std::string> all;
    for (const sync::Store& store : stores) {
        CAPTURE(store.address);
        TemporaryFolder home;
        sync::SyncConfig config;
        config.studies.push_back(study_with({store}));
        REQUIRE(config.write(home / "sync.json"));
        const auto streams = tor.asked_during([&] {
            const auto end =
                network->run({{"/proc/self/exe", "--test-case=(inside)*", "--no-skip", "--no-intro"},
                              {"HOME=" + home.path().string()}});
            CHECK_MESSAGE(end.code == 0, end.said);
        });
        REQUIRE(streams.size() == 6);
        are_isolated(streams);
        const std::vector<Tor::Stream> files(streams.begin(), streams.begin() + 3),
            receipts(streams.begin() + 3, streams.end());
        CHECK(users_of(files).size() == 3);
        CHECK(users_of(receipts).size() == 1);
        CHECK(users_of(streams).size() == 4);
        all.merge(users_of(streams));
    }
    CHECK(all.size() == 12);
    std::size_t names = 0;
    std::istringstream log(tor.log());
    for (std::string line; std::getline(log, line);)
        if (line.find("take care of the DNS resolution itself") != std::string::npos) ++names;
    CHECK_MESSAGE(names == 18, tor.log());
    CHECK(tor.log().find("only an IP address") == std::string::npos);
    for (const auto& [line, count] : network->sent()) {  // there is no way out, and nothing else was sent
        CAPTURE(line);
        CHECK(line.find(" -> 127.0.0.1:") != std::string::npos);
    }
}

TEST_CASE("two passes of the form app, and its stores, are four strangers to Tor") {
    const auto network = network_for_tor();
    if (!network) return;
    Tor tor(*network);
    std::vector<SealedProfile::Place> places;
    for (const sync::Store& store : {stores[0], stores[2]}) {
        places.push_back({store.address, store.settings});
        places.back().settings.erase("proxy");
    }
    SealedProfile sealed(places, SealedProfile::Network::proxy);
    const auto profile = sealed.copy();
    const auto streams = tor.asked_during([&] {
        for (int i = 0; i < 2; ++i) {
            const auto end = network->run(
                {{FIELDFARE_BINARY_DIR "/bin/fieldfare", "--sync-only", "--profile", profile.string()}});
            CHECK_MESSAGE(end.code == 1, end.said);
        }
    });
    CHECK(streams.size() == 4);
    are_isolated(streams);
    CHECK(users_of(streams).size() == 4);
    CHECK(tor.log().find("only an IP address") == std::string::npos);
}

TEST_CASE("Tor would have noticed an address in the place of a name, and one user for everything") {
    const auto network = network_for_tor();
    if (!network) return;
    Tor tor(*network);
    const auto curl = [&](const std::vector<std::string>& words) {
        return tor.asked_during([&] {
            std::vector<std::string> all{"/usr/bin/curl", "-s", "-m", "5"};
            all.insert(all.end(), words.begin(), words.end());
            network->run({all});
        });
    };
    CHECK(curl({"--proxy", "socks5://127.0.0.1:9050", "https://192.0.2.7/"}).empty());
    CHECK(tor.log().find("only an IP address") != std::string::npos);
    auto streams = curl({"--proxy", proxy, "https://drop.test/"});
    const auto again = curl({"--proxy", proxy, "https://drop.test/"});
    streams.insert(streams.end(), again.begin(), again.end());
    REQUIRE(streams.size() == 2);
    CHECK(users_of(streams).size() == 1);
}
