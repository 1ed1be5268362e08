#include <doctest/doctest.h>
#include <pwd.h>

#include <thread>

#include "sync/curl_request.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/store_probe.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"
#include "tests/support/doctor.h"
#include "tests/support/loopback.h"
#include "tests/support/researcher.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

constexpr const char* apache = "/usr/sbin/apache2";
const std::string onion = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

enum class Behind { tls, tor };

/// An Apache that has been told what to load and where things are, and for the rest reads what it is given.
class WrittenSite {
  public:
    WrittenSite(std::uint16_t port, const std::string& site, const std::string& tag, Behind behind)
        : port_(port),
          behind_(behind),
          certificate_(test::make_certificate(folder_.path(), "server", "/CN=drop")) {
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
        for (const std::string module : {"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user",
                                         "auth_basic", "dav", "dav_fs", "headers", "reqtimeout",
                                         "socache_shmcb", "ssl", "log_config", "authz_host", "status"})
            if (fs::exists("/usr/lib/apache2/modules/mod_" + module + ".so"))  // or it is built in
                main += "LoadModule " + module + "_module /usr/lib/apache2/modules/mod_" + module + ".so\n";
        main += "Define FIELDFARE_HOME " + home + "\nDefine FIELDFARE_USERS " + home + "/users\n";
        if (behind == Behind::tls)
            main += "Define FIELDFARE_CERTIFICATE " + certificate_.file.string() + "\nDefine FIELDFARE_KEY " +
                    certificate_.key.string() +
                    "\nDefine FIELDFARE_LISTEN 127.0.0.1:" + std::to_string(port) + "\n";
        // As a Debian server has it.
        main += "<Location \"/server-status\">\n  SetHandler server-status\n  Require local\n</Location>\n";
        main += "Include " + home + "/site.conf\n";
        write(folder_ / "apache.conf", main);
        server_ = std::make_unique<test::ChildServer>(
            std::vector<std::string>{apache, "-f", (folder_ / "apache.conf").string(), "-DFOREGROUND"},
            folder_ / "said");
        for (int tries = 0; tries < 1000 && server_->running() && !test::answers(port); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        REQUIRE_MESSAGE(server_->running(), content(folder_ / "said"));
    }
    static std::string address(std::uint16_t port, Behind behind = Behind::tls) {
        const std::string where = ":" + std::to_string(port) + "/drop";
        return behind == Behind::tls ? "https://127.0.0.1" + where : "http://" + onion + where;
    }
    /// As "laptops" or "reader" has it.
    sync::Store as(const std::string& user) const {
        sync::Store store{address(port_, behind_), {{"user", user}, {"password", user + "-secret"}}};
        if (behind_ == Behind::tor) return test::with(std::move(store), {{"proxy", tor_.address()}});
        return test::with(std::move(store), {{"pin", certificate_.pin}, {"certificate", certificate_.der}});
    }
    std::uint16_t port() const { return port_; }
    fs::path files() const { return folder_ / "data/drop"; }
    std::string error_log() const { return content(folder_ / "error.log"); }

  private:
    std::uint16_t port_;
    Behind behind_;
    test::SocksDouble tor_{port_};
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

/// An Apache with exactly what "store init" writes for the desk's study, at another address where one is
/// given
/// ("@": the port); null where there is none.
std::unique_ptr<WrittenSite> written_site(StoreDesk& desk, Behind behind = Behind::tls,
                                          std::string address = "") {
    if (::access(apache, X_OK) != 0) {
        skipped("no Apache here; client/setup --tests installs it");
        return nullptr;
    }
    const std::uint16_t port = test::unused_port();
    if (address.empty()) address = WrittenSite::address(port, behind);
    if (const auto at = address.find('@'); at != std::string::npos)
        address.replace(at, 1, std::to_string(port));
    sync::Store store{address, {{"user", "laptops"}, {"password", "laptops-secret"}}};
    if (behind == Behind::tor) store.settings["proxy"] = "socks5h://127.0.0.1:9050";
    desk.use(store, std::nullopt);
    const Said site =
        init(desk, {"--store", desk.laptops, "--print", "apache.conf", "--researcher-user", "reader"});
    REQUIRE_MESSAGE(site.code == ExitCode::fine, site.err);
    CHECK_FALSE(has(site.out, "laptops-secret"));
    CHECK_FALSE(has(site.out, "@"));
    return std::make_unique<WrittenSite>(port, site.out, desk.tag, behind);
}

/// Tries the site out from both sides: nothing is to be found, and nothing stays there.
void is_good(StoreDesk& desk, const WrittenSite& site) {
    desk.use(site.as("laptops"), site.as("reader"));
    CHECK(desk.doctor() == ExitCode::fine);
    INFO(desk.text());
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        CHECK(finding["verdict"] == "good");
    }
    CHECK(files_in(site.files()).empty());
}

}  // namespace

