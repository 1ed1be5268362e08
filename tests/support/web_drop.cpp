#include "tests/support/web_drop.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/loopback.h"
#include "tests/support/skip.h"

namespace fieldfare::test {
namespace {

constexpr const char* program = "/usr/sbin/apache2";
constexpr const char* server_user = "www-data";

// htpasswd's {SHA} of "laptops-secret" and "reader-secret".
constexpr const char* users =
    "laptops:{SHA}Vxy0ge2abm1fQXQ/HVKFcRJkkEg=\n"
    "reader:{SHA}u45+8GIF+7mxAFrcPeqPLs/E/4Q=\n";

// Apache does not write as root, whoever starts it.
void give_to_server(const fs::path& path) {
    if (::geteuid() != 0) return;
    const passwd* user = ::getpwnam(server_user);
    if (user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) FAIL("chown");
}

constexpr const char* modules[] = {"mpm_event",  "authn_core",    "authn_file", "authz_core", "authz_user",
                                   "auth_basic", "dav",           "dav_fs",     "headers",    "rewrite",
                                   "reqtimeout", "socache_shmcb", "ssl"};

}  // namespace

WebDrop* web_drop() {
    WebDrop* drop = WebDrop::shared();
    if (drop == nullptr) skipped("no Apache here; client/setup --tests installs it");
    return drop;
}

WebDrop* WebDrop::shared() {
    static const std::unique_ptr<WebDrop> one = [] {
        std::unique_ptr<WebDrop> drop;
        if (::access(program, X_OK) == 0) {
            drop.reset(new WebDrop);
            // Another program may take a port between our look and Apache's start.
            for (int tries = 0; drop && !drop->start_server(); ++tries)
                REQUIRE_MESSAGE(tries < 3, content_of(drop->folder_ / "error.log"));
        }
        return drop;
    }();
    return one.get();
}

WebDrop::WebDrop() {
    fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
    for (const char* name : {"data", "data/drop", "data/open", "data/token", "data/header", "data/signed",
                             "data/anyone", "data/old", "data/shy", "locks"}) {
        fs::create_directory(folder_ / name);
        give_to_server(folder_ / name);
    }
    const Certificate server =
        make_certificate(folder_.path(), "server", "/CN=drop", "IP:127.0.0.1,DNS:localhost,DNS:drop.test");
    const Certificate wrong = make_certificate(folder_.path(), "wrong", "/CN=another machine");
    const Certificate client = make_certificate(folder_.path(), "client", "/CN=laptop");
    make_expired_certificate();
    certificate_ = server.der;
    expired_certificate_ = der_of("x509 -in " + (folder_ / "expired.pem").string());
    client_certificate_ = client.der;
    client_key_ = der_of("pkcs8 -topk8 -nocrypt -in " + client.key.string());
    pin_ = server.pin;
    other_pin_ = wrong.pin;
    for (const char* place : {"/drop", "/token", "/header", "/signed", "/anyone", "/old", "/shy"})
        clear(place);
}

// "openssl req" makes none that has run out; "openssl ca" does.
void WebDrop::make_expired_certificate() {
    const std::string home = folder_.path().string();
    write(folder_ / "ca.cnf", "[ca]\ndefault_ca=own\n[own]\ndatabase=" + home +
                                  "/ca.txt\nnew_certs_dir=" + home +
                                  "\ndefault_md=sha256\nrand_serial=yes\npolicy=any\nx509_extensions=names\n"
                                  "[any]\ncommonName=supplied\n[names]\nsubjectAltName=IP:127.0.0.1\n");
    write(folder_ / "ca.txt", "");
    output_of(
        "cd " + home +
        " && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=drop "
        "-keyout expired.key -out expired.csr 2>/dev/null && openssl ca -batch -selfsign -config ca.cnf "
        "-keyfile expired.key -in expired.csr -startdate 20200101000000Z -enddate 20200201000000Z -notext "
        "-out expired.pem 2>/dev/null");
}

void WebDrop::write_configuration() {
    std::ostringstream out;
    const std::string home = folder_.path().string();
    out << "ServerRoot " << home << "\nPidFile " << home << "/pid\nDefaultRuntimeDir " << home
        << "\nErrorLog " << home << "/error.log\nServerName localhost\nListen 127.0.0.1:" << port_
        << "\nListen 127.0.0.1:" << wrong_port_ << "\nListen 127.0.0.1:" << expired_port_
        << "\nListen 127.0.0.1:" << client_port_ << "\n";
    for (const auto& [status, port] : saying_) out << "Listen 127.0.0.1:" << port << "\n";
    if (::geteuid() == 0) out << "User " << server_user << "\nGroup " << server_user << "\n";
    for (const char* module : modules)
        out << "LoadModule " << module << "_module /usr/lib/apache2/modules/mod_" << module << ".so\n";
    out << "DavLockDB " << home << "/locks/lock\nDocumentRoot " << home << "/data\n"
        << "LogFormat \"%{SSL_SESSION_RESUMED}x %r\" sessions\nCustomLog " << home << "/access.log sessions\n"
        << "FileETag None\nKeepAlive On\nMaxKeepAliveRequests 0\nServerTokens Prod\n"
        << "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\nMinSpareThreads 1\n"
        << "RequestReadTimeout header=20-40,MinRate=500 body=30,MinRate=200\n"
        << "LimitRequestBody 100663296\n"
        << "<Directory />\n  Require all denied\n</Directory>\n"
        << "<Directory " << home << "/data>\n  Dav On\n  AuthType Basic\n  AuthName drop\n  AuthUserFile "
        << home << "/users\n  Require user reader\n"
        << "  RequestHeader unset Content-Range \"expr=%{REQUEST_URI} !~ m#^/open/#\"\n</Directory>\n";
    // The hardened drop. Create-only whatever a taken laptop sends; names of ours alone; laptops see receipts
    // and nothing else.
    out << "<Directory " << home << "/data/drop>\n"
        << "  RequestHeader set If-None-Match \"*\" \"expr=%{REQUEST_METHOD} == 'PUT'\"\n"
        << "  <Limit PUT>\n    Require user laptops\n  </Limit>\n"
        << "  <LimitExcept PUT>\n    Require user reader\n  </LimitExcept>\n</Directory>\n"
        << "<LocationMatch \"^/drop/[a-z0-9]{8,32}/receipts/\">\n"
        << "  <Limit PUT>\n    Require user reader\n  </Limit>\n"
        << "  <Limit GET>\n    Require user laptops reader\n  </Limit>\n"
        << "  <LimitExcept PUT GET>\n    Require user reader\n  </LimitExcept>\n</LocationMatch>\n"
        << "<Location /drop>\n  <If \"%{REQUEST_METHOD} == 'PUT' && %{REQUEST_URI} !~ "
           "m#^/drop/[a-z0-9]{8,32}/([0-9]{8}-[0-9a-f]{64}(-[0-9]+)?\\.batch|receipts/[0-9a-f]{32}-[0-9]+"
           "\\.receipt)$#\">\n    Require all denied\n  </If>\n</Location>\n";
    out << "<Location /token>\n  Require expr \"%{HTTP:Authorization} == 'Bearer t0ken'\"\n</Location>\n"
        << "<Location /header>\n  Require expr \"%{HTTP:X-Auth-Token} == 't0ken'\"\n</Location>\n"
        << "<Location /signed>\n  Require expr \"%{QUERY_STRING} == 'sig=s1gned&se=2026'\"\n</Location>\n"
        << "<Location /anyone>\n  Require all granted\n</Location>\n"
        << "<Location /says>\n  Require all granted\n</Location>\n";
    std::ostringstream rules;
    rules << "  RewriteEngine On\n";
    for (const int status :
         {200, 400, 401, 403, 404, 405, 408, 409, 413, 429, 500, 501, 502, 503, 504, 507, 511})
        rules << "  RewriteRule ^/says/" << status << "/ - [R=" << status << ",L]\n";
    rules << "  RewriteRule ^/moved/(.*) http://127.0.0.1:9/$1 [R=307,L]\n"
          << "  RewriteCond %{HTTP:If-None-Match} .\n  RewriteRule ^/old/ - [R=501,L]\n"
          << "  RewriteCond %{REQUEST_METHOD} GET\n  RewriteCond " << home
          << "/data%{REQUEST_URI} !-f\n  RewriteRule ^/shy/.*[.]receipt$ - [F]\n";
    const auto host = [&](std::uint16_t port, const std::string& certificate, const std::string& more) {
        out << "<VirtualHost 127.0.0.1:" << port << ">\n  SSLEngine on\n  SSLCertificateFile " << home << "/"
            << certificate << ".pem\n  SSLCertificateKeyFile " << home << "/" << certificate << ".key\n"
            << "  Header always set Retry-After 120 \"expr=%{REQUEST_STATUS} in {'429', '503'}\"\n"
            << rules.str() << more << "</VirtualHost>\n";
    };
    host(port_, "server", "");
    host(wrong_port_, "wrong", "");
    host(expired_port_, "expired", "");
    host(client_port_, "server",
         "  SSLVerifyClient require\n  SSLCACertificateFile " + home + "/client.pem\n");
    for (const auto& [status, port] : saying_)
        host(port, "server",
             std::string("  RewriteRule ^/(.*) ") + (status == 307
                                                         ? "http://127.0.0.1:9/$1 [R=307,L]\n"
                                                         : "- [R=" + std::to_string(status) + ",L]\n"));
    write(folder_ / "apache.conf", out.str());
    write(folder_ / "users", users);
    for (const char* readable : {"users"})
        fs::permissions(folder_ / readable, fs::perms::others_read, fs::perm_options::add);
}

bool WebDrop::start_server() {
    port_ = unused_port();
    wrong_port_ = unused_port();
    expired_port_ = unused_port();
    client_port_ = unused_port();
    for (auto& [status, port] : saying_) port = unused_port();
    write_configuration();
    return start_as_configured();
}

bool WebDrop::start_as_configured() {
    const std::string configuration = (folder_ / "apache.conf").string();
    const std::string log = (folder_ / "start.log").string();
    server_ = std::make_unique<ChildServer>(
        std::vector<std::string>{program, "-f", configuration, "-DFOREGROUND"}, log);
    for (int tries = 0; tries < 1000; ++tries) {
        if (answers(port_) && answers(wrong_port_) && answers(client_port_)) return true;
        if (!server_->running()) {
            MESSAGE(content_of(log));
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    server_.reset();
    return false;
}

void WebDrop::kill() {
    killed_ = true;
    kill_with_children(server_->number());
}

void WebDrop::start_again() {
    server_.reset();
    for (int tries = 0; answers(port_); ++tries) {  // one of its processes may yet be dying
        REQUIRE(tries < 500);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    REQUIRE(start_as_configured());
    killed_ = false;
}

std::string WebDrop::address(const std::string& path, std::uint16_t port) const {
    return "https://127.0.0.1:" + std::to_string(port == 0 ? port_ : port) + path;
}

std::map<std::string, std::string> WebDrop::trust() const {
    return {{"certificate", certificate_}, {"pin", pin_}};
}

sync::Store WebDrop::laptops(const std::string& path, std::uint16_t port) const {
    auto settings = trust();
    settings.insert({{"user", "laptops"}, {"password", "laptops-secret"}});
    return {address(path, port), std::move(settings)};
}

sync::Store WebDrop::researcher(const std::string& path, std::uint16_t port) const {
    auto settings = trust();
    settings.insert({{"user", "reader"}, {"password", "reader-secret"}});
    return {address(path, port), std::move(settings)};
}

std::string WebDrop::fresh_place() {
    const std::string path = "/open/" + std::to_string(++places_);
    fs::create_directory(files(path));
    clear(path);
    return path;
}

void WebDrop::clear(const std::string& path, const std::string& tag) {
    const fs::path folder = files(path) / tag;
    fs::remove_all(folder);
    fs::create_directories(folder / "receipts");
    for (const fs::path& each : {files(path), folder, folder / "receipts"}) give_to_server(each);
}

}  // namespace fieldfare::test
