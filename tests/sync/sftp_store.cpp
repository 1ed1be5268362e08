#include "sync/sftp_store.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/support/certificates.h"
#include "tests/support/loopback.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string name = first_name;

template <typename T>
sync::TransportError error_of(const sync::TransportResult<T>& result) {
    REQUIRE_FALSE(result);
    return result.error();
}

}  // namespace

TEST_CASE("SFTP keeps to the contract of transport") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const auto store = opened(drop->researcher(drop->fresh_place()));
    keeps_to_the_contract(*store);
}

TEST_CASE("SFTP keeps to it with a password, on a server that is not OpenSSH's") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    const auto store = opened(odd->store(odd->fresh("plain")));
    keeps_to_the_contract(*store);
}

TEST_CASE("a large file goes over SFTP whole, and a name that is taken costs nothing") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const auto store = opened(drop->researcher(place));
    const std::string large(3'000'000, 'x');
    CHECK(put(*store, name, large) == PutOutcome::stored);
    CHECK(content_of(drop->files(place) / name) == large);
    CHECK(names_in(drop->files(place)) == std::vector<std::string>{name});
    std::uint64_t sent = 0;
    const sync::Watch watch{[&](auto done, auto) { sent = done; }, {}};
    CHECK(store->put(name, crypto::bytes_of(large), watch) == PutOutcome::same_content);
    CHECK(sent == 0);
}

TEST_CASE("whoever takes a laptop can put into the hardened drop, and not read, list, replace or remove") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const fs::path receipts = drop->files(place) / study_tag / "receipts";
    const auto laptop = opened(drop->laptops(place));
    const auto researcher = opened(drop->researcher(place));
    const std::string receipt = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(fault_of(sync::get_bytes(*laptop, receipt, 100)) == Fault::not_found);
    CHECK(put(*researcher, receipt, "signed") == PutOutcome::stored);
    fs::permissions(receipts, fs::perms::owner_exec);  // to the laptops it is another's

    CHECK(put(*laptop, name, "sealed") == PutOutcome::stored);
    CHECK(put(*laptop, name, "sealed") == PutOutcome::taken);
    CHECK(put(*laptop, name, "other!") == PutOutcome::taken);
    CHECK(fault_of(sync::get_bytes(*laptop, name, 100)) == Fault::not_permitted);
    CHECK(fault_of(laptop->list(study_tag + "/", "", 10, {})) == Fault::not_permitted);
    CHECK(get(*laptop, receipt) == "signed");
    CHECK(fault_of(put(*laptop, sync::receipt_name(study_tag, std::string(32, 'd'), 2), "made up")) ==
          Fault::not_permitted);

    // Past our own promises, with the same key.
    const sync::Store given = drop->laptops(place);
    const auto address = sync::parse_sftp_address(given.address);
    sync::SftpSession thief(*address, *sync::parse_sftp_settings(*address, given.settings), {});
    const std::string path = address->path + "/" + name, junk = address->path + "/" + study_tag + "/.junk";
    auto content = sync::ContentReader::open(crypto::bytes_of("junk"));
    CHECK_FALSE(thief.write(path, *content, {}));
    CHECK(thief.write(junk, *content, {}));
    CHECK_FALSE(thief.rename(junk, path, {}));
    CHECK_FALSE(thief.remove(path));
    // A word of OpenSSH's own that libcurl does not speak.
    const std::string said = output_of(
        "printf 'chmod -h 600 " + path + "\\n' | sftp -q -b - -F none -o StrictHostKeyChecking=no -o " +
        "UserKnownHostsFile=/dev/null -o BatchMode=yes -i " + drop->key_file().string() + " -P " +
        std::to_string(address->port) + " " + given.settings.at("user") + "@127.0.0.1 2>&1 || true");
    CHECK(said.find("does not support lsetstat") != std::string::npos);
    CHECK(fs::status(drop->files(place) / name).permissions() == fs::perms::group_read);

    fs::permissions(drop->files(place) / name, fs::perms::owner_read, fs::perm_options::add);
    CHECK(get(*researcher, name) == "sealed");
    fs::permissions(receipts, fs::perms::owner_all);
}

TEST_CASE("only the machine whose key the study names is the store, and another learns no password") {
    OddSftp* odd = odd_sftp();
    SshDrop* drop = ssh_drop();
    if (!odd || !drop) return;
    const sync::Store right = odd->store(odd->fresh("plain"));
    const std::string spare = drop->other_host_key();
    CHECK(put(*opened(with(right, {{"host_key", spare + ";" + right.settings.at("host_key")}})), name,
              "sealed") == PutOutcome::stored);
    const std::string before = odd->log();
    const auto error = error_of(put(*opened(with(right, {{"host_key", spare}})), name, "sealed"));
    CHECK(error == sync::TransportError{Fault::not_a_store, right.address,
                                        "its host key is none of those that the study names", std::nullopt});
    CHECK(odd->log() == before);
}

