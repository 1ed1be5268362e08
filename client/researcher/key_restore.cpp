#include <iostream>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/verbs.h"
#include "crypto/paper_key.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t longest_paper = 64 * 1024;

std::string sentence_for(const crypto::PaperMistake& mistake) {
    const std::string line = "Line " + std::to_string(mistake.line);
    switch (mistake.fault) {
        case crypto::PaperFault::wrong_character:
            return line + " has a character that no line has; look at it once more.";
        case crypto::PaperFault::wrong_length:
            return line + " has " + std::to_string(mistake.characters) +
                   " characters; 38 belong there (32 and 6 that check them), the number in front not "
                   "counted.";
        case crypto::PaperFault::mistyped:
            return line +
                   " is mistyped: its last six characters do not agree with it. Compare it with the "
                   "paper.";
        case crypto::PaperFault::wrong_number:
            return line + " is right, and the number in front of it is not; correct it, or leave it out.";
        case crypto::PaperFault::misplaced:
            return line + " as typed is line " + std::to_string(mistake.belongs) +
                   " of the paper: two lines were swapped, or one was left out or typed twice.";
        case crypto::PaperFault::too_few_lines:
            return "There are " + std::to_string(mistake.line) + " lines; a key has " +
                   std::to_string(crypto::paper_lines) + ".";
        case crypto::PaperFault::too_many_lines:
            return "There are " + std::to_string(mistake.line) + " lines; a key has " +
                   std::to_string(crypto::paper_lines) + ". Lines that begin with # are passed over.";
        case crypto::PaperFault::whole:
            return "What was given is no whole key of this version of Fieldfare: the lines may come from two "
                   "different papers, or the paper from a newer Fieldfare.";
    }
    return {};
}

/// Line by line, each checked at once: nobody should type sixteen to learn that the second was wrong.
Result<std::string> asked(std::istream& in, Console& console) {
    console.note("Type the sixteen lines of the paper, each with Return. Ctrl-D stops.");
    std::string all;
    for (std::size_t number = 1; number <= crypto::paper_lines;) {
        console.err << (number < 10 ? " " : "") << number << ": " << std::flush;
        std::string line;
        if (!std::getline(in, line)) return could_not("Stopped before the last line; nothing was written.");
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        if (number == 1 && crypto::from_paper(line))
            return line;  // a scanner that types has read the QR code
        if (const auto right = crypto::from_paper_line(line, number); !right) {
            console.note("    " + sentence_for(right.error()));
            continue;
        }
        all += line + "\n";
        ++number;
    }
    return all;
}

Result<std::string> typed(const KeyRestoreOptions& options, Console& console) {
    if (!options.from.empty() && options.from != "-") return read_file(options.from, longest_paper);
    std::istream& in = options.in ? *options.in : std::cin;
    if (options.from.empty() && console.interactive) return asked(in, console);
    std::string text;
    for (std::string line; text.size() <= longest_paper && std::getline(in, line);) text += line + "\n";
    return text;
}

Result<std::filesystem::path> restore(const KeyRestoreOptions& options, Console& console) {
    const std::filesystem::path path = key_path(options.name, ".ffkey");
    std::error_code error;
    if (std::filesystem::exists(path, error))
        return could_not(shown(path) + " is there already, and a key is never replaced; give another name.");
    auto file = OutputFile::create(path, Overwrite::no);  // before anybody types
    if (!file) return tl::unexpected(file.error());
    auto text = typed(options, console);
    if (!text) return tl::unexpected(text.error());
    const auto bytes = crypto::from_paper(*text);
    if (!bytes) {
        std::string sentences;
        for (const crypto::PaperMistake& mistake : bytes.error())
            sentences += (sentences.empty() ? "" : "\n") + sentence_for(mistake);
        return could_not(sentences + "\nNothing was written.");
    }
    const std::string_view view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (auto written = file->write(view); !written) return tl::unexpected(written.error());
    if (auto done = file->commit(); !done) return tl::unexpected(done.error());
    return path;
}

}  // namespace

ExitCode run_key_restore(const KeyRestoreOptions& options, Console& console) {
    const auto path = restore(options, console);
    if (!path) return console.complain(path.error());
    if (options.output == Output::json) {
        console.out << JsonObject().put("secret_file", path->string()).text() << "\n";
        return ExitCode::fine;
    }
    console.out << "Restored " << shown(*path) << ", under the passphrase that it had.\n"
                << "  Now see that it opens, and compare the fingerprint with the paper:\n"
                << "  fieldfare-cli key show " << shown(*path) << "\n";
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
