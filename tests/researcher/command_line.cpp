#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

const std::vector<std::vector<std::string>> verbs = {
    {"key", "new"},        {"key", "backup"},   {"key", "restore"}, {"key", "rehearse"},
    {"archive", "rewrap"}, {"key", "show"},     {"study", "build"}, {"study", "show"},
    {"store", "init"},     {"store", "doctor"}, {"roster", "add"},  {"roster", "show"},
    {"roster", "revoke"},  {"form", "check"},   {"form", "json"},   {"form", "run"},
    {"form", "convert"},   {"fetch"},           {"open"},           {"inspect"},
    {"simulate"}};

}  // namespace

TEST_CASE("every verb has a help text with an example of itself") {
    for (auto words : verbs) {
        std::string example = "fieldfare-cli";
        for (const std::string& word : words) example += " " + word;
        words.push_back("--help");
        const Said said = say(words);
        CAPTURE(example);
        CHECK(said.code == ExitCode::fine);
        CHECK(said.out.find("Example:\n  " + example) != std::string::npos);
        CHECK(said.err.empty());
    }
}

TEST_CASE("the version is told without a verb") {
    const Said said = say({"--version"});
    CHECK(said.code == ExitCode::fine);
    CHECK(said.out == "fieldfare-cli " FIELDFARE_VERSION "\n");
}

TEST_CASE("no option takes a passphrase or a key") {
    for (auto words : verbs) {
        words.push_back("--help");
        const Said said = say(words);
        for (std::size_t at = said.out.find("--pass"); at != std::string::npos;
             at = said.out.find("--pass", at + 1))
            CHECK(said.out.substr(at, 15) == "--passphrase-fd");
    }
}

TEST_CASE("wrong words end with 2 and say what was meant") {
    CHECK(say({}).code == ExitCode::usage);
    CHECK(say({"fly"}).code == ExitCode::usage);
    CHECK(say({"key"}).code == ExitCode::usage);
    CHECK(say({"key", "new"}).code == ExitCode::usage);
    const Said said = say({"open", "--studdy", "s"});
    CHECK(said.code == ExitCode::usage);
    CHECK_FALSE(said.err.empty());
    CHECK(said.out.empty());
    CHECK(say({"key", "new", "x", "--cost", "free"}).code == ExitCode::usage);
}

TEST_CASE("with --json a failure is an object on standard output as well") {
    const Said plain = say({"study", "show", "/nowhere/s.ffstudy"});
    CHECK(plain.code == ExitCode::could_not);
    CHECK(plain.out.empty());
    const Said said = say({"study", "show", "/nowhere/s.ffstudy", "--json"});
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.err == plain.err);
    const auto object = nlohmann::json::parse(said.out);
    CHECK(object["error"] == "could_not");
    CHECK("fieldfare-cli: " + object["sentence"].get<std::string>() + "\n" == said.err);

    // What is found out beside a report stays on the other stream.
    Desk desk;
    desk.with_study().with_interviews(1, 1);
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    const Said other = say_with_passphrases({"inspect", files_in(desk.inbox).front().string(), "--key",
                                             (desk.folder / "ben.ffkey").string(), "--json"},
                                            desk);
    CHECK(other.code == ExitCode::findings);
    CHECK(nlohmann::json::parse(other.out)["refused"] == "not_openable");
}

TEST_CASE("with --json words that are not understood are an object as well") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"fetch", "--study", "x", "--inbox", "y", "--connections", "0", "--json"},
             {"open", "--json", "--nonsense"},
             {"nonsense", "--json"},
             {"store", "init", "--study", "x", "--print", "apache.conf", "--json"}}) {
        const Said said = say(words);
        CAPTURE(said.out);
        CHECK(said.code == ExitCode::usage);
        const auto told = nlohmann::json::parse(said.out);
        CHECK(told["error"] == "usage");
        CHECK(said.err.starts_with(told["sentence"].get<std::string>() + "\n"));
    }
    CHECK(say({"fetch", "--connections", "0"}).out.empty());
}

