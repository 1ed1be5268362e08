#include "client/researcher/key_page.h"

#include "client/researcher/key_file.h"
#include "client/researcher/terminal_qr.h"

namespace fieldfare::researcher {
namespace {

constexpr std::string_view page_title = "Fieldfare: a secret key on paper";

std::string owner_line(const KeyPage& page) {
    const bool root = page.owner.kind == crypto::IdentityKind::root;
    return (root ? "Study root " : "Researcher's key ") + page.owner.label;
}

/// Short enough for a sheet in type that a person can read.
std::vector<std::string> explanation(const KeyPage& page) {
    return {
        owner_line(page),
        "fingerprint  " + fingerprint_text(page.owner),
        "made on " + page.day + " from " + page.file,
        "",
        "The key is still under its passphrase. Whoever has this sheet and the passphrase has the key;",
        "the sheet alone lets its finder try passphrases, and the passphrase alone is worth nothing.",
        "Keep the two apart. A passphrase that is changed later does not change this sheet.",
        "",
        "To bring the key back:  fieldfare-cli key restore NAME",
        "and type the sixteen lines; or let a camera read the QR code into a file, for --from FILE.",
        "Capitals, blanks and the numbers in front do not matter; O is read as 0, I and L as 1. The last",
        "six characters of each line check it.",
    };
}

std::string in_xml(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else if (c == '>')
            escaped += "&gt;";
        else
            escaped += c;
    }
    return escaped;
}

}  // namespace

std::string page_as_text(const KeyPage& page) {
    std::string text = "# " + std::string(page_title) + "\n#\n";
    for (const std::string& line : explanation(page)) text += line.empty() ? "#\n" : "# " + line + "\n";
    text += "\n";
    for (const std::string& line : page.paper.lines) text += line + "\n";
    return text;
}

std::string page_as_svg(const KeyPage& page) {
    constexpr int left = 18, small = 5, large = 7;  // millimetres
    std::string svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\" viewBox=\"0 0 210 "
        "297\">\n"
        "<rect width=\"210\" height=\"297\" fill=\"white\"/>\n";
    int y = 22;
    const auto put = [&](std::string_view text, const char* font, const char* size, int step) {
        if (!text.empty())
            svg += "<text x=\"" + std::to_string(left) + "\" y=\"" + std::to_string(y) + "\" font-family=\"" +
                   font + "\" font-size=\"" + size + "\" xml:space=\"preserve\">" + in_xml(text) +
                   "</text>\n";
        y += step;
    };
    put(page_title, "sans-serif", "6", large + 2);
    for (const std::string& line : explanation(page)) put(line, "sans-serif", "3.6", small);
    y += small;
    for (const std::string& line : page.paper.lines) put(line, "monospace", "5", large);
    const QrDrawing qr = svg_qr(page.paper.qr);
    if (qr.side > 0) {
        constexpr double width = 70;
        svg += "<path transform=\"translate(" + std::to_string(left) + " " + std::to_string(y) + ") scale(" +
               std::to_string(width / qr.side) + ")\" d=\"" + qr.path + "\"/>\n";
    }
    return svg + "</svg>\n";
}

}  // namespace fieldfare::researcher
