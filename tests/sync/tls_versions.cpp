// Which TLS is spoken with a store of the web, and what a person is told of one that speaks another.
#include <unistd.h>

#include <thread>

#include "sync/wordings.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"
#include "tests/support/loopback.h"
#include "tests/support/surroundings.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;

namespace {

/// openssl's own server, which speaks what it is told to and answers each GET with a page.
struct TlsServer {
    TemporaryFolder folder;
    Certificate certificate = make_certificate(folder.path(), "server", "/CN=drop");
    std::uint16_t port = unused_port();
    std::unique_ptr<ChildServer> process;

    explicit TlsServer(const std::vector<std::string>& speaks) {
        std::vector<std::string> words{"/usr/bin/openssl",
                                       "s_server",
                                       "-quiet",
                                       "-www",
                                       "-accept",
                                       "127.0.0.1:" + std::to_string(port),
                                       "-cert",
                                       certificate.file.string(),
                                       "-key",
                                       certificate.key.string(),
                                       "-cipher",
                                       "ALL:@SECLEVEL=0"};
        words.insert(words.end(), speaks.begin(), speaks.end());
        process = std::make_unique<ChildServer>(words, folder / "log");
        for (int tries = 0; !answers(port); ++tries) {
            REQUIRE_MESSAGE((tries < 1000 && process->running()), content_of(folder / "log"));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    sync::Store store() const {
        return {"https://127.0.0.1:" + std::to_string(port) + "/drop",
                {{"certificate", certificate.der}, {"pin", certificate.pin}}};
    }
};

}  // namespace

TEST_CASE("TLS before 1.2 is not spoken, whatever a system allows, and a person is told why") {
    // As on machines that were set up for old servers: without us it would be spoken.
    Surroundings lenient;
    write(lenient.home / "openssl.cnf",
          "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
          "[c]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n");
    lenient.set("OPENSSL_CONF", lenient.home / "openssl.cnf");
    lenient.set("OPENSSL_FIRST", "1");
    const std::string refused = std::to_string(static_cast<int>(Fault::not_a_store)) + " ";
    for (const char* version : {"-tls1", "-tls1_1"}) {
        CAPTURE(version);
        TlsServer server({version});
        const auto result = put(*opened(server.store()), first_name, "sealed");
        REQUIRE_FALSE(result);
        CHECK(sync::sentence(result.error()) ==
              server.store().address +
                  " is not the store that it should be (it speaks no TLS from 1.2 on). Nothing counts as "
                  "handed over; check the address, and whether the network asks for a login first.");
        CHECK(lenient.put_there(server.store()) == refused + "it speaks no TLS from 1.2 on");
    }
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
        CAPTURE(version);
        TlsServer server({version});
        CHECK(get(*opened(server.store()), first_name).starts_with("<HTML>"));
    }
}

TEST_CASE("of TLS, HTTP 1.1 is asked for and nothing newer, and no session of before is named") {
    std::mutex mutex;
    std::string hello;
    Listener server([&](int client) {
        std::string bytes(16'384, '\0');
        const ssize_t n = ::read(client, bytes.data(), bytes.size());
        const std::lock_guard lock(mutex);
        if (n > 0) hello = bytes.substr(0, static_cast<std::size_t>(n));
    });
    CHECK_FALSE(put(*opened({"https://127.0.0.1:" + std::to_string(server.port()) + "/drop", {}}), first_name,
                    "sealed"));
    const std::lock_guard lock(mutex);
    using namespace std::string_literals;
    CHECK(hello.find("\x08http/1.1") != std::string::npos);
    CHECK(hello.find("\x02h2") == std::string::npos);
    // supported_versions (RFC 8446, 4.2.1): 1.3, then 1.2, and no other.
    CHECK(hello.find("\0\x2b\0\5\4\3\4\3\3"s) != std::string::npos);
    CHECK(hello.find("\0\x29\0"s) == std::string::npos);  // pre_shared_key
}
