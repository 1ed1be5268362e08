#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "schema/form_json.h"
#include "schema/readers/read_form.h"
#include "schema/readers/xform_writer.h"
#include "schema/readers/xlsform.h"
#include "tests/support/xform_structure.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;
using nlohmann::json;

namespace {

std::filesystem::path conformance() {
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const auto beside = std::filesystem::path(FIELDFARE_SOURCE_DIR).parent_path() / "shared/conformance";
    return (elsewhere ? std::filesystem::path(elsewhere) : beside) / "xlsforms";
}

// Prefixes stand for themselves in our trees; XForms' own elements have none there.
std::string without_prefix_x(std::string xpath) {
    for (std::size_t at = 0; (at = xpath.find("x:", at)) != std::string::npos;) {
        const char before = at == 0 ? ' ' : xpath[at - 1];
        if (std::isalnum(static_cast<unsigned char>(before)) || before == '-' || before == '_')
            at += 2;
        else
            xpath.erase(at, 2);
    }
    return xpath;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

// As text, with blanks only where they part words: where they stand else is layout.
std::string without_layout(std::string_view text) {
    std::string out;
    for (const char c : squeezed(text)) {
        if (c == ' ' && (out.empty() || out.back() == '>' || out.back() == '(')) continue;
        if ((c == '<' || c == '/') && !out.empty() && out.back() == ' ') out.pop_back();
        out += c;
    }
    return out;
}

// What an expectation says, and whether a document meets it.
using Verdicts = std::vector<std::pair<std::string, bool>>;

std::string text_of(const pugi::xpath_node& found) {
    if (found.attribute()) return escaped(found.attribute().value());
    std::ostringstream out;
    found.node().print(out, "", pugi::format_raw);
    return out.str();
}

Verdicts evaluate(const json& expect, const pugi::xml_document& document) {
    Verdicts out;
    const auto each = [&](const char* key, auto act) {
        if (!expect.contains(key)) return;
        for (const json& one : expect.at(key))
            out.emplace_back(std::string(key) + " " + one.dump(), act(one));
    };
    const auto found = [&](const json& xpath) {
        return document.select_nodes(without_prefix_x(xpath.get<std::string>()).c_str());
    };
    each("xml__xpath_match", [&](const json& one) { return !found(one).empty(); });
    each("xml__xpath_count",
         [&](const json& one) { return found(one.at(0)).size() == one.at(1).get<std::size_t>(); });
    each("xml__xpath_exact", [&](const json& one) {
        std::multiset<std::string> got, wanted;
        for (const pugi::xpath_node& node : found(one.at(0))) got.insert(without_layout(text_of(node)));
        for (const json& text : one.at(1)) wanted.insert(without_layout(text.get<std::string>()));
        return got == wanted;
    });
    std::ostringstream xml;
    document.print(xml, "", pugi::format_raw);
    const std::string flat = without_layout(xml.str());
    const auto contains = [&](const json& one) {
        return flat.find(without_layout(one.get<std::string>())) != std::string::npos;
    };
    each("xml__contains", contains);
    each("model__contains", contains);
    each("xml__excludes", [&](const json& one) { return !contains(one); });
    return out;
}

using Lines = std::multiset<std::string>;

void compare(const Lines& theirs, const Lines& ours, std::ostream& out) {
    std::vector<std::string> only;
    std::set_difference(theirs.begin(), theirs.end(), ours.begin(), ours.end(), std::back_inserter(only));
    for (const std::string& each : only) out << "  - " << each << "\n";
    only.clear();
    std::set_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(only));
    for (const std::string& each : only) out << "  + " << each << "\n";
}

// In the settings, and in what the reader has made paths of.
void rename_root(Form& form, const std::string& name) {
    std::string text = to_json(form);
    for (std::size_t at = 0; (at = text.find("/" + form.settings.root + "/", at)) != std::string::npos;)
        text.replace(at + 1, form.settings.root.size(), name);
    auto renamed = form_from_json(text);
    REQUIRE(renamed);
    form = std::move(*renamed);
    form.settings.root = name;
}

}  // namespace

