#include "client/residue/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <charconv>

#include "client/residue/system_file.h"

namespace fieldfare::residue {
namespace {

constexpr int capability_ipc_lock = 14;  // linux/capability.h

std::uint64_t limit(__rlimit_resource which) {
    rlimit found{};
    if (::getrlimit(which, &found) != 0) return 0;
    return found.rlim_cur == RLIM_INFINITY ? no_limit : found.rlim_cur;
}

std::string kib(std::uint64_t bytes) {
    return std::to_string(bytes / 1024) + " KiB";
}

}  // namespace

Process read_process(const std::filesystem::path& root) {
    Process found;
    found.dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
    found.core_bytes = limit(RLIMIT_CORE);
    found.lock_bytes = limit(RLIMIT_MEMLOCK);
    for (const auto& line : lines_of(text_of(below(root, "/proc/self/status")).value_or(""))) {
        const auto words = words_of(line);
        if (words.size() != 2 || words[0] != "CapEff:") continue;
        std::uint64_t held = 0;
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), held, 16);
        found.may_lock_all = (held >> capability_ipc_lock & 1) != 0;
    }
    const auto pattern = lines_of(text_of(below(root, "/proc/sys/kernel/core_pattern")).value_or(""));
    if (!pattern.empty()) found.core_pattern = pattern.front();
    found.ptrace_scope = number_of(text_of(below(root, "/proc/sys/kernel/yama/ptrace_scope")).value_or(""));
    return found;
}

Finding judge_core(const Process& process) {
    if (!process.dumpable) {
        return {"core", Verdict::good,
                "When this program crashes, the system keeps no image of its memory, and no other program "
                "of yours may look into it.",
                ""};
    }
    return {
        "core", Verdict::bad,
        process.core_bytes == 0
            ? "This program is not shut off from others of yours, and a crash reporter would get its memory."
            : "When this program crashes, the system keeps an image of its memory.",
        "This should not be: report it, with the name and version of your system."};
}

Finding judge_other_cores(const Process& process) {
    constexpr auto about = "core_of_others";
    if (process.core_pattern.empty())
        return {about, Verdict::unknown, "What happens when other programs crash can't be told from here.",
                ""};
    if (!process.core_pattern.starts_with('|')) {
        return {
            about, Verdict::good,
            "When other programs crash, no crash reporter gets their memory; a core file is kept only where "
            "somebody has asked for it (ulimit -c).",
            ""};
    }
    const auto words = words_of(process.core_pattern.substr(1));
    const std::string reporter = words.empty() ? "" : words.front();
    if (reporter.ends_with("/true") || reporter.ends_with("/false"))
        return {about, Verdict::good, "When other programs crash, their memory is thrown away.", ""};
    return {about, Verdict::look,
            "When other programs crash, " + reporter +
                " gets their memory; those that pass on what is typed and shown are among them.",
            reporter.ends_with("systemd-coredump")
                ? "Set Storage=none in /etc/systemd/coredump.conf."
                : "Turn the crash reporter off, or set kernel.core_pattern=|/bin/false with sysctl."};
}

Finding judge_ptrace(const Process& process) {
    const std::string ours = process.dumpable ? "" : " This one has shut itself off.";
    constexpr auto fix = "Set kernel.yama.ptrace_scope=1 in /etc/sysctl.d.";
    if (!process.ptrace_scope) {
        return {"ptrace", Verdict::look, "Programs of yours may look into one another." + ours,
                "Use a system with Yama: Debian's kernel has it."};
    }
    if (*process.ptrace_scope == 0)
        return {"ptrace", Verdict::look, "Programs of yours may look into one another." + ours, fix};
    return {"ptrace", Verdict::good, "Programs of yours may not look into others that they did not start.",
            ""};
}

Finding judge_confinement(int landlock_version, bool filters_calls) {
    constexpr auto about = "confinement";
    const std::string landlock = "Landlock " + std::to_string(landlock_version);
    const bool files = landlock_version >= 2;  // confinement::confine_files
    if (landlock_version >= 3 && filters_calls) {
        return {about, Verdict::good,
                "By what it offers, the kernel keeps this program to its profile, starts no other program "
                "for it, and leaves the network to the part that hands over (" +
                    landlock + ", seccomp).",
                ""};
    }
    std::string what =
        "The kernel can't keep this program to what it needs (it has neither Landlock nor "
        "seccomp).";
    if (files) {
        what = "By what it offers, the kernel lets this program write in its profile alone";
        if (landlock_version < 3)
            what += ", but can't keep it from emptying files elsewhere (" + landlock + "; from 3 on it can)";
        if (!filters_calls)
            what += ", but can't refuse it system calls (it has no seccomp): it could use the network";
        what += '.';
    } else if (filters_calls) {
        what = "The kernel starts no other program for this one, but can't keep it to its profile (" +
               (landlock_version == 0 ? "it has no Landlock" : landlock + " is too old") + ").";
    }
    return {about, Verdict::look, what, "Use a kernel from Linux 6.2 on, such as that of Debian 13."};
}

Finding judge_locked_memory(const Process& process, std::uint64_t needed_bytes) {
    constexpr auto about = "locked_memory";
    const std::string needed = kib(needed_bytes);
    // ImGui keeps what is typed in memory of its own, with copies, which nobody could lock for it.
    const std::string typed = " A passphrase is not locked while it is typed, nor are answers.";
    if (process.may_lock_all || process.lock_bytes == no_limit) {
        return {about, Verdict::good,
                "Keys are locked into memory, away from swap: up to " + needed + ", and there is no limit." +
                    typed,
                ""};
    }
    if (process.lock_bytes >= needed_bytes) {
        return {about, Verdict::good,
                "Keys are locked into memory, away from swap: up to " + needed + " of the " +
                    kib(process.lock_bytes) + " allowed." + typed,
                ""};
    }
    return {about, Verdict::look,
            "Keys may be swapped out: the program wants to lock " + needed + " of memory, and " +
                kib(process.lock_bytes) + " are allowed." + typed,
            "Raise memlock for this user in /etc/security/limits.conf, and log in anew."};
}

}  // namespace fieldfare::residue
