#include <doctest/doctest.h>

#include "tests/support/loopback.h"
#include "tests/support/researcher.h"
#include "tests/support/web_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::WebDrop;

namespace {

const std::string pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/// A desk whose study goes to the hardened drop: laptops and researcher have a store file each.
struct WebDesk : Desk {
    WebDrop& drop;
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();
    std::string tag;

    explicit WebDesk(WebDrop& server) : drop(server) {
        write(folder / "drop.pem", content(drop.certificate_file()));
        const auto store_file = [&](const std::string& user) {
            return "# for " + user + "\naddress = " + drop.address("/drop") + "/\nuser = " + user +
                   "\npassword = " + user + "-secret\npin = " + drop.pin() + "\ncertificate = drop.pem\n";
        };
        write(laptops, store_file("laptops"));
        write(reader, store_file("reader"));
        with_keys();
        write_small_form(form);
    }
    void build_for_the_drop() {
        auto options = build_options();
        options.stores = {laptops};
        REQUIRE_MESSAGE(said(run_study_build, options) == ExitCode::fine, err.str());
        const std::string notes = err.str();
        tag = shown()["study_tag"];
        CHECK(notes.find("Make the folders " + tag + "/ and " + tag + "/receipts/ in " +
                         drop.address("/drop") +
                         ", unless it is a receiver (\"fieldfare-cli serve\"), which makes them itself.") !=
              std::string::npos);
        CHECK(notes.find("no program makes them") == std::string::npos);
        CHECK(notes.find("hand it on as you would a password") != std::string::npos);
        CHECK(notes.find("laptops-secret") == std::string::npos);
    }
    void make_folders() { drop.clear("/drop", tag); }
    nlohmann::json shown() {
        StudyShowOptions options;
        options.file = study;
        options.output = Output::json;
        REQUIRE(said(run_study_show, options) == ExitCode::fine);
        return nlohmann::json::parse(out.str());
    }
};

}  // namespace

TEST_CASE("a study goes through a web server: sealed, fetched, opened, confirmed") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    WebDesk desk(*drop);
    desk.build_for_the_drop();
    CHECK(desk.shown()["stores"][0] == drop->address("/drop"));

    SimulateOptions options;
    options.study = desk.study;
    options.interviews = 60;
    options.devices = 2;
    options.out = desk.laptops;
    options.truth = desk.truth;
    options.root = desk.root;
    options.roster = desk.roster;
    CHECK(desk.said(run_simulate, options) == ExitCode::could_not);  // nobody has made the folders yet
    CHECK(desk.err.str().find("is not there") != std::string::npos);
    desk.make_folders();
    options.overwrite = Overwrite::yes;
    REQUIRE_MESSAGE(desk.said(run_simulate, options) == ExitCode::fine, desk.err.str());

    // Who has a device's credentials alone gets nothing.
    CHECK(desk.fetch() == ExitCode::could_not);
    CHECK(desk.err.str().find("does not let you in") != std::string::npos);
    CHECK(desk.err.str().find("secret") == std::string::npos);

    REQUIRE_MESSAGE(desk.fetch({desk.reader}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().starts_with("4 new in "));
    const auto opened = desk.opened();
    CHECK(desk.opened_lines() == desk.true_lines());
    CHECK(opened["receipts"]["made"] == 2);
    CHECK(opened["receipts"]["sent"] == 0);  // opening goes to no network

    REQUIRE_MESSAGE(desk.fetch({desk.reader}) == ExitCode::fine, desk.err.str());
    CHECK(desk.out.str().find("2 receipts sent") != std::string::npos);
    CHECK(fieldfare::test::names_in(drop->files("/drop") / desk.tag / "receipts").size() == 2);
}

TEST_CASE("a rehearsal tells of a store that lets files be replaced") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    WebDesk desk(*drop);
    write(desk.reader, "address = " + drop->address("/old") +
                           "\nuser = reader\npassword = reader-secret\npin = " + drop->pin() +
                           "\ncertificate = drop.pem\n");
    desk.build_for_the_drop();
    drop->clear("/old", desk.tag);
    desk.with_interviews(5, 1, desk.reader);
    CHECK(desk.err.str().find(drop->address("/old") +
                              " does not promise to keep a file from being replaced") != std::string::npos);
}

