#include "sync/http_store.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "tests/support/loopback.h"
#include "tests/support/surroundings.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string host = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";
const std::string name = first_name;

std::string answer(const std::string& status, const std::string& more = "", const std::string& body = "") {
    return "HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

// An onion service as far as this machine sees it: a SOCKS proxy, and behind it a server that says what the
// test wants.
struct Onion {
    ScriptedServer server;
    SocksDouble proxy{server.port()};
    std::unique_ptr<sync::Transport> store;

    explicit Onion(std::function<std::string(const std::string&)> says,
                   std::map<std::string, std::string> settings = {})
        : server(std::move(says)) {
        settings["proxy"] = proxy.address();
        auto opened = sync::open_store({"http://" + host + "/drop", std::move(settings)});
        REQUIRE(opened);
        store = std::move(*opened);
    }
    explicit Onion(std::string says) : Onion([says = std::move(says)](const std::string&) { return says; }) {}
};

}  // namespace

TEST_CASE("(in another process) a file is put" * doctest::skip()) {
    const fs::path home = std::getenv("HOME");
    const auto config = sync::SyncConfig::read(home / "sync.json");
    if (!config) return;                            // somebody runs all cases, hidden ones too
    if (std::getenv("OPENSSL_FIRST") != nullptr) {  // before we clear the environment
        using Initialise = int(unsigned long long options, const void* settings);
        auto* const initialise = reinterpret_cast<Initialise*>(::dlsym(RTLD_DEFAULT, "OPENSSL_init_ssl"));
        REQUIRE((initialise != nullptr));
        constexpr unsigned long long load_configuration = 0x40;
        REQUIRE(initialise(load_configuration, nullptr) == 1);
    }
    const auto store = sync::open_store(config->studies[0].stores[0]);
    REQUIRE(store);
    const auto outcome = put(**store, name, "sealed");
    std::string said = "stored";
    if (!outcome)
        said = std::to_string(static_cast<int>(outcome.error().fault)) + " " + outcome.error().detail;
    else if (*outcome != PutOutcome::stored)
        said = "there";
    for (const char* variable :
         {"RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES", "SSLKEYLOGFILE", "OPENSSL_CONF"})
        if (std::getenv(variable) != nullptr) said.append(", with ").append(variable);
    write(home / "outcome", said);
}

