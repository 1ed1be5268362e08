#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/terminal_qr.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {
namespace {

Result<crypto::Recipient> public_half(const std::filesystem::path& file, Console& console) {
    const auto bytes = read_file(file, 64 * 1024);
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->starts_with("ffpub") || file.extension() == ".ffpub") return read_public_key(file);
    return read_key(file, console).map([](const crypto::Identity& identity) { return identity.recipient(); });
}

}  // namespace

ExitCode run_key_show(const KeyShowOptions& options, Console& console) {
    const auto recipient = public_half(options.file, console);
    if (!recipient) return console.complain(recipient.error());
    const auto line = crypto::to_line(*recipient);
    if (!line)
        return console.complain(
            {shown(options.file) + " holds a key that can't be written as a public line."});
    const bool root = recipient->kind == crypto::IdentityKind::root;
    const std::string id = crypto::to_hex(crypto::key_id(*recipient));
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("kind", root ? "root" : "researcher")
                           .put("label", recipient->label)
                           .put("key_id", id)
                           .put("fingerprint", fingerprint_text(*recipient))
                           .put("public", *line)
                           .text()
                    << "\n";
        return ExitCode::fine;
    }
    console.out << (root ? "Study root " : "Researcher's key ") << recipient->label << "\n"
                << "  fingerprint  " << fingerprint_text(*recipient) << "\n"
                << "  key id       " << id << "\n"
                << "  public       " << *line << "\n";
    if (options.qr) console.out << terminal_qr(*line);
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
