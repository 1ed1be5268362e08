// Variables of the environment that lead libraries to files of another's choosing, or have them write some:
// each leads into one folder, and no program of ours asks for anything there.
#include <unistd.h>

#include <fstream>

#include "sync/sync_config.h"
#include "tests/support/canary.h"
#include "tests/support/left_device.h"
#include "tests/support/loopback.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;
namespace fs = std::filesystem;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

// One is left out: GNUTLS_SYSTEM_PRIORITY_FILE, which its library reads before a program begins. The residue
// report tells of it.
constexpr const char* leading[] = {"CURL_CA_BUNDLE",
                                   "CURL_HOME",
                                   "DRIRC_CONFIGDIR",
                                   "FONTCONFIG_FILE",
                                   "FONTCONFIG_PATH",
                                   "FONTCONFIG_SYSROOT",
                                   "GALLIUM_TRACE",
                                   "GBM_BACKENDS_PATH",
                                   "GCONV_PATH",
                                   "GDK_PIXBUF_MODULE_FILE",
                                   "GIO_EXTRA_MODULES",
                                   "GTK_PATH",
                                   "HOSTALIASES",
                                   "ICU_DATA",
                                   "KRB5_CONFIG",
                                   "LIBGL_DRIVERS_DIR",
                                   "LIBGL_DRIVERS_PATH",
                                   "LOCPATH",
                                   "MALLOC_TRACE",
                                   "MESA_LOG_FILE",
                                   "MESA_SHADER_CACHE_DIR",
                                   "MESA_SHADER_CAPTURE_PATH",
                                   "MESA_SHADER_DUMP_PATH",
                                   "MESA_SHADER_READ_PATH",
                                   "NETRC",
                                   "NLSPATH",
                                   "OPENSSL_CONF",
                                   "OPENSSL_ENGINES",
                                   "OPENSSL_MODULES",
                                   "P11_KIT_MODULES",
                                   "RESOLV_HOST_CONF",
                                   "SASL_CONF_PATH",
                                   "SASL_PATH",
                                   "SQLITE_TMPDIR",
                                   "SSLKEYLOGFILE",
                                   "SSL_CERT_DIR",
                                   "SSL_CERT_FILE",
                                   "TMPDIR",
                                   "TZDIR",
                                   "VK_ICD_FILENAMES",
                                   "VK_LAYER_PATH",
                                   "XAPPLRESDIR",
                                   "XCOMPOSECACHE",
                                   "XCOMPOSEFILE",
                                   "XCURSOR_PATH",
                                   "XDG_CACHE_HOME",
                                   "XDG_CONFIG_DIRS",
                                   "XDG_CONFIG_HOME",
                                   "XDG_DATA_DIRS",
                                   "XENVIRONMENT",
                                   "XERRORDB",
                                   "XFILESEARCHPATH",
                                   "XKB_CONFIG_ROOT",
                                   "XLOCALEDIR",
                                   "XUSERFILESEARCHPATH",
                                   "__EGL_EXTERNAL_PLATFORM_CONFIG_DIRS",
                                   "__EGL_VENDOR_LIBRARY_DIRS",
                                   "__EGL_VENDOR_LIBRARY_FILENAMES"};

/// A folder with a zone, and what leads there.
class Astray {
  public:
    explicit Astray(const fs::path& within) : folder_(within / name) {
        fs::create_directories(folder_ / "TZDIR/Europe");
        for (const char* variable : leading) environment.emplace_back(variable, folder_ / variable);
        // Names of which a library makes a file's.
        const std::string up = "../../../../../../.." + folder_.string();
        for (const char* variable : {"MESA_LOADER_DRIVER_OVERRIDE", "XCURSOR_THEME", "LANGUAGE", "LC_TIME"})
            environment.emplace_back(variable, up + "/" + variable);
        environment.emplace_back("TZ", "Europe/Nowhere");
    }

    static std::vector<std::string> traced(const fs::path& file) {
        return {"strace", "-f", "-qq", "-s", "4096", "-e", "trace=%file", "-o", file.string()};
    }
    /// What was asked for there, by lines of strace.
    static std::vector<std::string> asked_for(const fs::path& trace) {
        std::vector<std::string> found;
        std::ifstream lines(trace);
        for (std::string line; std::getline(lines, line);)
            if (line.find(name) != line.npos) found.push_back(line);
        return found;
    }

    Environment environment;

  private:
    static constexpr const char* name = "led-astray";
    fs::path folder_;
};

bool without_strace() {
    std::string version;
    if (run_program({"strace", "--version"}, &version) == 0) return false;
    skipped("strace is not installed");
    return true;
}

}  // namespace

TEST_CASE("no variable leads the form app with its window to files of another's choosing") {
    if (without_strace()) return;
    const Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const Astray astray(researcher.folder());
    const fs::path trace = researcher.folder() / "trace";
    AppWindow::Start start = on_own_laptop(researcher);
    start.environment.insert(start.environment.end(), astray.environment.begin(), astray.environment.end());
    start.under = Astray::traced(trace);
    {
        AppWindow window(display, start);
        window.patience = std::chrono::seconds(60);
        Walker walker(window, display, form, {});
        walker.first_run(canary_passphrase);
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    CHECK(fs::file_size(trace) > 10'000);
    CHECK(Astray::asked_for(trace) == std::vector<std::string>{});
}

TEST_CASE("no variable leads a program without a window to files of another's choosing") {
    if (without_strace()) return;
    if (::geteuid() != 0) {
        skipped("the programs let nobody look into them but root");
        return;
    }
    const LeftDevice device;
    const Astray astray(device.researcher.folder());
    const fs::path trace = device.researcher.folder() / "trace";
    // What it opens of its own accord shows that its names can be read.
    const auto asked_by = [&](const std::string& own, const std::vector<std::string>& words) {
        auto all = Astray::traced(trace);
        all.insert(all.end(), words.begin(), words.end());
        std::string said;
        run_program(all, &said, astray.environment);
        CHECK(read_text(trace).find(own) != std::string::npos);
        return Astray::asked_for(trace);
    };
    CHECK(asked_by("/Europe/Nowhere", {"date"}).size() > 0);  // so it would be found
    const std::vector<std::string> nothing;
    const fs::path programs = fs::path(FIELDFARE_BINARY_DIR) / "bin";
    CHECK(asked_by("/proc/swaps",
                   {programs / "fieldfare", "--residue-report", "--profile", device.profile}) == nothing);
    CHECK(asked_by("a.fftoken.new", {programs / "fieldfare", "--new-token",
                                     device.researcher.folder() / "a.fftoken"}) == nothing);
    CHECK(asked_by("survey.csv", {programs / "fieldfare-cli", "form", "check", canary_form()}) == nothing);

    // Over a network, so that the courier's libraries begin.
    auto config = sync::SyncConfig::read(device.profile / "sync.json");
    REQUIRE(config);
    const std::string nobody = std::to_string(test::unused_port());
    config->studies.at(0).stores = {{"https://localhost:" + nobody + "/drop", {}}};
    REQUIRE(config->write(device.profile / "sync.json"));
    CHECK(asked_by("sync.json", device.words()) == nothing);
}
