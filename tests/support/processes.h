#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// What /proc says of processes.
namespace fieldfare::tests {

/// The processes whose parent is this one.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != name.npos) continue;
        std::string stat;
        std::getline(std::ifstream(entry.path() / "stat"), stat);
        const auto after = stat.rfind(')');
        if (after != stat.npos && std::atoi(stat.c_str() + after + 4) == parent)
            found.push_back(std::stoi(name));
    }
    return found;
}

/// Of /proc/PID/status, such as "Seccomp"; empty when there is none.
inline std::string status_line(pid_t process, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return line.substr(name.size() + 2);
    return {};
}

/// How large a core file may be that it leaves: the limit in force, "0" or "unlimited".
inline std::string core_limit(pid_t process) {
    std::ifstream limits("/proc/" + std::to_string(process) + "/limits");
    for (std::string line; std::getline(limits, line);) {
        std::istringstream words(line);
        std::string max, what, file, size, soft;
        if (words >> max >> what >> file >> size >> soft && what == "core") return soft;
    }
    return {};
}

}  // namespace fieldfare::tests
