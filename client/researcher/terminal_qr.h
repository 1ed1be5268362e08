#pragma once

#include <string>
#include <string_view>

namespace fieldfare::researcher {

/// A QR code in half-block characters, black on white whatever the terminal's colours, four modules of quiet
/// zone. Empty when the text is too long for one.
std::string terminal_qr(std::string_view text);

}  // namespace fieldfare::researcher
