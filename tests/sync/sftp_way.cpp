#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "sync/memory_file.h"
#include "sync/sftp_store.h"
#include "tests/support/certificates.h"
#include "tests/support/loopback.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/surroundings.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string host = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";
const std::string name = first_name;

std::string refused(const char* detail) {
    return std::to_string(static_cast<int>(Fault::not_permitted)) + " " + detail;
}

}  // namespace

TEST_CASE("a store of SFTP is looked up behind the proxy, and each upload is somebody else there") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    SocksDouble proxy(drop->port());
    sync::Store store = drop->researcher(place);
    store.address = "sftp://" + host + drop->files(place).string();
    const auto onion = opened(store, proxy.address());
    for (int i = 0; i < 3; ++i)
        REQUIRE(put(*onion, sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))), "x") ==
                PutOutcome::stored);
    for (std::uint32_t n = 1; n <= 3; ++n) CHECK(get(*onion, sync::receipt_name(study_tag, "d", n)).empty());
    const auto calls = proxy.calls();
    REQUIRE(calls.size() == 4);  // what is read shares one connection
    std::set<std::string> users;
    for (const auto& call : calls) {
        CHECK(call.by_name);
        CHECK(call.host == host);
        CHECK(call.port == 22);
        CHECK(call.user.size() == 32);
        users.insert(call.user);
    }
    CHECK(users.size() == 4);
}

TEST_CASE("what is read of two studies over SFTP is read by two, whatever lies between") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    SocksDouble proxy(drop->port());
    const auto store = opened(drop->researcher(drop->fresh_place()), proxy.address());
    for (const char* tag : {"k7m2q9x4b8n3", "otherstudy", "k7m2q9x4b8n3"})
        CHECK(get(*store, sync::receipt_name(tag, "d", 1)).empty());
    const auto calls = proxy.calls();
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].user != calls[1].user);
    CHECK(calls[0].user == calls[2].user);
}