TEST_CASE("each of a server's host keys is known by its own hash") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const sync::Store right = drop->researcher(drop->fresh_place());
    const std::string both = right.settings.at("host_key");
    const std::string ed25519 = both.substr(0, both.find(';')), ecdsa = both.substr(both.find(';') + 1);
    // Which of them is asked for is libssh2's to say, see sync/sftp_session.h.
    int believed = 0;
    for (const std::string& one : {ecdsa, ed25519}) {
        const auto result = put(*opened(with(right, {{"host_key", one}})), name, "sealed");
        if (result)
            ++believed;
        else
            CHECK(result.error().fault == Fault::not_a_store);
    }
    CHECK(believed == 1);
}

TEST_CASE("who is not let in is told so, without a credential, and is asked no questions") {
    OddSftp* odd = odd_sftp();
    SshDrop* drop = ssh_drop();
    if (!odd || !drop) return;
    const auto check = [](const sync::Store& store, const std::string& detail) {
        const auto error = error_of(put(*opened(store), name, "sealed"));
        CHECK(error == sync::TransportError{Fault::not_permitted, store.address, detail, std::nullopt});
    };
    const sync::Store password = odd->store(odd->fresh("plain"));
    check(with(password, {{"password", "wr0ng"}}),
          "it does not take the user and the password, or only asks for it in a dialogue "
          "(PasswordAuthentication must be on)");
    check(with(password, {{"user", "nobody-else"}}),
          "it does not take the user and the password, or only asks for it in a dialogue "
          "(PasswordAuthentication must be on)");
    CHECK(odd->log().find("password wrong") != std::string::npos);
    CHECK(odd->log().find("questions") == std::string::npos);
    const sync::Store key = drop->researcher(drop->fresh_place());
    check(with(key, {{"key", drop->other_key()}}),
          "it does not take the user and the key, or takes no keys (PubkeyAuthentication must be on)");
    check(with(key, {{"key", ""}, {"password", "x"}}),
          "it does not take the user and the password, or only asks for it in a dialogue "
          "(PasswordAuthentication must be on)");
}

TEST_CASE("a server whose rename replaces gets no promise, and what it has is left alone") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    for (const char* kind : {"replaces", "same"}) {
        const std::string place = odd->fresh(kind);
        const auto store = opened(odd->store(place));
        CHECK(put(*store, name, "sealed") == PutOutcome::stored_unguarded);
        CHECK(put(*store, name, "sealed") == PutOutcome::same_content);
        CHECK(put(*store, name, "other!") == PutOutcome::other_content);
        CHECK(content_of(odd->files(place) / name) == "sealed");
        CHECK(names_in(odd->files(place)) == std::vector<std::string>{name});
    }
    const std::string careless = odd->fresh("careless");
    write(odd->files(careless) / name, "sealed");
    CHECK(fault_of(put(*opened(odd->store(careless)), name, "other!")) == Fault::failed);
    CHECK(content_of(odd->files(careless) / name) == "sealed");
    CHECK(names_in(odd->files(careless)) == std::vector<std::string>{name});
}

TEST_CASE("of two that send another file under one name the first one's stays") {
    SshDrop* drop = ssh_drop();
    OddSftp* odd = odd_sftp();
    if (!odd || !drop) return;
    struct Server {
        sync::Store store;
        fs::path files;
    };
    const std::string place = drop->fresh_place(), odd_place = odd->fresh("replaces");
    for (const Server& server : {Server{drop->researcher(place), drop->files(place)},
                                 Server{odd->store(odd_place), odd->files(odd_place)}}) {
        const auto first = opened(server.store), second = opened(server.store);
        for (const auto& [theirs, outcome] : std::vector<std::pair<std::string, PutOutcome>>{
                 {"other!", PutOutcome::other_content}, {"sealed", PutOutcome::same_content}}) {
            bool done = false;
            const sync::Watch watch{[&](auto, auto) {
                                        if (std::exchange(done, true)) return;
                                        CHECK(put(*first, name, theirs));
                                    },
                                    {}};
            CHECK(second->put(name, crypto::bytes_of("sealed"), watch) == outcome);
            CHECK(done);
            CHECK(content_of(server.files / name) == theirs);
            CHECK(names_in(server.files) == std::vector<std::string>{name});
            fs::remove(server.files / name);
        }
    }
}

