#include "schema/form_json.h"

#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

std::string refusal(std::string_view bytes) {
    const auto read = form_from_json(bytes);
    return read ? "" : to_string(read.error().errors.front());
}

Form rich() {
    Form form = form_of(R"(
        | type              | name | label::English (en) | label::Russian (ru) | relevant | x_fill | x_max_length | x_source | parameters |
        | calculate         | arm  |                     |                     |          | random-arm a b |      |          |            |
        | text              | t    | "Quoted" \ text     | Текст               | ${arm} = 'a' |    | 9            | me       |            |
        | select_multiple l | m    | M                   |                     |          |        |              |          | randomize=true, seed=${arm} |
        | begin_repeat      | r    |                     |                     |          |        |              |          |            |
        | date              | d    |                     |                     |          |        |              |          |            |
        | end_repeat        |      |                     |                     |          |        |              |          |            |
        choices
        | list_name | name | label::English (en) | label::Russian (ru) | code | pin | exclusive | region |
        | l         | a    | A                   | А                   | -99  | yes | yes       | north  |
        | l         | b    | B                   |                     | 0    |     |           |        |
    )");
    form.settings.extra["x_k"] = "line\nbreak\x01";
    return form;
}

/// Everything that only an XForm says.
Form from_xform() {
    Form form;
    form.settings.root = "survey";
    form.settings.root_attributes = {{"id", "f"}, {"xmlns:orx", "http://openrosa.org/xforms"}};
    form.settings.odk = {{"style", "pages"}};
    form.actions = {{{Event::first_load, Event::load}, "/survey/q", "now()", "", 3}};
    form.texts = {{"a:label", {"A", "А"}}};
    form.instances = {{"cities", "jr://file-csv/cities.csv", {{0, false, "root", ""}, {1, true, "n", "1"}}}};
    Item select;
    select.name = "orx:q";
    select.type = QuestionType::rank;
    select.data_type = DataType::boolean;
    select.itemset = {"instance('cities')/root/item", "name", "jr:itext(itextId)"};
    select.guidance_hint = {"Look it up"};
    select.media = {{"big-image", {"a.png", ""}}};
    select.parameters = {{"max-pixels", "640"}};
    select.default_value = "today()";
    select.default_is_literal = true;
    select.preload = "date";
    select.preload_parameters = "today";
    select.attributes = {{"odk:x", "1"}};
    select.bind_attributes = {{"saveIncomplete", "true()"}};
    select.body_attributes = {{"accuracyThreshold", "5"}};
    select.actions = {{{Event::value_changed}, "../other", "", "changed", 0}};
    Item repeat;
    repeat.kind = ItemKind::repeat;
    repeat.name = "r";
    repeat.initial = {{{"inner[2]/x", "1"}}, {}};
    repeat.no_add_remove = true;
    form.items = {select, repeat};
    Choice choice;
    choice.name = "a";
    choice.media = {{"image", {"a.png"}}};
    form.lists = {{"l", {choice}}};
    return form;
}

}  // namespace

TEST_CASE("a form written as JSON and read back is the same form") {
    for (const Form& form : {rich(), from_xform()}) {
        const auto read = form_from_json(to_json(form));
        REQUIRE(read);
        CHECK(*read == form);
    }
}

TEST_CASE("equal forms give equal bytes, and what has its default is not written") {
    CHECK(to_json(rich()) == to_json(rich()));
    CHECK(to_json(Form{}) == R"({"settings":{}})");
    Form form;
    form.items.push_back({});
    form.items[0].name = "q";
    CHECK(to_json(form) == R"({"items":[{"name":"q"}],"settings":{}})");
}

TEST_CASE("JSON that this program would not have written is refused") {
    const std::string not_canonical =
        "The form's JSON is not in the canonical form: it has unknown or repeated keys, spaces, or another "
        "order.";
    CHECK(refusal(R"({"settings": {}})") == not_canonical);
    CHECK(refusal(R"({"settings":{}} )") == not_canonical);
    CHECK(refusal(R"({"settings":{},"settings":{}})") == not_canonical);
    CHECK(refusal(R"({"settings":{"unknown":"x"}})") == not_canonical);
    CHECK(refusal(R"({"settings":{"version":"1","form_id":"f"}})") == not_canonical);
    CHECK(refusal(R"({"settings":{"version":""}})") == not_canonical);
    CHECK(refusal(R"({"settings":{"version":"\u0041"}})") == not_canonical);
    CHECK(refusal(R"({"items":[{"kind":"question","name":"q"}],"settings":{}})") == not_canonical);
}

TEST_CASE("JSON of another shape is refused") {
    CHECK(refusal("") == "The form is not JSON in UTF-8.");
    CHECK(refusal("{\"settings\":{\"version\":\"\xff\"}}") == "The form is not JSON in UTF-8.");
    for (const char* bytes :
         {"[]", "null", "{}", R"({"settings":[]})", R"({"items":{},"settings":{}})",
          R"({"items":[{"type":"frob"}],"settings":{}})", R"({"items":[1],"settings":{}})",
          R"({"items":[{"row":99999999999}],"settings":{}})", R"({"items":[{"row":1.5}],"settings":{}})",
          R"({"items":[{"arm":1}],"settings":{}})"})
        CHECK(refusal(bytes).starts_with("The form's JSON is not as this program writes it: "));
}

TEST_CASE("JSON that nests too deep or is too large is refused before it is parsed") {
    CHECK(refusal(std::string(100'000, '[')) == "The form nests deeper than 512 levels.");
    CHECK(refusal(std::string((std::size_t{64} << 20) + 1, ' ')) == "The form is larger than 64 MiB.");
}

TEST_CASE("a form cut short or changed anywhere is never read as another form") {
    const std::string json = to_json(rich());
    for (std::size_t size = 0; size < json.size(); ++size)
        CHECK_FALSE(form_from_json(json.substr(0, size)).has_value());
    for (std::size_t at = 0; at < json.size(); ++at) {
        std::string other = json;
        other[at] = static_cast<char>(other[at] ^ 0x01);
        const auto read = form_from_json(other);
        if (read) CHECK(to_json(*read) == other);
    }
}
