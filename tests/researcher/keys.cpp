#include <doctest/doctest.h>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

TEST_CASE("a new key is a secret file and a public one, with a fingerprint in six groups of five digits") {
    Desk desk;
    REQUIRE(desk.key_new("anna") == ExitCode::fine);
    CHECK(fs::exists(desk.folder / "anna.ffkey"));
    CHECK(content(desk.folder / "anna.ffpub").starts_with("ffpub1"));
    const auto at = desk.out.str().find("fingerprint  ");
    REQUIRE(at != std::string::npos);
    const std::string digits = desk.out.str().substr(at + 13, 35);
    for (std::size_t i = 0; i < digits.size(); ++i)
        CHECK((i % 6 == 5 ? digits[i] == ' ' : digits[i] >= '0' && digits[i] <= '9'));
}

TEST_CASE("a cheap key is named as one for throw-away use") {
    Desk desk;
    desk.key_new("anna");
    CHECK(desk.err.str().find("demos and tests") != std::string::npos);
}

TEST_CASE("a key is never replaced") {
    Desk desk;
    REQUIRE(desk.key_new("anna") == ExitCode::fine);
    const std::string before = content(desk.key);
    CHECK(desk.key_new("anna") == ExitCode::could_not);
    CHECK(content(desk.key) == before);
}

TEST_CASE("half a pair of key files is never left") {
    Desk desk;
    write(desk.folder / "anna.ffpub", "something else");
    CHECK(desk.key_new("anna") == ExitCode::could_not);
    CHECK_FALSE(fs::exists(desk.key));
    CHECK(desk.passphrases.asked.empty());  // said before anybody thinks of a passphrase
}

TEST_CASE("a passphrase of fewer than eight characters is refused") {
    Desk desk;
    for (const char* seven : {"seven77", "мамамам"}) {
        desk.passphrases.passphrase = seven;
        CHECK(desk.key_new("anna") == ExitCode::could_not);
        CHECK(files_in(desk.folder / "").empty());
    }
}

TEST_CASE(
    "key show tells the same fingerprint from both halves, and asks a passphrase for the secret one only") {
    Desk desk;
    desk.with_keys();
    desk.passphrases.asked.clear();
    KeyShowOptions options;
    options.output = Output::json;
    options.file = desk.folder / "anna.ffpub";
    REQUIRE(desk.said(run_key_show, options) == ExitCode::fine);
    const auto open = nlohmann::json::parse(desk.out.str());
    CHECK(desk.passphrases.asked.empty());
    options.file = desk.key;
    REQUIRE(desk.said(run_key_show, options) == ExitCode::fine);
    CHECK(nlohmann::json::parse(desk.out.str()) == open);
    CHECK(desk.passphrases.asked.size() == 1);
    CHECK(open["kind"] == "researcher");
}

TEST_CASE("a wrong passphrase, a damaged key and a file that is no key are told apart") {
    Desk desk;
    desk.with_keys();
    KeyShowOptions options;
    options.file = desk.key;
    desk.passphrases.passphrase = "not the right one";
    CHECK(desk.said(run_key_show, options) == ExitCode::could_not);
    CHECK(desk.err.str() ==
          "fieldfare-cli: The passphrase does not open " + desk.key.string() + "; try again.\n");
    flip_byte(desk.key, 40);
    CHECK(desk.said(run_key_show, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("damaged") != std::string::npos);
    write(desk.key, "what is this?");
    CHECK(desk.said(run_key_show, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("is not a key file") != std::string::npos);
    options.file = desk.folder / "nobody.ffkey";
    CHECK(desk.said(run_key_show, options) == ExitCode::could_not);
    CHECK(desk.err.str().find("does not exist") != std::string::npos);
}

TEST_CASE("every truncation of a key file is refused in one sentence") {
    Desk desk;
    desk.with_keys();
    const std::string whole = content(desk.key);
    KeyShowOptions options;
    options.file = desk.folder / "cut.ffkey";
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{8}, whole.size() / 2, whole.size() - 1}) {
        write(options.file, whole.substr(0, length));
        CHECK(desk.said(run_key_show, options) == ExitCode::could_not);
        CHECK(lines(desk.err.str()).size() == 1);
    }
}

TEST_CASE("a QR code is drawn on demand") {
    Desk desk;
    desk.with_keys();
    KeyShowOptions options;
    options.file = desk.folder / "anna.ffpub";
    options.qr = true;
    REQUIRE(desk.said(run_key_show, options) == ExitCode::fine);
    CHECK(desk.out.str().find("▀") != std::string::npos);
}
