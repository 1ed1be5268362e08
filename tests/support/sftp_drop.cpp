#include "tests/support/sftp_drop.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/loopback.h"
#include "tests/support/skip.h"

namespace fieldfare::test {
namespace {

constexpr const char* program = "/usr/sbin/sshd";
constexpr const char* server_user = "nobody";

// What laptops may: see sync/SYNC.md, which has the same line.
constexpr const char* hardened =
    "internal-sftp -u 0607 -p realpath,open,close,read,write,stat,lstat,fstat,rename,statvfs";

std::string user() {
    const passwd* entry = ::geteuid() == 0 ? ::getpwnam(server_user) : ::getpwuid(::geteuid());
    REQUIRE(entry != nullptr);
    return entry->pw_name;
}

// From 9.8 on, sshd makes those wait whom it has refused.
bool makes_wait() {
    const std::string said = output_of("ssh -V 2>&1");  // "OpenSSH_9.2p1 Debian-2, …"
    int major = 0, minor = 0;
    if (std::sscanf(said.c_str(), "OpenSSH_%d.%d", &major, &minor) != 2) return false;
    return major > 9 || (major == 9 && minor >= 8);
}

// What stands between the first and last line of a key file, in one line.
std::string one_line(const std::string& file) {
    std::istringstream lines(file);
    std::string all;
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("-----")) all += line;
    return all;
}

// "256 SHA256:… comment (ED25519)"
std::string hash_of(const fs::path& key) {
    std::istringstream words(output_of("ssh-keygen -lf " + key.string() + ".pub"));
    std::string bits, hash;
    words >> bits >> hash;
    return hash;
}

/// Once it answers; else what it said, as a message, and false.
bool start(SshServer& server, const std::vector<std::string>& words, const fs::path& log) {
    server.process = std::make_unique<ChildServer>(words, log);
    for (int tries = 0; tries < 1000; ++tries) {
        if (answers(server.port)) return true;
        if (!server.process->running()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    MESSAGE(content_of(log));
    server.process.reset();
    return false;
}

/// What all of them have, on files of the folder: host_ed25519, host_ecdsa and user.pub.
std::string settings_for(const fs::path& folder, std::uint16_t port) {
    const std::string home = folder.string();
    std::ostringstream out;
    out << "ListenAddress 127.0.0.1:" << port << "\nHostKey " << home << "/host_ed25519\nHostKey " << home
        << "/host_ecdsa\nPidFile none\nAuthorizedKeysFile " << home
        << "/user.pub\nStrictModes no\nUsePAM yes\nPasswordAuthentication no\n"
        << "KbdInteractiveAuthentication no\nPermitRootLogin no\nMaxStartups 100\nDisableForwarding yes\n"
        << "PrintMotd no\nSubsystem sftp internal-sftp\n";
    if (makes_wait()) out << "PerSourcePenalties no\n";
    return out.str();
}

void make_study_folders(const fs::path& place, const std::string& tag) {
    fs::create_directories(place / tag / "receipts");
}

}  // namespace

SshDrop* ssh_drop() {
    SshDrop* drop = SshDrop::shared();
    if (drop == nullptr) skipped("no OpenSSH server here; client/setup --tests installs it");
    return drop;
}

OddSftp* odd_sftp() {
    OddSftp* odd = OddSftp::shared();
    if (odd == nullptr) skipped("no paramiko here; client/setup --tests installs it");
    return odd;
}

SshDrop* SshDrop::shared() {
    static const std::unique_ptr<SshDrop> one(::access(program, X_OK) == 0 ? new SshDrop : nullptr);
    return one.get();
}

void SshDrop::give_to_server(const fs::path& path) {
    if (::geteuid() != 0) return;
    const passwd* entry = ::getpwnam(server_user);
    if (entry != nullptr && ::lchown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0) FAIL("chown");
}

std::string SshDrop::make_key(const std::string& name, const std::string& type) {
    const fs::path file = folder_ / name;
    output_of("ssh-keygen -q -t " + type + " -N '' -C '' -f " + file.string());
    give_to_server(file);
    return hash_of(file);
}

SshDrop::SshDrop() {
    fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
    host_key_ = make_key("host_ed25519", "ed25519") + ";" + make_key("host_ecdsa", "ecdsa");
    make_key("user", "ed25519");
    other_host_key_ = make_key("other", "ed25519");
    key_ = one_line(content_of(folder_ / "user"));
    other_key_ = one_line(content_of(folder_ / "other"));
    // Another program may take a port between our look and sshd's start.
    fs::permissions(folder_ / "user.pub", fs::perms::others_read, fs::perm_options::add);
    for (int tries = 0; !serve(open_, "open", "internal-sftp"); ++tries) REQUIRE(tries < 3);
    for (int tries = 0; !serve(drop_, "drop", hardened); ++tries) REQUIRE(tries < 3);
}

bool SshDrop::serve(SshServer& server, const std::string& name, const std::string& command) {
    server.port = unused_port();
    const fs::path settings = folder_ / (name + ".conf");
    write(settings, settings_for(folder_.path(), server.port) + "ForceCommand " + command + "\n");
    std::vector<std::string> words{program, "-D", "-e", "-f", settings.string()};
    if (::geteuid() == 0) {
        const std::vector<std::string> as_nobody{"/usr/bin/setpriv", std::string("--reuid=") + server_user,
                                                 "--regid=nogroup", "--clear-groups", "--pdeathsig=KILL"};
        words.insert(words.begin(), as_nobody.begin(), as_nobody.end());
    }
    return start(server, words, folder_ / (name + ".log"));
}

void SshDrop::kill_sessions() {
    signal_below(open_.process->number(), SIGKILL);
    signal_below(drop_.process->number(), SIGKILL);
}

void SshDrop::freeze_sessions() {
    signal_below(open_.process->number(), SIGSTOP);
}

sync::Store SshDrop::researcher(const std::string& place, std::uint16_t port) const {
    return {"sftp://127.0.0.1:" + std::to_string(port == 0 ? open_.port : port) + files(place).string(),
            {{"user", user()}, {"key", key_}, {"host_key", host_key_}}};
}

sync::Store SshDrop::laptops(const std::string& place, std::uint16_t port) const {
    return researcher(place, port == 0 ? drop_.port : port);
}

std::string SshDrop::fresh_place() {
    const std::string place = "place" + std::to_string(++places_);
    make_study(place, study_tag);
    return place;
}

fs::path SshDrop::make_study(const std::string& place, const std::string& tag) {
    const fs::path folder = files(place) / tag;
    make_study_folders(files(place), tag);
    for (const fs::path& each : {files(place), folder, folder / "receipts"}) give_to_server(each);
    return folder;
}

std::unique_ptr<WrittenDrop> WrittenDrop::make(const std::string& tag, const std::string& command) {
    const bool possible =
        ::access(program, X_OK) == 0 && ::geteuid() == 0 &&
        output_of("unshare --mount /bin/sh -c 'mount -t tmpfs none /run && echo yes' 2>&1") == "yes\n";
    if (possible)
        return std::unique_ptr<WrittenDrop>(new WrittenDrop(tag, command.empty() ? hardened : command));
    skipped_on_this_machine("it takes root, who may mount, and an OpenSSH server");
    return nullptr;
}

WrittenDrop::WrittenDrop(const std::string& tag, const std::string& command) {
    const auto give = [](const fs::path& path, const char* user, const char* group, mode_t mode) {
        const passwd* owner = ::getpwnam(user);
        const struct group* of = ::getgrnam(group);
        REQUIRE(owner != nullptr);
        REQUIRE(of != nullptr);
        REQUIRE(::lchown(path.c_str(), owner->pw_uid, of->gr_gid) == 0);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
    };
    const std::string home = folder_.path().string();
    fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
    for (const std::string type : {"ed25519", "ecdsa"}) {
        output_of("ssh-keygen -q -t " + type + " -N '' -C '' -f " + home + "/host_" + type);
        host_key_ += (host_key_.empty() ? "" : ";") + hash_of(folder_ / ("host_" + type));
    }
    output_of("ssh-keygen -q -t ed25519 -N '' -C '' -f " + home + "/user");
    fs::permissions(folder_ / "user.pub", fs::perms::others_read, fs::perm_options::add);
    key_ = one_line(content_of(folder_ / "user"));

    make_study_folders(files(), tag);
    fs::permissions(files(), fs::perms(0711));
    give(files() / tag, laptops_user, reader_group, 02370);
    give(files() / tag / "receipts", reader_user, laptops_user, 02750);

    // Root's sshd wants a folder in /run, and gets a /run of its own for it.
    const std::string run = "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec " +
                            std::string(program) + " -D -e -f " + home + "/sshd.conf";
    const std::vector<std::string> words{"/usr/bin/unshare", "--mount", "/bin/sh", "-c", run};
    for (int tries = 0; tries < 3 && !server_.process; ++tries) {
        server_.port = unused_port();
        write(folder_ / "sshd.conf", settings_for(folder_.path(), server_.port) + "Match User " +
                                         laptops_user + "\n    ForceCommand " + command + "\nMatch User " +
                                         reader_user + "\n    ForceCommand internal-sftp -u 0027\n");
        start(server_, words, folder_ / "log");
    }
    REQUIRE(server_.process);
}

sync::Store WrittenDrop::store(const std::string& user) const {
    return {"sftp://127.0.0.1:" + std::to_string(server_.port) + files().string(),
            {{"user", user}, {"key", key_}, {"host_key", host_key_}}};
}

OddSftp* OddSftp::shared() {
    static const std::unique_ptr<OddSftp> one(
        output_of(FIELDFARE_PYTHON " -c 'import paramiko' 2>&1 || echo none").empty() ? new OddSftp
                                                                                      : nullptr);
    return one.get();
}

OddSftp::OddSftp() {
    output_of("ssh-keygen -q -t ed25519 -N '' -C '' -f " + (folder_ / "host").string());
    host_key_ = hash_of(folder_ / "host");
    const fs::path said = folder_ / "said";
    server_ = std::make_unique<ChildServer>(
        std::vector<std::string>{
            FIELDFARE_PYTHON, "-B", FIELDFARE_SOURCE_DIR "/tests/independent/sftp_server.py",
            folder_.path().string(), (folder_ / "host").string(), (folder_ / "log").string()},
        said);
    while (!content_of(said).ends_with('\n')) {
        REQUIRE_MESSAGE(server_->running(), content_of(said));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::istringstream(content_of(said)) >> port_;
    REQUIRE_MESSAGE(port_ != 0, content_of(said));
}

sync::Store OddSftp::store(const std::string& place, std::uint16_t port) const {
    return {"sftp://127.0.0.1:" + std::to_string(port == 0 ? port_ : port) + "/" + place,
            {{"user", "laptops"}, {"password", "laptops-secret"}, {"host_key", host_key_}}};
}

std::string OddSftp::fresh(const std::string& kind) {
    std::string place = kind + "-" + std::to_string(++places_);
    make_study_folders(files(place), study_tag);
    return place;
}

}  // namespace fieldfare::test
