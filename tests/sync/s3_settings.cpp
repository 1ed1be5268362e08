#include "sync/s3_settings.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string onion = "s3+http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/drop";

using Settings = std::map<std::string, std::string>;

// Besides the two that every S3 store has.
tl::expected<sync::S3Settings, std::string> read(Settings settings,
                                                 const std::string& address = "s3+https://example.org/drop",
                                                 const std::string& proxy = "") {
    settings.insert({{"access_key", "KEY"}, {"secret_key", "se/cr+et="}});
    const auto parsed = sync::parse_s3_address(address);
    REQUIRE(parsed);
    return sync::parse_s3_settings(*parsed, settings, proxy);
}
// Why settings are refused; empty when they are taken.
std::string refusal(const Settings& settings, const std::string& address = "s3+https://example.org/drop",
                    const std::string& proxy = "") {
    const auto settings_read = read(settings, address, proxy);
    return settings_read ? "" : settings_read.error();
}

}  // namespace

TEST_CASE("an address of S3 has one way to be written") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"s3+https://example.org/drop", "s3+https://example.org/drop"},
        {"S3+HTTPS://S3.Example.ORG:443/drop/", "s3+https://s3.example.org/drop"},
        {"s3+https://example.org:8443/my.drop-2/Field_work/2026~",
         "s3+https://example.org:8443/my.drop-2/Field_work/2026~"},
        {"s3+https://[2001:db8::1]:8443/drop", "s3+https://[2001:db8::1]:8443/drop"},
        {"s3+http://abc.onion/drop", "s3+http://abc.onion/drop"},
    };
    for (const auto& [given, written] : table) {
        const auto address = sync::parse_s3_address(given);
        REQUIRE(address);
        CHECK(address->text() == written);
        CHECK(sync::parse_s3_address(written) == address);
    }
    const auto parts = sync::parse_s3_address("s3+https://s3.example.org:8443/drop/a/b");
    CHECK(parts->server.text() == "https://s3.example.org:8443");
    CHECK(parts->bucket == "drop");
    CHECK(parts->folder == "a/b");
}

TEST_CASE(
    "an address of S3 with a credential, in the clear, without a bucket or of two readings is refused") {
    for (const char* bad : {"s3://drop",
                            "s3://drop/secret",
                            "s3:drop",
                            "s3+ftp://example.org/drop",
                            "s3+https://example.org",
                            "s3+https://example.org/",
                            "s3+https:///drop",
                            "s3+https://KEY:secret@example.org/drop",
                            "s3+https://example.org/drop?secret",
                            "s3+https://example.org/drop#secret",
                            "s3+http://example.org/drop",
                            "s3+https://example.org/Secret",
                            "s3+https://example.org/se",
                            "s3+https://example.org/-secret",
                            "s3+https://example.org/secret.",
                            "s3+https://example.org/sec..ret",
                            "s3+https://example.org/sec_ret",
                            "s3+https://example.org/drop/a%20secret",
                            "s3+https://example.org/drop/a+secret",
                            "s3+https://example.org/drop/a//secret",
                            "s3+https://example.org/drop/../secret",
                            "s3+https://example.org/drop\n"}) {
        const auto address = sync::parse_s3_address(bad);
        REQUIRE_MESSAGE(!address, bad);
        CHECK(address.error().find("ecret") == std::string::npos);
    }
    CHECK_FALSE(sync::parse_s3_address("s3+https://example.org/" + std::string(64, 'a')));
    CHECK(sync::parse_s3_address("s3+https://example.org").error() ==
          "it names no bucket; write s3+https://host/bucket");
}

TEST_CASE("a number as the host of S3 has one way to be written, since the host is signed") {
    for (const char* usual :
         {"127.0.0.1", "0.0.0.0", "255.255.255.255", "[::1]", "[2001:db8::1]", "[::]", "[::ffff:127.0.0.1]",
          "1.2.3.4.example.org", "0x7f.org", "127.example", "0xyz"}) {
        CAPTURE(usual);
        CHECK(sync::parse_s3_address("s3+https://" + std::string(usual) + ":8443/drop"));
    }
    for (const char* unusual :
         {"127.1", "127", "2130706433", "0x7f.0.0.1", "0x7f000001", "0X7F.1", "0177.0.0.1", "127.0.0.01",
          "127.0.0.256", "1.2.3.4.5", "0x", "[0:0:0:0:0:0:0:1]", "[::0001]", "[2001:0db8::1]",
          "[2001:db8:0:0:1::1]", "[::127.0.0.1.1]", "[1.2.3.4]", "[:::]"}) {
        CAPTURE(unusual);
        const auto address = sync::parse_s3_address("s3+https://" + std::string(unusual) + "/drop");
        REQUIRE_FALSE(address);
        CHECK(address.error() == "a number as its host must be written as usual, such as 127.0.0.1 or [::1]");
    }
}

