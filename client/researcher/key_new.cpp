#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {
namespace {

constexpr std::ptrdiff_t shortest_passphrase = 8;

/// Not bytes: a letter of another alphabet has several.
std::ptrdiff_t characters_of(const crypto::SecretText& text) {
    return std::ranges::count_if(text.expose(), [](char byte) { return (byte & 0xc0) != 0x80; });
}

std::string sentence_for(crypto::Error error) {
    switch (error) {
        case crypto::Error::bad_argument:
            return "The label must be at most 64 bytes of text without line breaks; give another one with "
                   "--label.";
        case crypto::Error::out_of_memory:
            return "There is not enough free memory to protect a key with a passphrase (64 MiB at least); "
                   "close other programs and try again.";
        case crypto::Error::no_randomness:
            return "This system gives no random numbers, so no key can be made on it.";
        default:
            return "The key could not be made (internal error " + std::to_string(static_cast<int>(error)) +
                   ").";
    }
}

Result<crypto::Recipient> make(const KeyNewOptions& options, Console& console) {
    const auto secret_path = key_path(options.name, ".ffkey"), public_path = key_path(options.name, ".ffpub");
    // Both names first: nobody should think of a passphrase for a key that can't be written.
    auto secret_file = OutputFile::create(secret_path, Overwrite::no);
    if (!secret_file) return tl::unexpected(secret_file.error());
    auto public_file = OutputFile::create(public_path, Overwrite::no);
    if (!public_file) return tl::unexpected(public_file.error());

    const std::string label =
        options.label.empty() ? key_path(options.name, "").filename().string() : options.label;
    const auto kind = options.root ? crypto::IdentityKind::root : crypto::IdentityKind::researcher;
    auto identity = crypto::Identity::generate(kind, label);
    if (!identity) return could_not(sentence_for(identity.error()));

    const auto passphrase =
        console.passphrases.passphrase_for("the new key " + shown(secret_path.filename()), Ask::twice);
    if (!passphrase) return tl::unexpected(passphrase.error());
    if (characters_of(*passphrase) < shortest_passphrase)
        return could_not(
            "That passphrase has fewer than 8 characters, which a computer guesses at once; take six or more "
            "words.");

    const auto cost = options.low_cost ? crypto::Result<crypto::PassphraseCost>(crypto::cost_floor)
                                       : crypto::calibrate_cost();
    if (!cost) return could_not(sentence_for(cost.error()));
    const auto bytes = identity->to_file_bytes(*passphrase, *cost);
    if (!bytes) return could_not(sentence_for(bytes.error()));
    const auto line = crypto::to_line(identity->recipient());
    if (!line) return could_not(sentence_for(line.error()));

    const std::string_view secret_bytes(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    for (auto written : {secret_file->write(secret_bytes), public_file->write(*line + "\n")})
        if (!written) return tl::unexpected(written.error());
    if (auto done = secret_file->commit(); !done) return tl::unexpected(done.error());
    if (auto done = public_file->commit(); !done) {
        ::unlink(secret_path.c_str());  // ours, made a moment ago, used by nobody: no half of a pair stays
        return tl::unexpected(done.error());
    }
    return identity->recipient();
}

}  // namespace

ExitCode run_key_new(const KeyNewOptions& options, Console& console) {
    const auto made = make(options, console);
    if (!made) return console.complain(made.error());
    const auto secret_path = key_path(options.name, ".ffkey"), public_path = key_path(options.name, ".ffpub");
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("kind", options.root ? "root" : "researcher")
                           .put("label", made->label)
                           .put("fingerprint", fingerprint_text(*made))
                           .put("secret_file", secret_path.string())
                           .put("public_file", public_path.string())
                           .put("low_cost", options.low_cost)
                           .text()
                    << "\n";
        return ExitCode::fine;
    }
    console.out << (options.root ? "Study root " : "Key ") << made->label << "\n"
                << "  fingerprint  " << fingerprint_text(*made) << "\n"
                << "  secret       " << shown(secret_path)
                << "  (keep it, and a copy elsewhere; nobody can replace it)\n"
                << "  public       " << shown(public_path) << "  (give it to whoever builds a study)\n";
    if (options.low_cost)
        console.note(
            "Made with --cost low: its passphrase is cheap to guess. For demos and tests that are thrown "
            "away only.");
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
