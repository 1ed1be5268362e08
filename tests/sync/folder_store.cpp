#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>

#include "crypto/process.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

std::atomic<bool> keeps_rights = true;  // a medium such as FAT does not

}  // namespace

extern "C" {
int __real_fchmod(int file, mode_t rights);
int __wrap_fchmod(int file, mode_t rights);
int __wrap_fchmod(int file, mode_t rights) {
    errno = EPERM;
    return keeps_rights ? __real_fchmod(file, rights) : -1;
}
int __real_fchown(int file, uid_t owner, gid_t group);
int __wrap_fchown(int file, uid_t owner, gid_t group);
int __wrap_fchown(int file, uid_t owner, gid_t group) {
    errno = EPERM;
    return keeps_rights ? __real_fchown(file, owner, group) : -1;
}
}

namespace {

const std::string name = first_name;

// Runs a test as another user where this one may do everything: root is not stopped by a folder's mode.
int in_child(const std::function<bool()>& test) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(test() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

/// What our programs make is their owner's alone, unless they say otherwise.
bool shut_in_and(const std::function<bool()>& work) {
    return in_child([&] {
               crypto::shut_in();
               return work();
           }) == 0;
}

constexpr gid_t field_team = 65000;

/// The same by another person of the team, who is nobody else on this machine. Only where this user is root.
bool person(uid_t number, const std::function<bool()>& does) {
    return in_child([&] {
               if (::setgroups(1, &field_team) != 0 || ::setgid(number) != 0 || ::setuid(number) != 0)
                   return false;
               crypto::shut_in();
               return does();
           }) == 0;
}

mode_t rights_of(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::string receipt(unsigned number) {
    return sync::receipt_name(study_tag, "d", number);
}

}  // namespace

TEST_CASE("every store keeps to the contract of transport") {
    TemporaryFolder root;
    const auto folder_store = [&](sync::Publish publish) {
        return sync::FolderStore(root.path(), {.publish = publish, .stale_after = std::chrono::hours(1)});
    };
    SUBCASE("in memory") {
        MemoryStore store;
        keeps_to_the_contract(store);
    }
    SUBCASE("folder, by renameat2") {
        auto store = folder_store(sync::Publish::rename);
        keeps_to_the_contract(store);
    }
    SUBCASE("folder, by hard link") {
        auto store = folder_store(sync::Publish::link);
        keeps_to_the_contract(store);
    }
    SUBCASE("folder, by reserved name, as on FAT") {
        auto store = folder_store(sync::Publish::reserve);
        keeps_to_the_contract(store);
    }
}

TEST_CASE("a stick that is not plugged in does not become a folder on the laptop's disk") {
    TemporaryFolder folder;
    sync::FolderStore store(folder / "stick");
    CHECK(fault_of(put(store, name, "x")) == Fault::no_store);
    CHECK_FALSE(fs::exists(folder / "stick"));
    CHECK(sync::get_bytes(store, name, 10).error().fault == Fault::no_store);
}

TEST_CASE("links in a store are not followed out of it") {
    TemporaryFolder folder, elsewhere;
    sync::FolderStore store(folder.path());
    SUBCASE("a link in place of the study's folder") {
        fs::create_directory_symlink(elsewhere.path(), folder / study_tag);
        CHECK(fault_of(put(store, name, "x")) == Fault::not_a_store);
        CHECK(fs::is_empty(elsewhere.path()));
    }
    SUBCASE("a link in place of a file") {
        fs::create_directory(folder / study_tag);
        write(elsewhere / "secret", "x");
        fs::create_symlink(elsewhere / "secret", folder / name);
        CHECK(put(store, name, "x") == PutOutcome::other_content);
        CHECK(sync::get_bytes(store, name, 10).error().fault == Fault::not_a_store);
        CHECK(store.list(study_tag + "/", "", 10, {})->files.empty());
    }
    SUBCASE("a pipe in place of a file does not hang us") {
        fs::create_directory(folder / study_tag);
        REQUIRE(::mkfifo((folder / name).c_str(), 0600) == 0);
        CHECK(put(store, name, "x") == PutOutcome::other_content);
        CHECK(sync::get_bytes(store, name, 10).error().fault == Fault::not_a_store);
    }
}

TEST_CASE("a stored file tells only the day on which it was sealed") {
    TemporaryFolder folder;
    sync::FolderStore store(folder.path());
    REQUIRE(put(store, name, "x"));
    struct stat status {};
    REQUIRE(::stat((folder / name).c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == std::chrono::sys_seconds(day(3)).time_since_epoch().count());
    CHECK(status.st_atim.tv_sec == status.st_mtim.tv_sec);
}

TEST_CASE("a full medium is told from a broken one, and nothing half-written stays") {
    SmallDisk folder("size=64k");
    const std::string large(256 * 1024, 'x');
    if (folder.mounted()) {
        sync::FolderStore store(folder.path());
        CHECK(fault_of(put(store, name, large)) == Fault::no_space);
        CHECK(names_in(folder.path()).empty());
        CHECK(put(store, name, "small enough") == PutOutcome::stored);
    } else {
        MESSAGE("no tmpfs may be mounted here: a limit on the size of files stands in for the full disk");
        CHECK(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  const rlimit limit{64 * 1024, 64 * 1024};
                  ::setrlimit(RLIMIT_FSIZE, &limit);
                  sync::FolderStore store(folder.path());
                  const auto result = put(store, name, large);
                  return !result && result.error().fault == Fault::too_large &&
                         names_in(folder.path()).empty();
              }) == 0);
    }
}

TEST_CASE("a medium that has room, and for no more files, is not told as one without room") {
    SmallDisk folder("size=8m,nr_inodes=4");  // the root, the study's folder, and two files
    if (!folder.mounted()) {
        skipped_on_this_machine("no tmpfs may be mounted here");
        return;
    }
    sync::FolderStore store(folder.path());
    CHECK(put(store, name, "x") == PutOutcome::stored);
    write(folder / "another", "x");
    const auto result = put(store, sync::batch_name(study_tag, day(2), sha256_of("y")), "y");
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::no_space);
    CHECK(result.error().detail == "it has room, and takes no more names of files");
}

