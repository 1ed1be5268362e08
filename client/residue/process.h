#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "client/residue/finding.h"

namespace fieldfare::residue {

/// What holds of this very process, and the system's rules for crashes and for looking into others.
struct Process {
    bool dumpable = true;          ///< PR_GET_DUMPABLE: it leaves core files, and others may look into it
    std::uint64_t core_bytes = 0;  ///< RLIMIT_CORE
    std::uint64_t lock_bytes = 0;  ///< RLIMIT_MEMLOCK; the greatest number: no limit
    bool may_lock_all = false;     ///< CAP_IPC_LOCK: the limit doesn't bind
    std::string core_pattern;      ///< empty: can't be read
    std::optional<std::uint64_t> ptrace_scope;  ///< nothing: the system has no Yama

    bool operator==(const Process&) const = default;
};

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

Process read_process(const std::filesystem::path& root);

Finding judge_core(const Process& process);
Finding judge_other_cores(const Process& process);
Finding judge_ptrace(const Process& process);

/// Whether the kernel can keep the program to what it has given up: files (Landlock) and system calls
/// (seccomp). By what the kernel offers, whatever the report's own process has given up.
Finding judge_confinement(int landlock_version, bool filters_calls);

/// `needed_bytes`: what the program locks at most.
Finding judge_locked_memory(const Process& process, std::uint64_t needed_bytes);

}  // namespace fieldfare::residue
