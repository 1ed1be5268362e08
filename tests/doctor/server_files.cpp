#include <doctest/doctest.h>
#include <pwd.h>

#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/child_server.h"
#include "tests/support/doctor.h"
#include "tests/support/loopback.h"
#include "tests/support/researcher.h"
#include "tests/support/skip.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
namespace test = fieldfare::test;

namespace {

constexpr const char* apache = "/usr/sbin/apache2";

/// An Apache that has been told what to load and where things are, and for the rest reads what it is given.
class WrittenSite {
  public:
    WrittenSite(std::uint16_t port, const std::string& site, const std::string& tag)
        : certificate_(test::make_certificate(folder_.path(), "server", "/CN=drop")) {
        fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
        const std::string home = folder_.path().string();
        fs::create_directories(folder_ / ("data/drop/" + tag + "/receipts"));
        fs::create_directory(folder_ / "locks");
        for (const std::string& name :
             {std::string("locks"), "data/drop/" + tag, "data/drop/" + tag + "/receipts"})
            fs::permissions(folder_ / name, fs::perms::all);  // instead of chown
        // htpasswd's {SHA} of "laptops-secret" and "reader-secret".
        write(folder_ / "users",
              "laptops:{SHA}Vxy0ge2abm1fQXQ/HVKFcRJkkEg=\nreader:{SHA}u45+8GIF+7mxAFrcPeqPLs/E/4Q=\n");
        write(folder_ / "site.conf", site);
        std::string main = "ServerRoot " + home + "\nPidFile " + home + "/pid\nDefaultRuntimeDir " + home +
                           "\nErrorLog " + home + "/error.log\nServerName localhost\n";
        if (::geteuid() == 0) main += "User www-data\nGroup www-data\n";
        for (const std::string module :
             {"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav",
              "dav_fs", "headers", "reqtimeout", "socache_shmcb", "ssl", "log_config"})
            if (fs::exists("/usr/lib/apache2/modules/mod_" + module + ".so"))  // or it is built in
                main += "LoadModule " + module + "_module /usr/lib/apache2/modules/mod_" + module + ".so\n";
        main += "Define FIELDFARE_HOME " + home + "\nDefine FIELDFARE_USERS " + home +
                "/users\nDefine FIELDFARE_CERTIFICATE " + certificate_.file.string() +
                "\nDefine FIELDFARE_KEY " + certificate_.key.string() +
                "\nDefine FIELDFARE_LISTEN 127.0.0.1:" + std::to_string(port) + "\nInclude " + home +
                "/site.conf\n";
        write(folder_ / "apache.conf", main);
        server_ = std::make_unique<test::ChildServer>(
            std::vector<std::string>{apache, "-f", (folder_ / "apache.conf").string(), "-DFOREGROUND"},
            folder_ / "said");
        for (int tries = 0; tries < 1000 && server_->running() && !test::answers(port); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        REQUIRE_MESSAGE(server_->running(), content(folder_ / "said"));
    }
    const test::Certificate& certificate() const { return certificate_; }
    fs::path files() const { return folder_ / "data/drop"; }

  private:
    test::TemporaryFolder folder_;
    test::Certificate certificate_;
    std::unique_ptr<test::ChildServer> server_;
};

Said init(const StoreDesk& desk, std::vector<std::string> more) {
    std::vector<std::string> words{"store", "init", "--study", desk.study.string()};
    words.insert(words.end(), more.begin(), more.end());
    return say(words);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an Apache with exactly what store init writes is a good store") {
    if (::access(apache, X_OK) != 0) {
        skipped("no Apache here; client/setup --tests installs it");
        return;
    }
    StoreDesk desk;
    const std::uint16_t port = test::unused_port();
    const std::string address = "https://127.0.0.1:" + std::to_string(port) + "/drop";
    desk.use({address, {{"user", "laptops"}, {"password", "laptops-secret"}}}, std::nullopt);
    const Said site =
        init(desk, {"--store", desk.laptops, "--print", "apache.conf", "--researcher-user", "reader"});
    REQUIRE_MESSAGE(site.code == ExitCode::fine, site.err);
    CHECK_FALSE(has(site.out, "laptops-secret"));
    CHECK_FALSE(has(site.out, "@"));
    const WrittenSite server(port, site.out, desk.tag);
    const auto as = [&](const std::string& user) {
        return fieldfare::sync::Store{address,
                                      {{"user", user},
                                       {"password", user + "-secret"},
                                       {"pin", server.certificate().pin},
                                       {"certificate", server.certificate().der}}};
    };
    desk.use(as("laptops"), as("reader"));
    CHECK(desk.doctor() == ExitCode::fine);
    INFO(desk.text());
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        CHECK(finding["verdict"] == "good");
    }
    CHECK(files_in(server.files()).empty());
}

TEST_CASE("store init writes what the study's stores need, and an administrator can follow") {
    StoreDesk desk;
    const fs::path out = desk.folder / "server";
    SUBCASE("of a bucket") {
        desk.use({"s3+https://s3.example.org/drop/field",
                  {{"access_key", "LAPTOPS"}, {"secret_key", "the-secret"}}},
                 std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::fine);
        CHECK(files_in(out).size() == 3);
        const std::string place = "arn:aws:s3:::drop/field/" + desk.tag + "/";
        for (const char* name : {"bucket-policy-ceph.json", "bucket-policy-amazon.json"}) {
            CAPTURE(name);
            const auto policy = nlohmann::json::parse(content(out / name));
            const auto& puts = policy["Statement"][0];
            CHECK(puts["Action"] == "s3:PutObject");
            CHECK(puts["Resource"] == place + "*.batch");
            CHECK(policy["Statement"][1]["Resource"] == place + "receipts/*");
            const bool amazon = std::string(name).find("amazon") != std::string::npos;
            CHECK(puts.contains("Condition") == amazon);
            CHECK(puts["Principal"]["AWS"][0] ==
                  (amazon ? "arn:aws:iam::ACCOUNT:user/laptops" : "arn:aws:iam:::user/laptops"));
        }
        for (const fs::path& file : files_in(out)) CHECK_FALSE(has(content(file), "the-secret"));
        const std::string page = content(out / "bucket.txt");
        CHECK(has(page, "put-bucket-policy --bucket drop"));
        CHECK(has(page, "put your account's number in the place of ACCOUNT"));
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::could_not);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string(), "--force"}).code == ExitCode::fine);
    }
    SUBCASE("of a web server") {
        desk.use({"https://drop.example.org/a.b/c", {}}, std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::fine);
        REQUIRE(files_in(out).size() == 1);
        const std::string site = content(out / "apache.conf");
        CHECK(has(site, "/srv/fieldfare/data/a.b/c/" + desk.tag + "/receipts"));
        CHECK(has(site, "htpasswd -B -c /etc/apache2/fieldfare.users laptops"));
        CHECK(has(site, "ServerName drop.example.org\n"));
        CHECK(has(site, "<LocationMatch \"^/a\\.b/c/"));
        CHECK(has(site, "openssl dgst -sha256 -binary"));
    }
    SUBCASE("as an example, where a study has no store of a server") {
        CHECK(init(desk, {"--out", out.string()}).code == ExitCode::fine);
        CHECK(files_in(out).size() == 4);
        CHECK(has(content(out / "apache.conf"), "drop.example.org"));
    }
    SUBCASE("not with names that a server would read as something else") {
        CHECK(init(desk, {"--out", out.string(), "--device-user", "a b"}).code == ExitCode::usage);
        CHECK(init(desk, {"--out", out.string(), "--device-user", "x", "--researcher-user", "x"}).code ==
              ExitCode::usage);
        CHECK(init(desk, {}).code == ExitCode::usage);
        CHECK(has(init(desk, {"--print", "x"}).err, "there are apache.conf, bucket.txt"));
        desk.use({"https://drop.example.org/a%22b", {}}, std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::usage);
        CHECK_FALSE(fs::exists(out));
    }
}
