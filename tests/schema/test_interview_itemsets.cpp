#include "tests/support/scenario_xform.h"

using namespace fieldfare::schema;

namespace {

const char* const cities =
    "<instance id='cities'><root>"
    "<item><country>am</country><code>evn</code><title>city-1</title></item>"
    "<item><country>am</country><code>gyu</code><title>city-2</title></item>"
    "<item><country>ge</country><code>tbs</code><title>city-3</title></item>"
    "</root></instance>";

const XForm cascade{
    .instance = "<country/><city/><name/>",
    .binds = std::string(cities) +
             "<bind nodeset='/data/name' calculate=\"jr:choice-name(/data/city, '/data/city')\"/>",
    .body =
        "<input ref='/data/country'/><select1 ref='/data/city'>"
        "<itemset nodeset=\"instance('cities')/root/item[country = /data/country]\">"
        "<value ref='code'/><label ref='jr:itext(title)'/></itemset></select1>",
    .itext =
        "<translation lang='English (en)'><text id='city-1'><value>Yerevan</value></text>"
        "<text id='city-2'><value>Gyumri</value></text><text id='city-3'><value>Tbilisi</value></text>"
        "</translation><translation lang='Russian (ru)'><text id='city-1'><value>Ереван</value></text>"
        "<text id='city-2'><value>Гюмри</value></text><text id='city-3'><value>Тбилиси</value></text>"
        "</translation>",
};

}  // namespace

TEST_CASE("choices that are nodes of an instance are filtered, and named in the language asked for") {
    Scenario scenario(compiled(cascade));
    CHECK(scenario.choices("city") == "");
    scenario.answer("country", "am");
    CHECK(scenario.choices("city") == "evn gyu");
    CHECK(scenario.choice_labels("city") == "Yerevan|Gyumri");
    CHECK(scenario.change_language(1).choice_labels("city") == "Ереван|Гюмри");
}

TEST_CASE("an answer that left the itemset is taken back, and jr:choice-name follows") {
    Scenario scenario(compiled(cascade));
    scenario.answer("country", "am").answer("city", "gyu");
    CHECK(scenario.value("name") == "Gyumri");
    CHECK(scenario.refused("city", "tbs") == AnswerError::not_a_choice);
    scenario.answer("country", "ge");
    CHECK(scenario.value("city") == "");
    CHECK(scenario.value("name") == "");
}

TEST_CASE("an answer to an itemset comes back from a draft") {
    Scenario scenario(compiled(cascade));
    scenario.answer("country", "am").answer("city", "gyu");
    CHECK(scenario.resumed().value("city") == "gyu");
}

TEST_CASE("the instances of a repeat can be choices") {
    Scenario scenario(compiled(XForm{
        .instance = "<person jr:template=''><name/></person><head/>",
        .body = "<group ref='/data/person'><repeat nodeset='/data/person'><input "
                "ref='/data/person/name'/></repeat>"
                "</group><select1 ref='/data/head'><itemset nodeset=\"/data/person[name != '']\">"
                "<value ref='name'/><label ref='name'/></itemset></select1>",
    }));
    scenario.add("/person");
    scenario.add("/person");
    CHECK(scenario.choices("head") == "");
    scenario.answer("/person[1]/name", "Ada").answer("/person[2]/name", "Bo");
    CHECK(scenario.choices("head") == "Ada Bo");
    scenario.answer("head", "Bo").answer("/person[2]/name", "Cy");
    CHECK(scenario.choices("head") == "Ada Cy");
    CHECK(scenario.value("head") == "");
    scenario.answer("head", "Ada");
    scenario.remove("/person[1]");
    CHECK(scenario.choices("head") == "Cy");
    CHECK(scenario.value("head") == "");
}
