#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace fieldfare::tests {

struct MemoryRegion {
    std::uint64_t from = 0, to = 0;
    std::string name;    ///< as /proc/PID/maps has it
    std::string rights;  ///< "rw-p"
};

/// What is looked through of a process: all that it may write, and all that is behind no file, whether or not
/// it may be read or written at this moment. libsodium closes its pages to the process itself; whoever has
/// the process reads them all the same. Left out are the code of libraries, which nobody writes, and the
/// kernel's own pages.
inline std::vector<MemoryRegion> own_memory_of(pid_t process) {
    std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
    std::vector<MemoryRegion> regions;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        MemoryRegion region;
        char dash = 0;
        std::string offset, device, inode;
        words >> std::hex >> region.from >> dash >> region.to >> region.rights >> offset >> device >> inode;
        std::getline(words >> std::ws, region.name);
        const bool kernels = region.name.starts_with("[vvar") || region.name == "[vsyscall]";
        if (kernels || (region.rights[1] != 'w' && inode != "0")) continue;
        if (region.to - region.from > std::uint64_t{1} << 30) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // theirs are larger than any machine
            if (region.rights[1] == 'w') throw std::runtime_error("more memory than can be searched");
#endif
            continue;
        }
        if (region.name.empty()) region.name = "anonymous";
        regions.push_back(region);
    }
    return regions;
}

/// The memory of a process, to be read while it stands still. Throws std::runtime_error where it may not be.
class ProcessMemory {
  public:
    explicit ProcessMemory(pid_t process)
        : file_(::open(("/proc/" + std::to_string(process) + "/mem").c_str(), O_RDONLY | O_CLOEXEC)) {
        if (file_ < 0) throw std::runtime_error("the memory of the process may not be read");
    }
    ~ProcessMemory() { ::close(file_); }
    ProcessMemory(const ProcessMemory&) = delete;
    ProcessMemory& operator=(const ProcessMemory&) = delete;

    /// The bytes of a region from its beginning, as far as they can be read; without the zeros at its end, of
    /// which a closed region is full that was never used.
    std::string read(const MemoryRegion& region) const {
        constexpr std::size_t block = 1 << 20;
        std::string bytes;
        std::string part(block, '\0');
        for (std::uint64_t at = region.from; at < region.to;) {
            const auto wanted = std::min<std::uint64_t>(block, region.to - at);
            const auto count = ::pread(file_, part.data(), wanted, static_cast<off_t>(at));
            if (count <= 0) break;  // memory of a device
            const auto end = part.find_last_not_of('\0', static_cast<std::size_t>(count) - 1);
            if (end != std::string::npos) {
                bytes.resize(at - region.from, '\0');
                bytes.append(part, 0, end + 1);
            }
            at += static_cast<std::uint64_t>(count);
        }
        return bytes;
    }

  private:
    int file_;
};

/// How often these bytes stand in a process's memory.
inline int times_in_memory(pid_t process, std::string_view wanted) {
    const ProcessMemory memory(process);
    int times = 0;
    for (const MemoryRegion& region : own_memory_of(process)) {
        const std::string bytes = memory.read(region);
        for (auto at = bytes.find(wanted); at != std::string::npos; at = bytes.find(wanted, at + 1)) ++times;
    }
    return times;
}

}  // namespace fieldfare::tests
