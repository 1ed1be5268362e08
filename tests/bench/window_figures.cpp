// Figures of the form app in a real window on a virtual display (software rendering): time to the first
// frame, memory after unlocking, idle CPU, the longest frame while typing. Prints a table; judges nothing.
//   build/release/bin/bench_window [runs]
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "client/study/study_package.h"
#include "tests/support/journey.h"
#include "tests/support/walker.h"

namespace {

using namespace fieldfare;
using namespace fieldfare::tests;

double cpu_seconds(pid_t process) {
    const std::string text = read_text("/proc/" + std::to_string(process) + "/stat");
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    double ticks = 0;
    for (int i = 3; i <= 15 && fields >> field; ++i) {
        if (i >= 14) ticks += std::strtod(field.c_str(), nullptr);  // utime, stime
    }
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double resident_megabytes(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
    return 0;
}

/// Of the processes that it has started and that still run: the courier of sealed files.
double cpu_seconds_of_children(pid_t process) {
    const std::string name = std::to_string(process);
    std::istringstream children(read_text("/proc/" + name + "/task/" + name + "/children"));
    double seconds = 0;
    for (pid_t child = 0; children >> child;) seconds += cpu_seconds(child);
    return seconds;
}

struct Figure {
    const char* name;
    std::vector<double> values;

    void print() {
        std::sort(values.begin(), values.end());
        std::printf("%-48s %10.2f %10.2f %10.2f\n", name, values.front(), values[values.size() / 2],
                    values.back());
    }
};

}  // namespace

int main(int argc, char** argv) try {
    const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
    const std::filesystem::path here = std::filesystem::path(argv[0]).parent_path();
    Researcher researcher(std::filesystem::path(FIELDFARE_SOURCE_DIR) /
                          "assets/questionnaire/mobility_engagement.xlsx");
    const std::string bytes = read_text(researcher.study());
    const auto study = study::StudyPackage::open(crypto::bytes_of(bytes));
    if (!study) return 1;
    const VirtualDisplay display(1024, 720);
    const AppWindow::Start start{.probe = here / "fieldfare_probe",
                                 .profile = researcher.folder() / "profile",
                                 .study = researcher.study(),
                                 .environment = {}};
    const std::string passphrase = "thrush rowan october ferry";
    {
        AppWindow window(display, start);
        Walker(window, display, study->form(), {}).first_run(passphrase);
        window.close_window();
        window.wait_for_end();
    }
    // Idle is idle also where sealed files are handed over without being asked.
    std::ofstream(start.profile / "preferences", std::ios::app) << "handing_over=by_itself\n";
    Figure first{"first frame after start, ms", {}};
    Figure memory{"resident after unlock, settled, MB", {}};
    Figure idle{"idle CPU over 10 s, % of a core", {}};
    Figure courier{"the same of the courier beside it", {}};
    Figure typing{"longest frame while typing 200 characters, ms", {}};
    for (int run = 0; run < runs; ++run) {
        AppWindow window(display, start);
        first.values.push_back(window.first_frame_seconds() * 1000);
        Walker walker(window, display, study->form(), {});
        walker.unlock(passphrase);
        walker.begin_interview();
        std::this_thread::sleep_for(std::chrono::seconds(3));
        memory.values.push_back(resident_megabytes(window.process()));
        const double before = cpu_seconds(window.process());
        const double beside = cpu_seconds_of_children(window.process());
        std::this_thread::sleep_for(std::chrono::seconds(10));
        idle.values.push_back((cpu_seconds(window.process()) - before) * 10);
        courier.values.push_back((cpu_seconds_of_children(window.process()) - beside) * 10);
        window.click("Да", study->form().items.at(8).children.front().label.at(1));
        window.settle();
        window.click("Код приглашения, если есть (8 знаков)");
        window.settle();
        window.longest_frame();
        for (int i = 0; i < 10; ++i) window.type("ABCDEFGH JKMNPQRSTVW");
        window.settle();
        typing.values.push_back(window.longest_frame() * 1000);
    }
    std::printf("%-48s %10s %10s %10s   (%d runs)\n", "", "min", "median", "max", runs);
    for (Figure* figure : {&first, &memory, &idle, &courier, &typing}) figure->print();
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "bench_window: %s\n", wrong.what());
    return 1;
}
