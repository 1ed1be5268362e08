#include <doctest/doctest.h>

#include "client/researcher/study_file.h"
#include "tests/support/researcher.h"
#include "tests/support/sftp_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::SshDrop;

namespace {

/// A desk whose study goes to a server of SFTP.
struct SftpDesk : Desk {
    std::string store = (folder / "laptops.ffstore").string();

    SftpDesk() {
        with_keys();
        write_small_form(form);
    }
    ExitCode build(const std::string& given) {
        auto options = build_options();
        options.stores = {given};
        options.overwrite = Overwrite::yes;
        return said(run_study_build, options);
    }
};

const std::string start =
    "address = sftp://Example.org/drop/\nuser = laptops\n"
    "host_key = SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";

}  // namespace

TEST_CASE("a study goes over SFTP: sealed, fetched, opened, confirmed") {
    SshDrop* drop = fieldfare::test::ssh_drop();
    if (!drop) return;
    SftpDesk desk;
    const std::string place = drop->fresh_place();
    const auto store = drop->researcher(place);
    write(desk.folder / "laptop-key", content(drop->key_file()));
    write(desk.store, "address = " + store.address + "/\nuser = " + store.settings.at("user") +
                          "\nkey = laptop-key\nhost_key = " + store.settings.at("host_key") + "\n");
    REQUIRE_MESSAGE(desk.build(desk.store) == ExitCode::fine, desk.err.str());
    const std::string notes = desk.err.str();
    const std::string tag = read_study(desk.study)->policy().study_tag;
    CHECK(notes.find("Make the folders " + tag + "/ and " + tag + "/receipts/ in " + store.address +
                     "; no program makes them.") != std::string::npos);
    CHECK(notes.find("hand it on as you would a password") != std::string::npos);
    CHECK(notes.find("No key is pinned") == std::string::npos);
    CHECK(notes.find(store.settings.at("key").substr(0, 60)) == std::string::npos);

    StudyShowOptions show;
    show.file = desk.study;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(desk.out.str().find(store.address + "  (host_key, key, user)\n") != std::string::npos);
    CHECK(desk.out.str().find(store.settings.at("key").substr(0, 60)) == std::string::npos);

    drop->make_study(place, tag);
    SimulateOptions options;
    options.study = desk.study;
    options.interviews = 60;
    options.devices = 2;
    options.out = desk.store;
    options.truth = desk.truth;
    options.root = desk.root;
    options.roster = desk.roster;
    REQUIRE_MESSAGE(desk.said(run_simulate, options) == ExitCode::fine, desk.err.str());
    REQUIRE_MESSAGE(desk.fetch({desk.store}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().starts_with("4 new in "));
    CHECK(desk.opened()["receipts"]["made"] == 2);
    CHECK(desk.opened_lines() == desk.true_lines());
    REQUIRE_MESSAGE(desk.fetch({desk.store}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().find("2 receipts sent") != std::string::npos);
}

TEST_CASE("SFTP without a host key or a way to be let in makes no study, and what is secret is not printed") {
    SftpDesk desk;
    for (const char* bad : {"sftp://example.org/drop", "sftp://anna:secret@example.org/drop", "sftp:drop",
                            "sftp://example.org"}) {
        CAPTURE(bad);
        CHECK(desk.build(bad) == ExitCode::usage);
        CHECK(desk.err.str().find("secret@") == std::string::npos);
    }
    write(desk.folder / "rsa",
          "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n");
    write(desk.folder / "pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    const std::vector<std::pair<std::string, std::string>> table{
        {start, "lets in by a password or a key; give one of them"},
        {"address = sftp://example.org/drop\nuser = a\npassword = secret\n", "host_key is missing"},
        {start + "password = secret\npin = x\n", "knows user, password or key, host_key and proxy alone"},
        {start + "key = rsa\n", "key must be a private key of Ed25519 without a passphrase"},
        {start + "key = pem\n", "holds no private key of OpenSSH"},
        {start + "key = nothing\n", "nothing"},
    };
    for (const auto& [text, why] : table) {
        CAPTURE(why);
        write(desk.store, text);
        CHECK(desk.build(desk.store) != ExitCode::fine);
        CHECK(desk.err.str().find(why) != std::string::npos);
        CHECK(desk.err.str().find("= secret") == std::string::npos);
        CHECK(desk.err.str().find("c2VjcmV0") == std::string::npos);
    }
    write(desk.store, start + "password = secret\n");
    CHECK(desk.build(desk.store) == ExitCode::fine);
    CHECK(desk.err.str().find("in sftp://example.org/drop; no program makes them.") != std::string::npos);
}
