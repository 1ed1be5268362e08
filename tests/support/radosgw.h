#pragma once

// The real thing that speaks S3: Ceph's gateway before a cluster of one disk in memory, on loopback, with
// TLS.

#include <memory>
#include <string>
#include <vector>

#include "sync/curl_request.h"
#include "sync/sync_config.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"

namespace fieldfare::test {

/// One in a process, started at first use (some ten seconds). Known to it are "owner", whose bucket "study"
/// is, "laptops", who may put there and get receipts of study_tag, and "reader", who may nothing until a
/// policy says so.
class RadosGateway {
  public:
    /// Null where Ceph is not installed; the test then says that it is skipped.
    static RadosGateway* shared();

    /// The store as its owner knows it, and as a laptop does; each `place` is a folder of the bucket.
    sync::Store owner(const std::string& place) const;
    sync::Store laptops(const std::string& place) const;
    sync::Store reader(const std::string& place) const;

    /// From now on laptops may put and get in a study's folder of such a place, and nowhere else.
    void allow_study(const std::string& place, const std::string& tag);
    /// Gives the bucket this policy.
    void set_policy(const std::string& policy);

    std::uint16_t port() const { return port_; }
    const Certificate& certificate() const { return certificate_; }
    double seconds_to_start() const { return seconds_to_start_; }
    /// So many files put by signed requests on one connection, with nothing around them.
    double seconds_of_bare_puts(const std::string& place, int count, const std::string& content) const;

  private:
    RadosGateway();
    void write_configuration();
    void start_cluster();
    void start_gateway();
    void make_bucket();
    static int put(sync::CurlSession& session, const sync::HttpAddress& server, const std::string& path,
                   const std::string& query, const std::string& body,
                   const std::map<std::string, std::string>& more = {});
    sync::HttpAddress server() const { return {true, "127.0.0.1", port_, ""}; }
    sync::CurlSession session() const;
    std::string path(const char* name) const { return (folder_ / name).string(); }
    /// "ceph-mon -c …": a program of Ceph with this cluster's configuration, before its other words.
    std::vector<std::string> daemon(const char* program, const std::vector<std::string>& words) const;
    std::string command(const std::string& words) const;

    TemporaryFolder folder_;
    Certificate certificate_;
    std::uint16_t port_ = 0, monitor_port_ = 0;
    std::string cluster_, disk_;
    std::unique_ptr<ChildServer> monitor_, store_, gateway_;
    double seconds_to_start_ = 0;
};

}  // namespace fieldfare::test
