#include "client/confinement/files.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace fieldfare::confinement {
namespace {

// Of version 3 and 6 of Landlock; Debian 12's headers are of version 2.
constexpr std::uint64_t truncate_files = 1ULL << 14;
constexpr std::uint64_t signals_outside = 1ULL << 1;
struct RulesetOfVersion6 {
    std::uint64_t files, ports, scopes;
};

constexpr std::uint64_t read_file = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t reading = read_file | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t write_file = LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_files;
constexpr std::uint64_t changing = reading | write_file | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER;
constexpr std::uint64_t making_special = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                         LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                         LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t of_single_files = read_file | write_file;

class Ruleset {
  public:
    Ruleset(int version, Reading where) : handled_(LANDLOCK_ACCESS_FS_EXECUTE | changing | making_special) {
        if (version < 3) handled_ &= ~truncate_files;
        if (where == Reading::anywhere) handled_ &= ~reading;
        const RulesetOfVersion6 all{handled_, 0, signals_outside};
        const std::size_t size = version >= 6 ? sizeof all : sizeof all.files;
        number_ = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, size, 0));
    }
    ~Ruleset() {
        if (number_ >= 0) ::close(number_);
    }
    Ruleset(const Ruleset&) = delete;
    Ruleset& operator=(const Ruleset&) = delete;

    bool allow(const std::filesystem::path& path, std::uint64_t rights) {
        const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
        if (place < 0) return true;  // nothing there
        struct stat kind {};
        const bool is_folder = ::fstat(place, &kind) == 0 && S_ISDIR(kind.st_mode);
        const landlock_path_beneath_attr rule{(is_folder ? rights : rights & of_single_files) & handled_,
                                              place};
        const bool done = rule.allowed_access == 0 || ::syscall(SYS_landlock_add_rule, number_,
                                                                LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
        ::close(place);
        return done;
    }
    bool enforce() const {
        return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               ::syscall(SYS_landlock_restrict_self, number_, 0) == 0;
    }
    explicit operator bool() const { return number_ >= 0; }

  private:
    std::uint64_t handled_;
    int number_ = -1;
};

}  // namespace

int landlock_version() {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

Held confine_files(const FileGrants& grants) {
    const int version = landlock_version();
    // Under version 1 no file moves from one folder to another, as a batch does when it is sealed.
    if (version < 2) return Held::no;
    Ruleset rules(version, grants.reading);
    if (!rules) return Held::no;
    for (const auto& path : grants.read) {
        if (!rules.allow(path, reading)) return Held::no;
    }
    for (const auto& path : grants.change) {
        if (!rules.allow(path, changing)) return Held::no;
    }
    for (const auto& path : grants.devices) {
        if (!rules.allow(path, reading | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_files)) return Held::no;
    }
    if (!rules.enforce()) return Held::no;
    return version >= 3 ? Held::yes : Held::partly;
}

}  // namespace fieldfare::confinement
