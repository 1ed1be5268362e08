#include "crypto/paper_key.h"

#include <fstream>
#include <iterator>

#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A key file as people have it, at the cost for tests, and its paper.
struct Paper {
    Identity identity = researcher("anna");
    Bytes file = must(identity.to_file_bytes(passphrase("a passphrase"), cost_floor));
    PaperKey paper = must(to_paper(file));

    std::vector<std::string> lines() const { return paper.lines; }
};

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::vector<PaperMistake> mistakes_in(std::string_view typed) {
    const auto read = from_paper(typed);
    return read ? std::vector<PaperMistake>() : read.error();
}

std::vector<PaperMistake> only(PaperFault fault, std::size_t line, std::size_t belongs = 0,
                               std::size_t characters = 0) {
    return {{fault, line, belongs, characters}};
}

/// The text of a line without its number and blanks.
std::string bare(const std::string& line) {
    std::string digits;
    for (const char c : line.substr(2))
        if (c != ' ') digits += c;
    return digits;
}

}  // namespace

TEST_CASE("a key goes on paper and comes back byte for byte, by its lines and by its QR code") {
    const Paper paper;
    CHECK(paper.paper.lines.size() == 16);
    CHECK(paper.paper.lines[0].size() == 4 + 8 * 4 + 7 + 2 + 6);
    CHECK(from_paper(joined(paper.lines())).value() == paper.file);
    CHECK(from_paper(paper.paper.qr).value() == paper.file);
    CHECK(paper.paper.qr.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos);
    const auto root = must(Identity::generate(IdentityKind::root, "root"));
    const Bytes file = must(root.to_file_bytes(passphrase("a passphrase"), cost_floor));
    CHECK(from_paper(joined(must(to_paper(file)).lines)).value() == file);
}

TEST_CASE("the key on paper is still under its passphrase") {
    const Paper paper;
    const Bytes back = from_paper(joined(paper.lines())).value();
    CHECK(Identity::from_file_bytes(back, passphrase("a passphrase")).has_value());
    CHECK(error_of(Identity::from_file_bytes(back, passphrase("another"))) == Error::wrong_passphrase);
}

