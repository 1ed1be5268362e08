#include "tests/support/sftp_drop.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/loopback.h"

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

void make_study_folders(const fs::path& place, const std::string& tag) {
    fs::create_directories(place / tag / "receipts");
}

}  // namespace

SshDrop* ssh_drop() {
    SshDrop* drop = SshDrop::shared();
    if (drop == nullptr) MESSAGE("skipped: no OpenSSH server here; client/setup --tests installs it");
    return drop;
}

OddSftp* odd_sftp() {
    OddSftp* odd = OddSftp::shared();
    if (odd == nullptr) MESSAGE("skipped: no paramiko here; client/setup --tests installs it");
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
    for (int tries = 0; !start(open_, "open", "internal-sftp"); ++tries) REQUIRE(tries < 3);
    for (int tries = 0; !start(drop_, "drop", hardened); ++tries) REQUIRE(tries < 3);
    port_ = open_.port;
}

bool SshDrop::start(Server& server, const std::string& name, const std::string& command) {
    server.port = unused_port();
    const std::string home = folder_.path().string();
    std::ostringstream out;
    out << "ListenAddress 127.0.0.1:" << server.port << "\nHostKey " << home << "/host_ed25519\nHostKey "
        << home << "/host_ecdsa\nPidFile none\nAuthorizedKeysFile " << home
        << "/user.pub\nStrictModes no\nUsePAM yes\nPasswordAuthentication no\n"
        << "KbdInteractiveAuthentication no\nMaxStartups 100\nDisableForwarding yes\nPrintMotd no\n"
        << "Subsystem sftp internal-sftp\nForceCommand " << command << "\n";
    if (makes_wait()) out << "PerSourcePenalties no\n";
    write(folder_ / (name + ".conf"), out.str());
    for (const char* readable : {"user.pub"})
        fs::permissions(folder_ / readable, fs::perms::others_read, fs::perm_options::add);
    std::vector<std::string> words{program, "-D", "-e", "-f", home + "/" + name + ".conf"};
    if (::geteuid() == 0) {
        const std::vector<std::string> as_nobody{"/usr/bin/setpriv", std::string("--reuid=") + server_user,
                                                 "--regid=nogroup", "--clear-groups", "--pdeathsig=KILL"};
        words.insert(words.begin(), as_nobody.begin(), as_nobody.end());
    }
    const fs::path log = folder_ / (name + ".log");
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

namespace {

pid_t parent_of(const std::string& number) {
    std::string stat = content_of("/proc/" + number + "/stat");  // "12 (sshd) S 7 …"
    std::istringstream words(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string state;
    pid_t parent = 0;
    words >> state >> parent;
    return parent;
}

std::vector<pid_t> children_of(pid_t process) {
    std::vector<pid_t> children;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos && parent_of(name) == process)
            children.push_back(static_cast<pid_t>(std::stol(name)));
    }
    return children;
}

void signal_below(pid_t process, int signal) {
    for (const pid_t child : children_of(process)) {
        signal_below(child, signal);
        ::kill(child, signal);
    }
}

}  // namespace

void SshDrop::kill_sessions() {
    signal_below(open_.process->number(), SIGKILL);
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
