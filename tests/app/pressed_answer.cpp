#include "client/app/choices.h"
#include "client/app/ranking.h"
#include "client/app/review.h"
#include "tests/support/app_driver.h"
#include "tests/support/form_of_items.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;
using schema::QuestionType;

namespace {

struct Ranking : App {
    Ranking()
        : App(form_of({item("gate", QuestionType::select_one, "yn"), filtered()},
                      {list("yn", {"yes", "no"}), list("things", {"work", "home", "money", "time"})})) {
        begin();
    }
    // Money is on the list only after a "yes".
    static schema::Item filtered() {
        schema::Item rank = item("rank", QuestionType::rank, "things");
        rank.choice_filter = "name != 'money' or ${gate} = 'yes'";
        return rank;
    }
    void move(const std::string& choice, std::size_t place) { act(MoveRanked{node("rank"), choice, place}); }
    std::string order() {
        std::string names;
        for (const schema::Choice* choice : ranking(open().interview, node("rank")))
            names += choice->name + ' ';
        return names;
    }
};

}  // namespace

TEST_CASE("the order in which a rank is shown is no answer before somebody has moved or confirmed it") {
    Ranking app;
    app.act(FocusQuestion{app.node("rank")});
    app.act(NextStep{});
    CHECK(app.order() == "work home time ");
    CHECK(app.value("rank").empty());
    CHECK(standing_of(app.open(), app.node("rank")) == Standing::unanswered);
}

TEST_CASE("confirming the order shown makes it the answer") {
    Ranking app;
    app.act(ConfirmRanking{app.node("rank")});
    CHECK(app.value("rank") == "work home time");
}

TEST_CASE("a choice that is moved to a place shifts the others") {
    Ranking app;
    app.move("time", 0);
    CHECK(app.value("rank") == "time work home");
    app.move("time", 2);
    CHECK(app.value("rank") == "work home time");
    app.move("home", 0);
    CHECK(app.value("rank") == "home work time");
}

TEST_CASE("a move to where a choice stands, out of the list or of nothing is no answer") {
    Ranking app;
    app.move("work", 0);
    app.move("work", 3);
    app.move("love", 0);
    CHECK(app.value("rank").empty());
}

TEST_CASE("a choice that comes onto a ranked list stands last, and the order is looked at again") {
    Ranking app;
    app.move("time", 0);
    app.pick("gate", "yes");
    CHECK(app.order() == "time work home money ");
    CHECK(standing_of(app.open(), app.node("rank")) == Standing::unfitting);
    app.act(ConfirmRanking{app.node("rank")});
    CHECK(app.value("rank") == "time work home money");
    CHECK(standing_of(app.open(), app.node("rank")) == Standing::answered);
}

TEST_CASE("a choice that leaves a ranked list leaves the order of the others") {
    Ranking app;
    app.pick("gate", "yes");
    app.move("money", 0);
    app.pick("gate", "no");
    CHECK(app.value("rank") == "work home time");
    CHECK(standing_of(app.open(), app.node("rank")) == Standing::answered);
}

TEST_CASE("refusing to rank takes the order back") {
    Ranking app;
    app.move("time", 0);
    app.act(SayMissing{app.node("rank"), schema::Missing::refused});
    CHECK(app.value("rank").empty());
    CHECK(app.order() == "work home time ");
}

TEST_CASE("a short range is picked like a scale, and its numerals are its keys") {
    App app(form_of({range("pain", "0", "10", "1")}));
    app.begin();
    app.act(PickDigit{app.node("pain"), '7'});
    CHECK(app.value("pain") == "7");
    app.pick("pain", "10");
    CHECK(app.value("pain") == "10");
    app.pick("pain", "11");
    CHECK(app.value("pain") == "10");
}

TEST_CASE("an acknowledgement is ticked and unticked") {
    App app(form_of({item("read", QuestionType::acknowledge)}));
    app.begin();
    app.pick("read", "OK");
    CHECK(app.value("read") == "OK");
    app.act(PickDigit{app.node("read"), '1'});
    CHECK(app.value("read").empty());
}

TEST_CASE("every kind of answer waits in the draft as it was given") {
    App app(form_of({item("time", QuestionType::time), item("moment", QuestionType::date_time),
                     item("place", QuestionType::geopoint), item("code", QuestionType::barcode),
                     range("share", "0", "100", "0.5"), item("read", QuestionType::acknowledge),
                     Ranking::filtered(), item("gate", QuestionType::select_one, "yn")},
                    {list("yn", {"yes", "no"}), list("things", {"work", "home", "money", "time"})}));
    app.begin();
    app.type("time", "9:05");
    app.type("moment", "5.3.2024 9:05");
    app.type("place", "-12 3");
    app.type("code", "4006381333931");
    app.type("share", "12,5");
    app.pick("read", "OK");
    app.act(MoveRanked{app.node("rank"), "time", 0});
    app.act(Lock{});
    app.unlock();
    app.act(ResumeDraft{app.session().drafts.front().id});
    CHECK(app.state.notice.empty());
    CHECK(app.value("time") == "09:05:00.000");
    CHECK(app.value("moment") == "2024-03-05T09:05:00.000");
    CHECK(app.value("place") == "-12 3");
    CHECK(app.value("code") == "4006381333931");
    CHECK(app.value("share") == "12.5");
    CHECK(app.value("read") == "OK");
    CHECK(app.value("rank") == "time work home");
}