TEST_CASE("a study file shows which settings a store has, and no credential") {
    WebDrop* drop = fieldfare::test::web_drop();
    if (!drop) return;
    WebDesk desk(*drop);
    desk.build_for_the_drop();
    StudyShowOptions options;
    options.file = desk.study;
    REQUIRE(desk.said(run_study_show, options) == ExitCode::fine);
    CHECK(desk.out.str().find(drop->address("/drop") + "  (certificate, password, pin, user)\n") !=
          std::string::npos);
    CHECK(desk.out.str().find("laptops-secret") == std::string::npos);
}

TEST_CASE("a store that can't be used makes no study, and what is secret of it is not printed") {
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    write(desk.folder / "store.pem", "Certificate:\n  text for people\n" + pem);
    const auto built_with = [&](const std::string& store) {
        auto options = desk.build_options();
        options.stores = {store};
        options.overwrite = Overwrite::yes;
        const ExitCode code = desk.said(run_study_build, options);
        CHECK(desk.err.str().find("secret") == std::string::npos);
        return code;
    };
    for (const char* bad :
         {"https://anna:secret@example.org/x", "https://example.org/x?sig=secret", "http://example.org/x",
          "ftp://anna:secret@example.org", "folder:", "drop", "https://abc.onion"}) {
        CAPTURE(bad);
        CHECK(built_with(bad) == ExitCode::usage);
    }
    CHECK(built_with("https://example.org/x") == ExitCode::fine);
    CHECK(desk.err.str().find("No key is pinned for https://example.org/x") != std::string::npos);

    const std::string file = (desk.folder / "x.ffstore").string();
    const std::string start = "address = https://example.org/x\n";
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "says no address"},
        {"user = anna\n", "says no address"},
        {start + "secret\n", "Line 2 of "},
        {start + "user =\n", "has no name, or no value"},
        {start + "token = secret\ntoken = secret2\n", "says again"},
        {start + start, "says again"},
        {start + "passwort = secret\n", "the setting \"passwort\" is not known"},
        {start + "user = anna\n", "user and password belong together"},
        {start + "proxy = socks5://secret:9050\n", "must begin with socks5h://"},
        {start + "certificate = nothing.pem\n", "nothing.pem"},
        {start + "client_key = store.pem\n", "holds no key as PKCS #8"},
        {start + "token = " + std::string(5000, 's') + "\n", "over 4,096 bytes"},
        {"address = folder:/media/stick\nuser = secret\n", "takes no settings"},
    };
    for (const auto& [text, why] : table) {
        CAPTURE(why);
        write(file, text);
        CHECK(built_with(file) != ExitCode::fine);
        CHECK(desk.err.str().find(why) != std::string::npos);
    }
    write(file, "\xef\xbb\xbf" + start);
    CHECK(built_with(file) != ExitCode::fine);
    write(file, "# for the laptops\r\n\r\n  address=https://example.org/x  \r\ncertificate = store.pem\r\n");
    CHECK(built_with(file) == ExitCode::fine);
}

TEST_CASE("where the study demands a proxy, fetch goes to no store without one, whoever named it") {
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    fieldfare::test::Listener server([](int) {});
    const std::string where = "127.0.0.1:" + std::to_string(server.port());
    const std::string hash = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    write(desk.folder / "sftp.ffstore",
          "address = sftp://" + where + "/drop\nuser = a\npassword = b\nhost_key = " + hash + "\n");
    auto options = desk.build_options();
    options.stores = {"https://" + where + "/drop"};
    options.network_by_proxy = true;
    REQUIRE_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());

    for (const std::vector<std::string>& stores :
         {std::vector<std::string>{}, {"https://" + where}, {(desk.folder / "sftp.ffstore").string()}}) {
        CHECK(desk.fetch(stores) == ExitCode::could_not);
        CHECK(server.connections() == 0);
    }
    fieldfare::test::SocksDouble proxy(server.port());
    FetchOptions fetch;
    fetch.study = desk.study;
    fetch.inbox = desk.inbox;
    fetch.proxy = proxy.address();
    CHECK(desk.said(run_fetch, fetch) == ExitCode::could_not);
    CHECK(proxy.calls().size() >= 1);  // the person's own, in the place of Tor here
}

TEST_CASE("a proxy that would tell the network where we go is refused") {
    Desk desk;
    desk.with_study();
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.proxy = "http://127.0.0.1:3128";
    CHECK(desk.said(run_fetch, options) == ExitCode::usage);
    CHECK(desk.err.str().find("must begin with socks5h://") != std::string::npos);
}
