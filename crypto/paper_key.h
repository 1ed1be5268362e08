#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

// A `.ffkey` file on paper (KEYS.md): the very bytes of the file, so the key on it is still under its
// passphrase, and who finds the paper needs that too.

inline constexpr std::size_t paper_lines = 16;

struct PaperKey {
    /// For people: "01  ABCD EFGH … STVW  XYZ012", a number, 32 characters, and 6 that check them.
    std::vector<std::string> lines;
    std::string qr;  ///< for a camera: the same bytes in one line, of the characters that QR codes pack best
};

/// As check_key_file (identity.h).
Result<PaperKey> to_paper(ByteView key_file);

enum class PaperFault {
    wrong_character,  ///< one that no line has
    wrong_length,     ///< more or fewer characters than a line has
    mistyped,         ///< its check characters disagree
    wrong_number,     ///< it is right, and the number in front of it is that of another line
    misplaced,        ///< it is right, and another line of the paper: `belongs`
    too_few_lines,
    too_many_lines,
    whole,  ///< each line is right and the file is not: lines of different papers, or of a later version
};

struct PaperMistake {
    PaperFault fault = PaperFault::whole;
    std::size_t line = 0;        ///< from 1; of too few or too many: how many there are; 0 for the whole
    std::size_t belongs = 0;     ///< misplaced: which line it is
    std::size_t characters = 0;  ///< wrong_length: how many there are where 38 belong

    bool operator==(const PaperMistake&) const = default;
};

/// One line as a person typed it: letter case, blanks and dashes do not matter, nor O for 0 and I or L for 1;
/// its number may be left out. Comes back as 20 bytes. Any one to four wrong characters are always noticed,
/// others but for one in a thousand million.
tl::expected<Bytes, PaperMistake> from_paper_line(std::string_view typed, std::size_t number);

/// The whole: the 16 lines in their order, or what a camera reads from the QR code. Empty lines and lines
/// that begin with # are passed over. The bytes of a sound key file, or every mistake that was found, the
/// first line's first.
tl::expected<Bytes, std::vector<PaperMistake>> from_paper(std::string_view typed);

}  // namespace fieldfare::crypto
