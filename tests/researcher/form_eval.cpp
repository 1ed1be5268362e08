#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <regex>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using nlohmann::json;

namespace {

/// The time zone of this process while it lives.
class TimeZone {
  public:
    explicit TimeZone(const char* name) {
        if (const char* before = std::getenv("TZ")) before_ = before;
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~TimeZone() {
        if (before_.empty())
            ::unsetenv("TZ");
        else
            ::setenv("TZ", before_.c_str(), 1);
        ::tzset();
    }
    TimeZone(const TimeZone&) = delete;

  private:
    std::string before_;
};

std::string eval(std::vector<std::string> words) {
    words.insert(words.begin(), {"form", "eval"});
    const Said said = say(words);
    return said.out + said.err;
}

double number(const json& value) {
    if (value.is_number()) return value.get<double>();
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (text == "Infinity") return HUGE_VAL;
    if (text == "-Infinity") return -HUGE_VAL;
    return text == "NaN" || text.empty() ? std::nan("") : std::stod(text);
}

/// Whether what the program said of a case is what the peers agree on.
bool as_expected(const json& one, const json& said) {
    const std::string type = one["type"];
    if (type == "error") return said.contains("error");
    if (!said.contains("got")) return false;
    const json &got = said["got"], &expected = one["expected"];
    if (type == "number" || type == "number-rounded") {
        const double a = number(got), b = number(expected);
        if (std::isnan(b) || std::isinf(b)) return std::isnan(b) ? std::isnan(a) : a == b;
        return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
    }
    if (type == "regex") {
        const std::string pattern = expected.get<std::string>();  // "/…/"
        return std::regex_search(got.get<std::string>(), std::regex(pattern.substr(1, pattern.size() - 2)));
    }
    return got == expected;
}

}  // namespace

TEST_CASE("expressions on which the peers agree give what the peers give") {
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const fs::path folder =
        elsewhere != nullptr ? fs::path(elsewhere) : fs::path(FIELDFARE_SOURCE_DIR) / "../shared/conformance";
    const fs::path cases = folder / "expressions.jsonl", documents = folder / "expression-instances.json";
    if (!fs::exists(cases) || !fs::exists(documents)) {
        MESSAGE("the conformance cases are not here; nothing was compared");
        return;
    }
    const TimeZone phoenix("America/Phoenix");
    std::map<json, json> said;
    const std::vector<std::string> answers =
        lines(eval({"--cases", cases.string(), "--instances", documents.string()}));
    for (const std::string& line : answers) {
        json one = json::parse(line);
        said[one["id"]] = one;
    }
    // FORM_LANGUAGE.md tells which cases we decide otherwise, and why.
    const std::string page = content(fs::path(FIELDFARE_SOURCE_DIR) / "schema/FORM_LANGUAGE.md");
    int agreed = 0, passed = 0, disputed = 0, disputed_passed = 0;
    for (const std::string& line : lines(content(cases))) {
        const json one = json::parse(line);
        const bool pass = as_expected(one, said[one["id"]]);
        if (one["consensus"] != true) {
            ++disputed;
            disputed_passed += pass ? 1 : 0;
            continue;
        }
        ++agreed;
        passed += pass ? 1 : 0;
        if (pass) continue;
        const std::string id = one["id"];
        INFO(id << " " << one["expression"] << " wants " << one["expected"] << ", gives " << said[id]);
        CHECK(page.find(id) != std::string::npos);
    }
    MESSAGE(passed << " of " << agreed << " agreed cases, " << disputed_passed << " of " << disputed
                   << " disputed ones");
    CHECK(passed * 100 >= agreed * 99);
}

TEST_CASE("form eval says what an expression gives") {
    TemporaryFolder folder;
    write(folder / "trips.xml",
          "<data><trip><km>12</km></trip><trip n='2'><km>30</km></trip><!-- far --></data>");
    const std::string file = (folder / "trips.xml").string();
    CHECK(eval({"round(7 div 2)"}) == "4\n");
    CHECK(eval({"sum(/data/trip/km)", "--instance", file}) == "42\n");
    CHECK(eval({"/data/trip/km", "--instance", file}) == "12\n30\n");
    CHECK(eval({"../km * 2", "--instance", file, "--context", "/data/trip[2]/km"}) == "60\n");
    CHECK(eval({"/data/trip/@n", "--instance", file, "--json"}) ==
          "{\"got\":[[0,1,\"@n\"]],\"texts\":[\"2\"]}\n");
    CHECK(eval({"1 div 0", "--json"}) == "{\"got\":\"Infinity\"}\n");
    CHECK(eval({"date('2026-11-23T23:30:00Z')", "--now", "2026-11-24T03:30:00.000+04:00"}) == "2026-11-24\n");
    CHECK(eval({"now()", "--now", "2026-11-24T03:30:00.000+04:00"}) == "2026-11-24T03:30:00.000+04:00\n");
    CHECK(eval({"count(//x:a)", "--namespace", "x=urn:x", "--instance", file}) == "0\n");
}

TEST_CASE("form eval names the place where an expression is none, and what it cannot know") {
    CHECK(eval({"1 +"}).find(
              "The expression: the expression ends where a value is expected (at character 4)") !=
          std::string::npos);
    CHECK(eval({"жук +"}).find("(at character 6)") != std::string::npos);
    CHECK(eval({"extract-signed('a', 'b')"}).find("is not supported: signed texts cannot be verified here") !=
          std::string::npos);
    CHECK(eval({"${age} + 1"}).find("“${age}” needs a form") != std::string::npos);
    CHECK(eval({"digest('a', 'CRC')"}).find("knows MD5, SHA-1") != std::string::npos);
    CHECK(eval({"1", "--context", "/nowhere"}).find("leads to no node") != std::string::npos);
    CHECK(eval({}).find("Say an expression") != std::string::npos);
}

TEST_CASE("a case that cannot be answered does not stop the others") {
    TemporaryFolder folder;
    write(folder / "cases.jsonl",
          "{\"id\":\"a\",\"expression\":\"1 +\",\"type\":\"number\"}\n"
          "nonsense\n"
          "{\"id\":2,\"expression\":\"/r/b\",\"type\":\"nodeset\",\"instance\":\"x\",\"context_path\":[]}\n"
          "{\"id\":3,\"expression\":\"1\",\"instance\":\"y\"}\n"
          "{\"id\":4,\"expression\":\"1\",\"instance\":\"x\",\"context_path\":[7]}\n"
          "{\"id\":5,\"expression\":\"false() and nothing()\",\"type\":\"boolean\"}\n"
          "{\"id\":6,\"expression\":\"nothing()\",\"type\":\"boolean\"}\n"
          "{\"id\":7,\"expression\":\"-0\",\"type\":\"number\"}\n");
    write(folder / "documents.json", "{\"x\":\"<r>t<b/><!--c--><b/></r>\"}");
    CHECK(eval({"--cases", (folder / "cases.jsonl").string(), "--instances",
                (folder / "documents.json").string()}) ==
          "{\"id\":\"a\",\"error\":\"the expression ends where a value is expected\"}\n"
          "{\"id\":null,\"error\":\"A case is a JSON object on one line.\"}\n"
          "{\"id\":2,\"got\":[[0,1],[0,3]]}\n"
          "{\"id\":3,\"error\":\"There is no document “y”.\"}\n"
          "{\"id\":4,\"error\":\"A path of the case leads to no node of its document.\"}\n"
          "{\"id\":5,\"got\":false}\n"
          "{\"id\":6,\"error\":\"there is no function “nothing”\"}\n"
          "{\"id\":7,\"got\":\"-0\"}\n");
}

TEST_CASE("documents that would cost more than they weigh are refused") {
    TemporaryFolder folder;
    write(folder / "bomb.xml", "<!DOCTYPE r [<!ENTITY a 'aaaaaaaa'>]><r>&a;</r>");
    write(folder / "cut.xml", "<r><a></r>");
    write(folder / "deep.xml", [] {
        std::string deep;
        for (int i = 0; i < 200'000; ++i) deep += "<a>";
        for (int i = 0; i < 200'000; ++i) deep += "</a>";
        return deep;
    }());
    CHECK(eval({"1", "--instance", (folder / "bomb.xml").string()}).find("declares entities of its own") !=
          std::string::npos);
    CHECK(eval({"1", "--instance", (folder / "cut.xml").string()}).find("is no XML") != std::string::npos);
    CHECK(eval({"count(//a)", "--instance", (folder / "deep.xml").string()}) == "200000\n");
    CHECK(eval({"count(//a[//a[//a]])", "--instance", (folder / "deep.xml").string()})
              .find("looks at more than 20000000 nodes") != std::string::npos);
}
