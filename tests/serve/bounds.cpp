#include <doctest/doctest.h>

#include "client/researcher/listening_socket.h"
#include "client/researcher/serve_http.h"
#include "tests/support/loopback.h"
#include "tests/support/room.h"

using namespace fieldfare;
using namespace std::chrono_literals;
using namespace fieldfare::researcher;
using fieldfare::test::study_tag;
using fieldfare::test::TlsLine;
using fieldfare::tests::soon;

namespace {

Receiver::Tells nobody() {
    return {[](auto&&...) {}, [](auto&&...) {}};
}

/// A receiver with bounds of a test, made on the test's thread and served on another.
class QuickRoom {
  public:
    explicit QuickRoom(ServeLimits limits, Receiver::Tells tells = nobody()) {
        const auto identity = open_keep(folder / "room", "127.0.0.1", IfNone::make);
        REQUIRE(identity);
        auto served = ServedFolder::open(folder.path(), {study_tag}, 1'000'000'000);
        REQUIRE(served);
        receiver_.emplace(std::vector<ServedStudy>{{study_tag, crypto::sha256(crypto::bytes_of(token))}},
                          std::move(*served), std::move(tells));
        const auto socket = listening_socket({"127.0.0.1", port});
        REQUIRE(socket);
        auto http = ServeHttp::start(*socket, *identity, *receiver_, limits);
        REQUIRE(http);
        http_ = std::move(*http);
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) http_->work(20ms);
        });
    }

    std::string asking(const std::string& method, const std::string& path, const std::string& headers) const {
        return method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n" +
               headers;
    }
    std::string putting(const std::string& body) const {
        return asking("PUT", "/" + sync::batch_name(study_tag, test::day(3), test::sha256_of(body)),
                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    }
    /// Sealed files, and hidden ones.
    std::size_t files() const { return test::names_in(folder / study_tag).size(); }

    test::TemporaryFolder folder;
    std::uint16_t port = test::unused_port();
    const std::string token = std::string(64, 'a');

  private:
    std::optional<Receiver> receiver_{};
    std::unique_ptr<ServeHttp> http_{};
    std::jthread thread_;
};

