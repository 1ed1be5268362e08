#include <doctest/doctest.h>

#include "client/researcher/form_run_cast.h"
#include "client/researcher/form_run_steps.h"
#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::schema::DataType;
using fieldfare::schema::QuestionType;
using nlohmann::json;

namespace {

/// A form with what steps can do, as the sheets of a folder.
void write_trips(const fs::path& folder) {
    write(folder / "survey.csv",
          "type,name,label::English (en),label::Russian (ru),hint::English (en),relevant,constraint,"
          "constraint_message::English (en),required,appearance\n"
          "select_one yn,agree,Agree?,Согласны?,,,,,yes,minimal compact\n"
          "begin_group,about,About,О вас,,${agree}='yes',,,,field-list\n"
          "integer,age,Age,Возраст,In years,,. >= 18,Adults only,,\n"
          "select_multiple why,why,Why?,Почему?,,,,,,\n"
          "end_group,,,,,,,,,\n"
          "begin_repeat,trip,Trip,Поездка,,,,,,\n"
          "text,where,Where?,Куда?,,,,,,\n"
          "end_repeat,,,,,,,,,\n");
    write(folder / "choices.csv",
          "list_name,name,label::English (en),label::Russian (ru)\n"
          "yn,yes,Yes,Да\nyn,no,No,Нет\nwhy,a,Apples,Яблоки\nwhy,b,Berries,Ягоды\n");
    write(folder / "settings.csv", "form_id,version,default_language\ntrips,1,English (en)\n");
}

/// What `form run` prints for these steps, a JSON value a line.
std::vector<json> run(const std::vector<std::string>& steps) {
    TemporaryFolder folder;
    write_trips(folder / "form");
    write(folder / "steps.jsonl", joined(steps));
    const Said said = say({"form", "run", (folder / "form").string(), "--steps",
                           (folder / "steps.jsonl").string(), "--now", "2026-11-23T07:00:00.000-07:00"});
    REQUIRE_MESSAGE(said.code == ExitCode::fine, said.err);
    std::vector<json> found;
    for (const std::string& line : lines(said.out)) found.push_back(json::parse(line));
    return found;
}

json node(const json& nodes, const std::string& ref) {
    for (const json& each : nodes)
        if (each["ref"] == ref) return each;
    return {};
}

std::vector<std::string> refs(const json& nodes) {
    std::vector<std::string> found;
    for (const json& each : nodes) found.push_back(each["ref"]);
    return found;
}

std::string cast_as(DataType type, std::string_view text) {
    fieldfare::schema::Item item;
    item.data_type = type;
    return cast(item, text);
}

}  // namespace

TEST_CASE("a run prints all nodes first and last, and between them what each step changed") {
    const auto said = run({R"({"set":["/data/agree",["yes"]]})", R"({"set":["/data/about/age",12]})"});
    REQUIRE(said.size() == 4);
    CHECK(refs(said[0]["initial"]) ==
          std::vector<std::string>{"/data", "/data/agree", "/data/about", "/data/about/age",
                                   "/data/about/why", "/data/trip", "/data/trip[1]", "/data/trip[1]/where",
                                   "/data/meta", "/data/meta/instanceID"});
    CHECK(refs(said[1]["after"]["changed"]) ==
          std::vector<std::string>{"/data/agree", "/data/about", "/data/about/age", "/data/about/why"});
    CHECK(refs(said[2]["after"]["changed"]) == std::vector<std::string>{"/data/about/age"});
    CHECK(said[3]["final"].size() == 10);
    CHECK(said[3]["final_xml"] ==
          R"(<data id="trips" version="1"><agree>yes</agree><about><age>12</age><why/></about>)"
          "<trip><where/></trip><meta><instanceID>" +
              node(said[3]["final"], "/data/meta/instanceID")["value"].get<std::string>() +
              "</instanceID></meta></data>");
}

TEST_CASE("a node is printed with its state, its words and its choices") {
    const auto said = run({R"({"set":["/data/agree","yes"]})", R"({"set":["/data/about/age","12"]})"});
    CHECK(node(said[0]["initial"], "/data/agree") == json::parse(R"({"ref":"/data/agree","type":"select",
        "relevant":true,"readonly":false,"required":true,"valueType":"string","label":"Agree?",
        "appearances":["minimal","compact"],"value":"","inSubmission":true,"constraintValid":true,
        "requiredValid":false,"violation":{"condition":"required","message":null},
        "choices":[{"value":"yes","label":"Yes"},{"value":"no","label":"No"}],"nChoices":2})"));
    CHECK(node(said[3]["final"], "/data/about/age") == json::parse(R"({"ref":"/data/about/age",
        "type":"input","relevant":true,"readonly":false,"required":false,"valueType":"int","label":"Age",
        "hint":"In years","value":"12","inSubmission":true,"constraintValid":false,"requiredValid":true,
        "violation":{"condition":"constraint","message":"Adults only"}})"));
    CHECK(node(said[0]["initial"], "/data/about") == json::parse(R"({"ref":"/data/about","type":"group",
        "relevant":false,"readonly":false,"required":false,"label":"About","appearances":["field-list"]})"));
}

