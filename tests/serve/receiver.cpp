#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <latch>

#include "client/confinement/files.h"
#include "crypto/batch.h"
#include "crypto/media.h"
#include "tests/support/processes.h"
#include "tests/support/room.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using sync::Fault;
using sync::PutOutcome;

namespace {

/// A program that has read the first letter of a line from descriptor 9 and waits for the rest: it is past
/// its start. Not root's, so that root is somebody else; core files are allowed as far as they may be.
struct WaitsForPassphrase {
    explicit WaitsForPassphrase(const std::vector<std::string>& words) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        number = ::fork();
        REQUIRE(number >= 0);
        if (number == 0) {
            rlimit core{};
            ::getrlimit(RLIMIT_CORE, &core);
            core.rlim_cur = core.rlim_max;
            ::setrlimit(RLIMIT_CORE, &core);
            if (::geteuid() != person && (::setgid(person) != 0 || ::setuid(person) != 0)) ::_exit(126);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            std::vector<char*> argv;
            for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
            argv.push_back(nullptr);
            ::dup2(ends[0], 9);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        line = ends[1];
        const auto all_read = [&] {
            int left = 0;
            return ::ioctl(ends[0], FIONREAD, &left) == 0 && left == 0;
        };
        waits = ::write(line, "x", 1) == 1 && soon(all_read);
        ::close(ends[0]);
        int status = 0;
        ended = ::waitpid(number, &status, WNOHANG) == number;
        starts = !ended || WEXITSTATUS(status) < 126;
    }
    ~WaitsForPassphrase() {
        if (!ended) {
            ::kill(number, SIGKILL);
            ::waitpid(number, nullptr, 0);
        }
        ::close(line);
    }
    WaitsForPassphrase(const WaitsForPassphrase&) = delete;
    WaitsForPassphrase& operator=(const WaitsForPassphrase&) = delete;

    std::string in_proc(const std::string& file) const {
        return "/proc/" + std::to_string(number) + "/" + file;
    }
    uid_t owner() const {
        struct stat found {};
        REQUIRE(::stat(in_proc("status").c_str(), &found) == 0);
        return found.st_uid;
    }

    uid_t person = ::geteuid() == 0 ? 12345 : ::geteuid();
    pid_t number = -1;
    int line = -1;
    bool starts = false, waits = false, ended = false;
};

}  // namespace

TEST_CASE("a device puts a batch with what the store file says, once, and can't read it back") {
    Room room;
    room.serve();
    const auto device = room.device();
    const std::string name = room.name_for("sealed");
    CHECK(test::put(*device, name, "sealed") == PutOutcome::stored);
    CHECK(test::put(*device, name, "sealed") == PutOutcome::taken);
    CHECK(test::put(*device, name, "other!") == PutOutcome::taken);
    CHECK(test::fault_of(sync::get_bytes(*device, name, 100)) == Fault::not_permitted);
    CHECK(test::fault_of(device->list(room.tag + "/", "", 10, {})) == Fault::not_permitted);
    CHECK(content(room.taken / name) == "sealed");
    CHECK(room.names() == std::vector<std::string>{name});
}

TEST_CASE("the largest part of a film goes through, from the disk as well") {
    Room room;
    room.serve();
    const auto device = room.device();
    const std::string film(crypto::max_media_part_file, 'x');
    write(room.folder / "film", film);
    CHECK(device->put(room.name_for(film), room.folder / "film", {}) == PutOutcome::stored);
    CHECK(content(room.taken / room.name_for(film)) == film);
    CHECK(device->put(room.name_for(film), room.folder / "film", {}) == PutOutcome::taken);
}

TEST_CASE("receipts that lie in the folder are got by name; one that does not is not there") {
    Room room;
    room.serve();
    const auto device = room.device();
    const std::string receipt = sync::receipt_name(room.tag, std::string(32, 'd'), 1);
    CHECK(test::fault_of(sync::get_bytes(*device, receipt, 100)) == Fault::not_found);
    sync::FolderStore folder(room.taken);
    REQUIRE(test::put(folder, receipt, "a receipt") == PutOutcome::stored);
    CHECK(test::get(*device, receipt) == "a receipt");
    CHECK(test::fault_of(test::put(*device, sync::receipt_name(room.tag, std::string(32, 'd'), 2), "x")) ==
          Fault::not_permitted);
    CHECK(test::fault_of(device->list(room.tag + "/receipts/", "", 10, {})) == Fault::not_permitted);
}

