#pragma once

#include <string>
#include <vector>

namespace fieldfare::researcher {

/// For whom a store is to be set up.
struct StorePlan {
    std::string address;  ///< of the store, its path of letters, digits and / - . _ ~; empty: an example
    std::string study_tag;
    std::string device = "laptops";         ///< what the server knows devices as
    std::string researcher = "researcher";  ///< and who fetches
    std::string suffix{};  ///< in the files' names: "-2", where another store has the plain ones
};

/// A file of a server's configuration. It holds no secret.
struct SetupFile {
    std::string name;  ///< "apache.conf"
    std::string text;
    std::string told;  ///< where it tells what to do, "at the beginning of apache.conf"; empty: it does not
};

/// A site of Apache 2.4 for one store of the web: devices put batches and get receipts, and nothing more; who
/// fetches lists, reads, deletes, and puts receipts; nobody replaces anything. Its beginning tells an
/// administrator what to install, make and say, and names every value that may be another here. Of an onion
/// service it is to be reached by Tor alone: it listens on loopback, and says what Tor is told.
SetupFile apache_site(const StorePlan& plan);

/// Policies of a bucket of S3 that let in the same: for Ceph, and for Amazon, where no device can put without
/// If-None-Match; and a page that tells an administrator what to do with them.
std::vector<SetupFile> bucket_policies(const StorePlan& plan);

}  // namespace fieldfare::researcher
