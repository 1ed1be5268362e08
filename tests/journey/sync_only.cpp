#include <doctest/doctest.h>
#include <pty.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "client/store/profile.h"
#include "client/store/vault.h"
#include "sync/outbox.h"
#include "sync/outbox_note.h"
#include "sync/sync_config.h"
#include "tests/support/left_device.h"
#include "tests/support/loopback.h"
#include "tests/support/processes.h"
#include "tests/support/scripted_words.h"
#include "tests/support/skip.h"
#include "tests/support/told_backend.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace fs = std::filesystem;

namespace {

/// The same device after somebody was made to type the passphrase that destroys.
class DestroyedDevice {
  public:
    explicit DestroyedDevice(const LeftDevice& device) : device_(device) {
        backend_.unlocks(device_passphrase);
        backend_.sets_destroying(device_passphrase, destroying_passphrase);
        backend_.locks();
        backend_.unlocks(destroying_passphrase);
        REQUIRE(last_ == "empty");
        backend_.locks();
    }
    void takes_study() {
        backend_.unlocks(destroying_passphrase);
        backend_.takes(device_.researcher.study());
        REQUIRE(last_ == "made");
        backend_.locks();
    }

  private:
    const LeftDevice& device_;
    std::string last_;
    ToldBackend backend_{device_.profile, [this](const std::string& line) { last_ = line; }};
};

/// A folder on a medium that can't be written, as the system makes one that fails.
class WriteProtected {
  public:
    explicit WriteProtected(fs::path folder) : folder_(std::move(folder)) {
        mounted_ = ::mount(folder_.c_str(), folder_.c_str(), nullptr, MS_BIND, nullptr) == 0;
        if (mounted_) REQUIRE(remounts(MS_RDONLY));
    }
    ~WriteProtected() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    WriteProtected(const WriteProtected&) = delete;
    bool mounted() const { return mounted_; }
    /// For as long as this takes it is not.
    void writable(const std::function<void()>& meanwhile) const {
        REQUIRE(remounts(0));
        meanwhile();
        REQUIRE(remounts(MS_RDONLY));
    }

  private:
    bool remounts(unsigned long flags) const {
        return ::mount("none", folder_.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr) == 0;
    }
    fs::path folder_;
    bool mounted_ = false;
};

}  // namespace

TEST_CASE("what is sealed goes to the researchers without a window and without a passphrase") {
    LeftDevice device;
    std::string said;
    CHECK(device.sync_only(&said) == 0);
    CHECK(said.starts_with("Handed over: 1."));
    REQUIRE(device.researcher.fetch() == 0);
    device.researcher.enrol_all();
    REQUIRE(device.researcher.open() == 0);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));

    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 0);
    const auto object = nlohmann::json::parse(said);
    CHECK(object["handed_over"] == 0);
    CHECK(object["waiting"] == 0);
    CHECK(object["receipts"] == 1);
    CHECK(object["files"]["confirmed"] == 1);
    CHECK(object["stopped"] == false);
    CHECK(object["troubles"].empty());
}

TEST_CASE("a sync without a window tells of a store that has lost what it had taken, and puts it right") {
    LeftDevice device;
    std::string said;
    REQUIRE(device.sync_only(&said) == 0);
    std::vector<fs::path> taken;
    for (const auto& entry : fs::recursive_directory_iterator(device.researcher.store()))
        if (entry.path().extension() == ".batch") taken.push_back(entry.path());
    REQUIRE(taken.size() == 1);
    fs::remove(taken.front());

    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 1);
    const auto object = nlohmann::json::parse(said);
    CHECK(object["handed_over"] == 1);
    CHECK(object["troubles"] ==
          nlohmann::json{
              "folder:" + device.researcher.store().string() +
              " had lost sealed files that it had taken. Those that lack a copy are handed over again; "
              "whoever set up the store should know."});
    CHECK(fs::exists(taken.front()));
}