TEST_CASE("another key, no token, a wrong one and one of another study do not let in") {
    Room room;
    const fs::path other_study = room.folder / "other.ffstudy";
    const std::string other = room.built(other_study, "other");
    room.more = {"--study", other_study.string()};
    room.serve();
    const auto put_with = [&](const sync::Store& store) {
        return test::fault_of(test::put(*test::opened(store), room.name_for("x"), "x"));
    };
    CHECK(put_with(test::with(room.store(), {{"token", ""}})) == Fault::not_permitted);
    CHECK(put_with(test::with(room.store(), {{"token", std::string(64, 'a')}})) == Fault::not_permitted);
    CHECK(put_with(room.store("other")) == Fault::not_permitted);
    CHECK(put_with(
              test::with(room.store(), {{"pin", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}})) ==
          Fault::not_a_store);
    CHECK(put_with(test::with(room.store(), {{"certificate", ""}})) == Fault::not_a_store);
    CHECK(room.names().empty());
    CHECK(test::put(*room.device("other"), sync::batch_name(other, test::day(3), test::sha256_of("x")),
                    "x") == PutOutcome::stored);
}

TEST_CASE("names that lead out of the study's folder, hidden ones and long ones get a no, and make nothing") {
    Room room;
    room.serve();
    const std::string end = room.name_for("x").substr(room.tag.size() + 1);
    for (const std::string& path : std::vector<std::string>{
             "/../" + room.tag + "/" + end, "/" + room.tag + "/../../" + end, "/" + room.tag + "%2f" + end,
             "/" + room.tag + "/%2e%2e%2f" + end, "/" + room.tag + "/." + end, "/" + room.tag + "/.hidden",
             "/" + room.tag + "/" + std::string(6000, 'a'), "/" + room.tag + "/receipts/" + end,
             "/etc/passwd", "/" + room.tag + "//" + end, "/" + room.tag + "/" + end + "%00"}) {
        CAPTURE(path.substr(0, 80));
        CHECK(room.status_of(room.asking("PUT", path, "Content-Length: 1\r\n") + "x") == 403);
    }
    for (const char* query : {"?a=b", "?"})
        CHECK(room.status_of(room.asking("PUT", "/" + room.name_for("x") + query, "Content-Length: 1\r\n") +
                             "x") == 400);
    CHECK(room.names().empty());
    CHECK(fs::exists(room.folder / "taken"));
    CHECK(files_in(room.taken.parent_path() / room.tag).empty());
}

TEST_CASE("a body that is too long is refused before it is sent, and one without a length is not taken") {
    Room room;
    room.serve();
    CHECK(room.status_of(room.putting("x", crypto::max_batch_file + 1)) == 0);  // heard out, or hung up on
    test::TlsLine line(room.port);
    line.say(room.asking(
        "PUT", "/" + room.name_for("x"),
        "Content-Length: " + std::to_string(crypto::max_batch_file + 1) + "\r\nExpect: 100-continue\r\n"));
    CHECK(line.status() == 413);
    const std::string chunked =
        room.asking("PUT", "/" + room.name_for("x"), "Transfer-Encoding: chunked\r\n");
    CHECK(room.status_of(chunked + "1\r\nx\r\n0\r\n\r\n") == 411);
    CHECK(room.status_of(room.asking("PUT", "/" + room.name_for("x"))) == 411);
    // Two lengths, and a length beside chunks, are how requests are smuggled.
    const int twice = room.status_of(
        room.asking("PUT", "/" + room.name_for("x"), "Content-Length: 1\r\nContent-Length: 2\r\n") + "xx");
    CHECK((twice == 400 || twice == 0));
    const int both = room.status_of(
        room.asking("PUT", "/" + room.name_for("x"), "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") +
        "1\r\nx\r\n0\r\n\r\n");
    CHECK((both == 411 || both == 400));
    CHECK(room.names().empty());
}

