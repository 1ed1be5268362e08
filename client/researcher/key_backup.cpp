#include <algorithm>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/key_page.h"
#include "client/researcher/study_file.h"
#include "client/researcher/terminal_qr.h"
#include "client/researcher/verbs.h"
#include "crypto/paper_key.h"

namespace fieldfare::researcher {
namespace {

/// The file as text that was read back as the very same file. That its passphrase is still known has been
/// seen before: without it the paper would be worth nothing.
Result<crypto::PaperKey> proven_paper(const std::filesystem::path& file, crypto::ByteView bytes) {
    auto paper = crypto::to_paper(bytes);
    if (!paper) return could_not(shown(file) + " is not as it was a moment ago; try again.");
    std::string typed;
    for (const std::string& line : paper->lines) typed += line + "\n";
    for (const std::string& text : {typed, paper->qr}) {
        const auto back = crypto::from_paper(text);
        if (!back || !std::ranges::equal(*back, bytes))
            return could_not(
                "The lines do not give the key again (a fault of this program); nothing was "
                "written.");
    }
    return std::move(*paper);
}

Result<KeyPage> make(const KeyBackupOptions& options, Console& console) {
    const auto bytes = read_file(options.file, key_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    auto identity = key_from(options.file, *bytes, console);
    if (!identity) return tl::unexpected(identity.error());
    auto paper = proven_paper(options.file, crypto::bytes_of(*bytes));
    if (!paper) return tl::unexpected(paper.error());
    return KeyPage{identity->recipient(), std::move(*paper), shown(options.file.filename()),
                   iso_day(today_utc())};
}

}  // namespace

ExitCode run_key_backup(const KeyBackupOptions& options, Console& console) {
    const bool svg = options.out.extension() == ".svg";
    if (!options.out.empty() && !svg && options.out.extension() != ".txt")
        return console.complain(
            {"--out wants a name that ends in .svg (a sheet with the QR code) or .txt (the lines alone).",
             ExitCode::usage});
    std::optional<OutputFile> file;
    if (!options.out.empty()) {
        auto created = OutputFile::create(options.out, options.overwrite);
        if (!created) return console.complain(created.error());
        file.emplace(std::move(*created));
    }
    const auto page = make(options, console);
    if (!page) return console.complain(page.error());
    if (file) {
        if (auto written = file->write(svg ? page_as_svg(*page) : page_as_text(*page)); !written)
            return console.complain(written.error());
        if (auto done = file->commit(); !done) return console.complain(done.error());
    }
    if (options.output == Output::json) {
        JsonObject object;
        object.put("kind", page->owner.kind == crypto::IdentityKind::root ? "root" : "researcher")
            .put("label", page->owner.label)
            .put("fingerprint", fingerprint_text(page->owner));
        if (file)
            object.put("page", options.out.string());
        else
            object.put_json("lines", json_strings(page->paper.lines)).put("qr", page->paper.qr);
        console.out << object.text() << "\n";
        return ExitCode::fine;
    }
    if (file) {
        console.out << "Key " << page->owner.label << "\n"
                    << "  fingerprint  " << fingerprint_text(page->owner) << "\n"
                    << "  page         " << shown(options.out)
                    << "  (print it, then delete it; paper and passphrase together are the key)\n";
        return ExitCode::fine;
    }
    console.out << page_as_text(*page);
    if (options.qr) console.out << terminal_qr(page->paper.qr);
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
