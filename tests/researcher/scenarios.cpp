#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using nlohmann::json;

namespace {

// Random ids and the time of the recording are not compared.
std::string without_chance(const std::string& text) {
    static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    static const std::regex time("T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}");
    return std::regex_replace(std::regex_replace(text, id, "*"), time, "T*");
}

bool same(const json& wanted, const json& given) {
    if (wanted == given) return true;
    if (wanted.is_string() && given.is_string())
        return without_chance(wanted.get<std::string>()) == without_chance(given.get<std::string>());
    return false;
}

std::string difference(const std::string& where, const json& wanted, const json& given) {
    return where + ": wants " + wanted.dump() + ", gives " + given.dump();
}

/// Compares what was recorded with what was printed: "" or the first difference.
class Comparison {
  public:
    explicit Comparison(const json& recorded) : recorded_(recorded) {
        for (const json& node : recorded["initial"])
            if (node.contains("inSubmission")) full_ = true;
    }

    std::string first_difference(const json& printed) const {
        if (printed.contains("error")) return "error: " + printed["error"].get<std::string>();
        std::string found = nodes("initial", recorded_["initial"], printed["initial"]);
        for (std::size_t i = 0; found.empty() && i < recorded_["after"].size(); ++i)
            found = step(i, recorded_["after"][i], printed["after"][i]);
        if (found.empty()) found = nodes("final", recorded_["final"], printed["final"]);
        if (found.empty() && !same(recorded_["final_xml"], printed["final_xml"]))
            found = difference("final_xml", recorded_["final_xml"], printed["final_xml"]);
        return found;
    }

    /// Whether the interview ends with the same data, whatever else is said of it.
    bool ends_alike(const json& printed) const {
        return !printed.contains("error") && same(recorded_["final_xml"], printed["final_xml"]);
    }

  private:
    std::string step(std::size_t i, const json& wanted, const json& given) const {
        const std::string where = "step " + std::to_string(i + 1) + " " + recorded_["steps"][i].dump();
        const bool refused = recorded_["steps"][i].contains("error");
        if (given.contains("error") && !refused) return where + ": " + given["error"].get<std::string>();
        std::string found = nodes(where, wanted["changed"], given["changed"]);
        if (found.empty() && wanted["gone"] != given["gone"])
            found = difference(where + " gone", wanted["gone"], given["gone"]);
        return found;
    }

    std::string nodes(const std::string& where, const json& wanted, const json& given) const {
        const auto name = [](const json& list, std::size_t i) {
            return i < list.size()
                       ? list[i]["type"].get<std::string>() + " " + list[i]["ref"].get<std::string>()
                       : std::string("no more nodes");
        };
        for (std::size_t i = 0; i < std::max(wanted.size(), given.size()); ++i) {
            if (name(wanted, i) != name(given, i))
                return where + ": wants " + name(wanted, i) + ", gives " + name(given, i);
            if (auto found = node(where + " " + name(wanted, i), wanted[i], given[i]); !found.empty())
                return found;
        }
        return {};
    }

    std::string node(const std::string& where, const json& wanted, const json& given) const {
        for (const auto& [key, value] : wanted.items())
            if (!same(value, given.value(key, json("(absent)"))))
                return difference(where + " " + key, value, given.value(key, json("(absent)")));
        for (const auto& [key, value] : given.items())
            if (!wanted.contains(key) && (full_ || (key != "inSubmission" && key != "appearances")))
                return difference(where + " " + key, json("(absent)"), value);
        return {};
    }

    const json& recorded_;
    bool full_ = false;  ///< some recordings leave keys out
};

/// What became of the cases of one file.
struct Outcome {
    int cases = 0, passed = 0, ended_alike = 0;
    std::vector<std::string> differences;

    int percent() const { return cases == 0 ? 0 : passed * 100 / cases; }
};

std::optional<Outcome> replayed(const std::string& file) {
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const fs::path folder =
        elsewhere != nullptr ? fs::path(elsewhere) : fs::path(FIELDFARE_SOURCE_DIR) / "../shared/conformance";
    const fs::path cases = folder / "scenarios" / file;
    if (!fs::exists(cases)) return {};
    FormRunOptions options;
    options.batch = cases;
    options.now = "2026-11-23T07:04:40.000-07:00";
    std::ostringstream out, err;
    FixedPassphrases passphrases;
    Console console{out, err, false, passphrases};
    REQUIRE(run_form_run(options, console) == ExitCode::fine);
    const auto recorded = lines(content(cases)), printed = lines(out.str());
    REQUIRE(recorded.size() == printed.size());
    Outcome outcome;
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        const json wanted = json::parse(recorded[i]), given = json::parse(printed[i]);
        const Comparison comparison(wanted);
        const std::string found = comparison.first_difference(given);
        ++outcome.cases;
        outcome.passed += found.empty() ? 1 : 0;
        outcome.ended_alike += comparison.ends_alike(given) ? 1 : 0;
        if (!found.empty())
            outcome.differences.push_back(wanted["id"].get<std::string>() + " " +
                                          wanted["form"].get<std::string>() + " [javarosa " +
                                          wanted["javarosa_final"].get<std::string>() + "] " + found);
    }
    return outcome;
}

/// Compares all cases of a file, and writes those that differ to the build folder, one a line.
void expect(const std::string& file, int floor) {
    const auto outcome = replayed(file);
    if (!outcome) {
        MESSAGE("the recorded sessions are not here; nothing was compared");
        return;
    }
    const fs::path list = fs::path(FIELDFARE_BINARY_DIR) / fs::path(file).replace_extension(".txt");
    write(list, std::to_string(outcome->passed) + " of " + std::to_string(outcome->cases) + " pass, " +
                    std::to_string(outcome->ended_alike) + " end with the same data\n" +
                    joined(outcome->differences));
    MESSAGE(file << ": " << outcome->passed << " of " << outcome->cases << " pass, " << outcome->ended_alike
                 << " end with the same data; the others are in " << list.string());
    CHECK(outcome->percent() >= floor);
}

}  // namespace

TEST_CASE("recorded sessions of ODK Web Forms go the same way, step by step") {
    expect("scenarios.jsonl", 97);
}

TEST_CASE("recorded random interviews over real forms go the same way, step by step") {
    expect("fuzz.jsonl", 97);
}