TEST_CASE("chunks without end are hung up on, and nothing of them reaches the disk") {
    Room room;
    room.serve();
    test::TlsLine line(room.port);
    line.say(room.asking("PUT", "/" + room.name_for("x"), "Transfer-Encoding: chunked\r\n"));
    std::size_t sent = 0;
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    while (sent < 100 && line.say(chunk)) ++sent;
    CHECK(sent < 100);
    CHECK(room.names().empty());
}

TEST_CASE("what is not what its name says, a part of a file and a wish to replace are refused") {
    Room room;
    room.serve();
    CHECK(room.status_of(room.putting("sealed", 6) + "forged") == 422);
    CHECK(room.status_of(room.asking("PUT", "/" + room.name_for("x"),
                                     "Content-Length: 1\r\nContent-Range: bytes 9-9/10\r\n") +
                         "x") == 400);
    CHECK(room.status_of(
              room.asking("PUT", "/" + room.name_for("x"), "Content-Length: 1\r\nIf-None-Match: \"e\"\r\n") +
              "x") == 400);
    CHECK(room.names().empty());
    CHECK(room.status_of(room.asking("PUT", "/" + room.name_for("x"), "Content-Length: 1\r\n") + "x") == 201);
    CHECK(room.status_of(room.asking("PUT", "/" + room.name_for("x"), "Content-Length: 1\r\n") + "y") == 412);
    for (const char* method : {"DELETE", "MOVE", "COPY", "PROPFIND", "MKCOL", "POST", "HEAD"}) {
        CAPTURE(method);
        CHECK(room.status_of(room.asking(method, "/" + room.name_for("x"))) == 403);
    }
    CHECK(content(room.taken / room.name_for("x")) == "x");
}