TEST_CASE("an Apache with exactly what store init writes is a good store") {
    StoreDesk desk;
    const auto server = written_site(desk);
    if (!server) return;
    is_good(desk, *server);
}

TEST_CASE("of an onion service, too, which nobody finds but by Tor") {
    StoreDesk desk;
    const auto server = written_site(desk, Behind::tor);
    if (!server) return;
    is_good(desk, *server);
    CHECK(test::answers(server->port()));
    CHECK_FALSE(test::answers(server->port(), "127.0.0.2"));
    // Whoever comes by Tor is "local" to Apache, which would show him who asks for what.
    sync::CurlSession visitor({false, "127.0.0.1", server->port(), ""}, {}, {});
    const auto status = visitor.perform({.path = "/server-status"});
    REQUIRE(status);
    CHECK(status->status == 403);
}

TEST_CASE(
    "at such an Apache devices put batches and get receipts, staff do the rest, and strangers nothing") {
    using sync::Fault;
    using sync::PutOutcome;
    using enum sync::ProbeAnswer::Meaning;
    StoreDesk desk;
    const auto server = written_site(desk);
    if (!server) return;
    const auto device = *sync::open_store(server->as("laptops")),
               staff = *sync::open_store(server->as("reader"));
    const std::string content = "sealed", other = "another";
    const auto batch_of = [&](const std::string& body) {
        return sync::batch_name(desk.tag, test::day(1), test::sha256_of(body));
    };
    const std::string batch = batch_of(content),
                      receipt = sync::receipt_name(desk.tag, std::string(32, 'a'), 1);
    const auto fault = [](const auto& result) { return result ? Fault::failed : result.error().fault; };
    const auto names = [&](sync::Transport& as, const std::string& folder) {
        std::vector<std::string> all;
        const auto listing = as.list(folder, "", 1000, {});
        if (!listing) return std::vector<std::string>{"no list"};
        for (const auto& file : listing->files) all.push_back(file.name);
        return all;
    };
    const auto put = [](sync::Transport& as, const std::string& name, const std::string& body) {
        return as.put(name, crypto::bytes_of(body), {});
    };
    const auto get = [](sync::Transport& as, const std::string& name) {
        return sync::get_bytes(as, name, 1000);
    };

    CHECK(put(*device, batch, content) == PutOutcome::stored);
    CHECK(put(*device, batch, other) == PutOutcome::taken);
    CHECK(fault(get(*device, batch)) == Fault::not_permitted);
    CHECK(names(*device, desk.tag + "/") == std::vector<std::string>{"no list"});
    CHECK(fault(put(*device, receipt, other)) == Fault::not_permitted);

    CHECK(names(*staff, desk.tag + "/") == std::vector{batch});
    CHECK(test::text(*get(*staff, batch)) == content);
    CHECK(fault(put(*staff, batch_of(other), other)) == Fault::not_permitted);
    CHECK(put(*staff, receipt, "confirmed") == PutOutcome::stored);
    CHECK(put(*staff, receipt, other) == PutOutcome::other_content);

    CHECK(test::text(*get(*device, receipt)) == "confirmed");
    CHECK(names(*device, desk.tag + "/receipts/") == std::vector<std::string>{"no list"});
    for (const auto as : {sync::ProbeAs::given, sync::ProbeAs::stranger}) {
        CAPTURE(static_cast<int>(as));
        const auto thief = sync::open_probe(server->as("laptops"), as);
        for (const std::string& name : {batch, receipt}) {
            CAPTURE(name);
            CHECK(thief->put_over(name, crypto::bytes_of(other)).meaning != done);
            CHECK(thief->put_end(name, crypto::bytes_of(other), 3).meaning != done);
            CHECK(thief->remove(name).meaning == refused);
            CHECK(thief->move(name, batch_of(other)).meaning == refused);
        }
        CHECK(thief->move_over(receipt, batch).meaning == refused);
        CHECK(thief->page(desk.tag + "/").meaning == refused);
        const auto read = thief->get(receipt).meaning;
        CHECK(read == (as == sync::ProbeAs::given ? done : refused));
    }
    CHECK(test::content_of(server->files() / batch) == content);
    CHECK(test::content_of(server->files() / receipt) == "confirmed");
    CHECK(files_in(server->files()).size() == 2);
}

