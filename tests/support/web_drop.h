#pragma once

// A real web server as a store: Apache with mod_dav, on loopback, with TLS and certificates made for the day.

#include <atomic>
#include <memory>
#include <string>

#include "sync/sync_config.h"
#include "tests/support/child_server.h"
#include "tests/support/sync.h"

namespace fieldfare::test {

/// One in a process, started at first use. Its places:
///   /drop      the hardened drop: laptops put batches and get receipts, the researcher reads and puts
///              receipts; nobody replaces anything, whatever they send
///   /open/N    WebDAV as it comes: whoever is let in may do everything
///   /token, /header, /signed, /anyone    the other ways to be let in
///   /says/507  and so on: answers with that status, whatever is asked
///   /old       a server that answers 501 to If-None-Match
///   /shy       as /open, and says 403 of receipts that are not there
///   /moved     sends everybody elsewhere, in the clear
class WebDrop {
  public:
    /// Null where no Apache is installed; the test then says that it is skipped.
    static WebDrop* shared();

    std::uint16_t port() const { return port_; }
    std::uint16_t wrong_certificate_port() const { return wrong_port_; }  ///< another certificate and key
    std::uint16_t expired_certificate_port() const { return expired_port_; }
    std::uint16_t client_certificate_port() const { return client_port_; }
    /// With the server's own certificate: answers everything with 307 (to elsewhere), 503 or 507.
    std::uint16_t port_that_says(int status) const { return saying_.at(status); }

    /// "https://127.0.0.1:<port>" and the path; through another port when one is given.
    std::string address(const std::string& path, std::uint16_t port = 0) const;
    /// Certificate and pin of the server, and no way to be let in.
    std::map<std::string, std::string> trust() const;
    /// The store as a laptop knows it, and as the researcher does.
    sync::Store laptops(const std::string& path = "/drop", std::uint16_t port = 0) const;
    sync::Store researcher(const std::string& path = "/drop", std::uint16_t port = 0) const;

    /// A new path below /open, in which the folders of study_tag stand.
    std::string fresh_place();
    /// Empties the folders of a study in such a place, or makes them.
    void clear(const std::string& path, const std::string& tag = study_tag);
    fs::path files(const std::string& path) const { return folder_ / "data" / path.substr(1); }

    /// Kills it with all that it is doing, from any thread.
    void kill();
    bool killed() const { return killed_; }
    /// After kill(), with the same ports and files.
    void start_again();

    /// A line for each request: "Initial" or "Resumed", for the TLS session, and the request line.
    std::string access_log() const { return content_of(folder_ / "access.log"); }

    /// As settings have them: DER in base64.
    const std::string& certificate() const { return certificate_; }
    const std::string& pin() const { return pin_; }
    const std::string& other_pin() const { return other_pin_; }
    const std::string& client_certificate() const { return client_certificate_; }
    /// Of the server whose certificate has run out.
    const std::string& expired_certificate() const { return expired_certificate_; }
    const std::string& client_key() const { return client_key_; }
    /// As the server has it: a PEM file.
    fs::path certificate_file() const { return folder_ / "server.pem"; }

  private:
    WebDrop();
    void make_expired_certificate();
    void write_configuration();
    bool start_server();
    bool start_as_configured();

    TemporaryFolder folder_;
    std::uint16_t port_ = 0, wrong_port_ = 0, expired_port_ = 0, client_port_ = 0;
    std::string certificate_, expired_certificate_, pin_, other_pin_, client_certificate_, client_key_;
    std::map<int, std::uint16_t> saying_{{307, 0}, {503, 0}, {507, 0}};
    int places_ = 0;
    std::atomic<bool> killed_ = false;
    std::unique_ptr<ChildServer> server_;
};

/// The shared server, or a message that the test is skipped and null.
WebDrop* web_drop();

}  // namespace fieldfare::test
