// A store that means harm: what it says has no end, or leads nowhere.
#include <sys/socket.h>

#include <atomic>

#include "sync/http_store.h"
#include "sync/s3_store.h"
#include "tests/support/loopback.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string name = first_name;

/// Says `first`, and then `more` again and again, until nobody listens or it has said a lot.
class Endless {
  public:
    Endless(std::string first, std::string more) : first_(std::move(first)), more_(std::move(more)) {}

    std::uint16_t port() const { return listener_.port(); }
    /// All that is in the kernel's hands is some ten megabytes at most.
    bool was_given_up() {
        CHECK(listener_.rests());
        return said_ < a_lot / 2;
    }

  private:
    static constexpr std::uint64_t a_lot = 200'000'000;

    void serve(int client) {
        std::string request(65'536, '\0');
        (void)!::recv(client, request.data(), request.size(), 0);
        std::string piece = first_;
        while (said_ < a_lot) {
            const ssize_t n = ::send(client, piece.data(), piece.size(), MSG_NOSIGNAL);
            if (n <= 0) return;
            said_ += static_cast<std::uint64_t>(n);
            piece = more_;
        }
    }

    std::string first_, more_;
    std::atomic<std::uint64_t> said_ = 0;
    Listener listener_{[this](int client) { serve(client); }};
};

/// No proxy, no TLS: open_store() takes no such address. Who says nothing more is given up soon.
sync::HttpStore plain_store(std::uint16_t port, sync::HttpSettings settings = {}) {
    return sync::HttpStore(
        {.secure = false, .host = "127.0.0.1", .port = port, .path = "/drop"}, std::move(settings),
        {std::chrono::seconds(5), std::chrono::seconds(1), std::chrono::milliseconds(300)});
}

std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

std::string answer(const std::string& status, const std::string& more = "", const std::string& body = "") {
    return "HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a server whose headers do not end is no store, before they fill the memory") {
    const std::string lines = times(100, "X-Header: " + std::string(1000, 'x') + "\r\n");
    const std::string on_the_way = times(1000, "HTTP/1.1 102 Processing\r\nX: y\r\n\r\n");
    struct Flood {
        const char* what;
        std::string first, more;
    };
    for (const Flood& flood :
         {Flood{"headers", "HTTP/1.1 201 Created\r\n", lines},
          Flood{"answers on the way", "HTTP/1.1 100 Continue\r\n\r\n", on_the_way},
          Flood{"headers behind the body",
                "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
                "1\r\nx\r\n0\r\n",
                lines},
          Flood{"headers behind the body of a refusal",
                "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", lines}}) {
        CAPTURE(flood.what);
        Endless server(flood.first, flood.more);
        auto store = plain_store(server.port());
        const auto result = put(store, name, "sealed");
        CHECK(fault_of(result) == Fault::not_a_store);
        CHECK(result.error().detail == "the headers of its answer do not end");
        CHECK(server.was_given_up());
    }
}

TEST_CASE("a header without an end is no answer, and who sends it no store") {
    Endless server("HTTP/1.1 201 Created\r\nX-Header: ", std::string(100'000, 'x'));
    auto store = plain_store(server.port());
    const auto result = put(store, name, "sealed");
    CHECK(fault_of(result) == Fault::not_a_store);
    CHECK(result.error().detail == "no memory, or a header of its answer does not end");
    CHECK(server.was_given_up());
}

TEST_CASE("what a server packs is not unpacked: a little that becomes a lot stays a little") {
    // Ten bytes that are said to be packed; whoever unpacked them would find a fault, or something else.
    const std::string body = "\x1f\x8b\x08 sealed";
    for (const char* coding : {"gzip", "deflate", "br", "zstd", "gzip, gzip"}) {
        CAPTURE(coding);
        ScriptedServer server([&](const std::string& request) {
            return request.starts_with("GET")
                       ? answer("200 OK", "Content-Encoding: " + std::string(coding) + "\r\n", body)
                       : answer("412 Precondition Failed");
        });
        auto store = plain_store(server.port());
        CHECK(get(store, name) == body);
        CHECK(put(store, name, body) == PutOutcome::same_content);
        for (const std::string& request : server.requests())
            CHECK(request.find("Encoding") == std::string::npos);  // nobody asked for it
    }
}

TEST_CASE("a length that is none makes no file") {
    for (const char* length : {"-1", "99999999999999999999999999", "1e3", "0x10", "6, 7"}) {
        CAPTURE(length);
        ScriptedServer server([&](const std::string&) {
            return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::string(length) +
                   "\r\n\r\nsealed";
        });
        auto store = plain_store(server.port());
        const auto result = sync::get_bytes(store, name, 1000);
        // As much as it is taken to say, of what came; readers trust the hash.
        if (result) CHECK(std::string("sealed").starts_with(text(*result)));
    }
    // More than it said is not of that file, and of no other.
    ScriptedServer more([](const std::string& request) {
        return request.starts_with("GET") ? answer("200 OK", "", "sealed") + answer("200 OK", "", "forged")
                                          : answer("201 Created");
    });
    auto store = plain_store(more.port());
    CHECK(get(store, name) == "sealed");
    CHECK(get(store, name) == "sealed");
}

TEST_CASE("nobody answers to a challenge: what lets in has been said, or there is nothing") {
    for (const char* challenge :
         {"Basic realm=\"drop\"", "Digest realm=\"d\", nonce=\"n\", qop=\"auth\"", "NTLM", "Negotiate"}) {
        for (const bool has_password : {false, true}) {
            for (const char* status : {"401 Unauthorized", "407 Proxy Authentication Required"}) {
                CAPTURE(challenge);
                CAPTURE(has_password);
                CAPTURE(status);
                ScriptedServer server([&](const std::string&) {
                    const char* header = status[2] == '1' ? "WWW-Authenticate: " : "Proxy-Authenticate: ";
                    return answer(status, header + std::string(challenge) + "\r\n");
                });
                sync::HttpSettings settings;
                if (has_password) settings.user = "a", settings.password = "b";
                auto store = plain_store(server.port(), settings);
                CHECK_FALSE(put(store, name, "sealed"));
                const auto requests = server.requests();
                REQUIRE(requests.size() == 1);
                const bool said = requests[0].find("Authorization: Basic YTpi\r\n") != std::string::npos;
                CHECK(said == has_password);
            }
        }
    }
}

TEST_CASE("a server that asks for the same again and again is not obeyed for ever") {
    SUBCASE("it does not like to be asked first") {
        ScriptedServer server([](const std::string&) { return answer("417 Expectation Failed"); });
        auto store = plain_store(server.port());
        CHECK(fault_of(put(store, name, std::string(300'000, 'x'))) == Fault::failed);
        CHECK(server.requests().size() <= 2);
    }
    SUBCASE("it hangs up on every connection that is kept") {
        std::atomic<int> asked = 0;
        ScriptedServer server([&](const std::string&) { return ++asked == 1 ? answer("201 Created") : ""; });
        auto store = plain_store(server.port());
        CHECK(put(store, name, "sealed") == PutOutcome::stored);
        CHECK(fault_of(put(store, name, "sealed")) == Fault::unreachable);
        CHECK(server.requests().size() <= 3);
    }
    SUBCASE("it goes over to another protocol, and waits") {
        ScriptedServer server([](const std::string&) {
            return std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
        });
        auto store = plain_store(server.port());
        CHECK(fault_of(put(store, name, "sealed")) == Fault::unreachable);
        CHECK(server.requests().size() == 1);
    }
}
