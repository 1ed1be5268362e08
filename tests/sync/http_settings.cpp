#include "sync/http_settings.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string spare = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";
const std::string der = "MIIBAAA=";
const std::string onion = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/drop";

using Settings = std::map<std::string, std::string>;

// Why settings are refused; empty when they are taken.
std::string refusal(const Settings& settings, const std::string& address = "https://example.org/drop",
                    const std::string& proxy = "") {
    const auto parsed = sync::parse_http_address(address);
    REQUIRE(parsed);
    const auto read = sync::parse_http_settings(*parsed, settings, proxy);
    return read ? "" : read.error();
}

}  // namespace

TEST_CASE("an address of the web has one way to be written") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"https://example.org", "https://example.org"},
        {"https://example.org/", "https://example.org"},
        {"HTTPS://Example.ORG:443/Drop/", "https://example.org/Drop"},
        {"https://example.org:8443/a/b", "https://example.org:8443/a/b"},
        {"https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a"},
        {"https://192.0.2.7/remote.php/dav/files/anna/My%20drop",
         "https://192.0.2.7/remote.php/dav/files/anna/My%20drop"},
        {"http://abc.onion/drop", "http://abc.onion/drop"},
        {"http://abc.onion:80", "http://abc.onion"},
    };
    for (const auto& [given, written] : table) {
        const auto address = sync::parse_http_address(given);
        REQUIRE(address);
        CHECK(address->text() == written);
        CHECK(sync::parse_http_address(written) == address);
    }
}

TEST_CASE("an address with a credential, in the clear, or leading elsewhere is refused") {
    for (const char* bad : {"https://",
                            "https:///drop",
                            "https://anna:secret@example.org/drop",
                            "https://anna@example.org",
                            "https://example.org/drop?sig=secret",
                            "https://example.org/drop#x",
                            "http://example.org/drop",
                            "http://example.onion.org/drop",
                            "https://example.org:0",
                            "https://example.org:65536",
                            "https://example.org:08443",
                            "https://example.org:",
                            "https://example.org:80:90",
                            "https://exa mple.org",
                            "https://example..org",
                            "https://.example.org",
                            "https://example.org.",
                            "https://-x.org",
                            "https://example.org/a//b",
                            "https://example.org/a/../b",
                            "https://example.org/./a",
                            "https://example.org/%2e%2e/a",
                            "https://example.org/a%2fb",
                            "https://example.org/a%0d%0ab",
                            "https://example.org/a%",
                            "https://example.org/a%4",
                            "https://example.org/a b",
                            "https://example.org/\n",
                            "https://[::1",
                            "https://[::1]x",
                            "ftp://example.org",
                            "example.org",
                            "https://\xd0\xbf.org"}) {
        const auto address = sync::parse_http_address(bad);
        REQUIRE_MESSAGE(!address, bad);
        CHECK(address.error().find("secret") == std::string::npos);
    }
    CHECK_FALSE(sync::parse_http_address("https://example.org/" + std::string(1000, 'a')));
    CHECK(sync::parse_http_address("https://anna:secret@example.org/drop").error() ==
          "a user and a password don't belong in an address; write them as settings");
}

TEST_CASE(
    "a store lets in by name and password, token, signed address or certificate, one of them at a time") {
    CHECK(refusal({}) == "");
    CHECK(refusal({{"user", "laptops"}, {"password", "p\xc3\xa4ss word"}}) == "");
    CHECK(refusal({{"token", "t0ken"}}) == "");
    CHECK(refusal({{"token", "t0ken"}, {"token_header", "X-Auth-Token"}}) == "");
    CHECK(refusal({{"query", "sig=a%2Fb&se=2026-12-01T00:00:00Z"}}) == "");
    CHECK(refusal({{"client_certificate", der + ";" + der}, {"client_key", der}}) == "");
    CHECK(refusal({{"user", "u"}, {"password", "p"}, {"client_certificate", der}, {"client_key", der}}) ==
          "");

    CHECK(refusal({{"user", "laptops"}}) == "user and password belong together");
    CHECK(refusal({{"client_key", der}}) == "client_certificate and client_key belong together");
    CHECK(refusal({{"token_header", "X-Auth-Token"}}) == "token_header wants a token");
    CHECK(refusal({{"user", "u"}, {"password", "p"}, {"token", "t"}}) ==
          "only one of user, token and query can be given");
    CHECK(refusal({{"token", "t"}, {"query", "s=1"}}) == "only one of user, token and query can be given");
}