TEST_CASE("sealed files go without a window whatever has become of the vault that sealed them") {
    LeftDevice device;
    const fs::path whole = device.profile;
    const auto scribble = [&](const fs::path& file) {
        std::string bytes = read_text(file);
        for (std::size_t i = 0; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
        write_text(file, bytes);
    };
    const std::map<std::string, std::function<void(const fs::path&)>> accidents{
        {"pages of the database damaged", [&](const fs::path& it) { scribble(store::database_file(it)); }},
        {"the database cut", [](const fs::path& it) { fs::resize_file(store::database_file(it), 100); }},
        {"the database gone", [](const fs::path& it) { fs::remove(store::database_file(it)); }},
        {"the keyslots damaged", [&](const fs::path& it) { scribble(store::keyslots_file(it)); }},
        {"the keyslots gone", [](const fs::path& it) { fs::remove(store::keyslots_file(it)); }},
        {"both gone", [](const fs::path& it) {
             fs::remove(store::database_file(it));
             fs::remove(store::keyslots_file(it));
         }}};
    for (const auto& [what, happens] : accidents) {
        CAPTURE(what);
        device.profile = device.researcher.folder() / "damaged";
        fs::copy(whole, device.profile, fs::copy_options::recursive);
        happens(device.profile);
        for (const auto& entry : fs::directory_iterator(device.researcher.store()))
            fs::remove_all(entry.path());
        std::string said;
        CHECK(device.sync_only(&said) == 0);
        CHECK(said.starts_with("Handed over: 1."));
        CHECK(store::profile_state(device.profile).kind != store::ProfileState::Kind::no_vault);
        fs::remove_all(device.profile);
    }
    REQUIRE(device.researcher.fetch() == 0);
    device.researcher.enrol_all();
    REQUIRE(device.researcher.open() == 0);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
}

TEST_CASE(
    "sealed files that stay when the vault is destroyed go without a window once the machine has its study "
    "again") {
    LeftDevice device;
    DestroyedDevice destroyed(device);
    std::string said;
    CHECK(device.sync_only(&said) == 1);  // where to is not known any more
    CHECK(
        said ==
        "Sealed files wait here for a study that is not on this machine any more. Open its study file again, "
        "then hand over.\n"
        "Sealed files on this machine: 1 not handed over yet, 0 handed over, 0 confirmed by the "
        "researchers.\n");

    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 1);
    const auto report = nlohmann::json::parse(said);
    CHECK(report["waiting"] == 0);  // for a store
    CHECK(report["unknown_study"] == 1);
    CHECK(report["files"]["sealed"] == 1);

    destroyed.takes_study();
    said.clear();
    CHECK(device.sync_only(&said) == 0);
    CHECK(said.starts_with("Handed over: 1."));
    CHECK(said.find("\nOf an earlier profile of this machine: 1. ") != std::string::npos);
    REQUIRE(device.researcher.fetch() == 0);
    device.researcher.enrol_all();
    REQUIRE(device.researcher.open() == 0);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
}

TEST_CASE("where the study removes sealed files with the vault, a sync without a window finds none") {
    LeftDevice device(LeftDevice::WhenDestroyed::removes);
    DestroyedDevice destroyed(device);
    std::string said;
    CHECK(device.sync_only(&said) == 0);
    CHECK(said.starts_with("There is no study on this machine, and nothing waits to be handed over.\n"));
    CHECK(said.find("Sealed files on this machine: 0 not handed over yet, 0 handed over") !=
          std::string::npos);
    destroyed.takes_study();
    said.clear();
    CHECK(device.sync_only(&said) == 0);
    CHECK(said.starts_with("Nothing waits to be handed over."));
    CHECK(fs::is_empty(device.researcher.store()));
}

TEST_CASE("without its store a sync without a window says what to do, and ends with 1") {
    LeftDevice device;
    fs::remove_all(device.researcher.store());
    std::string said;
    CHECK(device.sync_only(&said) == 1);
    CHECK(said ==
          "folder:" + device.researcher.store().string() +
              " is not there. Connect the disk that it is on; if it is a server, the study's folder or "
              "bucket is missing: ask the researchers.\n"
              "Sealed files on this machine: 1 not handed over yet, 0 handed over, 0 confirmed by the "
              "researchers.\n");
}

