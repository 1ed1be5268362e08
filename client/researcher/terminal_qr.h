#pragma once

#include <string>
#include <string_view>

namespace fieldfare::researcher {

/// A QR code in half-block characters, black on white whatever the terminal's colours, four modules of quiet
/// zone. Empty when the text is too long for one.
std::string terminal_qr(std::string_view text);

/// The same for a printer: an SVG path of black squares of side 1, and how many modules the code has a side.
/// No quiet zone. Side 0 when the text is too long for a code.
struct QrDrawing {
    int side = 0;
    std::string path;
};
QrDrawing svg_qr(std::string_view text);

}  // namespace fieldfare::researcher
