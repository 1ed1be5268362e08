#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using nlohmann::json;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
const std::filesystem::path screenshots =
    std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/every-kind";

/// A form with every kind of question, as sheets in the build folder.
std::filesystem::path every_kind() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/every_kind";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv")
        << "type,name,label::English (en),label::Russian (ru),required,parameters\n"
           "begin_group,typed,Typed,Поля,,\n"
           "time,time,When do you get up?,Когда вы встаёте?,,\n"
           "dateTime,moment,When did it begin?,Когда это началось?,yes,\n"
           "date,day,On which day?,В какой день?,,\n"
           "geopoint,place,Where is it?,Где это?,,\n"
           "barcode,code,Scan the code,Считайте код,yes,\n"
           "integer,people,How many people?,Сколько человек?,,\n"
           "end_group,,,,,\n"
           "begin_group,picked,Picked,Выбор,,\n"
           "range,pain,From 0 to 10?,От 0 до 10?,,start=0 end=10 step=1\n"
           "range,safe,How safe?,Безопасно?,yes,start=1 end=5 step=1 tick_labelset=safety\n"
           "range,share,Which share?,Какая доля?,,start=0 end=100 step=2.5\n"
           "rank reasons,rank,In which order?,В каком порядке?,,\n"
           "acknowledge,read,You may stop at any time.,Можно прекратить в любой момент.,yes,\n"
           "end_group,,,,,\n"
           "begin_repeat,stay,Stay,Проживание,,\n"
           "select_one towns,town,Which town?,Какой город?,yes,\n"
           "end_repeat,,,,,\n";
    std::ofstream choices(folder / "choices.csv");
    choices << "list_name,name,label::English (en),label::Russian (ru)\n"
               "safety,1,Not at all,Совсем нет\nsafety,5,Completely,Полностью\n"
               "reasons,work,Work,Работа\nreasons,home,Family,Родные\nreasons,money,Money,Деньги\n";
    for (int i = 1; i <= 10'000; ++i) choices << "towns,t" << i << ",Town " << i << ",Город " << i << '\n';
    std::ofstream(folder / "settings.csv") << "form_title,form_id,version,default_language\n"
                                              "Every kind,every_kind,1,Russian (ru)\n";
    return folder;
}

}  // namespace

TEST_CASE("an answer of every kind given in the window reaches the researcher as it was given") {
    Researcher researcher(every_kind());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    std::vector<std::pair<std::string, std::string>> given;
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.page_screenshots = 3;
        walker.first_run(passphrase);
        walker.begin_interview();
        walker.fill_interview();
        walker.finalise();
        walker.hand_over();
        given = walker.given;
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    REQUIRE(researcher.submissions().size() == 1);
    std::map<std::string, std::deque<std::string>> received;
    collect(json::parse(researcher.submissions().front()).at("answers"), received);
    CHECK(given.size() == 12);
    for (const auto& [name, value] : given) {
        CAPTURE(name);
        REQUIRE_FALSE(received[name].empty());
        CHECK(received[name].front() == value);
    }
}
