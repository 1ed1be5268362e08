#include <doctest/doctest.h>

#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using nlohmann::json;

namespace {

ExitCode open_as(Desk& desk, std::vector<Format> formats) {
    auto options = desk.open_options();
    options.formats = std::move(formats);
    return desk.said(run_open, options);
}

std::vector<fs::path> xml_in(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const fs::path& file : files_in(folder))
        if (file.extension() == ".xml") found.push_back(file);
    return found;
}

}  // namespace

TEST_CASE("with --format odk-xml each submission is an instance XML under its id, and no CSV is made") {
    Desk desk;
    desk.with_study().with_interviews(12, 2);
    REQUIRE_MESSAGE(open_as(desk, {Format::odk_xml}) == ExitCode::fine, desk.err.str());
    CHECK(xml_in(desk.results).size() == 12);
    CHECK_FALSE(fs::exists(desk.results / "survey.csv"));
    for (const std::string& line : lines(content(desk.results / "survey.jsonl"))) {
        const json submission = json::parse(line);
        const std::string id = submission["id"];
        const std::string xml = content(desk.results / (id + ".xml"));
        CHECK(
            xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data xmlns:orx="
                            "\"http://openrosa.org/xforms\" id=\"small\" version=\"1\">"));
        CHECK(xml.find("<orx:instanceID>uuid:" + id + "</orx:instanceID>") != std::string::npos);
        if (submission["answers"].contains("agree"))
            CHECK(xml.find("<agree>" + submission["answers"]["agree"].get<std::string>() + "</agree>") !=
                  std::string::npos);
    }
    CHECK(desk.out.str().find("12 instances as <id>.xml") != std::string::npos);
}

TEST_CASE("both formats can be asked for at once") {
    Desk desk;
    desk.with_study().with_interviews(3, 1);
    REQUIRE_MESSAGE(open_as(desk, {Format::csv, Format::odk_xml}) == ExitCode::fine, desk.err.str());
    CHECK(xml_in(desk.results).size() == 3);
    CHECK(fs::exists(desk.results / "survey.csv"));
}

TEST_CASE("an instance XML whose name is taken stops the export, and nothing of it is left") {
    Desk desk;
    desk.with_study().with_interviews(3, 1);
    const std::string id = json::parse(lines(content(desk.truth)).back())["id"];
    write(desk.results / (id + ".xml"), "mine");
    CHECK(open_as(desk, {Format::odk_xml}) == ExitCode::could_not);
    CHECK(xml_in(desk.results).size() == 1);
    CHECK(content(desk.results / (id + ".xml")) == "mine");
    CHECK_FALSE(fs::exists(desk.results / "survey.jsonl"));
}

TEST_CASE("an unknown format is refused") {
    CHECK(say({"open", "--study", "s", "--key", "k", "--roster", "r", "--inbox", "i", "--out", "o",
               "--format", "sav"})
              .code == ExitCode::usage);
}