TEST_CASE("an upload that is cut leaves nothing, not even hidden, and the next one goes through") {
    Room room;
    room.serve();
    const std::string content_of_it(300'000, 'x');
    {
        test::TlsLine line(room.port);
        line.say(room.putting(content_of_it, content_of_it.size()) + content_of_it.substr(0, 100'000));
        CHECK(soon([&] { return room.names().size() == 1; }));
        CHECK(room.names()[0].find("/.fieldfare-") != std::string::npos);
    }
    CHECK(soon([&] { return room.names().empty(); }));

    test::ChaosProxy chaos(room.port);
    auto by_chaos = room.store();
    by_chaos.address = "https://127.0.0.1:" + std::to_string(chaos.port());
    const auto device = test::opened(by_chaos);
    for (const auto how : {test::ChaosProxy::Does::cut, test::ChaosProxy::Does::reset})
        for (const std::size_t after : {500, 5'000, 50'000, 250'000}) {
            CAPTURE(after);
            chaos.does(how, after);
            CHECK(test::fault_of(test::put(*device, room.name_for(content_of_it), content_of_it)) ==
                  Fault::unreachable);
            CHECK(soon([&] { return room.names().empty(); }));
        }
    chaos.does(test::ChaosProxy::Does::pass);
    CHECK(test::put(*device, room.name_for(content_of_it), content_of_it) == PutOutcome::stored);
    CHECK(content(room.taken / room.name_for(content_of_it)) == content_of_it);
}

TEST_CASE("an answer that was lost costs nothing: the file is there, and the device is told so") {
    Room room;
    room.serve();
    test::ChaosProxy chaos(room.port);
    auto by_chaos = room.store();
    by_chaos.address = "https://127.0.0.1:" + std::to_string(chaos.port());
    const std::string body(50'000, 'y');
    chaos.does(test::ChaosProxy::Does::swallow_reply, 50'000);
    CHECK(test::fault_of(test::put(*test::opened(by_chaos), room.name_for(body), body)) ==
          Fault::unreachable);
    CHECK(soon([&] { return fs::exists(room.taken / room.name_for(body)); }));
    CHECK(test::put(*room.device(), room.name_for(body), body) == PutOutcome::taken);
}

TEST_CASE("two hundred files of four devices at once arrive, each whole, and each has a line") {
    Room room;
    room.serve();
    std::vector<std::jthread> devices;
    std::atomic<int> stored = 0;
    for (int i = 0; i < 4; ++i)
        devices.emplace_back([&, i] {
            const auto device = room.device();
            for (int k = 0; k < 50; ++k) {
                const std::string body =
                    std::to_string(i) + "/" + std::to_string(k) + std::string(20'000, 'z');
                stored += test::put(*device, room.name_for(body), body) == PutOutcome::stored;
            }
        });
    devices.clear();
    CHECK(stored == 200);
    CHECK(room.names().size() == 200);
    for (const std::string& name : room.names())
        CHECK(sync::parse_batch_name(name)->hash == test::sha256_of(content(room.taken / name)));
    const auto said = lines(room.log());
    CHECK(std::ranges::count_if(said,
                                [](const std::string& line) { return line.ends_with(" bytes  200"); }) == 1);
    CHECK(said.size() == 202);  // the address, what is there, and two hundred files
}

TEST_CASE("of four uploads to one name at once one is stored, and the others are told") {
    Room room;
    room.serve();
    for (int round = 0; round < 5; ++round) {
        const std::string body = std::to_string(round) + std::string(100'000, 'w');
        std::latch start(4);
        std::atomic<int> stored = 0, taken = 0;
        {
            std::vector<std::jthread> devices;
            for (int i = 0; i < 4; ++i)
                devices.emplace_back([&] {
                    const auto device = room.device();
                    start.arrive_and_wait();
                    const auto put = test::put(*device, room.name_for(body), body);
                    stored += put == PutOutcome::stored;
                    taken += put == PutOutcome::taken;
                });
        }
        CHECK(stored == 1);
        CHECK(taken == 3);
    }
    CHECK(room.names().size() == 5);
}

TEST_CASE("killed in the middle of an upload, it shows nothing, and goes on after its next start") {
    Room room;
    room.serve();
    REQUIRE(test::put(*room.device(), room.name_for("first"), "first") == PutOutcome::stored);
    const std::string body(300'000, 'x');
    {
        test::TlsLine line(room.port);
        line.say(room.putting(body, body.size()) + body.substr(0, 200'000));
        CHECK(soon([&] { return room.names().size() == 2; }));
        room.kill(SIGKILL);
    }
    sync::FolderStore folder(room.taken);
    CHECK(folder.list(room.tag + "/", "", 10, {})->files.size() == 1);
    CHECK(room.names().size() == 2);  // hidden
    room.serve();
    CHECK(room.names() == std::vector<std::string>{room.name_for("first")});
    CHECK(room.log().find("1 file is in ") != std::string::npos);
    CHECK(test::put(*room.device(), room.name_for(body), body) == PutOutcome::stored);
}

TEST_CASE("told to end, it finishes what is on its way, takes nothing new, and ends with 0") {
    Room room;
    room.serve();
    const std::string body(300'000, 'x');
    test::TlsLine line(room.port);
    line.say(room.putting(body, body.size()) + body.substr(0, 200'000));
    CHECK(soon([&] { return room.names().size() == 1; }));
    ::kill(room.server->number(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    CHECK(room.server->running());
    test::TlsLine late(room.port);
    CHECK_FALSE(late.good());
    line.say(body.substr(200'000));
    CHECK(line.status() == 201);
    CHECK(soon([&] { return !room.server->running(); }));
    CHECK(content(room.taken / room.name_for(body)) == body);
    CHECK(room.log().ends_with("1 file was taken.\n"));
}

TEST_CASE("it says what it has taken, and neither a token nor an address of who sent it") {
    Room room;
    room.serve();
    REQUIRE(test::put(*room.device(), room.name_for("sealed"), "sealed") == PutOutcome::stored);
    room.status_of("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + std::string(64, 'f') + "\r\n\r\n");
    room.kill(SIGINT);
    const std::string log = room.log();
    CHECK(log == "Devices know this receiver as " + room.address + ", by the pin " +
                     room.store().settings.at("pin") + ".\n0 files are in " + room.taken.string() +
                     "; Ctrl-C ends this.\n" + test::sha256_of("sealed").substr(0, 12) +
                     "  6 bytes  1\n1 file was taken.\n");
    CHECK(log.find(room.token()) == std::string::npos);
}

TEST_CASE("the process that serves has given up programs, the network and other files") {
    Room room;
    room.serve();
    const auto number_of = [](const std::string& process, const std::string& what) {
        const std::string status = content("/proc/" + process + "/status");
        const auto at = status.find("\n" + what + ":\t");
        REQUIRE(at != std::string::npos);
        return std::stoi(status.substr(at + what.size() + 3));
    };
    const std::string served = std::to_string(room.server->number());
    CHECK(number_of(served, "NoNewPrivs") == 1);
    // One filter for all our programs, one for what serves, beside those that this test has itself.
    CHECK(number_of(served, "Seccomp_filters") == number_of("self", "Seccomp_filters") + 2);
    CHECK(number_of(served, "Threads") == 1);
}

TEST_CASE("the command line leaves no image of its memory, and no program of the same person looks into it") {
    const TemporaryFolder folder;
    ::chmod((folder / "").c_str(), 0777);
    // Of what may be looked into, a person's files in /proc are that person's (proc(5)).
    const WaitsForPassphrase other({"/bin/sh", "-c", "read line <&9"});
    REQUIRE(other.waits);
    CHECK(other.owner() == other.person);
    const WaitsForPassphrase program({FIELDFARE_BINARY_DIR "/bin/fieldfare-cli", "key", "new",
                                      (folder / "key").string(), "--cost", "low", "--passphrase-fd", "9"});
    if (!program.starts) {
        skipped_on_this_machine("another user can't start the program where it lies");
        return;
    }
    REQUIRE(program.waits);
    CHECK(program.owner() == 0);
    if (core_limit(other.number) == "0") {
        skipped_on_this_machine("no program may leave a core file here");
        return;
    }
    CHECK(core_limit(program.number) == "0");
}

TEST_CASE("what stands in the folder's place later is not touched, and the person is told to start anew") {
    if (confinement::landlock_version() < 2) {
        skipped_on_this_machine("this kernel has no Landlock of version 2");
        return;
    }
    Room room;
    room.serve();
    CHECK(test::put(*room.device(), room.name_for("first"), "first") == PutOutcome::stored);
    fs::rename(room.taken, room.folder / "put away");
    fs::create_directories(room.taken / room.tag);
    for (int i = 0; i < 2; ++i) {
        test::TlsLine line(room.port);
        line.say(room.putting("second", 6) + "second");
        const std::string answer = line.hear();
        CHECK(answer.starts_with("HTTP/1.1 503 "));
        CHECK(answer.find("Retry-After: 30\r\n") != std::string::npos);
    }
    CHECK(room.names().empty());
    const std::string sentence = "folder:" + room.taken.string() +
                                 " was exchanged, or its permissions were "
                                 "changed, since this started; put that right, and start this again";
    const auto told = [&] {
        return std::ranges::count_if(
            lines(room.log()), [&](const std::string& line) { return line.find(sentence) != line.npos; });
    };
    CHECK(told() == 1);
    // What went away and is back is used; when it goes once more, that is said once more.
    fs::rename(room.taken, room.folder / "new");
    fs::rename(room.folder / "put away", room.taken);
    CHECK(test::put(*room.device(), room.name_for("second"), "second") == PutOutcome::stored);
    fs::rename(room.taken, room.folder / "put away");
    fs::rename(room.folder / "new", room.taken);
    CHECK(room.status_of(room.putting("third", 5) + "third") == 503);
    CHECK(told() == 2);
}

TEST_CASE("what was moved aside is told") {
    Room room;
    room.serve();
    write(room.taken / room.name_for("sealed"), "");
    CHECK(test::put(*room.device(), room.name_for("sealed"), "sealed") == PutOutcome::stored);
    CHECK(content(room.taken / room.name_for("sealed")) == "sealed");
    CHECK(room.log().find("was moved aside (" + room.tag + "/.other-…)") != std::string::npos);
}

TEST_CASE("a receiver whose quota is used up says so, takes receipts' requests, and tells the person once") {
    Room room;
    room.more = {"--quota", "1"};
    room.serve();
    const auto device = room.device();
    const std::string first(900'000, 'a'), second(200'000, 'b'), third(200'001, 'c');
    CHECK(test::put(*device, room.name_for(first), first) == PutOutcome::stored);
    CHECK(test::fault_of(test::put(*device, room.name_for(second), second)) == Fault::no_space);
    CHECK(test::fault_of(test::put(*device, room.name_for(third), third)) == Fault::no_space);
    CHECK(test::put(*device, room.name_for("small"), "small") == PutOutcome::stored);
    const auto said = lines(room.log());
    CHECK(std::ranges::count_if(
              said, [](const std::string& line) { return line.find("is full") != line.npos; }) == 1);
}