TEST_CASE("a write-protected medium says so") {
    SmallDisk folder("size=64k", MS_RDONLY);
    if (!folder.mounted()) {
        skipped_on_this_machine("no read-only tmpfs may be mounted here");
        return;
    }
    sync::FolderStore store(folder.path());
    CHECK(fault_of(put(store, name, "x")) == Fault::read_only);
}

TEST_CASE("a folder that may not be written says so") {
    TemporaryFolder folder;
    REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
    CHECK(in_child([&] {
              if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
              sync::FolderStore store(folder.path());
              const auto result = put(store, name, "x");
              return !result && result.error().fault == Fault::not_permitted;
          }) == 0);
}

TEST_CASE("what is put into a store all who may use the store may read, however shut in the program is") {
    TemporaryFolder folder;
    for (const mode_t rights : {0700U, 0750U, 0755U, 0770U, 0777U, 01777U, 02770U, 03777U}) {
        CAPTURE(rights);
        const auto root = folder / std::to_string(rights);
        fs::create_directory(root);
        REQUIRE(::chmod(root.c_str(), rights) == 0);
        REQUIRE(shut_in_and([&] {
            sync::FolderStore store(root);
            return put(store, name, "sealed") == PutOutcome::stored &&
                   put(store, receipt(1), "x") == PutOutcome::stored;
        }));
        CHECK(rights_of(root / study_tag) == rights);
        CHECK(rights_of(root / study_tag / "receipts") == rights);
        CHECK(rights_of(root / name) == 0644);
        CHECK(rights_of(root / receipt(1)) == 0644);
    }
}

TEST_CASE("folders that stand in a store keep their rights, and those made in them have the store's") {
    TemporaryFolder folder;
    fs::create_directory(folder / study_tag);
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    REQUIRE(::chmod((folder / study_tag).c_str(), 01770) == 0);
    REQUIRE(shut_in_and([&] {
        sync::FolderStore store(folder.path());
        return put(store, receipt(1), "x") == PutOutcome::stored;
    }));
    CHECK(rights_of(folder / study_tag) == 01770);
    CHECK(rights_of(folder / study_tag / "receipts") == 0755);
}

