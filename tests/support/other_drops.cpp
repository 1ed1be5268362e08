#include "tests/support/other_drops.h"

#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "tests/support/loopback.h"
#include "tests/support/skip.h"

namespace fieldfare::test {
namespace {

constexpr const char* nginx_program = "/usr/sbin/nginx";
constexpr const char* nginx_propfind = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so";
constexpr const char* rclone_program = "/usr/bin/rclone";

// htpasswd's {SHA} of "laptops-secret" and "reader-secret".
const std::string laptops_line = "laptops:{SHA}Vxy0ge2abm1fQXQ/HVKFcRJkkEg=\n";
const std::string reader_line = "reader:{SHA}u45+8GIF+7mxAFrcPeqPLs/E/4Q=\n";

// Servers do not write as root, whoever starts them.
void let_everybody_write(const fs::path& folder) {
    fs::permissions(folder, fs::perms::all);
}

}  // namespace

OtherDrop* OtherDrop::nginx() {
    static const std::unique_ptr<OtherDrop> one = [] {
        std::unique_ptr<OtherDrop> drop;
        if (::access(nginx_program, X_OK) == 0 && ::access(nginx_propfind, R_OK) == 0) {
            drop.reset(new OtherDrop);
            drop->start_nginx();
        }
        return drop;
    }();
    if (!one) skipped("no nginx with WebDAV here; client/setup --tests installs it");
    return one.get();
}

OtherDrop* OtherDrop::rclone() {
    static const std::unique_ptr<OtherDrop> one = [] {
        std::unique_ptr<OtherDrop> drop;
        if (::access(rclone_program, X_OK) == 0) {
            drop.reset(new OtherDrop);
            drop->start_rclone();
        }
        return drop;
    }();
    if (!one) skipped("no rclone here; client/setup --tests installs it");
    return one.get();
}

OtherDrop::OtherDrop() : certificate_(make_certificate(folder_.path(), "server", "/CN=drop")) {
    fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
    for (const char* name : {"data", "temporary"}) {
        fs::create_directory(folder_ / name);
        let_everybody_write(folder_ / name);
    }
    write(folder_ / "laptops", laptops_line);
    write(folder_ / "reader", reader_line);
    write(folder_ / "both", laptops_line + reader_line);
}

// Another program may take a port between our look and the server's start.
void OtherDrop::start(const std::vector<std::string>& words) {
    server_ = std::make_unique<ChildServer>(words, folder_ / "said");
    for (int tries = 0; tries < 1000 && server_->running() && !answers(port_); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE_MESSAGE(server_->running(), content_of(folder_ / "said"));
}

void OtherDrop::start_nginx() {
    port_ = unused_port();
    const std::string home = folder_.path().string();
    std::ostringstream out;
    out << "load_module " << nginx_propfind << ";\ndaemon off;\nworker_processes 2;\npid " << home
        << "/pid;\nerror_log " << home << "/error.log;\n";
    if (::geteuid() == 0) out << "user www-data;\n";
    out << "events { worker_connections 64; }\nhttp {\n  access_log off;\n  server_tokens off;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        out << "  " << kind << "_temp_path " << home << "/temporary/" << kind << ";\n";
    const auto only = [&](const char* methods, const char* these, const char* others) {
        return std::string("      auth_basic drop;\n      auth_basic_user_file ") + home + "/" + these +
               ";\n      limit_except " + methods + " { auth_basic drop; auth_basic_user_file " + home + "/" +
               others + "; }\n";
    };
    const std::string dav =
        "      dav_methods PUT DELETE MOVE;\n      dav_ext_methods PROPFIND;\n      dav_access user:rw "
        "group:r "
        "all:r;\n";
    const std::string guard =
        "      set $taken 0;\n      if ($request_method = PUT) { set $taken 1; }\n"
        "      if (-e $request_filename) { set $taken \"${taken}1\"; }\n      if ($taken = 11) { return 412; "
        "}\n";
    out << "  server {\n    listen 127.0.0.1:" << port_ << " ssl;\n    ssl_certificate "
        << certificate_.file.string() << ";\n    ssl_certificate_key " << certificate_.key.string()
        << ";\n    root " << home << "/data;\n    client_max_body_size 64m;\n";
    for (const auto& [kind, first] : {std::pair("trap", std::string()), std::pair("guarded", guard)})
        out << "    location ^~ /" << kind << "/ {\n      location ~ /receipts/ {\n"
            << dav << first << only("GET", "both", "reader") << "      }\n"
            << dav << first << only("PUT", "laptops", "reader") << "    }\n";
    out << "  }\n}\n";
    write(folder_ / "nginx.conf", out.str());
    start({nginx_program, "-c", (folder_ / "nginx.conf").string(), "-p", home, "-e", home + "/error.log"});
}

void OtherDrop::start_rclone() {
    port_ = unused_port();
    start({rclone_program, "serve", "webdav", (folder_ / "data").string(), "--config", "", "--addr",
           "127.0.0.1:" + std::to_string(port_), "--cert", certificate_.file.string(), "--key",
           certificate_.key.string(), "--htpasswd", (folder_ / "both").string(), "--dir-cache-time", "0"});
}

std::string OtherDrop::fresh_place(const std::string& kind, const std::string& tag) {
    const std::string place = "/" + kind + "/" + std::to_string(++places_);
    fs::create_directories(files(place) / tag / "receipts");
    for (const fs::path& each : {files(place), files(place) / tag, files(place) / tag / "receipts"})
        let_everybody_write(each);
    return place;
}

sync::Store OtherDrop::store(const std::string& place, std::uint16_t through, const char* user) const {
    return {"https://127.0.0.1:" + std::to_string(through == 0 ? port_ : through) + place,
            {{"certificate", certificate_.der},
             {"pin", certificate_.pin},
             {"user", user},
             {"password", std::string(user) + "-secret"}}};
}

sync::Store OtherDrop::laptops(const std::string& place, std::uint16_t through) const {
    return store(place, through, "laptops");
}

sync::Store OtherDrop::researcher(const std::string& place, std::uint16_t through) const {
    return store(place, through, "reader");
}

}  // namespace fieldfare::test