TEST_CASE("a sync without a window goes beside the open app, and makes no profile where there is none") {
    LeftDevice device;
    {
        Person person(device.profile);
        person.unlock();
        std::string said;
        CHECK(device.sync_only(&said) == 0);
        CHECK(said.starts_with("Handed over: 1."));

        person.begin();
        person.set_language("en");
        person.fill({.seed = 33, .says = "By the late ferry"});
        person.finalise();
        said.clear();
        CHECK(device.sync_only(&said, {"--json"}) == 1);
        const auto object = nlohmann::json::parse(said);
        CHECK(object["handed_over"] == 0);
        CHECK(object["waiting"] == 1);
        CHECK(object["files"]["sealed"] == 1);
        CHECK(object["troubles"] ==
              nlohmann::json{"Fieldfare is open on this machine and has sealed interviews that wait until it "
                             "hands over or is locked."});
    }
    CHECK(device.sync_only(nullptr) == 0);
    device.profile = device.researcher.folder() / "none";
    std::string said;
    CHECK(device.sync_only(&said) == 3);
    CHECK(said.empty());
    CHECK(device.sync_only(&said, {"--json"}) == 3);
    const auto report = nlohmann::json::parse(said);
    CHECK(report["error"] == "could_not");
    CHECK(report["sentence"] ==
          "There is nothing to hand over: " + device.profile.string() + " has no profile of Fieldfare.");
    CHECK_FALSE(fs::exists(device.profile));
}

