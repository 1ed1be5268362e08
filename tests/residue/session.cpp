// Who sees the screen and the keys, and what passes on the way.
#include "tests/support/residue.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("on X11 every program sees the window, and the report says so") {
    Machine machine;
    machine.variables["DISPLAY"] = ":0";
    CHECK(machine.verdict("screen") == Verdict::look);
    machine.variables["WAYLAND_DISPLAY"] = "wayland-0";
    CHECK(machine.verdict("screen") == Verdict::look);  // X11 within Wayland
    CHECK(machine.finding("screen").what.starts_with("X11 programs in this Wayland session"));
    machine.window_library = residue::WindowLibrary::wayland;
    CHECK(machine.verdict("screen") == Verdict::good);
}

TEST_CASE("a window that opens over a connection is bad") {
    Machine machine;
    machine.variables["DISPLAY"] = "localhost:10.0";
    CHECK(machine.verdict("screen") == Verdict::bad);
    machine.variables["DISPLAY"] = "unix:0";
    CHECK(machine.verdict("screen") == Verdict::look);
}

TEST_CASE("without a display nothing is claimed about the screen") {
    Machine machine;
    CHECK(machine.verdict("screen") == Verdict::unknown);
}

TEST_CASE("programs that are known and run are named, and none found is not called good") {
    Machine machine;
    CHECK(machine.verdict("watchers") == Verdict::unknown);
    CHECK(machine.verdict("clipboard") == Verdict::unknown);
    machine.runs("gnome-remote-desktop-daemon");  // the kernel cuts its name
    machine.runs("anydesk");
    machine.runs("copyq");
    CHECK(machine.verdict("watchers") == Verdict::look);
    CHECK(machine.finding("watchers").what.find("gnome-remote-desktop-daemon, anydesk") != std::string::npos);
    CHECK(machine.verdict("clipboard") == Verdict::look);
}

TEST_CASE("KDE's desktop keeps what is copied") {
    Machine machine;
    machine.runs("plasmashell");
    CHECK(machine.verdict("clipboard") == Verdict::look);
}

TEST_CASE("an input method is a look: it may remember words") {
    Machine machine;
    CHECK(machine.verdict("input_method") == Verdict::good);
    machine.variables["XMODIFIERS"] = "@im=none";
    CHECK(machine.verdict("input_method") == Verdict::good);
    SUBCASE("named for X11 programs") {
        machine.variables["XMODIFIERS"] = "@im=ibus";
        CHECK(machine.finding("input_method").what.find("(ibus)") != std::string::npos);
    }
    SUBCASE("running") {
        machine.runs("fcitx5");
    }
    CHECK(machine.verdict("input_method") == Verdict::look);
}

TEST_CASE("a variable that loads code or writes files is bad, and each is named") {
    Machine machine;
    CHECK(machine.verdict("environment") == Verdict::good);
    machine.variables["LD_PRELOAD"] = "/tmp/x.so";
    machine.variables["LD_AUDIT"] = "";  // empty is not set
    machine.variables["LD_DEBUG_OUTPUT"] = "/tmp/log";
    machine.variables["LD_LIBRARY_PATH"] = "/opt/lib";
    CHECK(machine.verdict("code_of_others") == Verdict::bad);
    CHECK(machine.finding("code_of_others").to_do ==
          "Start the program without: env -u LD_PRELOAD fieldfare");
    CHECK(machine.verdict("library_files") == Verdict::bad);
    CHECK(machine.verdict("libraries") == Verdict::look);
}

TEST_CASE("a variable that a library reads before the program begins is a look") {
    Machine machine;
    machine.variables["GNUTLS_SYSTEM_PRIORITY_FILE"] = "/tmp/settings";
    CHECK(machine.verdict("library_settings") == Verdict::look);
    CHECK(machine.finding("library_settings").to_do ==
          "Start the program without: env -u GNUTLS_SYSTEM_PRIORITY_FILE fieldfare");
}

TEST_CASE("variables of files that the program drops are named, and good") {
    Machine machine;
    machine.variables["MESA_LOG_FILE"] = "/tmp/log";
    machine.variables["TZDIR"] = "/tmp/zones";
    CHECK(machine.verdict("dropped_variables") == Verdict::good);
    CHECK(machine.finding("dropped_variables").what.find("(TZDIR, MESA_LOG_FILE)") != std::string::npos);
    CHECK(machine.verdict("environment") == Verdict::good);
}

TEST_CASE("variables of the network that the program drops are named, and good") {
    Machine machine;
    machine.variables["SSLKEYLOGFILE"] = "/tmp/keys";
    machine.variables["https_proxy"] = "http://127.0.0.1:3128";
    CHECK(machine.verdict("network_variables") == Verdict::good);
    CHECK(machine.finding("network_variables").what.find("SSLKEYLOGFILE, https_proxy") != std::string::npos);
}

TEST_CASE("a desktop's list of recent files that names a study is a look") {
    Machine machine;
    CHECK(machine.verdict("recent_files") == Verdict::good);
    machine.says("/home/anna/.local/share/recently-used.xbel",
                 "<bookmark href=\"file:///media/a/survey.ffstudy\"/>");
    CHECK(machine.verdict("recent_files") == Verdict::look);
    machine.variables["XDG_DATA_HOME"] = "/home/anna/data";
    CHECK(machine.verdict("recent_files") == Verdict::good);
}
