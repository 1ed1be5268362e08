#pragma once

// A small S3 on loopback that checks every signature by itself (tests/independent/s3_server.py): a bucket's
// name says what it does.

#include <memory>
#include <string>
#include <vector>

#include "sync/sync_config.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"

namespace fieldfare::test {

class S3Drop {
  public:
    S3Drop();
    /// One in a process, started at first use.
    static S3Drop& shared();

    std::uint16_t port() const { return port_; }              ///< of https
    std::uint16_t plain_port() const { return plain_port_; }  ///< of http, for .onion
    const Certificate& certificate() const { return certificate_; }

    /// "s3+https://127.0.0.1:<port>/<bucket>"; through another port when one is given.
    std::string address(const std::string& bucket, std::uint16_t port = 0) const;
    /// The store as a laptop knows it, and as the researcher does.
    sync::Store laptops(const std::string& bucket = "drop", std::uint16_t port = 0) const;
    sync::Store researcher(const std::string& bucket = "drop", std::uint16_t port = 0) const;

    /// A bucket of that kind that nobody has used.
    std::string fresh(const std::string& kind);

    /// A line of JSON for each request: method, target, headers.
    std::string log() const { return content_of(folder_ / "requests"); }

  private:
    TemporaryFolder folder_;
    Certificate certificate_;
    std::unique_ptr<ChildServer> server_;
    std::uint16_t port_ = 0, plain_port_ = 0;
    int buckets_ = 0;
};

}  // namespace fieldfare::test