TEST_CASE("what is not relevant has no value and is not in the submission") {
    const auto said = run({});
    const json age = node(said[0]["initial"], "/data/about/age");
    CHECK(age["value"].is_null());
    CHECK(age["inSubmission"] == false);
}

TEST_CASE("instances that a step adds are changed nodes, those that it removes are gone") {
    const auto said = run({R"({"add":["/data/trip",null,2]})", R"({"set":["/data/trip[2]/where","Bo"]})",
                           R"({"remove":["/data/trip",0,1]})"});
    CHECK(refs(said[1]["after"]["changed"]) ==
          std::vector<std::string>{"/data/trip[2]", "/data/trip[2]/where", "/data/trip[3]",
                                   "/data/trip[3]/where"});
    CHECK(refs(said[3]["after"]["changed"]) ==
          std::vector<std::string>{"/data/trip[1]/where", "/data/trip[2]/where"});
    CHECK(said[3]["after"]["gone"] ==
          json::array({"repeat-instance /data/trip[3]", "input /data/trip[3]/where"}));
    CHECK(node(said[4]["final"], "/data/trip[1]/where")["value"] == "Bo");
}

TEST_CASE("an instance can be added behind another one") {
    const auto said = run({R"({"lang":"en"})", R"({"set":["/data/trip[1]/where","Bo"]})",
                           R"({"add":["/data/trip",null,1]})", R"({"set":["/data/trip[2]/where","Oz"]})",
                           R"({"add":["/data/trip",0,1]})", R"({"add":["/data/trip",3,1]})"});
    CHECK(node(said[7]["final"], "/data/trip[1]/where")["value"] == "Bo");
    CHECK(node(said[7]["final"], "/data/trip[2]/where")["value"] == "");
    CHECK(node(said[7]["final"], "/data/trip[3]/where")["value"] == "Oz");
    CHECK(said[6]["error"] == "/data/trip has no instance 4.");
}

TEST_CASE("a step in another language changes what has other words in it") {
    const auto said = run({R"~({"lang":"Russian (ru)"})~", R"({"lang":"ru"})", R"({"lang":"French"})"});
    CHECK(node(said[1]["after"]["changed"], "/data/agree")["label"] == "Согласны?");
    CHECK(said[2]["after"]["changed"].empty());
    CHECK(said[3]["error"] == "The form has no language \"French\".");
}

TEST_CASE("chosen names stand in the order of the list, and those that are not on offer are not chosen") {
    const auto said = run({R"({"set":["/data/agree","yes"]})", R"({"set":["/data/about/why",["b","x","a"]]})",
                           R"({"set":["/data/agree","maybe"]})"});
    CHECK(node(said[2]["after"]["changed"], "/data/about/why")["value"] == "a b");
    CHECK(node(said[3]["after"]["changed"], "/data/agree")["value"] == "");
}

TEST_CASE("a step that can't be taken says why, changes nothing and does not end the run") {
    const auto said = run({R"({"set":["/data/nothing",1]})", R"({"set":["/data/about",1]})", "{}", "no JSON",
                           R"({"add":["/data/about",null,1]})", R"({"remove":["/data/trip",1,1]})",
                           R"({"add":["/data/trip",-1,1]})", R"({"set":["/data/agree","no"]})"});
    CHECK(said[1]["error"] == "The form has no node /data/nothing.");
    CHECK(said[2]["error"] == "/data/about takes no answer: it is a group, a note, calculated or read-only.");
    CHECK(said[3]["error"] == "A step has one of the keys \"set\", \"add\", \"remove\", \"lang\".");
    CHECK(said[4]["error"] == "A step is a JSON object on one line.");
    CHECK(said[5]["error"] == "/data/about is no repeat.");
    CHECK(said[6]["error"] == "/data/trip has no instance 2.");
    CHECK(said[7]["error"] == "An index or a count is a whole number from 0 to 10000.");
    CHECK(said[8]["after"]["changed"].size() == 1);
}