TEST_CASE("a full disk is told as one, and nothing of the file stays") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const fs::path folder = drop->files(place) / study_tag;
    if (::mount("none", folder.c_str(), "tmpfs", 0, "size=128k,mode=0777") != 0) {
        skipped_on_this_machine("this user may not mount a small disk");
        return;
    }
    const auto store = opened(drop->researcher(place));
    const auto result = put(*store, name, std::string(500'000, 'x'));
    const auto left = names_in(folder);
    const auto small = put(*store, name, "sealed");
    ::umount2(folder.c_str(), MNT_DETACH);
    CHECK(fault_of(result) == Fault::no_space);
    CHECK(left.empty());
    CHECK(small == PutOutcome::stored);
}

TEST_CASE("a server that takes no more and can't say why, or has another size at the end, has not got it") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    for (const char* kind : {"full", "quota"}) {
        const std::string place = odd->fresh(kind);
        const auto error = error_of(put(*opened(odd->store(place)), name, std::string(500'000, 'x')));
        CHECK(error.fault == Fault::unreachable);
        CHECK(error.detail ==
              "it took the file no further: the connection broke, or there is no room for it");
        CHECK(names_in(odd->files(place)).empty());
    }
    const std::string place = odd->fresh("short");
    const auto error = error_of(put(*opened(odd->store(place)), name, "sealed"));
    CHECK(error.fault == Fault::failed);
    CHECK(error.detail == "it says that it has all of the file, and has another size of it");
    CHECK(names_in(odd->files(place)).empty());
}

TEST_CASE("what may not be named or removed is no file of ours") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    const std::string nameless = odd->fresh("nameless");
    CHECK(fault_of(put(*opened(odd->store(nameless)), name, "sealed")) == Fault::not_permitted);
    CHECK(names_in(odd->files(nameless)).empty());

    const std::string keeps = odd->fresh("keeps");
    const auto store = opened(odd->store(keeps));
    std::stop_source stop;
    const sync::Watch watch{[&](auto, auto) { stop.request_stop(); }, stop.get_token()};
    CHECK(fault_of(store->put(name, crypto::bytes_of(std::string(3'000'000, 'x')), watch)) ==
          Fault::cancelled);
    const auto left = names_in(odd->files(keeps));
    REQUIRE(left.size() == 1);
    CHECK(left[0].starts_with(study_tag + "/."));
    CHECK(store->list(study_tag + "/", "", 10, {})->files.empty());
}

TEST_CASE("a file that may not be read is not taken to be there, unless the server tells what is not") {
    OddSftp* odd = odd_sftp();
    SshDrop* drop = ssh_drop();
    if (!odd || !drop) return;
    const std::string blind = odd->fresh("blind");
    const auto store = opened(odd->store(blind));
    CHECK(put(*store, name, "sealed") == PutOutcome::stored);
    CHECK(put(*store, name, "other!") == PutOutcome::taken);
    CHECK(content_of(odd->files(blind) / name) == "sealed");
    CHECK(names_in(odd->files(blind)) == std::vector<std::string>{name});

    const std::string place = drop->fresh_place();
    fs::permissions(drop->files(place) / study_tag, fs::perms::owner_write);  // nobody gets in
    CHECK(fault_of(put(*opened(drop->researcher(place)), name, "sealed")) == Fault::not_permitted);
    fs::permissions(drop->files(place) / study_tag, fs::perms::owner_all);
}

TEST_CASE("a file is fetched over SFTP in pieces, with progress, and whoever has enough stops it") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const auto store = opened(drop->researcher(drop->fresh_place()));
    const std::string large(3'000'000, 'x');
    REQUIRE(put(*store, name, large));
    std::uint64_t pieces = 0, done = 0, total = 0;
    const sync::Sink count = [&](crypto::ByteView) { return ++pieces > 0; };
    const sync::Watch watch{[&](auto so_far, auto of) { done = so_far, total = of; }, {}};
    REQUIRE(store->get(name, large.size(), count, watch));
    CHECK(pieces > 10);
    CHECK(done == large.size());
    CHECK(total == large.size());

    CHECK(fault_of(store->get(name, large.size(), [](crypto::ByteView) { return false; }, {})) ==
          Fault::cancelled);
    std::stop_source stop;
    std::uint64_t came = 0;
    const sync::Sink stops = [&](crypto::ByteView piece) {
        came += piece.size();
        return stop.request_stop() || true;
    };
    CHECK(fault_of(store->get(name, large.size(), stops, {{}, stop.get_token()})) == Fault::cancelled);
    CHECK(came < large.size());
    CHECK(get(*store, sync::receipt_name(study_tag, "d", 1)).empty());
    CHECK(put(*store, name, large) == PutOutcome::same_content);  // and it works on
}

TEST_CASE("a file that was poisoned is sent once more under another name") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    OutboxDevice device{{drop->researcher(place)}};
    device.options.open = nullptr;
    const auto hash = device.seal("sealed");
    const std::string first = sync::batch_name(study_tag, day(1), hash);
    write(drop->files(place) / first, "cut");
    fs::permissions(drop->files(place) / first, fs::perms::others_read, fs::perm_options::add);
    CHECK(device.sync().handed_over == 1);
    CHECK(content_of(drop->files(place) / first) == "cut");
    CHECK(content_of(drop->files(place) / sync::batch_name(study_tag, day(1), hash, 1)) == "sealed");
}