TEST_CASE("forms are converted to what pyxform makes of them") {
    const auto folder = conformance();
    std::ifstream manifest(folder / "manifest.jsonl");
    if (!manifest) {
        MESSAGE("left out: ../shared/conformance/xlsforms is not here");
        return;
    }
    const auto results = std::filesystem::path(FIELDFARE_BINARY_DIR) / "conformance_xforms";
    std::filesystem::create_directories(results);
    std::ofstream differences(results / "differences.txt");
    int forms = 0, refused = 0, same = 0;
    int expected = 0, met = 0;
    for (std::string line; std::getline(manifest, line);) {
        const json entry = json::parse(line);
        if (entry.at("verdict") != "valid" || !entry.at("xform").is_string()) continue;
        ++forms;
        const std::string id = entry.at("id");
        const auto file = folder / entry.at("file").get<std::string>();
        const auto read = read_xlsform(file);
        if (!read) {
            ++refused;
            differences << "== " << id << ": refused: " << to_string(read.error().errors.front()) << "\n";
            continue;
        }
        pugi::xml_document wanted, got;
        REQUIRE(wanted.load_file((folder / entry.at("xform").get<std::string>()).c_str(),
                                 pugi::parse_default | pugi::parse_ws_pcdata_single));
        Form form = read->form;
        // The suite gives the root's name beside the form, and the file its title, where the form has none.
        const auto head = wanted.child("h:html").child("h:head");
        const auto root = head.child("model").child("instance").first_child();
        rename_root(form, root.name());
        if (form.settings.form_id == file.stem().string())
            form.settings.form_id = root.attribute("id").value();
        if (form.settings.form_title == file.stem().string())
            form.settings.form_title = head.child("h:title").text().get();
        const auto written = to_xform(form);
        if (!written) {
            differences << "== " << id << ": not written: " << to_string(written.error().errors.front())
                        << "\n";
            continue;
        }
        std::ofstream(results / (id + ".xml")) << written->xml;
        REQUIRE(got.load_string(written->xml.c_str(), pugi::parse_default | pugi::parse_ws_pcdata_single));

        const auto ours = XFormStructure(got).lines, theirs = XFormStructure(wanted).lines;
        std::vector<std::string> unmet;
        if (entry.contains("expect") && entry.at("expect").is_object()) {
            // Some speak of what the suite gave beside the form, or need namespaces: pyxform's own result
            // does not meet them here either.
            const Verdicts sound = evaluate(entry.at("expect"), wanted),
                           said = evaluate(entry.at("expect"), got);
            for (std::size_t i = 0; i < said.size(); ++i) {
                if (!sound[i].second) continue;
                ++expected;
                said[i].second ? void(++met) : unmet.push_back(said[i].first);
            }
        }
        if (ours == theirs) ++same;
        if (ours == theirs && unmet.empty()) continue;
        differences << "== " << id << "\n";
        compare(theirs, ours, differences);
        for (const std::string& each : unmet) differences << "  ? " << squeezed(each) << "\n";
    }
    MESSAGE(forms << " forms, " << refused << " refused by the reader, " << same << " of " << forms - refused
                  << " as pyxform's; " << met << " of " << expected << " expectations");
    // Of 504 and 1136: differences.txt has the others, FORM_LANGUAGE.md what differs on purpose.
    CHECK(same >= 480);
    CHECK(met >= 1095);
}

TEST_CASE("an XForm that is read and written again says the same") {
    const auto folder = conformance();
    std::ifstream manifest(folder / "manifest.jsonl");
    if (!manifest) {
        MESSAGE("left out: ../shared/conformance/xlsforms is not here");
        return;
    }
    const auto results = std::filesystem::path(FIELDFARE_BINARY_DIR) / "conformance_xforms";
    std::filesystem::create_directories(results);
    std::ofstream differences(results / "round_trip.txt");
    int forms = 0, refused = 0, same = 0;
    for (std::string line; std::getline(manifest, line);) {
        const json entry = json::parse(line);
        if (!entry.at("xform").is_string()) continue;
        ++forms;
        const auto file = folder / entry.at("xform").get<std::string>();
        const auto read = read_form(file);
        const auto written = read ? to_xform(read->form) : tl::unexpected(read.error());
        differences << "== " << entry.at("id").get<std::string>() << "\n";
        if (!written) {
            ++refused;
            differences << "  refused: " << to_string(written.error().errors.front()) << "\n";
            continue;
        }
        pugi::xml_document before, after;
        REQUIRE(before.load_file(file.c_str(), pugi::parse_default | pugi::parse_ws_pcdata_single));
        REQUIRE(after.load_string(written->xml.c_str(), pugi::parse_default | pugi::parse_ws_pcdata_single));
        const auto theirs = XFormStructure(before).lines, ours = XFormStructure(after).lines;
        same += ours == theirs ? 1 : 0;
        compare(theirs, ours, differences);
    }
    MESSAGE(forms << " XForms, " << refused << " refused by the reader, " << same << " as before");
    CHECK(same >= 425);
}
