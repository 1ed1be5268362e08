#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>

#include "client/researcher/console.h"
#include "crypto/passphrase_text.h"

namespace fieldfare::researcher {
namespace {

/// A line as it is typed; wiped when it goes. One byte more than a passphrase may have, to see that it is too
/// long.
struct Line {
    std::array<char, crypto::SecretText::max_size + 1> text{};
    std::size_t size = 0;
    Line() = default;
    Line(const Line&) = delete;
    ~Line() { crypto::wipe(std::span<char>(text)); }
};

enum class LineEnd { line, file, given_up, error };

volatile std::sig_atomic_t interrupted = 0;

/// Byte by byte, so that what follows the line stays with its descriptor.
LineEnd read_line(int descriptor, Line& line) {
    for (;;) {
        char byte = 0;
        const ssize_t got = ::read(descriptor, &byte, 1);
        if (interrupted != 0) return LineEnd::given_up;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return LineEnd::error;
        if (got == 0) return LineEnd::file;
        if (byte == '\n') return LineEnd::line;
        if (line.size < line.text.size()) line.text[line.size++] = byte;
    }
}

Result<crypto::SecretText> taken(Line& line, const std::string& what) {
    if (line.size > 0 && line.text[line.size - 1] == '\r') --line.size;
    if (line.size == 0) return could_not("No passphrase was given for " + what + ".");
    auto secret = crypto::passphrase_from(std::string_view(line.text.data(), line.size));
    if (secret) return std::move(*secret);
    switch (secret.error()) {
        case crypto::Error::too_large:
            return could_not("The passphrase for " + what + " is longer than 1024 bytes.");
        case crypto::Error::bad_argument:
            return could_not("The passphrase for " + what + " is not UTF-8 text; set the terminal to UTF-8.");
        case crypto::Error::unsupported:
            return could_not("The passphrase for " + what +
                             " has a character that this Fieldfare does not know, such as a new emoji.");
        default:
            return could_not("There is not enough memory to hold the passphrase for " + what + ".");
    }
}

/// Echo off. A signal to stop ends the read instead of the process, so that echo is always restored.
class Quiet {
  public:
    explicit Quiet(int terminal) : terminal_(terminal) {
        interrupted = 0;
        struct sigaction stop {};
        stop.sa_handler = [](int) { interrupted = 1; };  // without SA_RESTART: read() must come back
        for (std::size_t i = 0; i < std::size(signals); ++i)
            ::sigaction(signals[i], &stop, &handled_before_[i]);
        if (::tcgetattr(terminal_, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
    }
    ~Quiet() {
        if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        for (std::size_t i = 0; i < std::size(signals); ++i)
            ::sigaction(signals[i], &handled_before_[i], nullptr);
    }
    Quiet(const Quiet&) = delete;
    bool changed() const { return changed_; }

  private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
    int terminal_;
    struct sigaction handled_before_[std::size(signals)]{};
    termios before_{};
    bool changed_ = false;
};

class Terminal final : public PassphraseSource {
  public:
    Result<crypto::SecretText> passphrase_for(const std::string& what, Ask ask) override {
        const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
        if (terminal < 0)
            return wrong_usage("There is no terminal to ask for the passphrase of " + what +
                               "; give it on a descriptor with --passphrase-fd N.");
        auto result = on(terminal, what, ask);
        ::close(terminal);
        return result;
    }

  private:
    static Result<crypto::SecretText> on(int terminal, const std::string& what, Ask ask) {
        const Quiet quiet(terminal);
        if (!quiet.changed())
            return could_not("The terminal's echo can't be turned off, so nothing is asked on it.");
        auto first = once(terminal, "Passphrase for " + what + ": ", what);
        if (!first || ask == Ask::once) return first;
        auto second = once(terminal, "The same once more: ", what);
        if (!second) return second;
        if (first->expose() != second->expose())
            return could_not("The two passphrases differ; nothing was made.");
        return first;
    }

    static Result<crypto::SecretText> once(int terminal, const std::string& prompt, const std::string& what) {
        (void)!::write(terminal, prompt.data(), prompt.size());
        Line line;
        const LineEnd end = read_line(terminal, line);
        (void)!::write(terminal, "\n", 1);
        if (end == LineEnd::given_up) return could_not("Stopped at the passphrase for " + what + ".");
        if (end == LineEnd::error)
            return could_not("The terminal can't be read: " + std::string(std::strerror(errno)) + ".");
        return taken(line, what);
    }
};

class FromDescriptor final : public PassphraseSource {
  public:
    explicit FromDescriptor(int descriptor) : descriptor_(descriptor) {}

    Result<crypto::SecretText> passphrase_for(const std::string& what, Ask) override {
        Line line;
        const LineEnd end = read_line(descriptor_, line);
        if (end == LineEnd::error || end == LineEnd::given_up)
            return wrong_usage("Descriptor " + std::to_string(descriptor_) +
                               " of --passphrase-fd can't be read; open it for the program, as in 3<file.");
        if (end == LineEnd::file && line.size == 0)
            return wrong_usage("Descriptor " + std::to_string(descriptor_) +
                               " has no further line for the passphrase of " + what +
                               "; give one line for each key.");
        return taken(line, what);
    }

  private:
    int descriptor_;
};

}  // namespace

std::unique_ptr<PassphraseSource> passphrases_from_terminal() {
    return std::make_unique<Terminal>();
}

std::unique_ptr<PassphraseSource> passphrases_from_descriptor(int descriptor) {
    return std::make_unique<FromDescriptor>(descriptor);
}

}  // namespace fieldfare::researcher