TEST_CASE("a store or a study's folder that is not there is not made") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    sync::Store elsewhere = drop->researcher(place);
    elsewhere.address += "/nothing";
    CHECK(fault_of(put(*opened(elsewhere), name, "sealed")) == Fault::no_store);
    CHECK(fault_of(opened(elsewhere)->list(study_tag + "/", "", 10, {})) == Fault::no_store);
    const auto store = opened(drop->researcher(place));
    CHECK(fault_of(put(*store, "otherstudy/20261103-" + std::string(64, 'a') + ".batch", "x")) ==
          Fault::no_store);
    CHECK(store->list("otherstudy/", "", 10, {})->files.empty());
    CHECK(names_in(drop->files(place)).empty());
    fs::permissions(drop->files(place) / study_tag, fs::perms::owner_read | fs::perms::owner_exec);
    CHECK(fault_of(put(*store, name, "sealed")) == Fault::not_permitted);
}

TEST_CASE("only files of ours are listed, and no link, folder or temporary file") {
    SshDrop* drop = ssh_drop();
    OddSftp* odd = odd_sftp();
    if (!odd || !drop) return;
    const std::string place = drop->fresh_place(), odd_place = odd->fresh("names");
    for (const auto& [store, files] : std::vector<std::pair<sync::Store, fs::path>>{
             {drop->researcher(place), drop->files(place)}, {odd->store(odd_place), odd->files(odd_place)}}) {
        write(files / name, "sealed");
        write(files / study_tag / ".x.part", "cut");
        write(files / study_tag / "a name", "x");
        fs::create_directory(files / sync::batch_name(study_tag, day(1), std::string(64, 'c')));
        fs::create_symlink("/etc/passwd", files / sync::batch_name(study_tag, day(1), std::string(64, 'd')));
        const auto listing = opened(store)->list(study_tag + "/", "", 100, {});
        REQUIRE(listing);
        std::vector<std::string> names;
        for (const auto& file : listing->files) names.push_back(file.name);
        CHECK(std::ranges::find(names, name) != names.end());
        for (const std::string& each : names) CHECK((each == name || !each.ends_with(".batch")));
        CHECK(listing->files.front() == sync::ListedFile{name, 6});
    }
}

TEST_CASE("a server that is killed in the middle of an upload has nothing under the name") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const auto store = opened(drop->researcher(place));
    bool killed = false;
    const sync::Watch watch{[&](auto, auto) {
                                if (!std::exchange(killed, true)) drop->kill_sessions();
                            },
                            {}};
    const std::string large(3'000'000, 'x');
    CHECK(fault_of(store->put(name, crypto::bytes_of(large), watch)) == Fault::unreachable);
    CHECK(killed);
    CHECK_FALSE(fs::exists(drop->files(place) / name));
    CHECK(put(*store, name, large) == PutOutcome::stored);
    CHECK(names_in(drop->files(place)) == std::vector<std::string>{name});
}

TEST_CASE("figures: a thousand files over SFTP" * doctest::skip()) {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    using Clock = std::chrono::steady_clock;
    const auto seconds_since = [](Clock::time_point begin) {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    const auto store = opened(drop->researcher(drop->fresh_place()));
    const std::string content(20'000, 'x'), large(50'000'000, 'x');
    auto begin = Clock::now();
    for (int i = 0; i < 1000; ++i)
        REQUIRE(put(*store, sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))), content) ==
                PutOutcome::stored);
    const double stored = seconds_since(begin);
    begin = Clock::now();
    const auto listing = store->list(study_tag + "/", "", 1000, {});
    REQUIRE(listing);
    REQUIRE(listing->files.size() == 1000);
    const double listed = seconds_since(begin);
    begin = Clock::now();
    for (const auto& file : listing->files) REQUIRE(sync::get_bytes(*store, file.name, 100'000));
    const double fetched = seconds_since(begin);
    begin = Clock::now();
    REQUIRE(put(*store, name, large) == PutOutcome::stored);
    std::printf(
        "1,000 files of 20 KB: put %.2f s, listed in %.3f s, fetched in %.2f s; 50 MB put in %.2f s\n",
        stored, listed, fetched, seconds_since(begin));
}
