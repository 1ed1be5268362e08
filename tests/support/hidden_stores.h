#pragma once

// Stores whose names are known behind a proxy alone.

#include <memory>
#include <string>
#include <vector>

#include "tests/support/loopback.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sealed_profile.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/web_drop.h"

namespace fieldfare::test {

/// An environment as somebody may have made it, to lead programs past the proxy or to one of theirs.
const std::vector<std::string>& traps();

/// One store of each kind that is on a network.
struct HiddenStores {
    WebDrop& web;
    S3Drop& s3 = S3Drop::shared();
    SshDrop& ssh;
    std::string web_place, bucket, ssh_place;
    std::vector<SealedProfile::Place> places;

    /// Null, with a message, where something is missing that this needs.
    static std::unique_ptr<HiddenStores> make();
    HiddenStores(WebDrop& web_drop, SshDrop& ssh_drop) : web(web_drop), ssh(ssh_drop) { renew("", ""); }

    /// New, empty ones; or places of the web and S3 at which something is wrong.
    void renew(const std::string& odd_place, const std::string& odd_bucket);
    std::vector<std::uint16_t> ports() const { return {web.port(), s3.port(), ssh.port()}; }
    static std::size_t number_of(const std::string& host);
    std::size_t files() const;  ///< batches that came to stay
};

/// A line to each of the stores, behind the proxy.
struct HiddenLines {
    std::vector<std::unique_ptr<ChaosProxy>> all;

    explicit HiddenLines(const HiddenStores& to, ChaosProxy::Does does = ChaosProxy::Does::pass,
                         std::size_t after = 0);
    SocksDouble::Leads leads() const;
};

}  // namespace fieldfare::test