/// A byte now and then, until nobody listens; how long that took.
std::chrono::milliseconds trickled(TlsLine& line, const std::string& bytes) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < bytes.size() && std::chrono::steady_clock::now() - begin < 6s; ++i)
        if (!line.say(bytes.substr(i, 1)) || line.hung_up_within(50ms)) break;
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("who sends headers a byte at a time, or none, is hung up on") {
    const QuickRoom room({.for_request = 2s});
    TlsLine slow(room.port), silent(room.port);
    CHECK(trickled(slow, room.asking("PUT", "/", std::string(10'000, 'x'))) < 8s);
    CHECK(silent.hung_up_within(5s));
    TlsLine next(room.port);
    next.say(room.putting("x") + "x");
    CHECK(next.status() == 201);
    // Between two requests of a connection, too.
    CHECK(trickled(next, room.asking("PUT", "/", std::string(10'000, 'x'))) < 8s);
}

TEST_CASE("who does not even begin with TLS is hung up on") {
    const QuickRoom room({.for_request = 1s});
    test::ChaosProxy silent(room.port);
    silent.does(test::ChaosProxy::Does::go_silent, 0);
    const auto begin = std::chrono::steady_clock::now();
    TlsLine line(silent.port());
    CHECK_FALSE(line.good());
    CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE(
    "who sends a body too slowly is hung up on, and nothing of it is left; who is quick enough is not") {
    const QuickRoom room({.for_request = 60s, .before_slow = 500ms, .slowest = 2'000});
    const std::string body(20'000, 'x');
    TlsLine slow(room.port), steady(room.port);
    slow.say(room.putting(body) + body.substr(0, 500));
    CHECK(soon([&] { return room.files() == 1; }));
    CHECK(slow.hung_up_within(3s));
    CHECK(soon([&] { return room.files() == 0; }));

    steady.say(room.putting(body));
    for (std::size_t at = 0; at < body.size(); at += 1'000) {
        CHECK(steady.say(body.substr(at, 1'000)));
        std::this_thread::sleep_for(100ms);
    }
    CHECK(steady.status() == 201);
}

TEST_CASE("who falls silent in the middle of a body is hung up on") {
    const QuickRoom room({.silence = 1s, .for_request = 60s, .before_slow = 60s});
    TlsLine line(room.port);
    line.say(room.putting("sealed") + "sea");
    CHECK(line.hung_up_within(4s));
    CHECK(soon([&] { return room.files() == 0; }));
}

TEST_CASE("more uploads at once than it takes are asked to come again, and then go through") {
    const QuickRoom room({.uploads = 2});
    TlsLine first(room.port), second(room.port), third(room.port);
    first.say(room.putting("first") + "fir");
    second.say(room.putting("second") + "sec");
    CHECK(soon([&] { return room.files() == 2; }));
    third.say(room.putting("third") + "third");
    const std::string answer = third.hear();
    CHECK(answer.starts_with("HTTP/1.1 429 "));
    CHECK(answer.find("Retry-After: 5\r\n") != std::string::npos);
    first.say("st");
    CHECK(first.status() == 201);
    third.say(room.putting("third") + "third");
    CHECK(third.status() == 201);
}

TEST_CASE("one address uploads so much at once and no more") {
    const QuickRoom room({.uploads_of_one_address = 1});
    TlsLine first(room.port), second(room.port);
    first.say(room.putting("first") + "fir");
    CHECK(soon([&] { return room.files() == 1; }));
    second.say(room.putting("second") + "second");
    CHECK(second.status() == 429);
    first.say("st");
    CHECK(first.status() == 201);
    second.say(room.putting("second") + "second");
    CHECK(second.status() == 201);
}

TEST_CASE("time that the receiver's own disk takes is not held against who is connected meanwhile") {
    const auto disk = [](auto&&, auto&&, std::uint64_t count) {
        if (count == 1) std::this_thread::sleep_for(4s);
    };
    const QuickRoom room({.for_request = 2s}, {disk, [](auto&&...) {}});
    TlsLine first(room.port), waits(room.port);
    REQUIRE(waits.good());
    first.say(room.putting("first") + "first");
    std::this_thread::sleep_for(500ms);
    waits.say(room.putting("second") + "second");
    CHECK(first.status(15s) == 201);
    CHECK(waits.status(15s) == 201);
}

TEST_CASE("a fault within a request ends that connection and no other") {
    const auto fails = [](auto&&, auto&&, std::uint64_t count) {
        if (count == 1) throw std::runtime_error("no memory");
    };
    const QuickRoom room({}, {fails, [](auto&&...) {}});
    TlsLine first(room.port), second(room.port);
    first.say(room.putting("first") + "first");
    CHECK(first.status() == 0);
    second.say(room.putting("second") + "second");
    CHECK(second.status() == 201);
    // It was stored before: the device hears that when it comes again.
    second.say(room.putting("first") + "first");
    CHECK(second.status() == 412);
}

TEST_CASE("one address gets so many connections and no more") {
    const QuickRoom room({.connections_of_one_address = 3});
    std::vector<std::unique_ptr<TlsLine>> lines;
    for (int i = 0; i < 6; ++i) lines.push_back(std::make_unique<TlsLine>(room.port));
    CHECK(std::ranges::count_if(lines, [](const auto& line) { return line->good(); }) == 3);
    lines.clear();
    CHECK(soon([&] { return TlsLine(room.port).good(); }));
}

TEST_CASE("connections beyond those that it takes are hung up on until others have ended, and it goes on") {
    const QuickRoom room({.connections = 2, .for_request = 1s});
    TlsLine first(room.port), second(room.port);
    CHECK(first.good());
    CHECK(second.good());
    CHECK_FALSE(TlsLine(room.port).good());
    // Those two wait for too long.
    CHECK(soon([&] {
        TlsLine third(room.port);
        third.say(room.putting("x") + "x");
        return third.status() == 201;
    }));
}

TEST_CASE("headers are as long as a device's, and a bit") {
    const QuickRoom room({.request_bytes = 16 * 1024});
    for (const std::size_t size : {20'000, 1'000'000}) {
        TlsLine line(room.port);
        line.say(room.asking("PUT", "/", "X: " + std::string(size, 'x') + "\r\nContent-Length: 0\r\n\r\n"));
        const int status = line.status();
        CHECK((status == 431 || (size > 100'000 && status == 0)));
    }
    TlsLine many(room.port);
    std::string headers;
    for (int i = 0; i < 20'000; ++i) headers += "A" + std::to_string(i) + ": b\r\n";
    many.say(room.asking("PUT", "/", headers + "\r\n"));
    const int status = many.status();
    CHECK((status == 431 || status == 413 || status == 0));
    CHECK(room.files() == 0);
}

TEST_CASE("nothing older than TLS 1.2 is spoken, and nothing in the clear") {
    const QuickRoom room({});
    const auto version = [&](const std::string& word) {
        return test::output_of("echo | openssl s_client -connect 127.0.0.1:" + std::to_string(room.port) +
                               " " + word + " 2>&1 | grep -c '^New, TLS\\|    Protocol  *: TLS' ; true");
    };
    CHECK(version("-tls1_2")[0] != '0');
    CHECK(version("-tls1_3")[0] != '0');
    const std::string old =
        test::output_of("echo | openssl s_client -connect 127.0.0.1:" + std::to_string(room.port) +
                        " -tls1_1 -cipher ALL:@SECLEVEL=0 2>&1 | grep -c 'Cipher is (NONE)'; true");
    CHECK(old[0] == '1');
    const std::string clear =
        test::output_of("curl -s -m 3 http://127.0.0.1:" + std::to_string(room.port) + "/ ; echo code $?");
    CHECK(clear.find("code 0") == std::string::npos);
    CHECK(clear.find("code 127") == std::string::npos);  // there is no curl
}

TEST_CASE("what is no HTTP at all does no harm") {
    const QuickRoom room({.for_request = 1s});
    for (const std::string& junk :
         {std::string("\r\n\r\n\r\n"), std::string(100'000, '\0'), std::string("PUT\r\n\r\n"),
          std::string("PUT / HTTP/9.9\r\n\r\n"), std::string("\xff\xfe\x80 / HTTP/1.1\r\n\r\n"),
          room.asking("PUT", "/", "Content-Length: 99999999999999999999\r\n\r\n"),
          room.asking("PUT", "/", "Content-Length: -1\r\n\r\n"),
          room.asking("PUT", "/", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx")}) {
        TlsLine line(room.port);
        line.say(junk);
        const int status = line.status(2s);
        CAPTURE(status);
        CHECK((status == 0 || (status >= 400 && status < 600)));
    }
    TlsLine line(room.port);
    line.say(room.putting("x") + "x");
    CHECK(line.status() == 201);
    CHECK(room.files() == 1);
}
