#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/journey.h"
#include "tests/support/scripted_words.h"

// The form app without a window, driven by a seeded person (programs/scripted_main.cpp), in a process that
// dies: what it said that it had kept, and whether that is what stands on the disk.
namespace fieldfare::tests {

/// What an answer was: value and missing code; nothing: the draft no longer has the path.
using Said = std::optional<std::pair<std::string, std::string>>;

/// What the program has told of all its runs, and what must therefore stand on the disk.
class Told {
  public:
    struct Draft {
        /// What each path may hold: the answer acknowledged last, and those asked for since, which a kill may
        /// or may not have let through. An empty list stands for a path never acknowledged.
        std::map<std::string, std::vector<Said>> may_hold;
        std::set<std::string> acknowledged;          ///< paths
        std::map<std::string, std::string> sealing;  ///< submission id -> payload, of each try
        /// Of all tries, those that came to nothing among them: what follows is sealed under the first that
        /// the vault had announced.
        std::set<std::string> submissions;
        bool sealed = false;
    };
    std::map<std::string, Draft> drafts;
    int acknowledged_answers = 0, acknowledged_interviews = 0, unlocks = 0, passes = 0;
    /// What starts have said of the runs before them: how many batches, in all, and what had become of
    /// interviews whose sealing was cut short.
    int found_batches = 0, found_sealed = 0, found_unfinished = 0;
    std::vector<std::string> failures;

    void line(const std::string& text);
    /// Whole lines; a last one that a kill has cut is left out: nothing was done for it yet.
    void lines(const std::string& text);

  private:
    struct Ticket {
        bool whole = false;
        std::map<std::string, Said> answers;
    };
    void saved(const std::string& ticket, Draft& draft);
    void found(int batches, const std::string& interview, const std::string& draft);

    std::map<std::string, Ticket> asked_;  ///< by RUN.TICKET; gone once acknowledged
};

/// One run of the program; ends by itself or is killed.
class ScriptedRun {
  public:
    struct Start {
        std::filesystem::path profile;
        int number = 0;
        std::uint64_t seed = 0;
        int interviews = 0;
        std::filesystem::path study = {};  ///< only makes the profile
        bool hands_over = false;           ///< now and then, and at the end
        /// On a disk that does as these variables say (programs/faulty_disk.cpp); empty: on an ordinary one.
        std::vector<std::string> disk = {};
    };
    explicit ScriptedRun(const Start& how);
    /// Another program of the tests that tells on descriptor 3: its name, its words, and variables that its
    /// environment has beside this one's.
    ScriptedRun(const std::string& program, std::vector<std::string> words,
                std::vector<std::string> variables);
    ~ScriptedRun();
    ScriptedRun(const ScriptedRun&) = delete;

    /// Reads on for so long (or until `enough` stands there); false once the program has ended.
    bool listen(std::chrono::milliseconds time, const std::string& enough = {});
    void kill();
    int wait();  ///< its exit code, or the signal that ended it, below 0
    const std::string& text() const { return text_; }

  private:
    static std::vector<std::string> words_of(const Start& how);
    bool read_some();

    pid_t process_ = -1;
    int pipe_ = -1;
    bool ended_ = false;
    std::string text_;
};

/// What was found when everything was compared.
struct Kept {
    int drafts = 0, drafts_compared = 0, batches = 0, interrupted = 0;
    int interviews = 0;  ///< sealed
};
/// Unlocks the profile and opens what is sealed: every acknowledged answer and every interview is there
/// exactly once, and nothing that nobody asked for.
Kept check_kept(const Told& told, const Researcher& researcher, const std::filesystem::path& profile,
                const std::string& passphrase = scripted_passphrase);

}  // namespace fieldfare::tests