TEST_CASE("passphrases come from a descriptor, one line each") {
    TemporaryFolder folder;
    const std::string name = (folder / "anna").string();
    const int made = descriptor_with("a passphrase of some words\nleft for the next");
    CHECK(say({"key", "new", name, "--cost", "low", "--passphrase-fd", std::to_string(made)}).code ==
          ExitCode::fine);
    std::string rest(20, ' ');
    rest.resize(static_cast<std::size_t>(::read(made, rest.data(), rest.size())));
    CHECK(rest == "left for the next");
    ::close(made);

    const int right = descriptor_with("a passphrase of some words\r\n"), wrong = descriptor_with("another\n");
    CHECK(say({"key", "show", name + ".ffkey", "--passphrase-fd", std::to_string(right)}).code ==
          ExitCode::fine);
    CHECK(say({"key", "show", name + ".ffkey", "--passphrase-fd", std::to_string(wrong)}).code ==
          ExitCode::could_not);
    ::close(right);
    ::close(wrong);
}

TEST_CASE(
    "before a passphrase is taken it is said that keys may be swapped to a disk, and only where they may") {
    const TemporaryFolder folder;
    const auto said_where_keys = [&](bool may_be_swapped, const std::string& verb) {
        std::ostringstream out, err;
        const int passphrase = descriptor_with("a passphrase of some words\n");
        const std::string name = (folder / "anna").string();
        std::vector<std::string> words{"key", verb, verb == "show" ? name + ".ffkey" : name,
                                       "--passphrase-fd", std::to_string(passphrase)};
        if (verb == "new") words.insert(words.end(), {"--cost", "low"});
        run_command_line(words, out, err, false, {}, [&] { return may_be_swapped; });
        ::close(passphrase);
        return err.str();
    };
    constexpr auto warning = "This system lets fieldfare-cli lock too little of its memory";
    CHECK(said_where_keys(true, "new").starts_with(warning));
    CHECK(said_where_keys(true, "show").starts_with(warning));
    CHECK(said_where_keys(false, "show").find(warning) == std::string::npos);
}

TEST_CASE("a descriptor without a line is a wrong usage") {
    TemporaryFolder folder;
    const int empty = descriptor_with("");
    CHECK(say({"key", "new", (folder / "a").string(), "--passphrase-fd", std::to_string(empty)}).code ==
          ExitCode::usage);
    ::close(empty);
    CHECK(say({"key", "new", (folder / "a").string(), "--passphrase-fd", "777"}).code == ExitCode::usage);
    CHECK(files_in(folder / "").empty());
}

TEST_CASE("form check prints a JSON line a file and ends with 1 when one is invalid") {
    TemporaryFolder folder;
    write_small_form(folder / "good");
    write_small_form(folder / "bad");
    write(folder / "bad/survey.csv", "type,name,label\nselect_one nowhere,q,Q\n");
    const Said said = say({"form", "check", (folder / "good").string(), (folder / "bad").string(), "--json"});
    CHECK(said.code == ExitCode::findings);
    REQUIRE(lines(said.out).size() == 2);
    const auto good = nlohmann::json::parse(lines(said.out)[0]),
               bad = nlohmann::json::parse(lines(said.out)[1]);
    CHECK(good["file"] == (folder / "good").string());
    CHECK(good["verdict"] == "valid");
    CHECK(good["errors"].empty());
    CHECK(good["warnings"].is_array());
    CHECK(bad["verdict"] == "invalid");
    REQUIRE_FALSE(bad["errors"].empty());
    CHECK(bad["errors"][0]["sheet"] == "survey");
    CHECK(bad["errors"][0]["row"] == 2);
    CHECK(bad["errors"][0].contains("column"));
    CHECK(bad["errors"][0].contains("message"));
}

TEST_CASE("form check of a valid form ends with 0, and of a missing one with 3 and a sentence") {
    TemporaryFolder folder;
    write_small_form(folder / "good");
    CHECK(say({"form", "check", (folder / "good").string()}).code == ExitCode::fine);
    const Said said = say({"form", "check", (folder / "none.xlsx").string()});
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.out.find("none.xlsx") != std::string::npos);
}

