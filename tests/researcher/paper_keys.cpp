#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

using Words = std::vector<std::string>;

/// A key, and what "key backup" prints of it.
struct Drawer : Desk {
    std::string page;

    Drawer() {
        REQUIRE(key_new("anna") == ExitCode::fine);
        const Said said = backup({});
        REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
        page = said.out;
    }
    Said backup(Words more) {
        Words words = {"key", "backup", key.string()};
        words.insert(words.end(), more.begin(), more.end());
        return say_with_passphrases(words, *this);
    }
    Said restore(const std::string& text, const std::string& name = "restored") {
        write(folder / "typed.txt", text);
        return say({"key", "restore", (folder / name).string(), "--from", (folder / "typed.txt").string()});
    }
    fs::path restored() { return folder / "restored.ffkey"; }
    /// Typed on a terminal.
    ExitCode types(const std::string& text) {
        std::istringstream in(text);
        out.str("");
        err.str("");
        Console console{out, err, true, passphrases};
        KeyRestoreOptions options;
        options.name = folder / "restored";
        options.in = &in;
        return run_key_restore(options, console);
    }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

std::string fingerprint_in(const std::string& text) {
    return text.substr(text.find("fingerprint  ") + 13, 35);
}

}  // namespace

TEST_CASE("a key that is put on paper and typed again is the same file, for its owner only") {
    Drawer drawer;
    const Said said = drawer.restore(drawer.page);
    REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
    CHECK(content(drawer.restored()) == content(drawer.key));
    struct stat there {};
    REQUIRE(::stat(drawer.restored().c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0600);
    const Said shown = say_with_passphrases({"key", "show", drawer.restored().string()}, drawer);
    CHECK(fingerprint_in(shown.out) == fingerprint_in(drawer.page));
}

TEST_CASE("a page says whose key it is and that it is worth something with its passphrase only") {
    Drawer drawer;
    CHECK(contains(drawer.page, "# Researcher's key anna"));
    CHECK(contains(drawer.page, "Whoever has this sheet and the passphrase has the key"));
    for (const char* name : {"anna.svg", "anna.txt"}) {
        const Said said = drawer.backup({"--out", (drawer.folder / name).string()});
        REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
        const std::string page = content(drawer.folder / name);
        CHECK(contains(page, "Whoever has this sheet and the passphrase has the key"));
        for (const std::string& line : lines(drawer.page))
            if (!line.starts_with('#')) CHECK(contains(page, line));
        CHECK_FALSE(contains(said.out, lines(drawer.page).back()));  // the page alone has it
        struct stat there {};
        REQUIRE(::stat((drawer.folder / name).c_str(), &there) == 0);
        CHECK((there.st_mode & 0777) == 0600);
    }
    CHECK(content(drawer.folder / "anna.txt") == drawer.page);
    CHECK(contains(content(drawer.folder / "anna.svg"), "<path "));
    CHECK(drawer.backup({"--out", (drawer.folder / "anna.svg").string()}).code == ExitCode::could_not);
    CHECK(drawer.backup({"--out", (drawer.folder / "anna.docx").string()}).code == ExitCode::usage);
    CHECK(contains(drawer.backup({"--qr"}).out, "▀"));
}

TEST_CASE("nothing of a secret key stands on its page in clear, and no file is left but the page") {
    Drawer drawer;
    const auto before = files_in(drawer.folder / "");
    drawer.backup({"--qr"});
    CHECK(files_in(drawer.folder / "") == before);
    drawer.passphrases.passphrase = "not the right one";
    const Said said = drawer.backup({"--out", (drawer.folder / "anna.svg").string()});
    CHECK(said.code == ExitCode::could_not);
    CHECK(contains(said.err, "The passphrase does not open"));
    CHECK(files_in(drawer.folder / "") == before);
}

TEST_CASE("the QR code's text brings the key back as well") {
    Drawer drawer;
    const auto object = nlohmann::json::parse(drawer.backup({"--json"}).out);
    CHECK(object["lines"].size() == 16);
    CHECK(object["fingerprint"] == fingerprint_in(drawer.page));
    REQUIRE(drawer.restore(object["qr"].get<std::string>() + "\n").code == ExitCode::fine);
    CHECK(content(drawer.restored()) == content(drawer.key));
}

TEST_CASE("mistyped and swapped lines are named, and nothing is written") {
    Drawer drawer;
    auto typed = lines(drawer.page);
    const auto first = typed.end() - 16;
    std::string& fifth = *(first + 4);
    fifth[6] = fifth[6] == 'A' ? 'B' : 'A';
    std::swap(*(first + 10), *(first + 11));
    (*(first + 8))[1] = '8';  // the number in front of line 9
    const Said said = drawer.restore(joined(typed));
    CHECK(said.code == ExitCode::could_not);
    CHECK(contains(said.err, "Line 5 is mistyped"));
    CHECK(contains(said.err, "Line 9 is right, and the number in front of it is not"));
    CHECK(contains(said.err, "Line 11 as typed is line 12 of the paper"));
    CHECK(contains(said.err, "Line 12 as typed is line 11 of the paper"));
    CHECK(lines(said.err).size() == 5);
    CHECK_FALSE(fs::exists(drawer.restored()));
    CHECK(drawer.restore("nothing of the kind\n").code == ExitCode::could_not);
    CHECK(drawer.restore("").code == ExitCode::could_not);
}

TEST_CASE("on a terminal a mistyped line is told at once and typed again") {
    Drawer drawer;
    const auto page = lines(drawer.page);
    std::string typed;
    for (std::size_t i = page.size() - 16; i < page.size(); ++i) {
        std::string wrong = page[i];
        wrong[9] = wrong[9] == 'A' ? 'B' : 'A';
        if (i % 5 == 0) typed += wrong + "\n\n";
        typed += page[i].substr(4) + "\n";
    }
    REQUIRE(drawer.types(typed) == ExitCode::fine);
    CHECK(contains(drawer.err.str(), "is mistyped"));
    CHECK(content(drawer.restored()) == content(drawer.key));
    fs::remove(drawer.restored());
    CHECK(drawer.types(page.back() + "\n") == ExitCode::could_not);
    CHECK_FALSE(fs::exists(drawer.restored()));
}

TEST_CASE("a key that is there is never replaced by one from paper") {
    Drawer drawer;
    const std::string before = content(drawer.key);
    const Said said = drawer.restore(drawer.page, "anna");
    CHECK(said.code == ExitCode::could_not);
    CHECK(contains(said.err, "a key is never replaced"));
    CHECK(content(drawer.key) == before);
}

TEST_CASE("a public key, a damaged one and something else go on no paper") {
    Drawer drawer;
    const auto backup_of = [&](const fs::path& file) {
        return say_with_passphrases({"key", "backup", file.string()}, drawer).code;
    };
    CHECK(backup_of(drawer.folder / "anna.ffpub") == ExitCode::could_not);
    CHECK(backup_of(drawer.folder / "nobody.ffkey") == ExitCode::could_not);
    flip_byte(drawer.key, 200);
    CHECK(backup_of(drawer.key) == ExitCode::could_not);
}
