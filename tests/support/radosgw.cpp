#include "tests/support/radosgw.h"

#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "sync/curl_request.h"
#include "sync/s3_signature.h"
#include "tests/support/loopback.h"
#include "tests/support/skip.h"

namespace fieldfare::test {
namespace {

constexpr const char* programs[] = {"/usr/bin/ceph",    "/usr/bin/ceph-mon",      "/usr/bin/ceph-osd",
                                    "/usr/bin/radosgw", "/usr/bin/radosgw-admin", "/usr/bin/monmaptool"};
const sync::S3Keys owner_keys{"OWNERKEY", "OwnerSecret/With+Signs=", ""};
const sync::S3Keys laptops_keys{"LAPTOPSKEY", "LaptopsSecret", ""};
const sync::S3Keys reader_keys{"READERKEY", "ReaderSecret", ""};

std::string new_uuid() {
    std::string uuid = content_of("/proc/sys/kernel/random/uuid");
    uuid.pop_back();
    return uuid;
}

template <typename Done>
void wait_for(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (!done()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace

RadosGateway* RadosGateway::shared() {
    static const std::unique_ptr<RadosGateway> one = [] {
        for (const char* program : programs)
            if (::access(program, X_OK) != 0) return std::unique_ptr<RadosGateway>();
        return std::unique_ptr<RadosGateway>(new RadosGateway);
    }();
    if (!one) skipped("no Ceph here; client/setup --tests installs it");
    return one.get();
}

RadosGateway::RadosGateway()
    : certificate_(
          make_certificate(folder_.path(), "server", "/CN=s3", "IP:127.0.0.1,DNS:s3.test,DNS:*.s3.test")),
      monitor_port_(unused_port()),
      cluster_(new_uuid()),
      disk_(new_uuid()) {
    const auto begin = std::chrono::steady_clock::now();
    write_configuration();
    start_cluster();
    start_gateway();
    make_bucket();
    seconds_to_start_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<std::string> RadosGateway::daemon(const char* program,
                                              const std::vector<std::string>& words) const {
    std::vector<std::string> all{std::string("/usr/bin/") + program, "-c", path("ceph.conf")};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

std::string RadosGateway::command(const std::string& words) const {
    return output_of("CEPH_CONF=" + path("ceph.conf") + " " + words + " 2>>" + path("commands"));
}

// No authentication within the cluster, which only this machine reaches; "crc" and "none" for the gateway as
// well, or it asks for keys for ever.
void RadosGateway::write_configuration() {
    for (const char* name : {"mon", "osd", "rgw", "run"}) fs::create_directory(folder_ / name);
    std::ostringstream out;
    out << "[global]\nfsid = " << cluster_ << "\nmon host = [v2:127.0.0.1:" << monitor_port_ << "]\n"
        << "public addr = 127.0.0.1\ncluster addr = 127.0.0.1\nms bind ipv4 = true\nms bind ipv6 = false\n"
        << "auth_cluster_required = none\nauth_service_required = none\nauth_client_required = none\n"
        << "ms_mon_client_mode = crc\nms_client_mode = crc\nauth allow insecure global id reclaim = true\n"
        << "osd pool default size = 1\nosd pool default min size = 1\nosd pool default pg num = 4\n"
        << "osd pool default pgp num = 4\nosd pool default pg autoscale mode = off\n"
        << "osd crush chooseleaf type = 0\nmon allow pool size one = true\nmon max pg per osd = 1000\n"
        << "mon warn on pool no redundancy = false\nmon pg warn min per osd = 0\n"
        << "run dir = " << path("run") << "\nadmin socket = " << path("run") << "/$name.asok\n"
        << "log file = " << path("run") << "/$name.log\npid file = " << path("run") << "/$name.pid\n"
        << "mon data = " << path("mon") << "\nosd data = " << path("osd") << "\nosd objectstore = memstore\n"
        << "memstore device bytes = 1073741824\nosd heartbeat use min delay socket = false\n"
        << "[client.rgw]\nauth_client_required = none\nms_mon_client_mode = crc\nrgw data = " << path("rgw")
        << "\nrgw dns name = s3.test\nrgw run sync thread = false\nrgw enable lc threads = false\n"
        << "rgw num rados handles = 1\n";
    write(folder_ / "ceph.conf", out.str());
}

void RadosGateway::start_cluster() {
    command("monmaptool --create --fsid " + cluster_ +
            " --addv a '[v2:127.0.0.1:" + std::to_string(monitor_port_) + "]' " + path("monmap"));
    command("ceph-mon --mkfs -i a --monmap " + path("monmap"));
    monitor_ = std::make_unique<ChildServer>(daemon("ceph-mon", {"-i", "a", "-f"}), folder_ / "mon.log");
    wait_for([&] { return answers(monitor_port_) || !monitor_->running(); });
    REQUIRE_MESSAGE(monitor_->running(), content_of(folder_ / "mon.log"));
    // The disk has the number under which it is announced, or it stays "booting" for ever.
    command("ceph --connect-timeout 60 osd new " + disk_ + " 0");
    command("ceph-osd -i 0 --mkfs --osd-uuid " + disk_);
    command("ceph osd crush add osd.0 1.0 root=default host=one");
    store_ = std::make_unique<ChildServer>(daemon("ceph-osd", {"-i", "0", "-f"}), folder_ / "osd.log");
    wait_for(
        [&] { return command("ceph osd stat").find("1 up") != std::string::npos || !store_->running(); });
    REQUIRE_MESSAGE(store_->running(), content_of(folder_ / "osd.log"));
}

void RadosGateway::start_gateway() {
    // Another program may take the port until the gateway comes to listen, seconds later.
    for (int tries = 0; tries < 3; ++tries) {
        port_ = unused_port();
        const std::string listens = "--rgw-frontends=beast ssl_endpoint=127.0.0.1:" + std::to_string(port_) +
                                    " ssl_certificate=" + certificate_.file.string() +
                                    " ssl_private_key=" + certificate_.key.string() + " tcp_nodelay=1";
        gateway_ = std::make_unique<ChildServer>(daemon("radosgw", {"-n", "client.rgw", "-f", listens}),
                                                 folder_ / "rgw.log");
        wait_for([&] { return answers(port_) || !gateway_->running(); });
        if (gateway_->running()) break;
    }
    REQUIRE_MESSAGE(gateway_->running(), content_of(folder_ / "rgw.log"));
    for (const auto& [name, keys] : {std::pair("owner", &owner_keys), std::pair("laptops", &laptops_keys),
                                     std::pair("reader", &reader_keys)})
        command("radosgw-admin -n client.rgw user create --uid=" + std::string(name) +
                " --display-name=" + name + " --access-key=" + keys->access_key + " --secret-key='" +
                keys->secret_key + "' >/dev/null");
}

void RadosGateway::make_bucket() {
    sync::CurlSession line = session();
    REQUIRE(put(line, server(), "/study", "", "") == 200);
    allow_study("*", study_tag);
}

// A file belongs to whoever put it: its bucket's owner needs to be let in by the policy, too.
void RadosGateway::allow_study(const std::string& place, const std::string& tag) {
    const auto allows = [](const char* who, const char* action, const std::string& where) {
        return std::string(R"({"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/)") + who +
               R"("]},"Action":)" + action + R"(,"Resource":"arn:aws:s3:::study/)" + where + R"("})";
    };
    const std::string folder = place + "/" + tag;
    set_policy(R"({"Version":"2012-10-17","Statement":[)" +
               allows("laptops", R"("s3:PutObject")", folder + "/*.batch") + "," +
               allows("laptops", R"("s3:GetObject")", folder + "/receipts/*") + "," +
               allows("owner", R"(["s3:GetObject","s3:DeleteObject"])", "*") + "]}");
}

void RadosGateway::set_policy(const std::string& policy) {
    sync::CurlSession line = session();
    REQUIRE(put(line, server(), "/study", "policy=", policy) / 100 == 2);
}

sync::CurlSession RadosGateway::session() const {
    sync::HttpSettings settings;
    settings.certificate = content_of(certificate_.file);
    return {server(), settings, {}};
}

// For what no store of ours does, making the bucket and saying who may do what there; and for figures.
int RadosGateway::put(sync::CurlSession& session, const sync::HttpAddress& server, const std::string& path,
                      const std::string& query, const std::string& body,
                      const std::map<std::string, std::string>& more) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::string hash = sha256_of(body);
    std::map<std::string, std::string> headers = more;
    headers.insert({{"x-amz-content-sha256", hash}, {"x-amz-date", sync::s3_time(now)}});
    auto content = sync::ContentReader::open(crypto::bytes_of(body));
    const std::string target = path + (query.empty() ? "" : "?" + query);
    sync::HttpRequest request{.verb = sync::HttpRequest::Verb::put, .path = target, .content = &*content};
    request.headers = {"Expect:"};
    for (const auto& [name, value] : headers) request.headers.push_back(name + ": " + value);
    headers.emplace("host", server.authority());
    request.headers.push_back("Authorization: " + sync::s3_authorization({"PUT", path, query, headers, hash},
                                                                         owner_keys, {now, "us-east-1"}));
    const auto answer = session.perform(request);
    return answer ? answer->status : 0;
}

double RadosGateway::seconds_of_bare_puts(const std::string& place, int count,
                                          const std::string& content) const {
    sync::CurlSession line = session();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i)
        REQUIRE(put(line, server(), "/study/" + place + "/" + std::to_string(i), "", content,
                    {{"content-type", "application/octet-stream"}, {"if-none-match", "*"}}) == 200);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

sync::Store RadosGateway::owner(const std::string& place) const {
    return {"s3+https://127.0.0.1:" + std::to_string(port_) + "/study/" + place,
            {{"certificate", certificate_.der},
             {"pin", certificate_.pin},
             {"access_key", owner_keys.access_key},
             {"secret_key", owner_keys.secret_key}}};
}

sync::Store RadosGateway::laptops(const std::string& place) const {
    sync::Store store = owner(place);
    store.settings["access_key"] = laptops_keys.access_key;
    store.settings["secret_key"] = laptops_keys.secret_key;
    return store;
}

sync::Store RadosGateway::reader(const std::string& place) const {
    sync::Store store = owner(place);
    store.settings["access_key"] = reader_keys.access_key;
    store.settings["secret_key"] = reader_keys.secret_key;
    return store;
}

}  // namespace fieldfare::test
