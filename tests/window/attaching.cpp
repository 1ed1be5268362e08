#include <unistd.h>

#include <fstream>

#include "tests/support/photo.h"
#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

TEST_CASE("at the real window a photo and a film are chosen, shown and sealed") {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("fieldfare-files-" + std::to_string(::getpid()));
    fs::create_directories(folder / "form");
    fs::create_directories(folder / "home/Pictures/Village");
    std::ofstream(folder / "form/survey.csv")
        << "type,name,label::English (en),label::Russian (ru),required\n"
           "image,house,A photo of the house,Снимок дома,yes\nvideo,walk,A film of the way there,Видео "
           "дороги,\n";
    std::ofstream(folder / "form/settings.csv")
        << "form_title,form_id,version,default_language\nHouses,houses,1,English (en)\n";
    std::ofstream(folder / "home/Pictures/IMG_0417.jpg", std::ios::binary)
        << test::photo_of(std::string(2'300'000, 'p'), "50.4501 N 30.5234 E");
    std::ofstream(folder / "home/Pictures/VID_0418.mp4", std::ios::binary) << std::string(61'000'000, 'v');
    for (int i = 1; i <= 12; ++i)
        std::ofstream(folder / ("home/Pictures/IMG_05" + std::to_string(10 + i) + ".jpg"))
            << std::string(static_cast<std::size_t>(i) * 150'000, 'x');
    Researcher researcher(folder / "form");
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    auto start = in_profile(researcher, researcher.study());
    start.environment.push_back({"HOME", (folder / "home").string()});
    AppWindow window(display, start);
    Walker walker(window, display, form, fs::path(FIELDFARE_BINARY_DIR) / "screenshots/attaching");
    walker.first_run("thrush rowan october ferry");
    walker.press("home.start");
    window.wait_for("Choose a file…: A photo of the house");
    window.settle();
    walker.screenshot("questions");
    window.press("Return");  // the first question has the keyboard
    window.wait_for("Pictures/");
    window.click("Pictures/");
    window.wait_for("IMG_0417.jpg");
    CHECK_FALSE(window.sees("VID_0418.mp4"));
    window.settle();
    walker.screenshot("picker");
    window.click("IMG_0417.jpg");
    window.wait_for("house-1.jpg");
    window.click("Choose a file…: A film of the way there");
    window.wait_for("VID_0418.mp4");
    window.click("VID_0418.mp4");
    window.wait_for("walk-2.mp4");
    window.settle();
    walker.screenshot("attached");
    walker.press("interview.to_review");
    walker.wait_for("review.finalise");
    walker.press("review.finalise");
    walker.wait_for("home.thanks");
    walker.hand_over();
    walker.close();
    CHECK(window.wait_for_end() == 0);
    CHECK(files_holding(researcher.folder() / "profile", "IMG_0417").empty());
    CHECK(files_holding(researcher.folder() / "profile", "50.4501").empty());

    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(researcher.submissions().size() == 1);
    fs::remove_all(folder);
}