TEST_CASE("a batch runs each case in its form, and a case that can't be run says so in its place") {
    TemporaryFolder folder;
    write_trips(folder / "form");
    write(folder / "cases.jsonl",
          R"({"id":"a","form":"form","steps":[{"set":["/data/agree","no"]},{"set":["/data/x",1]}]})"
          "\n"
          R"({"id":"b","form":"gone.xlsx","steps":[]})"
          "\nno JSON\n"
          R"({"id":"d","form":"form","steps":[)" +
              std::string(300'000, '[') + std::string(300'000, ']') + "]}\n");
    const Said said = say({"form", "run", "--batch", (folder / "cases.jsonl").string()});
    REQUIRE(said.code == ExitCode::fine);
    const auto printed = lines(said.out);
    REQUIRE(printed.size() == 4);
    CHECK(json::parse(printed[3])["error"] == "A case is a JSON object on one line.");
    const json a = json::parse(printed[0]), b = json::parse(printed[1]), c = json::parse(printed[2]);
    CHECK(a["id"] == "a");
    CHECK(a["initial"].size() == 10);
    CHECK(refs(a["after"][0]["changed"]) == std::vector<std::string>{"/data/agree"});
    CHECK(a["after"][1]["error"] == "The form has no node /data/x.");
    CHECK(a["after"][1]["changed"].empty());
    CHECK(a["final_xml"].get<std::string>().starts_with(
        R"(<data id="trips" version="1"><agree>no</agree><trip><where/></trip><meta><instanceID>uuid:)"));
    CHECK(b["id"] == "b");
    CHECK(b["error"].get<std::string>().find("gone.xlsx") != std::string::npos);
    CHECK(c["id"].is_null());
    CHECK(c["error"] == "A case is a JSON object on one line.");
}

TEST_CASE("a run without a form, without steps or of a form that is not there is refused") {
    CHECK(say({"form", "run"}).code == ExitCode::usage);
    CHECK(say({"form", "run", "x.xlsx"}).code == ExitCode::usage);
    CHECK(say({"form", "run", "x.xlsx", "--batch", "y"}).code == ExitCode::usage);
    CHECK(say({"form", "run", "--batch", "/nowhere/cases.jsonl"}).code == ExitCode::could_not);
}

TEST_CASE("an answer is cast to its question's data type, as in ODK Web Forms") {
    const std::vector<std::tuple<DataType, std::string, std::string>> table{
        {DataType::integer, "2.9", "2"},
        {DataType::integer, "-2.9", "-2"},
        {DataType::integer, " 1e3 ", "1000"},
        {DataType::integer, "many", ""},
        {DataType::integer, "2147483648", ""},
        {DataType::decimal, "36.10", "36.1"},
        {DataType::decimal, "x", ""},
        {DataType::date, "2024-02-29", "2024-02-29"},
        {DataType::date, "2024-02-29T10:00:00", "2024-02-29"},
        {DataType::date, "2023-02-29", ""},
        {DataType::date, "2024-02-29T10:00:00Z", ""},
        {DataType::time, "22:02:00.000+07:00", "22:02:00.000+07:00"},
        {DataType::time, "22:02", ""},
        {DataType::time, "24:00:00", ""},
        {DataType::time, "22:02:00+25:00", ""},
        {DataType::date_time, "2024-02-29T10:00:00.000+02:00", "2024-02-29T10:00:00.000+02:00"},
        {DataType::date_time, "2024-02-29", ""},
        {DataType::geopoint, "1.50 2  3", "1.5 2 3"},
        {DataType::geopoint, "91 0 0 0", ""},
        {DataType::geopoint, "0 0 0 0", ""},
        {DataType::geotrace, "1 2; 3 4;", "1 2;3 4"},
        {DataType::geotrace, "1 2;1 2", ""},
        {DataType::geoshape, "1 2;3 4;5 6;1 2", "1 2;3 4;5 6;1 2"},
        {DataType::geoshape, "1 2;3 4;5 6", ""},
        {DataType::geoshape, "", ""},
        {DataType::string, " as it is ", " as it is "},
        {DataType::boolean, "1", "1"},
    };
    for (const auto& [type, given, wanted] : table) {
        CAPTURE(given);
        CHECK(cast_as(type, given) == wanted);
    }
}

TEST_CASE("a number outside a range is no answer to it") {
    fieldfare::schema::Item range;
    range.type = QuestionType::range;
    range.parameters = {{"start", "-2"}, {"end", "2"}, {"step", "0.5"}};
    CHECK(cast(range, "-1") == "-1");
    CHECK(cast(range, "-2.5") == "");
    range.parameters = {{"start", "5"}, {"end", "1"}};
    CHECK(cast(range, "3") == "3");
}

TEST_CASE("a step's value is read from text, number, truth or list") {
    const auto value = [](const std::string& json) {
        const auto step = step_from_json(R"({"set":["/data/q",)" + json + "]}");
        return step ? std::get<SetAnswer>(*step).value : "error: " + step.error();
    };
    CHECK(value("\"a b\"") == "a b");
    CHECK(value("-3") == "-3");
    CHECK(value("2.50") == "2.5");
    CHECK(value("true") == "1");
    CHECK(value("null") == "");
    CHECK(value("[\"a\",\"b\"]") == "a b");
    CHECK(value("[]") == "");
    CHECK(value("{}").starts_with("error"));
    CHECK(value("[[1]]").starts_with("error"));
}

TEST_CASE("what an expression could not do is said on standard error, beside the lines") {
    TemporaryFolder folder;
    write(folder / "form" / "survey.csv",
          "type,name,label,calculation\ntext,a,A,\n"
          "calculate,c,,\"regex(${a}, '(a+)+[0-9]')\"\n");
    write(folder / "steps.jsonl", R"({"set":["/data/a","aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]})");
    const Said said =
        say({"form", "run", (folder / "form").string(), "--steps", (folder / "steps.jsonl").string()});
    CHECK(said.code == ExitCode::fine);
    CHECK(said.err == "The pattern of “regex” takes too long on this text.\n");
}
