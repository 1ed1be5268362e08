#include "client/researcher/terminal_qr.h"

#include <qrcodegen/qrcodegen.hpp>
#include <stdexcept>

namespace fieldfare::researcher {

std::string terminal_qr(std::string_view text) {
    try {
        const auto code =
            qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
        const int quiet = 4;
        std::string drawn;
        for (int y = -quiet; y < code.getSize() + quiet; y += 2) {
            drawn += "\x1b[30;47m";
            for (int x = -quiet; x < code.getSize() + quiet; ++x) {
                const bool upper = code.getModule(x, y), lower = code.getModule(x, y + 1);
                drawn += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
            }
            drawn += "\x1b[0m\n";
        }
        return drawn;
    } catch (const std::length_error&) {  // qrcodegen's word for "does not fit"
        return {};
    }
}

}  // namespace fieldfare::researcher