TEST_CASE("S3 lets in by an access key and its secret, and by nothing else") {
    CHECK(refusal({}) == "");
    CHECK(refusal({{"session_token", "FwoGZXIvYXdzEXAMPLE=="}, {"region", "RegionOne"}, {"style", "path"}}) ==
          "");
    CHECK(refusal({{"pin", pin}, {"certificate", "MIIBAAA="}}) == "");
    const auto address = *sync::parse_s3_address("s3+https://example.org/drop");
    for (const Settings& half : {Settings{}, Settings{{"access_key", "KEY"}}, Settings{{"secret_key", "s"}}})
        CHECK(sync::parse_s3_settings(address, half).error() ==
              "an S3 store lets in by access_key and secret_key; give both");
    for (const char* other : {"user", "password", "token", "token_header", "query"})
        CHECK(refusal({{other, "secret"}}) ==
              "an S3 store lets in by access_key and secret_key, not by " + std::string(other));
}

TEST_CASE("a setting of S3 that is not known, or can't be meant, is refused, and its value is not repeated") {
    const std::vector<Settings> bad{{{"access_key", "two secret"}},
                                    {{"access_key", "secret/20261128"}},
                                    {{"access_key", "secret,"}},
                                    {{"access_key", ""}},
                                    {{"secret_key", "two secret"}},
                                    {{"secret_key", "secret\r\nX: y"}},
                                    {{"session_token", ""}},
                                    {{"session_token", "secret\n"}},
                                    {{"region", ""}},
                                    {{"region", "secret/s3"}},
                                    {{"region", std::string(65, 'a')}},
                                    {{"style", "secret"}},
                                    {{"style", ""}},
                                    {{"bucket", "secret"}},
                                    {{"pin", "secret"}},
                                    {{"proxy", "socks5://secret:9050"}},
                                    {{"proxy", "socks5h://secret.example:9050"}}};
    for (const Settings& settings : bad) {
        const std::string why = refusal(settings);
        CAPTURE(settings.begin()->first);
        CHECK(why != "");
        CHECK(why.find("secret\"") == std::string::npos);
        CHECK(why.find("secret/") == std::string::npos);
        CHECK(why.find("two") == std::string::npos);
    }
    CHECK(refusal({{"bucket", "secret"}}) == "the setting \"bucket\" is not known to this version");
}

TEST_CASE("a bucket may have a host of its own, where it can have one") {
    const auto address = *sync::parse_s3_address("s3+https://s3.example.org:8443/drop/a");
    CHECK(sync::s3_endpoint(address, sync::S3Settings::Style::path).text() == "https://s3.example.org:8443");
    CHECK(sync::s3_endpoint(address, sync::S3Settings::Style::virtual_host).text() ==
          "https://drop.s3.example.org:8443");
    CHECK(refusal({{"style", "virtual"}}) == "");
    CHECK(refusal({{"style", "virtual"}}, "s3+https://example.org/my.drop") ==
          "a bucket with a dot in its name has no certificate of its own; write style = path");
    std::string long_host = "s3+https://h";
    for (int i = 0; i < 120; ++i) long_host += ".h";
    CHECK(refusal({{"style", "virtual"}}, long_host + "/twelve-bytes") ==
          "style = virtual makes the host longer than one can be; write style = path");
    CHECK(refusal({{"style", "virtual"}}, long_host + "/eleven-byte") == "");
    for (const char* numbers : {"s3+https://127.0.0.1/drop", "s3+https://[::1]/drop"})
        CHECK(refusal({{"style", "virtual"}}, numbers) ==
              "style = virtual wants a host with a name, not a number");
}

TEST_CASE("S3 behind an onion address needs a proxy, and the person's stands in the place of the study's") {
    CHECK(refusal({}, onion).find("through Tor alone") != std::string::npos);
    CHECK(refusal({{"proxy", "socks5h://127.0.0.1:9050"}}, onion) == "");
    CHECK(refusal({{"proxy", "socks5h://127.0.0.1:9050"}, {"pin", pin}}, onion) ==
          "pins and certificates are for https:// addresses");
    CHECK(read({{"proxy", "socks5h://10.0.0.1:9050"}}, "s3+https://example.org/drop",
               "socks5h://127.0.0.1:9150")
              ->http.proxy->text() == "socks5h://127.0.0.1:9150");
}