TEST_CASE("a request tells a store nothing that it need not know") {
    Onion onion([](const std::string& request) {
        if (request.starts_with("PUT"))
            return answer("201 Created",
                          "Set-Cookie: who=you\r\nAlt-Svc: h2=\":1\"\r\n"
                          "Strict-Transport-Security: max-age=99\r\n");
        return request.starts_with("GET") ? answer("200 OK", "Set-Cookie: who=you\r\n", "sealed")
                                          : answer("404 Not Found");
    });
    CHECK(put(*onion.store, name, "sealed") == PutOutcome::stored);
    CHECK(get(*onion.store, name) == "sealed");
    CHECK_FALSE(onion.store->list(study_tag + "/", "", 1, {}));
    const auto requests = onion.server.requests();
    REQUIRE(requests.size() >= 3);
    CHECK(requests[0] == "PUT /drop/" + name + " HTTP/1.1\r\nHost: " + host +
                             "\r\nContent-Type: application/octet-stream\r\nIf-None-Match: *\r\n"
                             "Content-Length: 6\r\n\r\nsealed");
    CHECK(requests[1] == "GET /drop/" + name + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    CHECK(requests[2].starts_with("PROPFIND /drop/" + study_tag + "/ HTTP/1.1\r\nHost: " + host +
                                  "\r\nContent-Type: application/xml; charset=utf-8\r\nDepth: 1\r\n"
                                  "Content-Length: "));
}

TEST_CASE("only a created file counts as stored") {
    const std::vector<std::pair<std::string, Fault>> table{
        {answer("200 OK"), Fault::not_a_store},
        {answer("200 OK", "Content-Type: text/html\r\n", "<h1>Log in</h1>"), Fault::not_a_store},
        {answer("202 Accepted"), Fault::not_a_store},
        {answer("206 Partial Content"), Fault::not_a_store},
        {answer("207 Multi-Status"), Fault::not_a_store},
        {answer("302 Found", "Location: http://127.0.0.1:9/login\r\n"), Fault::not_a_store},
        {answer("304 Not Modified"), Fault::not_a_store},
        {"HTTP/1.1 100 Continue\r\n\r\n", Fault::unreachable},
        {"HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n", Fault::unreachable},
        {"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 5\r\n\r\nab", Fault::unreachable},
        {"SSH-2.0-OpenSSH_9.2\r\n", Fault::not_a_store},
        {"", Fault::unreachable},
    };
    for (const auto& [answered, fault] : table) {
        const std::string& says = answered;
        CAPTURE(says);
        Onion onion(says);
        const auto address = sync::parse_http_address("http://" + host + "/drop");
        sync::HttpStore store(
            *address, *sync::parse_http_settings(*address, {}, onion.proxy.address()),
            {std::chrono::seconds(5), std::chrono::seconds(1), std::chrono::milliseconds(300)});
        CHECK(fault_of(put(store, name, "sealed")) == fault);
    }
    CHECK(put(*Onion(answer("201 Created")).store, name, "sealed") == PutOutcome::stored);
}

TEST_CASE("a server that says 204 to a new file has it, and may have replaced one: that is told") {
    Onion replaces("HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(put(*replaces.store, name, "sealed") == PutOutcome::stored_unguarded);
    CHECK(replaces.server.requests().size() == 1);  // and not sent again
    const auto early = put(*replaces.store, name, std::string(1'000'000, 'x'));
    REQUIRE_FALSE(early);
    CHECK(early.error().fault == Fault::not_a_store);
}

TEST_CASE("a server that says yes before it has the file has not got it") {
    const auto result = put(*Onion(answer("201 Created")).store, name, std::string(1'000'000, 'x'));
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::not_a_store);
}

TEST_CASE("a server that says that it has the file, and does not show it, has not got it") {
    Onion onion([](const std::string& request) {
        return request.starts_with("PUT") ? answer("412 Precondition Failed") : answer("404 Not Found");
    });
    CHECK(fault_of(put(*onion.store, name, "sealed")) == Fault::failed);
}

TEST_CASE("a file that comes short is not taken for a whole one") {
    const std::string cut = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    const std::string half(50, 'x');
    Onion short_length(cut + "Content-Length: 100\r\n\r\n" + half);
    CHECK(fault_of(sync::get_bytes(*short_length.store, name, 1000)) == Fault::unreachable);
    Onion short_chunks(cut + "Transfer-Encoding: chunked\r\n\r\n64\r\n" + half);
    CHECK(fault_of(sync::get_bytes(*short_chunks.store, name, 1000)) == Fault::unreachable);
    Onion half_a_list("HTTP/1.1 207 Multi-Status\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + half);
    CHECK(fault_of(half_a_list.store->list(study_tag + "/", "", 1, {})) == Fault::unreachable);
}

TEST_CASE("a no is one though the page that explains it was cut") {
    Onion onion(
        "HTTP/1.1 507 Insufficient Storage\r\nConnection: close\r\nContent-Length: 100\r\n\r\n<html>");
    CHECK(fault_of(put(*onion.store, name, "sealed")) == Fault::no_space);
}

TEST_CASE("an endless answer ends") {
    // The rest of it never comes; nobody waits for it.
    const std::string page = "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 10000000000\r\n\r\n";
    CHECK(fault_of(put(*Onion(page + std::string(1'000'000, 'x')).store, name, "sealed")) == Fault::no_space);
    const std::string list = answer("207 Multi-Status", "", std::string(70'000'000, ' '));
    CHECK(fault_of(Onion(list).store->list(study_tag + "/", "", 1, {})) == Fault::failed);
    const std::string file = answer("200 OK", "", std::string(1'000'000, 'x'));
    CHECK(fault_of(sync::get_bytes(*Onion(file).store, name, 1000)) == Fault::too_large);
}

TEST_CASE("a store is looked up behind the proxy, and each upload is somebody else there") {
    Onion onion([](const std::string& request) {
        return request.starts_with("PUT") ? answer("201 Created") : answer("200 OK", "", "x");
    });
    for (int i = 0; i < 3; ++i)
        REQUIRE(put(*onion.store, sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))), "x"));
    for (std::uint32_t n = 1; n <= 3; ++n)
        CHECK(get(*onion.store, sync::receipt_name(study_tag, "d", n)) == "x");
    const auto calls = onion.proxy.calls();
    REQUIRE(calls.size() == 4);  // what is read shares one connection
    std::set<std::string> users;
    for (const auto& call : calls) {
        CHECK(call.by_name);
        CHECK(call.host == host);
        CHECK(call.user.size() == 32);
        users.insert(call.user);
    }
    CHECK(users.size() == 4);
}

