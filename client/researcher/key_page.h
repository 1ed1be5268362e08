#pragma once

#include <string>

#include "crypto/identity.h"
#include "crypto/paper_key.h"

namespace fieldfare::researcher {

/// What is printed for a drawer: whose key it is, what the page is worth to whom, how to bring the key back,
/// the 16 lines and the QR code.
struct KeyPage {
    crypto::Recipient owner;
    crypto::PaperKey paper;
    std::string file;  ///< from which it was made, as it may be shown
    std::string day;   ///< YYYY-MM-DD
};

std::string page_as_text(const KeyPage& page);  ///< "key restore" reads it as it is
std::string page_as_svg(const KeyPage& page);   ///< one sheet of A4

}  // namespace fieldfare::researcher