TEST_CASE("a medium that keeps no rights takes files all the same") {
    TemporaryFolder stick;
    sync::FolderStore store(stick.path());
    keeps_rights = false;
    CHECK(put(store, name, "sealed") == PutOutcome::stored);
    CHECK(put(store, receipt(1), "x") == PutOutcome::stored);
    keeps_rights = true;
    CHECK(get(store, name) == "sealed");
}

TEST_CASE("what waits in a profile is its owner's alone, also once a folder store has it") {
    TemporaryFolder stick;
    REQUIRE(::chmod(stick.path().c_str(), 0777) == 0);
    OutboxDevice device({{sync::folder_address(stick.path()), {}}});
    device.options.open = {};
    REQUIRE(in_child([&] {
                ::umask(022);
                device.seal("sealed");
                return device.sync().handed_over == 1;
            }) == 0);
    for (const auto& entry : fs::recursive_directory_iterator(device.profile / "outbox")) {
        CAPTURE(entry.path());
        CHECK((rights_of(entry.path()) & 0077U) == 0);
    }
}

TEST_CASE("devices of several people and their researchers use one folder") {
    if (::geteuid() != 0) {
        skipped("only root may be several people");
        return;
    }
    constexpr uid_t anna = 65001, ben = 65002, researcher = 65003;
    const std::string of_ben = sync::batch_name(study_tag, day(4), std::string(64, 'b'));
    TemporaryFolder folder;
    SUBCASE("that is open to everybody") {
        REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
    }
    SUBCASE("of their group") {
        REQUIRE(::chown(folder.path().c_str(), 0, field_team) == 0);
        REQUIRE(::chmod(folder.path().c_str(), 0770) == 0);
    }
    SUBCASE("that gives its group to what is made in it") {
        REQUIRE(::chown(folder.path().c_str(), 0, field_team) == 0);
        REQUIRE(::chmod(folder.path().c_str(), 02770) == 0);
    }
    sync::FolderStore store(folder.path());
    CHECK(person(anna, [&] { return put(store, name, "of Anna") == PutOutcome::stored; }));
    CHECK(person(ben, [&] { return put(store, of_ben, "of Ben") == PutOutcome::stored; }));
    CHECK(person(researcher, [&] {
        return store.list(study_tag + "/", "", 10, {})->files.size() == 2 && get(store, name) == "of Anna" &&
               get(store, of_ben) == "of Ben" && put(store, receipt(1), "accepted") == PutOutcome::stored;
    }));
    CHECK(person(anna, [&] { return get(store, receipt(1)) == "accepted"; }));
    CHECK(person(ben, [&] { return put(store, name, "of Anna") == PutOutcome::same_content; }));
}

TEST_CASE("a drop box, a folder that lets people put and not look, takes files and gives receipts") {
    TemporaryFolder folder;
    fs::create_directories(folder / study_tag / "receipts");
    write(folder / receipt(1), "accepted");
    for (const fs::path& open : {folder.path(), folder / study_tag / "receipts"})
        REQUIRE(::chmod(open.c_str(), 0755) == 0);
    REQUIRE(::chmod((folder / receipt(1)).c_str(), 0644) == 0);
    REQUIRE(::chmod((folder / study_tag).c_str(), 01333) == 0);
    CHECK(in_child([&] {
              if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
              sync::FolderStore store(folder.path());
              return put(store, name, "sealed") == PutOutcome::stored &&
                     put(store, name, "sealed") == PutOutcome::same_content &&
                     get(store, receipt(1)) == "accepted" &&
                     fault_of(sync::get_bytes(store, receipt(2), 10)) == Fault::not_found &&
                     fault_of(store.list(study_tag + "/", "", 10, {})) == Fault::not_permitted;
          }) == 0);
}

TEST_CASE("a file that may not be read is listed, and says so when it is asked for") {
    TemporaryFolder folder;
    sync::FolderStore store(folder.path());
    REQUIRE(put(store, name, "sealed") == PutOutcome::stored);
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    REQUIRE(::chmod((folder / study_tag).c_str(), 0755) == 0);
    REQUIRE(::chmod((folder / name).c_str(), 0) == 0);
    CHECK(in_child([&] {
              if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
              const auto listed = store.list(study_tag + "/", "", 10, {});
              return listed && listed->files == std::vector<sync::ListedFile>{{name, 6}} &&
                     fault_of(sync::get_bytes(store, name, 10)) == Fault::not_permitted;
          }) == 0);
}