TEST_CASE("form json prints the canonical form") {
    TemporaryFolder folder;
    write_small_form(folder / "good");
    const Said said = say({"form", "json", (folder / "good").string()});
    CHECK(said.code == ExitCode::fine);
    CHECK(nlohmann::json::parse(said.out).is_object());
}

TEST_CASE("form convert prints an XForm, or writes it to a file of its own") {
    TemporaryFolder folder;
    write_small_form(folder / "good");
    const std::string form = (folder / "good").string(), out = (folder / "form.xml").string();
    const Said printed = say({"form", "convert", form, "--to", "xform"});
    CHECK(printed.code == ExitCode::fine);
    CHECK(printed.out.starts_with("<?xml"));
    CHECK(printed.out.ends_with("</h:html>\n"));

    CHECK(say({"form", "convert", form, "--to", "xform", "--out", out}).code == ExitCode::fine);
    CHECK(content(out) == printed.out);
    CHECK(say({"form", "convert", form, "--to", "xform", "--out", out}).code == ExitCode::could_not);
    CHECK(say({"form", "convert", form, "--to", "xform", "--out", out, "--force"}).code == ExitCode::fine);
}

TEST_CASE("form convert starts from canonical JSON too, and refuses what is no form") {
    TemporaryFolder folder;
    write_small_form(folder / "good");
    const std::string sheets = (folder / "good").string(), json = (folder / "form.json").string();
    write(json, say({"form", "json", sheets}).out);
    CHECK(say({"form", "convert", json, "--to", "xform"}).out ==
          say({"form", "convert", sheets, "--to", "xform"}).out);

    write(json, "{}");
    const Said said = say({"form", "convert", json, "--to", "xform"});
    CHECK(said.code == ExitCode::could_not);
    CHECK(said.out.empty());
    CHECK(said.err.find("error: form.json") != std::string::npos);
    CHECK(say({"form", "convert", sheets, "--to", "paper"}).code == ExitCode::usage);
}

TEST_CASE("what --json prints is one object that parses, for every verb about one thing") {
    Desk desk;
    desk.with_study().with_interviews(30, 1);
    const std::string study = desk.study.string(), key = desk.key.string(), root = desk.root.string(),
                      roster = desk.roster.string(), inbox = desk.inbox.string();
    const auto name = [&](const char* file) { return (desk.folder / file).string(); };
    const std::string batch = files_in(desk.inbox).front().string();
    const std::vector<std::vector<std::string>> all = {
        {"key", "new", name("ben"), "--cost", "low"},
        {"key", "show", name("anna.ffpub")},
        {"study", "build", desk.form.string(), "--recipient", name("anna.ffpub"), "--root", root, "--out",
         name("s2.ffstudy")},
        {"study", "show", study},
        {"roster", "show", "--study", study, "--roster", roster},
        {"fetch", "--study", study, "--inbox", inbox},
        {"open", "--study", study, "--key", key, "--roster", roster, "--inbox", inbox, "--out",
         name("results")},
        {"inspect", batch, "--key", key},
        {"simulate", "--study", study, "--interviews", "3", "--out", name("more")},
    };
    for (auto words : all) {
        const int passphrases = descriptor_with(desk.passphrases.passphrase + "\n");
        words.push_back("--json");
        const bool takes = words[0] != "study" || words[1] == "build";
        if (takes && words[0] != "roster" && words[0] != "fetch")
            for (const std::string& word : {std::string("--passphrase-fd"), std::to_string(passphrases)})
                words.push_back(word);
        const Said said = say(words);
        CAPTURE(words[0]);
        CAPTURE(said.err);
        CHECK(said.code == ExitCode::fine);
        CHECK(lines(said.out).size() == 1);
        CHECK(nlohmann::json::parse(said.out).is_object());
        ::close(passphrases);
    }
}