TEST_CASE("no TLS session is taken up again: a store could tell by it that two uploads are one device's") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    SocksDouble proxy(drop->port());
    const std::string place = drop->fresh_place();
    auto store = sync::open_store(drop->researcher(place), proxy.address());
    for (int i = 0; i < 3; ++i)
        REQUIRE(put(**store, sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))), "x"));
    CHECK(proxy.calls().size() == 3);
    const std::string log = drop->access_log();
    CHECK(log.find("Initial PUT " + place) != std::string::npos);
    CHECK(log.find("Resumed") == std::string::npos);
}

TEST_CASE("an onion address without a proxy is refused before anybody is asked for it") {
    const auto address = sync::parse_http_address("http://" + host + "/drop");
    sync::HttpStore store(*address, {});
    const auto result = put(store, name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error() ==
          sync::TransportError{Fault::bad_name, address->text(), ".onion without a proxy", std::nullopt});
}

TEST_CASE("a proxy that is not there is no reason to go without it") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const std::string proxy = "socks5h://127.0.0.1:" + std::to_string(unused_port());
    const auto store = sync::open_store(drop->researcher(place), proxy);
    const auto result = put(**store, name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::unreachable);
    CHECK(result.error().detail == "nothing answers at the proxy " + proxy + "; is Tor running?");
    CHECK(names_in(drop->files(place)).empty());
}

TEST_CASE("the environment leads no connection elsewhere") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    Listener trap([](int) {});
    Surroundings around;
    const std::string where = "127.0.0.1:" + std::to_string(trap.port());
    for (const char* variable : {"http_proxy", "https_proxy", "HTTPS_PROXY"})
        around.set(variable, "http://" + where);
    for (const char* variable : {"all_proxy", "ALL_PROXY"}) around.set(variable, "socks5h://" + where);

    SUBCASE("not through a proxy of its own") {
        CHECK(around.put_there(drop->researcher(drop->fresh_place())) == "stored");
    }
    SUBCASE("not past the study's proxy") {
        SocksDouble proxy(drop->port());
        for (const char* variable : {"no_proxy", "NO_PROXY"}) around.set(variable, "*");
        auto store = drop->researcher(drop->fresh_place());
        store.settings["proxy"] = proxy.address();
        CHECK(around.put_there(store) == "stored");
        CHECK(proxy.calls().size() == 1);
    }
    CHECK(trap.connections() == 0);
}

TEST_CASE("what comes into the environment later leads no connection elsewhere") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    sync::start_network();
    Listener trap([](int) {});
    SocksDouble proxy(drop->port());
    const std::string elsewhere = "socks5h://127.0.0.1:" + std::to_string(trap.port());
    const auto put_with = [&](const char* small, const char* large, const std::string& value,
                              const std::string& by) {
        for (const char* variable : {small, large}) ::setenv(variable, value.c_str(), 1);
        const auto result = put(*opened(drop->researcher(drop->fresh_place()), by), name, "x");
        for (const char* variable : {small, large}) ::unsetenv(variable);
        CHECK(result == PutOutcome::stored);
    };
    put_with("no_proxy", "NO_PROXY", "*", proxy.address());
    put_with("https_proxy", "HTTPS_PROXY", elsewhere, "");
    put_with("all_proxy", "ALL_PROXY", elsewhere, "");
    CHECK(proxy.calls().size() == 1);
    CHECK(trap.connections() == 0);
}

TEST_CASE("the environment and files of the home folder change nothing in whom we trust and what we say") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    Surroundings around;
    auto store = drop->researcher(drop->fresh_place());
    const std::string refused = std::to_string(static_cast<int>(Fault::not_permitted)) + " HTTP 401";
    SUBCASE("no keys of the connection are written down") {
        around.set("SSLKEYLOGFILE", around.home / "keys");
        CHECK(around.put_there(store) == "stored");
        CHECK_FALSE(fs::exists(around.home / "keys"));
    }
    SUBCASE("no certificates are believed that it names") {
        write(around.home / "certificates.pem", content_of(drop->certificate_file()));
        for (const char* variable : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"})
            around.set(variable, around.home / "certificates.pem");
        around.set("SSL_CERT_DIR", around.home.path());
        store.settings.erase("certificate");
        CHECK(around.put_there(store) ==
              std::to_string(static_cast<int>(Fault::not_a_store)) + " its certificate is not to be trusted");
    }
    SUBCASE("no password comes from .netrc") {
        const char* netrc = "machine 127.0.0.1 login reader password reader-secret\n";
        write(around.home / ".netrc", netrc);
        around.set("NETRC", around.home / ".netrc");
        store.settings.erase("user");
        store.settings.erase("password");
        CHECK(around.put_there(store) == refused);
    }
    SUBCASE("no settings come from .curlrc") {
        around.set("CURL_HOME", around.home.path());
        write(around.home / ".curlrc", "insecure\nuser = reader:reader-secret\nproxy = http://127.0.0.1:9\n");
        store.settings.erase("user");
        store.settings.erase("password");
        CHECK(around.put_there(store) == refused);
    }
    SUBCASE("the resolver is told nothing by it") {
        for (const char* variable : {"RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"}) around.set(variable, "x");
        CHECK(around.put_there(store) == "stored");
    }
    SUBCASE("no settings come from an openssl.cnf") {
        around.set("OPENSSL_CONF", around.home / "openssl.cnf");
        // Where it counts, no connection can be secured.
        write(around.home / "openssl.cnf",
              "config_diagnostics = 1\nopenssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
              "[c]\nCipherString = none-of-this-name\n");
        CHECK(around.put_there(store) == "stored");
    }
}

