#include "client/researcher/terminal_qr.h"

#include <optional>
#include <qrcodegen/qrcodegen.hpp>
#include <stdexcept>

namespace fieldfare::researcher {

namespace {

std::optional<qrcodegen::QrCode> code_for(std::string_view text) {
    try {
        return qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
    } catch (const std::length_error&) {  // qrcodegen's word for "does not fit"
        return std::nullopt;
    }
}

}  // namespace

std::string terminal_qr(std::string_view text) {
    const auto code = code_for(text);
    if (!code) return {};
    const int quiet = 4;
    std::string drawn;
    for (int y = -quiet; y < code->getSize() + quiet; y += 2) {
        drawn += "\x1b[30;47m";
        for (int x = -quiet; x < code->getSize() + quiet; ++x) {
            const bool upper = code->getModule(x, y), lower = code->getModule(x, y + 1);
            drawn += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        drawn += "\x1b[0m\n";
    }
    return drawn;
}

QrDrawing svg_qr(std::string_view text) {
    const auto code = code_for(text);
    if (!code) return {};
    QrDrawing drawing{code->getSize(), {}};
    for (int y = 0; y < drawing.side; ++y)
        for (int x = 0; x < drawing.side; ++x)
            if (code->getModule(x, y))
                drawing.path += "M" + std::to_string(x) + " " + std::to_string(y) + "h1v1h-1z";
    return drawing;
}

}  // namespace fieldfare::researcher