TEST_CASE("how a line is typed does not matter: case, blanks, numbers, O for 0, I and L for 1") {
    const Paper paper;
    std::string typed = "# from the drawer\n\n";
    std::size_t number = 0;
    for (const std::string& line : paper.lines()) {
        std::string other;
        for (char c : bare(line)) {
            c = c == '0' ? (number % 2 ? 'O' : 'o') : c == '1' ? (number % 2 ? 'i' : 'L') : c;
            if (number % 3 != 0 && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            other += c;
            if (number % 4 == 1 && other.size() % 6 == 0) other += '-';
        }
        ++number;
        typed += (number % 3 == 0   ? std::to_string(number) + ". "
                  : number % 3 == 1 ? ""
                                    : "\t") +
                 other + (number % 2 ? "\r\n" : "\n\n");
    }
    CHECK(from_paper(typed).value() == paper.file);
    std::string scanned = paper.paper.qr;
    for (char& c : scanned)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    CHECK(from_paper(scanned + "\n").value() == paper.file);
}

TEST_CASE("every single mistyped character is caught, and its line is named") {
    const Paper paper;
    for (std::size_t i = 0; i < paper_lines; ++i) {
        const std::string line = bare(paper.lines()[i]);
        for (std::size_t at = 0; at < line.size(); ++at)
            for (const char other : alphabet) {
                if (other == line[at]) continue;
                std::string typed = line;
                typed[at] = other;
                const auto read = from_paper_line(typed, i + 1);
                REQUIRE_FALSE(read.has_value());
                REQUIRE(read.error() == PaperMistake{PaperFault::mistyped, i + 1, 0, 0});
            }
    }
    auto lines = paper.lines();
    lines[6][7] = lines[6][7] == 'A' ? 'B' : 'A';
    CHECK(mistakes_in(joined(lines)) == only(PaperFault::mistyped, 7));
}

TEST_CASE("any two characters of a line that are swapped or mistyped are caught") {
    const Paper paper;
    const std::string line = bare(paper.lines()[3]);
    for (std::size_t at = 0; at < line.size(); ++at)
        for (std::size_t to = at + 1; to < line.size(); ++to) {
            std::string swapped = line, mistyped = line;
            std::swap(swapped[at], swapped[to]);
            if (swapped != line) REQUIRE_FALSE(from_paper_line(swapped, 4).has_value());
            for (const std::size_t place : {at, to})
                mistyped[place] = alphabet[(alphabet.find(line[place]) + 1 + at % 31) % 32];
            REQUIRE_FALSE(from_paper_line(mistyped, 4).has_value());
        }
}

TEST_CASE("lines that were swapped, left out or typed twice are caught and named") {
    const Paper paper;
    for (std::size_t i = 0; i < paper_lines; ++i)
        for (std::size_t j = i + 1; j < paper_lines; ++j) {
            auto lines = paper.lines();
            for (std::string& line : lines) line = bare(line);
            std::swap(lines[i], lines[j]);
            const std::vector<PaperMistake> expected = {{PaperFault::misplaced, i + 1, j + 1, 0},
                                                        {PaperFault::misplaced, j + 1, i + 1, 0}};
            REQUIRE(mistakes_in(joined(lines)) == expected);
        }
    auto lines = paper.lines();
    lines.erase(lines.begin() + 14);
    CHECK(mistakes_in(joined(lines)) == std::vector<PaperMistake>{{PaperFault::misplaced, 15, 16, 0},
                                                                  {PaperFault::too_few_lines, 15, 0, 0}});
    lines = paper.lines();
    lines.push_back(lines.back());
    CHECK(mistakes_in(joined(lines)) == only(PaperFault::too_many_lines, 17));
    CHECK(mistakes_in("").front().fault == PaperFault::too_few_lines);
}

TEST_CASE("characters that no line has, missing ones and wrong numbers are named with their line") {
    const Paper paper;
    auto lines = paper.lines();
    lines[2][5] = 'U';
    lines[4].erase(20, 1);
    lines[8][1] = '8';  // the number in front of line 9
    const std::vector<PaperMistake> expected = {{PaperFault::wrong_character, 3, 0, 0},
                                                {PaperFault::wrong_length, 5, 0, 37},
                                                {PaperFault::wrong_number, 9, 0, 0}};
    CHECK(mistakes_in(joined(lines)) == expected);
}

TEST_CASE("lines of two papers do not make a key, though each of them is right") {
    const Paper one, other;
    auto lines = one.lines();
    lines[10] = other.lines()[10];
    CHECK(mistakes_in(joined(lines)) == only(PaperFault::whole, 0));
    std::string qr = one.paper.qr;
    qr[100] = qr[100] == 'A' ? 'B' : 'A';
    CHECK(mistakes_in(qr) == only(PaperFault::whole, 0));
    CHECK(mistakes_in(qr.substr(0, 400)) == only(PaperFault::whole, 0));
}

TEST_CASE("only a whole key file goes on paper") {
    Paper paper;
    CHECK(error_of(to_paper(bytes("no key"))) == Error::wrong_format);
    CHECK(error_of(to_paper(ByteView(paper.file).first(319))) == Error::damaged);
    paper.file[100] ^= 1;
    CHECK(error_of(to_paper(paper.file)) == Error::damaged);
}

TEST_CASE("the lines of a known key are those of KEYS.md") {
    std::ifstream stream(FIELDFARE_SOURCE_DIR "/tests/data/batches/researcher.ffkey", std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(stream), {}};
    const PaperKey paper = must(to_paper(bytes_of(file)));
    CHECK(paper.lines.front() == "01  H534 CJRD 18D0 M081 0000 0001 001G 0000  G4AN2B");
    CHECK(paper.lines.back() == "16  6H8K KJV5 1A9T PXQX 3PN7 6CAK C362 V6WA  T302KK");
    CHECK(paper.qr.starts_with("FFKEY1H534CJRD18D0M081"));
}
