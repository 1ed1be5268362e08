#include <doctest/doctest.h>
#include <signal.h>

#include "client/researcher/listening_socket.h"
#include "tests/support/room.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// The words with one option's value changed.
std::vector<std::string> with(std::vector<std::string> words, const std::string& option,
                              const std::string& value) {
    const auto at = std::ranges::find(words, option);
    REQUIRE(at != words.end());
    *(at + 1) = value;
    return words;
}

/// The study with a store file that somebody has written, of the receiver's address, pin and certificate.
struct Own {
    Room& room;

    explicit Own(Room& of) : room(of) {}
    Said served(const std::string& lines, const std::function<void(StudyBuildOptions&)>& change = {},
                const std::string& option = "--quota", const std::string& value = "10000") {
        write(room.keep / "own.ffstore", "address = " + room.address +
                                             "\npin = " + room.store().settings.at("pin") +
                                             "\ncertificate = certificate.pem\n" + lines);
        auto options = room.build_options();
        options.stores = {(room.keep / "own.ffstore").string()};
        options.overwrite = Overwrite::yes;
        options.out = room.folder / "own.ffstudy";
        if (change) change(options);
        REQUIRE_MESSAGE(room.said(run_study_build, options) == ExitCode::fine, room.err.str());
        auto words = with(room.words(), "--study", options.out.string());
        if (option == "--quota")
            words.insert(words.end(), {option, value});
        else
            words = with(words, option, value);
        return say(words);
    }
};

}  // namespace

TEST_CASE("the first start makes what a study is built with, and says the line for it") {
    Room room;
    const Said said = say({"serve", "--listen", room.listen, "--keep", room.keep.string()});
    CHECK(said.code == ExitCode::fine);
    CHECK(said.err.empty());
    CHECK(said.out.find("Devices know this receiver as " + room.address + ", by the pin sha256//") == 0);
    CHECK(said.out.find("  fieldfare-cli study build … --store " + room.store_file() + "\n") !=
          std::string::npos);
    CHECK(said.out.find(room.token()) == std::string::npos);

    const Said json = say({"serve", "--listen", room.listen, "--keep", room.keep.string(), "--json"});
    const auto object = nlohmann::json::parse(json.out);
    CHECK(object["address"] == room.address);
    CHECK(object["pin"] == room.store().settings.at("pin"));
    CHECK(object["store_file"] == room.store_file());
    CHECK(object.size() == 3);
}

TEST_CASE("it listens at one address that somebody names, never at all of them") {
    CHECK(parse_listen_address("192.168.1.5:8443") == ListenAddress{"192.168.1.5", 8443});
    CHECK(parse_listen_address("[FD00::0:5]:8443") == ListenAddress{"[fd00::5]", 8443});
    for (const char* bad : {"", ":8443", "8443", "192.168.1.5", "192.168.1.5:", "192.168.1.5:0",
                            "192.168.1.5:65536", "192.168.1.5:8443 ", "room.lan:8443", "192.168.1:8443",
                            "fd00::5:8443", "[fd00::5]", "[fe80::1%eth0]:8443"}) {
        CAPTURE(bad);
        const auto read = parse_listen_address(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ExitCode::usage);
        CHECK(read.error().sentence.find("such as 192.168.1.5:8443") != std::string::npos);
    }
    for (const char* many : {"0.0.0.0:8443", "[::]:8443", "255.255.255.255:8443", "224.0.0.1:8443",
                             "[ff02::1]:8443", "[fe80::1]:8443", "[::ffff:1.2.3.4]:8443"}) {
        CAPTURE(many);
        const auto read = parse_listen_address(many);
        REQUIRE_FALSE(read);
        CHECK(read.error().sentence.find("must be one address of this machine") != std::string::npos);
    }
    CHECK(say({"serve", "--keep", "x"}).code == ExitCode::usage);
}

TEST_CASE("a port that is in use and an address that is another machine's are told") {
    Room room;
    const test::Listener other([](int) {});
    const std::string taken = "127.0.0.1:" + std::to_string(other.port());
    const auto socket = listening_socket(*parse_listen_address(taken));
    REQUIRE_FALSE(socket);
    CHECK(socket.error().sentence ==
          "Port " + std::to_string(other.port()) +
              " of 127.0.0.1 is in use; end the program that has it, or name another "
              "port with --listen.");
    const auto elsewhere = listening_socket(*parse_listen_address("203.0.113.7:8443"));
    REQUIRE_FALSE(elsewhere);
    CHECK(elsewhere.error().sentence ==
          "203.0.113.7 is no address of this machine; \"ip address\" shows those that it has.");
    room.serve();
    const Said second = say(room.words());
    CHECK(second.code == ExitCode::could_not);
    CHECK(second.err.find(" is in use; ") != std::string::npos);
}

