#pragma once

// Real web servers that are no good stores, on loopback with TLS: nginx, which heeds no If-None-Match, and
// rclone, which keeps what was cut.

#include <memory>
#include <string>

#include "sync/sync_config.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"

namespace fieldfare::test {

/// One of each kind in a process, started at first use. Laptops and the researcher are known to it.
class OtherDrop {
  public:
    /// nginx with dav_methods, in two kinds of places: /trap/N as people set it up, and /guarded/N with the
    /// usual cure, "if (-e $request_filename)". In both laptops put batches and get receipts, and no more.
    static OtherDrop* nginx();
    /// "rclone serve webdav": whoever is let in may do everything, in /any/N.
    static OtherDrop* rclone();

    /// A new place ("/trap/3") in which the folders of a study stand.
    std::string fresh_place(const std::string& kind, const std::string& tag = study_tag);
    sync::Store laptops(const std::string& place, std::uint16_t through = 0) const;
    sync::Store researcher(const std::string& place, std::uint16_t through = 0) const;
    fs::path files(const std::string& place) const { return folder_ / "data" / place.substr(1); }
    std::uint16_t port() const { return port_; }
    fs::path certificate_file() const { return certificate_.file; }
    const Certificate& certificate() const { return certificate_; }

  private:
    OtherDrop();
    void start_nginx();
    void start_rclone();
    void start(const std::vector<std::string>& words);
    sync::Store store(const std::string& place, std::uint16_t through, const char* user) const;

    TemporaryFolder folder_;
    Certificate certificate_;
    std::uint16_t port_ = 0;
    int places_ = 0;
    std::unique_ptr<ChildServer> server_;
};

}  // namespace fieldfare::test
