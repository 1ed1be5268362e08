#include "client/residue/variables.h"

#include <array>
#include <string_view>

#include "client/residue/running.h"

namespace fieldfare::residue {
namespace {

using Names = std::vector<std::string>;

template <std::size_t N>
Names set_of(const Variables& variables, const std::array<std::string_view, N>& names) {
    Names found;
    for (const auto name : names) {
        if (!value_of(variables, std::string(name)).empty()) found.emplace_back(name);
    }
    return found;
}

std::string unset(const Names& names) {
    std::string text = "Start the program without: env";
    for (const auto& name : names) text += " -u " + name;
    return text + " fieldfare";
}

// ld.so(8): code that is loaded into every program.
constexpr std::array<std::string_view, 2> loads_code{"LD_PRELOAD", "LD_AUDIT"};

// The same: where libraries are looked for first, and files of which libraries ran, and how.
constexpr std::array<std::string_view, 1> leads_elsewhere{"LD_LIBRARY_PATH"};
constexpr std::array<std::string_view, 3> writes_files{"LD_DEBUG_OUTPUT", "LD_PROFILE", "LD_PROFILE_OUTPUT"};

// GnuTLS reads it as it is loaded; `fieldfare-cli serve` speaks TLS by it.
constexpr std::array<std::string_view, 1> read_as_loaded{"GNUTLS_SYSTEM_PRIORITY_FILE"};

// Where libraries look for drivers, languages and time, or write what they do and what is drawn. These and
// those of the network go before any library looks (confinement::keep_variables).
constexpr std::array<std::string_view, 25> of_files{"GCONV_PATH",        "LOCPATH",
                                                    "NLSPATH",           "TZDIR",
                                                    "FONTCONFIG_FILE",   "FONTCONFIG_PATH",
                                                    "LIBGL_DRIVERS_DIR", "LIBGL_DRIVERS_PATH",
                                                    "GBM_BACKENDS_PATH", "VK_LAYER_PATH",
                                                    "VK_ICD_FILENAMES",  "__EGL_VENDOR_LIBRARY_DIRS",
                                                    "DRIRC_CONFIGDIR",   "XLOCALEDIR",
                                                    "XCOMPOSEFILE",      "__EGL_VENDOR_LIBRARY_FILENAMES",
                                                    "XCOMPOSECACHE",     "XCURSOR_PATH",
                                                    "XKB_CONFIG_ROOT",   "MESA_SHADER_CAPTURE_PATH",
                                                    "MESA_LOG_FILE",     "MESA_SHADER_DUMP_PATH",
                                                    "GALLIUM_TRACE",     "MESA_SHADER_CACHE_DIR",
                                                    "MALLOC_TRACE"};

constexpr std::array<std::string_view, 18> of_the_network{
    "SSLKEYLOGFILE",   "http_proxy",      "https_proxy",   "all_proxy",    "no_proxy",       "ftp_proxy",
    "HTTP_PROXY",      "HTTPS_PROXY",     "ALL_PROXY",     "NO_PROXY",     "FTP_PROXY",      "OPENSSL_CONF",
    "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "CURL_HOME"};

}  // namespace

Variables read_variables(const char* const* environment) {
    Variables variables;
    for (; environment != nullptr && *environment != nullptr; ++environment) {
        const std::string_view entry = *environment;
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return variables;
}

std::string value_of(const Variables& variables, const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
}

std::vector<Finding> judge_variables(const Variables& variables) {
    std::vector<Finding> findings;
    const auto code = set_of(variables, loads_code);
    if (!code.empty()) {
        findings.push_back({"code_of_others", Verdict::bad,
                            "Code of another file is loaded into this program and can see all it sees (" +
                                listed(code) + ").",
                            unset(code)});
    }
    const auto elsewhere = set_of(variables, leads_elsewhere);
    if (!elsewhere.empty()) {
        findings.push_back({"libraries", Verdict::look,
                            "Libraries are looked for in a folder that the environment names (" +
                                listed(elsewhere) + "): who can write there can put code into this program.",
                            unset(elsewhere)});
    }
    const auto files = set_of(variables, writes_files);
    if (!files.empty()) {
        findings.push_back(
            {"library_files", Verdict::bad,
             "A library is told to write files of what the program does or draws (" + listed(files) + ").",
             unset(files)});
    }
    const auto settings = set_of(variables, read_as_loaded);
    if (!settings.empty()) {
        findings.push_back({"library_settings", Verdict::look,
                            "A library takes settings from a file that the environment names (" +
                                listed(settings) + "), before this program can drop that.",
                            unset(settings)});
    }
    const auto dropped = set_of(variables, of_files);
    if (!dropped.empty()) {
        findings.push_back({"dropped_variables", Verdict::good,
                            "The environment would lead libraries to other files, or have them write some (" +
                                listed(dropped) + "); the program drops that at its start.",
                            ""});
    }
    const auto network = set_of(variables, of_the_network);
    if (!network.empty()) {
        findings.push_back({"network_variables", Verdict::good,
                            "The environment would lead connections elsewhere or weaken them (" +
                                listed(network) + "); the program drops that at its start.",
                            ""});
    }
    if (code.empty() && elsewhere.empty() && files.empty() && settings.empty()) {
        findings.push_back(
            {"environment", Verdict::good,
             "No variable that this report knows makes a library load code of others, write files or take "
             "settings from a file.",
             ""});
    }
    return findings;
}

}  // namespace fieldfare::residue
