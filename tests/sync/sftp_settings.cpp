#include "sync/sftp_settings.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string hash = "SHA256:n6R6VOgFU5MCrOGntHlXZp0PmL4wmsxVGUrkNdDXgD8";
const std::string spare = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const std::string key =
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQAAACA=";
const std::string onion = "sftp://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/drop";

using Settings = std::map<std::string, std::string>;

tl::expected<sync::SftpSettings, std::string> read(const Settings& settings,
                                                   const std::string& address = "sftp://example.org/drop",
                                                   const std::string& proxy = "") {
    const auto parsed = sync::parse_sftp_address(address);
    REQUIRE(parsed);
    return sync::parse_sftp_settings(*parsed, settings, proxy);
}
// Why settings are refused; empty when they are taken. Besides what every store has.
std::string refusal(Settings settings, const std::string& address = "sftp://example.org/drop",
                    const std::string& proxy = "") {
    settings.insert({{"user", "laptops"}, {"host_key", hash}});
    for (auto at = settings.begin(); at != settings.end();)
        at = at->second == "-" ? settings.erase(at) : ++at;
    const auto settings_read = read(settings, address, proxy);
    return settings_read ? "" : settings_read.error();
}

}  // namespace

TEST_CASE("an address of SFTP has one way to be written") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"sftp://example.org/drop", "sftp://example.org/drop"},
        {"SFTP://Drop.Example.ORG:22/drop/", "sftp://drop.example.org/drop"},
        {"sftp://example.org:2222/srv/My_drop-2/a.b", "sftp://example.org:2222/srv/My_drop-2/a.b"},
        {"sftp://[2001:db8::1]:2222/drop", "sftp://[2001:db8::1]:2222/drop"},
    };
    for (const auto& [given, written] : table) {
        const auto address = sync::parse_sftp_address(given);
        REQUIRE(address);
        CHECK(address->text() == written);
        CHECK(sync::parse_sftp_address(written) == address);
    }
    CHECK(sync::parse_sftp_address("sftp://example.org:2222/srv/drop") ==
          sync::SftpAddress{"example.org", 2222, "/srv/drop"});
}

TEST_CASE("an address of SFTP with a credential, without a folder, or of two readings is refused") {
    for (const char* bad : {"sftp:example.org/drop",
                            "sftp:/example.org/drop",
                            "sftp+https://example.org/drop",
                            "scp://example.org/drop",
                            "sftp://example.org",
                            "sftp://example.org/",
                            "sftp:///drop",
                            "sftp://anna@example.org/drop",
                            "sftp://anna:secret@example.org/drop",
                            "sftp://example.org/a@b",
                            "sftp://example.org:0/drop",
                            "sftp://example.org:65536/drop",
                            "sftp://example.org:/drop",
                            "sftp://example.org:022/drop",
                            "sftp://exa mple.org/drop",
                            "sftp://example.org./drop",
                            "sftp://example.org/~/drop",
                            "sftp://example.org/~anna",
                            "sftp://example.org/a b",
                            "sftp://example.org/a%20b",
                            "sftp://example.org/a\"b",
                            "sftp://example.org/a\nb",
                            "sftp://example.org//drop",
                            "sftp://example.org/drop//",
                            "sftp://example.org/a/../b",
                            "sftp://example.org/./b",
                            "sftp://example.org/drop?x",
                            "sftp://example.org/drop#x",
                            "sftp://example.org/drop;type=a"}) {
        CAPTURE(bad);
        CHECK_FALSE(sync::parse_sftp_address(bad));
    }
}

TEST_CASE("an SFTP store has a user, a host key, and one way to be let in") {
    const auto by_key = read({{"user", "laptops"}, {"key", key}, {"host_key", hash + ";" + spare}});
    REQUIRE(by_key);
    CHECK(by_key->user == "laptops");
    CHECK(by_key->password.empty());
    CHECK(by_key->key == "-----BEGIN OPENSSH PRIVATE KEY-----\n" + key.substr(0, 70) + "\n" + key.substr(70) +
                             "\n-----END OPENSSH PRIVATE KEY-----\n");
    REQUIRE(by_key->host_key.size() == 2);
    CHECK(crypto::to_hex(by_key->host_key[0]) ==
          "9fa47a54e805539302ace1a7b47957669d0f98be309acc55194ae435d0d7803f");
    CHECK(by_key->host_key[1] == sync::SftpSettings::KeyHash{});
    CHECK(refusal({{"password", "with: spaces"}}).empty());

    CHECK(refusal({{"password", "x"}, {"host_key", "-"}}) ==
          "host_key is missing: nobody can tell the store from another machine without it; ssh-keygen -l "
          "prints it there");
    CHECK(refusal({{"password", "x"}, {"user", "-"}}) == "an SFTP store wants a user");
    CHECK(refusal({}) == "an SFTP store lets in by a password or a key; give one of them");
    CHECK(refusal({{"password", "x"}, {"key", key}}) ==
          "an SFTP store lets in by a password or a key; give one of them");
}

TEST_CASE("a setting of SFTP that can't be meant is refused, and no value is repeated") {
    const std::string of_rsa =
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAAAAdzc2gtcnNhAAAAAwEA";
    const std::string with_passphrase =
        "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAAAAAAAAAAAAAAAAAA";
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"user", ""},
                                                          {"user", "a\nb"},
                                                          {"password", ""},
                                                          {"password", "secret\n"},
                                                          {"key", ""},
                                                          {"key", key.substr(0, key.size() - 1)},
                                                          {"key", of_rsa},
                                                          {"key", with_passphrase},
                                                          {"key", key + "\n"},
                                                          {"key", "-----BEGIN OPENSSH PRIVATE KEY-----"},
                                                          {"host_key", ""},
                                                          {"host_key", hash + "="},
                                                          {"host_key", "sha256:" + hash.substr(7)},
                                                          {"host_key", hash.substr(0, 49)},
                                                          {"host_key", hash.substr(0, 49) + "9"},
                                                          {"host_key", hash + ";"},
                                                          {"host_key", hash + ";" + hash},
                                                          {"host_key", "MD5:16:27:ac"},
                                                          {"host_key", hash + " " + spare},
                                                          {"proxy", "socks5://127.0.0.1:9050"},
                                                          {"proxy", "socks5h://proxy.example:9050"},
                                                          {"proxy", ""},
                                                          {"pin", "sha256//secret"},
                                                          {"token", "secret"},
                                                          {"known_hosts", "/home/anna"}}) {
        CAPTURE(name);
        CAPTURE(value);
        Settings settings{{name, value}};
        if (name != "key") settings.insert({"password", "x"});
        const std::string why = refusal(settings);
        CHECK_FALSE(why.empty());
        if (!value.empty()) CHECK(why.find(value) == std::string::npos);
    }
}

TEST_CASE("an onion address of SFTP wants a proxy, and a person's proxy stands in the place of the study's") {
    const std::string ours = "socks5h://127.0.0.1:9050", theirs = "socks5h://localhost:9150";
    CHECK_FALSE(refusal({{"password", "x"}}, onion).empty());
    CHECK(refusal({{"password", "x"}, {"proxy", ours}}, onion).empty());
    CHECK(refusal({{"password", "x"}}, onion, ours).empty());
    CHECK_FALSE(refusal({{"password", "x"}}, onion, "socks5://127.0.0.1:9050").empty());
    const Settings settings{{"user", "a"}, {"password", "x"}, {"host_key", hash}, {"proxy", ours}};
    CHECK(read(settings, onion, theirs)->proxy->text() == theirs);
    CHECK(read(settings)->proxy->text() == ours);
}
