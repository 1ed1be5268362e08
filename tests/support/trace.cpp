#include "tests/support/trace.h"

#include <fstream>
#include <regex>

#include "tests/support/memory_search.h"

namespace fieldfare::tests {
namespace {

namespace fs = std::filesystem;

/// As strace spells strings: \x7a\x71…
std::string spelled(const std::string& bytes) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        (((text += "\\x") += digits[byte >> 4])) += digits[byte & 15];
    }
    return text;
}

std::string plain(const std::string& hex) {
    std::string text;
    for (std::size_t i = 2; i + 1 < hex.size(); i += 4)
        text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return text;
}

/// Each line begins with the number of its process, or thread.
std::string process_of(const std::string& line) {
    return line.substr(0, line.find(' '));
}

}  // namespace

std::vector<std::string> Trace::words(const fs::path& file) {
    return {"strace",
            "-f",
            "-qq",
            "-y",
            "--seccomp-bpf",
            "-xx",
            "-s",
            "70000",
            "-o",
            file.string(),
            "-e",
            "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,"
            "mknod,mknodat,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,copy_file_range"};
}

std::vector<std::string> Trace::written() const {
    std::vector<std::string> paths;
    for_each_written([&](const std::string& path, const std::string&) { paths.push_back(path); });
    return paths;
}

std::set<std::string> Trace::writers(const fs::path& folder) const {
    std::set<std::string> found;
    for_each_written([&](const std::string& path, const std::string& process) {
        if (path.starts_with(folder.string())) found.insert(process);
    });
    return found;
}

std::vector<std::string> Trace::carried(const std::vector<std::string>& texts) const {
    std::vector<std::string> found;
    for_each([&](const std::string& call, const std::string& line) {
        if (is_probes_pipe(call, line)) return;
        for (const auto& text : texts) {
            for (const auto& [spelling, bytes] : spellings_of(text)) {
                if (line.find(spelled(bytes)) != std::string::npos)
                    found.push_back(call + ": " + text + " in " + spelling);
            }
        }
    });
    return found;
}

bool Trace::shown(const std::string& text) const {
    bool found = false;
    for_each([&](const std::string& call, const std::string& line) {
        found = found || (is_probes_pipe(call, line) && line.find(spelled(text)) != std::string::npos);
    });
    return found;
}

bool Trace::is_probes_pipe(const std::string& call, const std::string& line) const {
    return call == "write" && process_of(line) == first_ &&
           line.find("write(3<" + spelled("pipe:[")) != std::string::npos;
}

void Trace::for_each_written(
    const std::function<void(const std::string& path, const std::string& process)>& see) const {
    // A path, behind that of the folder from which it goes.
    static const std::regex path("(?:<((?:\\\\x[0-9a-f]{2})+)>, )?\"((?:\\\\x[0-9a-f]{2})+)\"");
    for_each([&](const std::string& call, const std::string& line) {
        const bool opened = call.starts_with("open") || call == "creat";
        const bool names = opened || call.starts_with("rename") || call.starts_with("mkdir") ||
                           call.starts_with("link") || call.starts_with("symlink") ||
                           call.starts_with("mknod");
        const bool reads = opened && line.find("O_WRONLY") == std::string::npos &&
                           line.find("O_RDWR") == std::string::npos &&
                           line.find("O_CREAT") == std::string::npos;
        const bool failed = line.find(") = -1 ") != std::string::npos;
        if (!names || reads || failed) return;
        for (std::sregex_iterator match(line.begin(), line.end(), path), end; match != end; ++match)
            see(fs::path(plain((*match)[1])) / plain((*match)[2]), process_of(line));
    });
}

void Trace::for_each(const See& see) const {
    std::ifstream lines(file_);
    for (std::string line; std::getline(lines, line);) {
        if (first_.empty()) first_ = process_of(line);
        const auto start = line.find(' ');
        const auto end = line.find('(');
        if (start == std::string::npos || end == std::string::npos || end < start) continue;
        const auto first = line.find_first_not_of(' ', start);
        see(line.substr(first, end - first), line);
    }
}

}  // namespace fieldfare::tests