TEST_CASE("a setting that is not known, or can't be meant, is refused, and its value is not repeated") {
    const std::vector<Settings> bad{{{"pins", pin}},
                                    {{"User", "u"}, {"password", "secret"}},
                                    {{"user", "a:b"}, {"password", "secret"}},
                                    {{"user", "u"}, {"password", "secret\r\nX: y"}},
                                    {{"user", "u"}, {"password", ""}},
                                    {{"token", "two secret"}},
                                    {{"token", ""}},
                                    {{"token", "secret\n"}},
                                    {{"token", "secret"}, {"token_header", "Host"}},
                                    {{"token", "secret"}, {"token_header", "authorization"}},
                                    {{"token", "secret"}, {"token_header", "X: y"}},
                                    {{"query", "?sig=secret"}},
                                    {{"query", "sig=secret#"}},
                                    {{"query", "sig=secret x"}},
                                    {{"pin", "secret"}},
                                    {{"pin", pin + ";"}},
                                    {{"pin", pin + ";" + pin}},
                                    {{"pin", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="}},
                                    {{"pin", "sha1//AAAA"}},
                                    {{"certificate", "secret"}},
                                    {{"certificate", ""}},
                                    {{"certificate", der + ";secret"}},
                                    {{"client_certificate", der}, {"client_key", der + ";" + der}},
                                    {{"proxy", "socks5://secret:9050"}},
                                    {{"proxy", "http://secret:3128"}},
                                    {{"proxy", "socks5h://anna:secret@127.0.0.1:9050"}},
                                    {{"proxy", "socks5h://secret"}},
                                    {{"proxy", "socks5h://secret:9050/x"}},
                                    {{"proxy", "socks5h://secret.example:9050"}},
                                    {{"the secret itself", "x"}}};
    for (const Settings& settings : bad) {
        const std::string why = refusal(settings);
        CAPTURE(settings.begin()->first);
        CHECK(why != "");
        CHECK(why.find("secret") == std::string::npos);
    }
}

TEST_CASE("certificates come as one line and go to the TLS library as PEM") {
    const auto read = sync::parse_http_settings(*sync::parse_http_address("https://example.org"),
                                                {{"certificate", std::string(68, 'A') + ";" + der}});
    REQUIRE(read);
    CHECK(read->certificate == "-----BEGIN CERTIFICATE-----\n" + std::string(64, 'A') +
                                   "\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n" + der +
                                   "\n-----END CERTIFICATE-----\n");
}

TEST_CASE("a pin can have a spare") {
    CHECK(refusal({{"pin", pin}}) == "");
    CHECK(refusal({{"pin", pin + ";" + spare}}) == "");
}

TEST_CASE("an onion address needs a proxy, and nothing of TLS when it is http") {
    CHECK(refusal({}, onion).find("through Tor alone") != std::string::npos);
    CHECK(refusal({}, "https://abc.onion").find("through Tor alone") != std::string::npos);
    CHECK(refusal({{"proxy", "socks5h://127.0.0.1:9050"}}, onion) == "");
    CHECK(refusal({{"proxy", "socks5h://127.0.0.1:9050"}, {"pin", pin}}, onion) ==
          "pins and certificates are for https:// addresses");
    CHECK(refusal({{"proxy", "socks5h://127.0.0.1:9050"}, {"pin", pin}}, "https://abc.onion") == "");
}

TEST_CASE("a proxy is named by its number or as localhost, so that nobody is asked for its name") {
    for (const char* host : {"127.0.0.1", "10.0.0.1", "[::1]", "[fd00::9]", "localhost"}) {
        CAPTURE(host);
        CHECK(refusal({{"proxy", std::string("socks5h://") + host + ":9050"}}) == "");
    }
    for (const char* host : {"proxy.example", "tor", "localhost.example", "127.0.0.1.example", "127.1",
                             "0x7f000001", "256.0.0.1", "[::1.example]", "[12345::]", "[127.0.0.1]", "::1"}) {
        CAPTURE(host);
        const std::string proxy = std::string("socks5h://") + host + ":9050";
        CHECK(refusal({{"proxy", proxy}}) != "");
        CHECK(refusal({}, "https://example.org/drop", proxy) != "");
    }
    CHECK(refusal({{"proxy", "socks5h://proxy.example:9050"}}) ==
          "a proxy must be named by its number or as localhost, such as socks5h://127.0.0.1:9050; this "
          "machine would "
          "ask for any other name in the open");
}

TEST_CASE("the person's proxy stands in the place of the study's") {
    const auto address = sync::parse_http_address("https://example.org");
    const Settings study{{"proxy", "socks5h://10.0.0.1:9050"}};
    CHECK(sync::parse_http_settings(*address, study)->proxy->text() == "socks5h://10.0.0.1:9050");
    CHECK(sync::parse_http_settings(*address, study, "socks5h://127.0.0.1:9150")->proxy->text() ==
          "socks5h://127.0.0.1:9150");
    CHECK(refusal({}, onion, "socks5h://[::1]:9050") == "");
    CHECK_FALSE(sync::parse_http_settings(*address, study, "socks5://127.0.0.1:9150"));
}