TEST_CASE("a study that was not built for this receiver is told, with what to do") {
    Room room;
    Desk other;
    other.with_study();
    const auto words = room.words();
    Said said = say(with(words, "--study", other.study.string()));
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" does not name the receiver " + room.address +
                        "; build it anew with its store file in " + room.keep.string() +
                        ", and start this again.") != std::string::npos);
    said = say(with(words, "--study", (room.folder / "none.ffstudy").string()));
    CHECK(said.code == ExitCode::could_not);

    // Another key, as when the folder was lost.
    fs::rename(room.keep, room.folder / "lost");
    CHECK(say({"serve", "--listen", room.listen, "--keep", room.keep.string()}).code == ExitCode::fine);
    said = say(words);
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" names another key for " + room.address) != std::string::npos);

    // A token that somebody has thought of.
    Own own(room);
    for (const std::string& token : {std::string("training"), std::string(64, 'g'), std::string(65, 'a')}) {
        said = own.served("token = " + token + "\n");
        CHECK(said.err.find(" has no token of a receiver for " + room.address) != std::string::npos);
        CHECK(said.err.find(token) == std::string::npos);
    }
}

TEST_CASE("a study whose devices would refuse the receiver, or not find it, is told before they come") {
    Room room;
    const auto words = room.words();
    Own own(room);
    const std::string token = "token = " + std::string(64, 'a') + "\n";
    Said said = own.served(token + "token_header = X-Token\n");
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" has the setting token_header for " + room.address) != std::string::npos);
    said = own.served(token + "proxy = socks5h://127.0.0.1:9050\n");
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" has the setting proxy for " + room.address) != std::string::npos);
    said = own.served(token, [](auto& options) { options.network_by_proxy = true; });
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" lets devices go to stores by a proxy alone") != std::string::npos);
    CHECK(own.served(token, {}, "--folder", (room.folder / "none").string())
              .err.find("make the folder first") != std::string::npos);  // else it is good

    // The same key, another certificate.
    fs::remove(room.keep / "certificate.pem");
    CHECK(say({"serve", "--listen", room.listen, "--keep", room.keep.string()}).code == ExitCode::fine);
    said = say(words);
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find(" has another certificate for " + room.address) != std::string::npos);
}

TEST_CASE("a folder that is or holds the receiver's key or a study is not given to devices") {
    Room room;
    const auto words = room.words();
    fs::create_directory_symlink(room.keep.parent_path(), room.taken / "link");
    for (const fs::path& folder :
         {room.keep, room.keep.parent_path(), room.taken / "..", room.taken / "link"}) {
        CAPTURE(folder.string());
        const Said said = say(with(words, "--folder", folder.string()));
        CHECK(said.code == ExitCode::could_not);
        CHECK(said.err.find(" is or holds ") != std::string::npos);
    }
    CHECK_FALSE(fs::exists(room.folder / room.tag));
    CHECK_FALSE(fs::exists(room.keep / room.tag));
}

TEST_CASE("a folder that is not there, a key that others can read and half a command are told") {
    Room room;
    const auto words = room.words();
    Said said = say(with(words, "--folder", (room.folder / "none").string()));
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find("make the folder first") != std::string::npos);
    fs::permissions(room.keep / "key.pem", fs::perms::others_read, fs::perm_options::add);
    said = say(words);
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err.find("key.pem can be read by others") != std::string::npos);
    said = say(
        {"serve", "--listen", room.listen, "--keep", room.keep.string(), "--folder", room.taken.string()});
    CHECK(said.code == ExitCode::usage);
    CHECK(said.err.find("--study and --folder belong together") != std::string::npos);
    said = say({"serve", "--listen", room.listen, "--keep", room.keep.string(), "--host", "a/b"});
    CHECK(said.code == ExitCode::usage);
    CHECK(said.err.find("--host must be the name by which devices find this machine") != std::string::npos);
}

TEST_CASE("help says what it is for, and what is for fieldwork") {
    const Said said = say({"serve", "--help"});
    CHECK(said.code == ExitCode::fine);
    std::string text = said.out;
    std::ranges::replace(text, '\n', ' ');
    while (text.find("  ") != text.npos) text.erase(text.find("  "), 1);
    CHECK(
        text.find("It is a receiver for training rooms: for fieldwork let Apache, S3 or SFTP be the store") !=
        std::string::npos);
    CHECK(text.find("--listen ADDRESS:PORT") != std::string::npos);
}

TEST_CASE("while it serves it reaches the folder alone, and no network but by who comes") {
    Room room;
    std::vector<Reach> kept;
    std::ostringstream out, err;
    room.more = {"--json"};
    const ExitCode code = run_command_line(room.words(), out, err, false, [&](const Reach& reach) {
        kept.push_back(reach);
        ::raise(SIGTERM);  // it ends as soon as it has begun
    });
    CHECK(code == ExitCode::fine);
    INFO(err.str());
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].changes == std::vector<fs::path>{room.taken / room.tag});
    CHECK(out.str().find("store_file") == std::string::npos);  // none was made
    CHECK(kept[0].network == Reach::Network::accepts);
    CHECK(kept[0].files == Reach::Files::only_named);

    kept.clear();
    run_command_line({"serve", "--listen", room.listen, "--keep", room.keep.string()}, out, err, false,
                     [&](const Reach& reach) { kept.push_back(reach); });
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].network == Reach::Network::none);
}