TEST_CASE("a device does not miss its file in a folder store since it may not read it") {
    TemporaryFolder stick;
    REQUIRE(::chmod(stick.path().c_str(), 0777) == 0);
    OutboxDevice device({{sync::folder_address(stick.path()), {}}});
    device.options.open = {};
    device.seal("sealed");
    REQUIRE(device.sync().handed_over == 1);
    REQUIRE(::chmod((stick / study_tag).c_str(), 0777) == 0);
    REQUIRE(::chmod((stick / names_in(stick.path()).front()).c_str(), 0) == 0);
    CHECK(in_child([&] {
              if (::geteuid() == 0) become_another_user(device.profile.path());
              const auto summary = device.sync();
              return summary.handed_over == 0 && summary.still_waiting == 0;
          }) == 0);
}

TEST_CASE("an upload killed before its rename shows no file, and its remains go at the next one") {
    TemporaryFolder folder;
    const int status = in_child([&] {
        sync::FolderStore store(folder.path());
        // The progress call comes after the bytes are written and before the file has its name.
        store.put(name, crypto::bytes_of("sealed"), {[](auto, auto) { ::raise(SIGKILL); }, {}});
        return true;
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(names_in(folder.path()).size() == 1);
    sync::FolderStore store(folder.path(),
                            {.publish = sync::Publish::rename, .stale_after = std::chrono::seconds(0)});
    CHECK(store.list(study_tag + "/", "", 10, {})->files.empty());
    CHECK(put(store, name, "sealed") == PutOutcome::stored);
    CHECK(names_in(folder.path()) == std::vector<std::string>{name});
}

TEST_CASE("the temporary file of another upload in progress is left alone") {
    TemporaryFolder folder;
    sync::FolderStore first(folder.path());
    sync::FolderStore second(folder.path(),
                             {.publish = sync::Publish::rename, .stale_after = std::chrono::seconds(0)});
    const std::string other = sync::batch_name(study_tag, day(3), std::string(64, 'c'));
    const auto while_first_writes = [&](auto, auto) {
        CHECK(put(second, other, "22") == PutOutcome::stored);
    };
    CHECK(first.put(name, crypto::bytes_of("1"), {while_first_writes, {}}) == PutOutcome::stored);
    CHECK(names_in(folder.path()).size() == 2);
}

TEST_CASE("only addresses and settings that are understood become a store") {
    CHECK(sync::open_store({"folder:/media/stick", {}}));
    CHECK(sync::open_store({sync::folder_address("relative"), {}}));
    CHECK(sync::open_store({"https://example.org/drop", {}}));
    for (const sync::Store& bad : std::vector<sync::Store>{{"folder:relative", {}},
                                                           {"https://example.org/drop/", {}},
                                                           {"https://example.org/drop", {{"pins", "x"}}},
                                                           {"http://example.org/drop", {}},
                                                           {"ftp://example.org/drop", {}},
                                                           {"/media/stick", {}},
                                                           {"folder:/media/stick", {{"pin", "x"}}}}) {
        const auto opened = sync::open_store(bad);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault == Fault::bad_name);
    }
}

TEST_CASE("of an address that is no good only its kind is repeated, since it may hold a password") {
    for (const auto& [bad, shown] : std::vector<std::pair<std::string, std::string>>{
             {"s3:KEY:secret@example.org/drop", "s3:…"},
             {"S3+https:KEY:secret@example.org/drop", "S3+…"},
             {"s3+https:/KEY:secret@example.org/drop", "s3+…"},
             {"s3+KEY/secret", "s3+…"},
             {"s3+https://KEY:secret@example.org/drop", "s3+https://…"},
             {"https:anna:secret@example.org", "https:…"},
             {"HTTP:anna:secret@example.org/", "HTTP:…"},
             {"https://anna:secret@example.org", "https://…"},
             {"sftp:anna:secret@example.org", "sftp:…"},
             {"anna:secret@example.org", "anna:…"}}) {
        CAPTURE(bad);
        const auto opened = sync::open_store({bad, {}});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().store == shown);
    }
    CHECK(sync::open_store({"/media/stick", {}}).error().store == "/media/stick");
}
