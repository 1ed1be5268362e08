#include "client/app/tick_labels.h"

#include "client/app/choices.h"
#include "tests/support/app_driver.h"
#include "tests/support/form_of_items.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* survey =
    "type | name | label::English (en) | label::Russian (ru) | parameters | default\n"
    "range | safe | How safe? | Безопасно? | start=1 end=5 step=0.5 tick_labelset=ends | \n"
    "range | down | How far? | Далеко? | start=10 end=0 step=5 tick_labelset=way | 5\n"
    "range | plain | How many? | Сколько? | start=1 end=5 step=1 | ";
constexpr const char* choices =
    "list_name | name | label::English (en) | label::Russian (ru)\n"
    "ends | 5 | Completely | Полностью\n"
    "ends | 1.0 | Not at all | Совсем нет\n"
    "way | 0 | Here | Здесь\n"
    "way | 10 | Far | Далеко";

struct Ticks : App {
    Ticks() : App(form_of(survey, choices)) { begin(); }
    std::string told(const char* name, std::size_t language) {
        std::string all;
        for (const TickLabel& tick : tick_labels(open().interview, node(name), language))
            all += tick.number + ' ' + tick.words + ", ";
        return all;
    }
};

}  // namespace

TEST_CASE("the words of a range stand at its numbers, in its order and in the language of the questions") {
    Ticks app;
    CHECK(app.told("safe", 0) == "1 Not at all, 5 Completely, ");
    CHECK(app.told("safe", 1) == "1 Совсем нет, 5 Полностью, ");
    CHECK(app.told("down", 0) == "10 Far, 0 Here, ");
    CHECK(app.told("plain", 0).empty());
}

TEST_CASE(
    "a number of a range that has no words is an answer like the others, also when the draft is resumed") {
    Ticks app;
    CHECK(app.value("down") == "5");
    app.pick("safe", "2.5");
    CHECK(app.value("safe") == "2.5");
    app.act(Lock{});
    app.unlock();
    app.act(ResumeDraft{app.session().drafts.front().id});
    CHECK(app.state.notice.empty());
    CHECK(app.value("safe") == "2.5");
    CHECK(app.value("down") == "5");
}

TEST_CASE("a digit picks its own number of a range and no other") {
    App app(form_of({range("change", "-3", "3", "1"), range("hours", "0", "2", "0.5"),
                     range("far", "1", "10", "1"), range("large", "10", "20", "2")}));
    app.begin();
    app.act(PickDigit{app.node("change"), '2'});
    CHECK(app.value("change") == "2");
    app.act(PickDigit{app.node("change"), '5'});
    CHECK(app.value("change") == "2");
    app.act(PickDigit{app.node("hours"), '3'});
    CHECK(app.value("hours").empty());
    app.act(PickDigit{app.node("far"), '0'});
    CHECK(app.value("far") == "10");
    app.act(PickDigit{app.node("large"), '1'});
    CHECK(app.value("large").empty());
}