TEST_CASE("an Apache takes what store init writes for an address of any kind") {
    for (const char* address :
         {"https://drop.example.org:@/drop", "https://127.0.0.1:@", "https://[::1]:@/drop"}) {
        CAPTURE(address);
        StoreDesk desk;
        const auto server = written_site(desk, Behind::tls, address);
        if (!server) return;
        CHECK(test::answers(server->port()));
    }
}

TEST_CASE("the server that store init writes notes down of nobody that, when and from where he has come") {
    StoreDesk desk;
    const auto server = written_site(desk);
    if (!server) return;
    const auto device = *sync::open_store(server->as("laptops"));
    const std::string batch = sync::batch_name(desk.tag, test::day(1), test::sha256_of("sealed"));
    const std::size_t before = server->error_log().size();  // of itself it may say where it listens
    for (int times = 0; times < 2; ++times) (void)device->put(batch, crypto::bytes_of("sealed"), {});
    CHECK_FALSE(sync::get_bytes(*device, batch, 1000));
    CHECK_FALSE(device->list(desk.tag + "/", "", 10, {}));
    const auto stranger = sync::open_probe(server->as("laptops"), sync::ProbeAs::stranger);
    CHECK(stranger->get(batch).meaning == sync::ProbeAnswer::Meaning::refused);
    const std::string noted = server->error_log().substr(before);
    CAPTURE(noted);
    CHECK_FALSE(has(noted, "127.0.0.1"));
    CHECK_FALSE(has(noted, desk.tag));
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
        CHECK(has(page, "come past no gap"));  // receipts that expire
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
        CHECK(has(site, "come past no gap"));
        CHECK(has(site, "<LocationMatch \"^/a\\.b/c/"));
        CHECK(has(site, "openssl dgst -sha256 -binary"));
    }
    SUBCASE("of a web server without a name") {
        desk.use({"https://[::1]:8444/drop", {}}, std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::fine);
        const std::string site = content(out / "apache.conf");
        CHECK(has(site, "-subj /CN=::1 -addext subjectAltName=IP:::1"));
        CHECK_FALSE(has(site, "ServerName"));
    }
    SUBCASE("of an onion service, which has no certificate, and a proxy") {
        desk.use({"http://" + onion + ":8081/drop", {{"proxy", "socks5h://127.0.0.1:9050"}}}, std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::fine);
        const std::string site = content(out / "apache.conf");
        for (const char* word : {"SSL", "ssl", "pin =", "certificate", "CERTIFICATE", "openssl", "*:", "@"}) {
            CAPTURE(word);
            CHECK_FALSE(has(site, word));
        }
        CHECK(has(site, "HiddenServicePort 8081 127.0.0.1:8081\n"));
        CHECK(has(site, "Then this must say " + onion + ":\n"));
        CHECK(has(site, "#        proxy = socks5h://127.0.0.1:9050"));
        for (const char* step : {"\n# 4. Tor", "\n# 5. This file", "\n# 6. Whoever builds"})
            CHECK(has(site, step));
    }
    SUBCASE("of one that has a certificate as well") {
        desk.use({"https://" + onion + "/drop", {{"proxy", "socks5h://127.0.0.1:9050"}}}, std::nullopt);
        CHECK(init(desk, {"--store", desk.laptops, "--out", out.string()}).code == ExitCode::fine);
        const std::string site = content(out / "apache.conf");
        CHECK(has(site, "SSLEngine on"));
        CHECK(has(site, "Define FIELDFARE_LISTEN 127.0.0.1:443\n"));
        CHECK(has(site, "#        pin = sha256//(of step 4)\n"));
        CHECK(has(site, "#        proxy = socks5h://127.0.0.1:9050"));
        for (const char* step :
             {"\n# 4. Certificate", "\n# 5. Tor", "\n# 6. This file", "\n# 7. Whoever builds"})
            CHECK(has(site, step));
    }
    SUBCASE("of a bucket behind Tor") {
        desk.use({"s3+http://" + onion + "/drop",
                  {{"access_key", "LAPTOPS"},
                   {"secret_key", "the-secret"},
                   {"proxy", "socks5h://127.0.0.1:9050"}}},
                 std::nullopt);
        const Said page = init(desk, {"--store", desk.laptops, "--print", "bucket.txt"});
        CHECK_FALSE(has(page.out, "pin"));
        CHECK(has(page.out, "       proxy = socks5h://127.0.0.1:9050"));
    }
    SUBCASE("of several stores, each in files of its own that name no other's") {
        const auto store = [&](const char* name, const std::string& text) {
            write(desk.folder / name, text);
            return (desk.folder / name).string();
        };
        const std::string keys = "access_key = LAPTOPS\nsecret_key = the-secret\n";
        const Said said = init(
            desk,
            {"--out", out.string(), "--store", store("1.ffstore", "address = https://one.example.org/drop\n"),
             "--store", store("2.ffstore", "address = https://two.example.org/drop\n"), "--store",
             store("3.ffstore", "address = s3+https://s3.example.org/bucketone\n" + keys), "--store",
             store("4.ffstore", "address = s3+https://s3.example.org/buckettwo\n" + keys)});
        CHECK(said.code == ExitCode::fine);
        CHECK(files_in(out).size() == 8);
        CHECK(has(content(out / "apache-2.conf"), "cp apache-2.conf /etc/apache2"));
        const std::string page = content(out / "bucket-4.txt");
        CHECK(has(page, "s3cmd setpolicy bucket-policy-ceph-4.json s3://buckettwo\n"));
        CHECK(has(page, "file://bucket-policy-amazon-4.json\n"));
        CHECK(has(page, "in the place of ACCOUNT in bucket-policy-amazon-4.json,"));
        CHECK(has(said.err,
                  "What to do with them stands at the beginning of apache.conf, and at the beginning of "
                  "apache-2.conf, and in bucket.txt, and in bucket-4.txt."));
    }
    SUBCASE("and speaks of no file that it has not written") {
        desk.use({"https://drop.example.org/drop", {}}, std::nullopt);
        const Said said = init(desk, {"--store", desk.laptops, "--out", out.string()});
        CHECK(has(said.err, "What to do with them stands at the beginning of apache.conf.\n"));
    }
    SUBCASE("none of SFTP, for which there is a page") {
        write(desk.reader,
              "address = sftp://drop.example.org/drop\nuser = laptops\npassword = the-secret\n"
              "host_key = SHA256:" +
                  std::string(43, 'A') + "\n");
        const Said alone = init(desk, {"--store", desk.reader, "--out", out.string()});
        CHECK(alone.code == ExitCode::usage);
        CHECK(has(alone.err, "For sftp://drop.example.org/drop nothing is written: sync/SYNC.md has what"));
        CHECK_FALSE(fs::exists(out));
        desk.use({"https://drop.example.org/drop", {}}, std::nullopt);
        const Said beside =
            init(desk, {"--store", desk.laptops, "--store", desk.reader, "--out", out.string()});
        CHECK(beside.code == ExitCode::fine);
        CHECK(files_in(out).size() == 1);
        CHECK(has(beside.err, "For sftp://drop.example.org/drop nothing is written"));
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