namespace {

/// A program in a terminal of its own, and what it shows there.
class Terminal {
  public:
    explicit Terminal(std::vector<std::string> words) {
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        child_ = ::forkpty(&screen_, nullptr, nullptr, nullptr);
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
    }
    Terminal(const Terminal&) = delete;
    ~Terminal() {
        if (child_ > 0) ::kill(child_, SIGKILL);
        if (child_ > 0) ::waitpid(child_, nullptr, 0);
        ::close(screen_);
    }
    void press_ctrl_c() const { REQUIRE(::write(screen_, "\x03", 1) == 1); }
    /// Its exit code, once it has ended by itself.
    int end() {
        std::array<char, 4096> piece{};
        for (ssize_t n = 0; (n = ::read(screen_, piece.data(), piece.size())) > 0;)
            shown.append(piece.data(), static_cast<std::size_t>(n));
        int status = 0;
        REQUIRE(::waitpid(std::exchange(child_, -1), &status, 0) > 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    bool shows(const std::string& text) const { return shown.find(text) != std::string::npos; }

    std::string shown;

  private:
    int screen_ = -1;
    pid_t child_ = -1;
};

}  // namespace

TEST_CASE("an outbox that has vanished is told by a sync without a window, which makes no new one") {
    LeftDevice device;
    const fs::path outbox = store::outbox_folder(device.profile), away = device.researcher.folder() / "away";
    fs::rename(outbox, away);
    Terminal terminal(device.words());
    CHECK(terminal.end() == 3);
    CHECK(terminal.shows("The folder \"outbox\", in which sealed files wait, is not there."));
    CHECK_FALSE(fs::exists(outbox));
    fs::rename(away, outbox);
    CHECK(device.sync_only(nullptr) == 0);
}

TEST_CASE("from a write-protected profile what is sealed goes, and the counts say so; what can't go waits") {
    LeftDevice device;
    const WriteProtected disk(device.profile);
    if (!disk.mounted()) return skipped("only root may mount a disk");
    std::string said;
    CHECK(device.sync_only(&said, {"--json"}) == 1);
    auto object = nlohmann::json::parse(said);
    CHECK(object["handed_over"] == 1);
    CHECK(object["waiting"] == 0);
    CHECK(object["files"]["sealed"] == 0);
    CHECK(object["files"]["handed_over"] == 1);
    REQUIRE(object["troubles"].size() == 1);
    CHECK(object["troubles"][0].get<std::string>().starts_with(
        "Nothing can be written to the folder \"outbox\" on this machine: the disk is write-protected"));

    disk.writable([&] { write_text(store::outbox_folder(device.profile) / "open/abcdefgh-1", "sealed"); });
    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 1);
    object = nlohmann::json::parse(said);
    CHECK(object["waiting"] == 1);
    CHECK(object["files"]["sealed"] == 1);
}

TEST_CASE("on a terminal a sync without a window tells how far it is, and clears that away") {
    LeftDevice device;
    Terminal terminal(device.words());
    CHECK(terminal.end() == 0);
    CAPTURE(terminal.shown);
    CHECK(terminal.shows("\rHanding over: "));
    CHECK(terminal.shows(" of 1 files, "));
    CHECK(terminal.shows("\x1b[KHanded over: 1."));
}

TEST_CASE("Ctrl-C stops a sync without a window, which says so; what is left goes the next time") {
    LeftDevice device;
    const auto file = device.profile / "sync.json";
    auto config = sync::SyncConfig::read(file);
    REQUIRE(config);
    const auto good = config->studies.at(0).stores;
    // One that takes the connection, and never says a word.
    test::Listener silent([](int socket) {
        std::array<char, 4096> piece{};
        while (::recv(socket, piece.data(), piece.size(), 0) > 0) {
        }
    });
    config->studies[0].stores = {{"https://127.0.0.1:" + std::to_string(silent.port()) + "/drop", {}}};
    REQUIRE(config->write(file));
    Terminal terminal(device.words());
    while (silent.connections() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    terminal.press_ctrl_c();
    CHECK(terminal.end() == 1);
    CAPTURE(terminal.shown);
    CHECK(terminal.shows("Stopped. Handed over before that: 0. Still waiting: 1."));
    CHECK(terminal.shows("1 not handed over yet"));

    config->studies[0].stores = good;
    REQUIRE(config->write(file));
    std::string said;
    CHECK(device.sync_only(&said) == 0);
    CHECK(said.starts_with("Handed over: 1."));
}

namespace {

/// Somebody who is not root (where the tests are), so that root is somebody else, and who allows core files
/// as far as the system does. Everything below a folder is theirs.
class SomebodyElse {
  public:
    explicit SomebodyElse(const fs::path& folder) {
        if (::geteuid() != 0) return;
        ::chmod(folder.parent_path().c_str(), 0711);
        REQUIRE(::chown(folder.c_str(), number_, number_) == 0);
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            REQUIRE(::chown(entry.path().c_str(), number_, number_) == 0);
    }
    pid_t starts(std::vector<std::string> words) const {
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child != 0) return child;
        rlimit core{};
        ::getrlimit(RLIMIT_CORE, &core);
        core.rlim_cur = core.rlim_max;
        ::setrlimit(RLIMIT_CORE, &core);
        if (::geteuid() == 0 && (::setgid(number_) != 0 || ::setuid(number_) != 0)) ::_exit(126);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    static bool may_leave_core_files() {
        rlimit core{};
        return ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max != 0;
    }

  private:
    uid_t number_ = 12345;
};

}  // namespace

TEST_CASE(
    "neither the form app nor its courier leaves an image of its memory, and no program looks into them") {
    LeftDevice device;
    const auto file = device.profile / "sync.json";
    auto config = sync::SyncConfig::read(file);
    REQUIRE(config);
    test::Listener silent([](int socket) {
        std::array<char, 4096> piece{};
        while (::recv(socket, piece.data(), piece.size(), 0) > 0) {
        }
    });
    config->studies.at(0).stores = {{"https://127.0.0.1:" + std::to_string(silent.port()) + "/drop", {}}};
    REQUIRE(config->write(file));
    const SomebodyElse person(device.profile);
    const pid_t program = person.starts(device.words());
    int status = 0;
    while (silent.connections() == 0 && ::waitpid(program, &status, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (silent.connections() == 0) {
        CHECK(WEXITSTATUS(status) >= 126);
        skipped_on_this_machine("another user can't start the program where it lies");
        return;
    }
    const auto couriers = children_of(program);
    REQUIRE(couriers.size() == 1);
    const auto passes = children_of(couriers.front());
    REQUIRE(passes.size() == 1);
    for (const pid_t process : {program, couriers.front(), passes.front()}) {
        // Of what may be looked into, a person's files in /proc are that person's (proc(5)).
        struct stat found {};
        REQUIRE(::stat(("/proc/" + std::to_string(process) + "/status").c_str(), &found) == 0);
        CHECK(found.st_uid == 0);
        if (SomebodyElse::may_leave_core_files()) CHECK(core_limit(process) == "0");
    }
    ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
}

TEST_CASE("a sync without a window says that researchers have been silent for a month") {
    LeftDevice device;
    std::string said;
    REQUIRE(device.sync_only(&said) == 0);
    auto outbox = sync::Outbox::open(device.profile / "outbox");
    REQUIRE(outbox);
    const auto sealed = outbox->sealed();
    REQUIRE(sealed);
    sync::SealedFile file = sealed->at(0);
    file.day -= std::chrono::days(30);
    *file.handed_over.at(0).day -= std::chrono::days(30);
    write_text(outbox->folder() / (file.hash + ".json"),
               sync::to_json({file.study_tag, file.day, file.handed_over}));

    const std::string silence =
        "No researcher has said anything about some of the files for 30 days. Ask them whether files "
        "arrive.";
    said.clear();
    CHECK(device.sync_only(&said) == 1);
    CHECK(said.starts_with(silence));
    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 1);
    CHECK(nlohmann::json::parse(said)["troubles"] == nlohmann::json{silence});
}
