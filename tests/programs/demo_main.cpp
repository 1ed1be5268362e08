// client/run without a display: walks through the form app's window on a virtual one, with real key presses
// and clicks. Says on standard output what it did; exit code 1 when something on the way was not as it should
// be.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "client/study/study_package.h"
#include "tests/support/walker.h"

int main(int argc, char** argv) try {
    using namespace fieldfare;
    if (argc != 4) {
        std::fputs("usage: fieldfare_demo PROFILE STUDY.ffstudy SCREENSHOTS\n", stderr);
        return 2;
    }
    const std::filesystem::path profile = argv[1], study_file = argv[2], screenshots = argv[3];
    std::ifstream file(study_file, std::ios::binary);
    const crypto::Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto study = study::StudyPackage::open(bytes);
    if (!study) {
        std::fputs("fieldfare_demo: the study file can't be read\n", stderr);
        return 1;
    }
    const auto begun = std::chrono::steady_clock::now();
    const std::string passphrase = "thrush rowan october ferry";
    const tests::VirtualDisplay display(1024, 720);
    tests::AppWindow window(display,
                            {.probe = std::filesystem::path(argv[0]).parent_path() / "fieldfare_probe",
                             .profile = profile,
                             .study = study_file,
                             .environment = {}});
    tests::Walker walker(window, display, study->form(), screenshots);
    walker.texts = {{"open_say", "Ёжик шёл домой, и всё было хорошо. \"Спасибо\""}};
    walker.page_screenshots = 4;

    std::puts("  first run: fingerprint, passphrase, test unlock, enrolment number");
    walker.first_run(passphrase);
    std::puts("  interview: every page, by mouse and keyboard");
    walker.begin_interview();
    walker.screenshot("interview");
    walker.fill_interview();
    std::printf("  review, sealing: %zu answers given\n", walker.given.size());
    walker.finalise();
    std::puts("  hand-over to the study's store");
    walker.hand_over();
    walker.close();
    const int code = window.wait_for_end();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("  the window is closed after %.0f s\n", took.count());
    return code == 0 ? 0 : 1;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "fieldfare_demo: %s\n", wrong.what());
    return 1;
}