TEST_CASE(
    "an upload that failed behind a proxy is not cleaned away by the next one, which would be known by it") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    ChaosProxy line(odd->port());
    SocksDouble proxy(line.port());
    const std::string second = sync::batch_name(study_tag, day(1), sha256_of("x"));
    for (const bool hides : {false, true}) {
        CAPTURE(hides);
        const std::string place = odd->fresh("plain");
        const sync::Store given =
            with(odd->store(place, line.port()), {{"proxy", hides ? proxy.address() : ""}});
        const auto address = sync::parse_sftp_address(given.address);
        sync::SftpStore store(*address, *sync::parse_sftp_settings(*address, given.settings),
                              {std::chrono::seconds(2), std::chrono::seconds(1), {}});
        line.does(ChaosProxy::Does::go_silent, 60'000);
        CHECK(fault_of(put(store, name, std::string(200'000, 'x'))) == Fault::unreachable);
        line.does(ChaosProxy::Does::pass);
        CHECK(put(store, second, "x") == PutOutcome::stored);
        CHECK(names_in(odd->files(place)).size() == (hides ? 2 : 1));  // with what is left of the first
    }
}

TEST_CASE("an onion address of SFTP without a proxy, and a store without a host key, ask nobody") {
    const auto address = sync::parse_sftp_address("sftp://" + host + "/drop");
    const sync::SftpSettings settings{.user = "a", .password = "b", .key = {}, .host_key = {{}}, .proxy = {}};
    sync::SftpStore onion(*address, settings);
    const auto result = put(onion, name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error() ==
          sync::TransportError{Fault::bad_name, address->text(), ".onion without a proxy", std::nullopt});

    Listener nobody([](int) {});
    sync::SftpStore unknown({"127.0.0.1", nobody.port(), "/drop"},
                            {.user = "a", .password = "b", .key = {}, .host_key = {}, .proxy = {}});
    CHECK(fault_of(put(unknown, name, "sealed")) == Fault::bad_name);
    CHECK(nobody.connections() == 0);
}

TEST_CASE("a proxy that is not there is no reason to go to SFTP without it") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const std::string proxy = "socks5h://127.0.0.1:" + std::to_string(unused_port());
    const auto result = put(*opened(drop->researcher(place), proxy), name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::unreachable);
    CHECK(result.error().detail == "nothing answers at the proxy " + proxy + "; is Tor running?");
    CHECK(names_in(drop->files(place)).empty());
}

TEST_CASE("the environment leads no connection of SFTP elsewhere") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    Listener trap([](int) {});
    Surroundings around;
    const std::string where = "127.0.0.1:" + std::to_string(trap.port());
    for (const char* variable : {"sftp_proxy", "SFTP_PROXY", "all_proxy", "ALL_PROXY"})
        around.set(variable, "socks5h://" + where);
    SUBCASE("not through a proxy of its own") {
        CHECK(around.put_there(drop->researcher(drop->fresh_place())) == "stored");
    }
    SUBCASE("not past the study's proxy") {
        SocksDouble proxy(drop->port());
        for (const char* variable : {"no_proxy", "NO_PROXY"}) around.set(variable, "*");
        CHECK(around.put_there(with(drop->researcher(drop->fresh_place()), {{"proxy", proxy.address()}})) ==
              "stored");
        CHECK(proxy.calls().size() == 1);
    }
    CHECK(trap.connections() == 0);
}

TEST_CASE("neither the home folder nor an agent lets anybody into SFTP, or tells whom to believe") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    Surroundings around;
    const fs::path ssh = around.home / ".ssh", agent = around.home / "agent";
    fs::create_directory(ssh);
    for (const char* file : {"id_rsa", "id_dsa", "id_ed25519"}) {
        write(ssh / file, content_of(drop->key_file()));
        write(ssh / (std::string(file) + ".pub"), content_of(drop->key_file().string() + ".pub"));
        fs::permissions(ssh / file, fs::perms::owner_read);
    }
    ChildServer holder({"/usr/bin/ssh-agent", "-D", "-a", agent.string()}, around.home / "agent.log");
    while (!fs::exists(agent) && holder.running()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    output_of("SSH_AUTH_SOCK=" + agent.string() + " ssh-add -q " + (ssh / "id_ed25519").string() + " 2>&1");
    around.set("SSH_AUTH_SOCK", agent);
    const sync::Store store = drop->researcher(drop->fresh_place());

    SUBCASE("with another key") {
        CHECK(
            around.put_there(with(store, {{"key", drop->other_key()}})) ==
            refused(
                "it does not take the user and the key, or takes no keys (PubkeyAuthentication must be on)"));
    }
    SUBCASE("with a password that is none") {
        CHECK(around.put_there(with(store, {{"key", ""}, {"password", "x"}})) ==
              refused("it does not take the user and the password, or only asks for it in a dialogue "
                      "(PasswordAuthentication must be on)"));
    }
    SUBCASE("the host is known there by this key") {
        const std::string port = std::to_string(drop->port());
        output_of("ssh-keyscan -p " + port + " 127.0.0.1 2>/dev/null > " + (ssh / "known_hosts").string());
        CHECK(around.put_there(with(store, {{"host_key", drop->other_host_key()}})) ==
              std::to_string(static_cast<int>(Fault::not_a_store)) +
                  " its host key is none of those that the study names");
    }
    SUBCASE("the host is known there by another key, and nothing is written down") {
        const std::string line = "[127.0.0.1]:" + std::to_string(drop->port()) + " " +
                                 content_of(drop->key_file().string() + ".pub");
        write(ssh / "known_hosts", line);
        CHECK(around.put_there(store) == "stored");
        CHECK(content_of(ssh / "known_hosts") == line);
        CHECK(names_in(ssh).size() == 7);
    }
}

TEST_CASE("a file in memory is read by its path, changed by nobody, and gone with its owner") {
    std::string path;
    {
        const auto file = sync::MemoryFile::of("secret");
        REQUIRE(file);
        path = file->path();
        CHECK(content_of(path) == "secret");
        CHECK(content_of(path) == "secret");  // each time from its start
        write(path, "other!");
        CHECK(content_of(path) == "secret");
        CHECK(fs::read_symlink(path).string().starts_with("/memfd:"));
    }
    CHECK_FALSE(fs::exists(path));
}
