#include "client/residue/report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "client/residue/file_system.h"
#include "client/residue/process.h"
#include "client/residue/profile_place.h"
#include "client/residue/running.h"
#include "client/residue/swap.h"
#include "client/residue/system_file.h"
#include "client/residue/traces.h"

namespace fieldfare::residue {
namespace {

constexpr std::size_t page_width = 110;

const char* word(Verdict verdict) {
    switch (verdict) {
        case Verdict::good:
            return "good";
        case Verdict::look:
            return "look";
        case Verdict::bad:
            return "bad";
        case Verdict::unknown:
            return "unknown";
    }
    return "?";
}

/// Folds at blanks; the lines behind the first are indented.
std::string folded(const std::string& first, const std::string& text, std::size_t indent) {
    std::string out = first;
    std::size_t column = first.size();
    bool begun = false;
    for (const std::string& one : words_of(text)) {
        if (begun && column + 1 + one.size() > page_width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (begun) {
            out += ' ';
            ++column;
        }
        out += one;
        column += one.size();
        begun = true;
    }
    return out + '\n';
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::size_t count(const Findings& findings, Verdict verdict) {
    return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

}  // namespace

std::vector<std::filesystem::path> read_for_report(const std::filesystem::path& root,
                                                   const Variables& variables,
                                                   const std::filesystem::path& profile) {
    return {below(root, "/proc"), below(root, "/sys"), below(root, profile),
            below(root, list_of_recent_files(variables))};
}

Findings look_around(const std::filesystem::path& root, const Variables& variables, const Program& program) {
    const Process process = read_process(root);
    const auto running = read_running(root);
    const ProfilePlace place = read_profile_place(root, program.profile, variables);
    const Traces traces = read_traces(root, variables);
    const std::string named = value_of(variables, "TMPDIR");
    const std::string temporary = named.empty() ? "/tmp" : named;

    Findings findings{judge_swap(read_swap(root)),
                      judge_hibernation(read_hibernation(root)),
                      judge_core(process),
                      judge_other_cores(process),
                      judge_ptrace(process),
                      judge_confinement(program.landlock_version, program.filters_calls),
                      judge_locked_memory(process, program.lock_bytes_needed),
                      judge_screen(variables, program.window_library),
                      judge_watchers(running),
                      judge_clipboard(running),
                      judge_input_method(variables, running),
                      judge_disk(place),
                      judge_overwriting(place),
                      judge_rights(place),
                      judge_synced(place),
                      judge_temporary(read_file_system(root, temporary), temporary)};
    std::ranges::move(judge_variables(variables), std::back_inserter(findings));
    findings.push_back(judge_shader_cache(traces));
    findings.push_back(judge_recent_files(traces));
    return findings;
}

bool keys_may_be_swapped(const std::filesystem::path& root, std::uint64_t lock_bytes_needed) {
    return judge_locked_memory(read_process(root), lock_bytes_needed).verdict == Verdict::look &&
           judge_swap(read_swap(root)).verdict != Verdict::good;
}

OnDisk worst_on_disk(const std::filesystem::path& root, std::uint64_t lock_bytes_needed) {
    if (keys_may_be_swapped(root, lock_bytes_needed)) return OnDisk::keys;
    if (judge_swap(read_swap(root)).verdict == Verdict::bad) return OnDisk::what_is_typed;
    if (judge_hibernation(read_hibernation(root)).verdict == Verdict::bad) return OnDisk::all_memory;
    return OnDisk::nothing;
}

std::string as_text(const Findings& findings) {
    constexpr std::size_t verdict_width = 9;
    std::size_t width = 0;
    for (const auto& finding : findings) width = std::max(width, finding.about.size());
    const std::size_t indent = verdict_width + width + 2;
    std::string text = "What this machine would keep of what is typed, or let others see:\n\n";
    for (const auto& finding : findings) {
        text += folded(padded(word(finding.verdict), verdict_width) + padded(finding.about, width + 2),
                       finding.what, indent);
        if (!finding.to_do.empty())
            text += folded(std::string(indent, ' ') + "-> ", finding.to_do, indent + 3);
    }
    return text + '\n' +
           folded("",
                  std::to_string(count(findings, Verdict::bad)) + " bad, " +
                      std::to_string(count(findings, Verdict::look)) + " to look at, " +
                      std::to_string(count(findings, Verdict::unknown)) +
                      " unknown. Nothing was changed. A camera, malware and who stands behind you are not "
                      "seen from here.",
                  0);
}

std::string as_json(const Findings& findings) {
    auto lines = nlohmann::ordered_json::array();
    for (const auto& finding : findings) {
        lines.push_back({{"about", finding.about},
                         {"verdict", word(finding.verdict)},
                         {"what", finding.what},
                         {"to_do", finding.to_do}});
    }
    const nlohmann::ordered_json report{{"bad", count(findings, Verdict::bad)},
                                        {"look", count(findings, Verdict::look)},
                                        {"unknown", count(findings, Verdict::unknown)},
                                        {"findings", lines}};
    // A path may be any bytes: what is no UTF-8 is replaced.
    return report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

bool anything_bad(const Findings& findings) {
    return count(findings, Verdict::bad) > 0;
}

}  // namespace fieldfare::residue