TEST_CASE(
    "a line that is kept lives on by itself, and a body that met a dead one goes again from its start") {
    // The second request finds that the connection is gone.
    std::atomic<int> asked = 0;
    std::atomic<bool> kept_alive = false;
    ScriptedServer server([&](const std::string&) -> std::string {
        // The client's end in this list: "02" is a timer that asks whether the other side lives (proc(5)).
        std::istringstream lines(content_of("/proc/net/tcp"));
        std::array<char, 6> port{};
        std::snprintf(port.data(), port.size(), ":%04X", static_cast<unsigned>(server.port()));
        for (std::string line; std::getline(lines, line);)
            if (line.find(std::string(port.data()) + " 01 ") != std::string::npos &&
                line.find(" 02:") != std::string::npos)
                kept_alive = true;
        return ++asked == 2 ? "" : answer("201 Created");
    });
    sync::HttpStore store({.secure = false, .host = "127.0.0.1", .port = server.port(), .path = "/drop"}, {});
    const std::string large(200'000, 'x');
    CHECK(put(store, name, "first") == PutOutcome::stored);
    CHECK(put(store, name, large) == PutOutcome::stored);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[1] == requests[2]);
    CHECK(requests[2].ends_with(large));
    CHECK(kept_alive);
}

TEST_CASE("a large body waits for a word before it goes, and not for ever") {
    std::atomic<bool> came = false;
    Listener server([&](int client) {
        std::array<char, 65'536> buffer{};
        std::size_t had = 0;
        while (had < 300'000) {
            const ssize_t n = ::recv(client, buffer.data(), buffer.size(), 0);
            if (n <= 0) return;
            had += static_cast<std::size_t>(n);
        }
        came = true;
        const std::string yes = answer("201 Created");
        (void)!::write(client, yes.data(), yes.size());
    });
    sync::HttpStore store({.secure = false, .host = "127.0.0.1", .port = server.port(), .path = "/drop"}, {},
                          {.go_ahead = std::chrono::milliseconds(200)});
    CHECK(put(store, name, std::string(300'000, 'x')) == PutOutcome::stored);
    CHECK(came);
}

TEST_CASE("a machine that takes no connection, or never secures it, is given up") {
    const sync::HttpPatience impatient{.connect = std::chrono::seconds(1)};
    SUBCASE("none is taken") {
        // A queue for one, which is full: what comes after is not answered.
        const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof place;
        REQUIRE(::bind(full, reinterpret_cast<const sockaddr*>(&place), length) == 0);
        REQUIRE(::listen(full, 0) == 0);
        REQUIRE(::getsockname(full, reinterpret_cast<sockaddr*>(&place), &length) == 0);
        std::vector<int> waiting;
        for (int i = 0; i < 4; ++i) {
            waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            (void)::connect(waiting.back(), reinterpret_cast<const sockaddr*>(&place), length);
        }
        sync::HttpStore store({.host = "127.0.0.1", .port = ntohs(place.sin_port), .path = "/drop"}, {},
                              impatient);
        CHECK(fault_of(put(store, name, "sealed")) == Fault::unreachable);
        for (const int one : waiting) ::close(one);
        ::close(full);
    }
    SUBCASE("it is never secured") {
        Listener silent([](int client) {
            std::array<char, 1024> buffer{};
            while (::recv(client, buffer.data(), buffer.size(), 0) > 0) {
            }
        });
        sync::HttpStore store({.host = "127.0.0.1", .port = silent.port(), .path = "/drop"}, {}, impatient);
        CHECK(fault_of(put(store, name, "sealed")) == Fault::unreachable);
    }
}
