#pragma once

// Servers of SFTP as stores, on loopback: the real OpenSSH, and a small one that takes a password and does
// what OpenSSH does not do on demand (tests/independent/sftp_server.py).

#include <memory>
#include <string>

#include "sync/sync_config.h"
#include "tests/support/child_server.h"
#include "tests/support/sync.h"

namespace fieldfare::test {

/// An sshd on a free port.
struct SshServer {
    std::uint16_t port = 0;
    std::unique_ptr<ChildServer> process{};
};

/// OpenSSH's sshd, run as nobody where the tests are root's, else as the tests' user: for whoever else it
/// would need to be root. Two of them on the same folders: one for researchers, who may do what nobody may,
/// and the hardened drop for laptops.
class SshDrop {
  public:
    /// Null where no sshd is installed; the test then says that it is skipped.
    static SshDrop* shared();

    std::uint16_t port() const { return open_.port; }          ///< of the researchers'
    std::uint16_t laptops_port() const { return drop_.port; }  ///< of the hardened drop

    /// "sftp://127.0.0.1:<port>" and the path of that place, or of a folder elsewhere that the server may
    /// write to; through another port when one is given.
    sync::Store researcher(const std::string& place, std::uint16_t port = 0) const;
    sync::Store laptops(const std::string& place, std::uint16_t port = 0) const;

    /// A new place, in which the folders of study_tag stand.
    std::string fresh_place();
    /// The folders of another study there.
    fs::path make_study(const std::string& place, const std::string& tag);
    fs::path files(const std::string& place) const { return folder_ / place; }
    /// Lets the server write there, whoever runs the tests.
    static void give_to_server(const fs::path& path);

    /// As settings have it: both of the server's, of Ed25519 and ECDSA.
    const std::string& host_key() const { return host_key_; }
    const std::string& key() const { return key_; }
    /// Of Ed25519, and nobody's.
    const std::string& other_host_key() const { return other_host_key_; }
    const std::string& other_key() const { return other_key_; }
    /// As ssh-keygen wrote it.
    fs::path key_file() const { return folder_ / "user"; }

    /// Ends at once what serves connections; both servers go on listening.
    void kill_sessions();
    /// Lets what serves the researchers' stand still, until kill_sessions().
    void freeze_sessions();

  private:
    SshDrop();
    std::string make_key(const std::string& name, const std::string& type);
    bool serve(SshServer& server, const std::string& name, const std::string& command);

    TemporaryFolder folder_;
    SshServer open_, drop_;
    std::string host_key_, other_host_key_, key_, other_key_;
    int places_ = 0;
};

/// The shared server, or a message that the test is skipped and null.
SshDrop* ssh_drop();

/// A drop with the users, rights and requests that sync/SYNC.md writes: laptops and a reader are two users,
/// so the server is root's, and there is one only where the tests are and may mount.
class WrittenDrop {
  public:
    /// Null, and a message that the test is skipped, elsewhere. `command`: what laptops may, if not what
    /// SYNC.md lists.
    static std::unique_ptr<WrittenDrop> make(const std::string& tag, const std::string& command = {});

    sync::Store laptops() const { return store(laptops_user); }
    sync::Store reader() const { return store(reader_user); }
    fs::path files() const { return folder_ / "drop"; }

  private:
    static constexpr const char *laptops_user = "daemon", *reader_user = "nobody", *reader_group = "nogroup";

    WrittenDrop(const std::string& tag, const std::string& command);
    sync::Store store(const std::string& user) const;

    TemporaryFolder folder_;
    SshServer server_;
    std::string host_key_, key_;
};

/// The small one. The first part of a place's name says what is odd there, see the program.
class OddSftp {
  public:
    /// One in a process, started at first use; null where Python has no paramiko.
    static OddSftp* shared();

    std::uint16_t port() const { return port_; }
    /// User "laptops", password "laptops-secret".
    sync::Store store(const std::string& place, std::uint16_t port = 0) const;
    std::string fresh(const std::string& kind);
    fs::path files(const std::string& place) const { return folder_ / place; }
    /// What it was asked, a line each: the command and the last part of its path.
    std::string log() const { return content_of(folder_ / "log"); }

  private:
    OddSftp();
    TemporaryFolder folder_;
    std::unique_ptr<ChildServer> server_;
    std::uint16_t port_ = 0;
    std::string host_key_;
    int places_ = 0;
};

OddSftp* odd_sftp();

}  // namespace fieldfare::test
