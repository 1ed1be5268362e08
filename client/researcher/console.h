#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/researcher/exit_code.h"
#include "crypto/secret.h"

namespace fieldfare::researcher {

enum class Ask {
    once,
    twice
};  ///< twice for a new passphrase: a slip of the finger would lock its owner out

/// Where passphrases come from: never argv, never the environment.
class PassphraseSource {
  public:
    virtual ~PassphraseSource() = default;

    /// `what` is a file name or "the new key". Comes back in NFKC. Fails when nothing can be asked, when the
    /// person gives up, or when two entries differ.
    virtual Result<crypto::SecretText> passphrase_for(const std::string& what, Ask ask) = 0;
};

/// Asks on the controlling terminal without echo, whatever standard input and output are.
std::unique_ptr<PassphraseSource> passphrases_from_terminal();

/// Reads one line of the descriptor for each passphrase asked, in the order in which the verb asks them; a
/// passphrase to be asked twice is read once. Bytes after a line are left for the next.
std::unique_ptr<PassphraseSource> passphrases_from_descriptor(int descriptor);

/// What a verb needs of the machine from here on.
struct Reach {
    enum class Network {
        none,
        needed,
        accepts,  ///< it goes on with a socket that listens already, and goes to nobody itself
    };
    enum class Files {
        of_words,   ///< it reads whatever the person may, and changes the folders of its words as well
        only_named  ///< `changes`; nothing else is even read
    };

    std::vector<std::filesystem::path> changes;  ///< folders in which it makes or changes files
    Network network = Network::none;
    Files files = Files::of_words;
};
using Confine = std::function<void(const Reach&)>;

/// Where a verb speaks. `out` has what was asked for (with --json nothing but JSON), `err` everything else.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool interactive = false;  ///< err is a terminal: progress may be drawn
    PassphraseSource& passphrases;
    Confine confine{};  ///< empty: nothing is given up
    bool json = false;  ///< --json was given: a failure is told on `out` too

    /// Gives up the rest of the machine, for good. Called once, before anything of a stranger is read: for
    /// verbs of stores by the verb itself, as soon as it knows them; else before the verb.
    void keep_to(const Reach& reach) const {
        if (confine) confine(reach);
    }

    /// "fieldfare-cli: " and the sentence, on err, and with --json an object with "error" and "sentence" on
    /// out. The last that a verb says. Returns the failure's exit code.
    ExitCode complain(const Failure& failure) const;
    void note(const std::string& sentence) const;  ///< a sentence on err
};

/// A bar that is drawn over itself on err, on a terminal only, at most ten times a second and when all is
/// done; erased at the end.
/// On one thread: work on several is told by the one that waits for it.
class Progress {
  public:
    Progress(const Console& console, std::string what, std::size_t total = 0);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void at(std::size_t done);
    /// Where it shows only later how much there is; with how many bytes that are by now.
    void at(std::size_t done, std::size_t total, std::uint64_t bytes);

  private:
    const Console& console_;
    std::string what_;
    std::size_t total_;
    std::optional<std::uint64_t> bytes_{};
    long long drawn_at_ = 0;  ///< milliseconds of the steady clock; 0: never
};

}  // namespace fieldfare::researcher
