#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldfare::tests {

/// A place in a process's memory where a text was found.
struct Sighting {
    std::string text;      ///< what was looked for
    std::string spelling;  ///< "UTF-8", "UTF-16LE", …, "hex", "every 24 bytes", "drawn"
    std::string region;    ///< as /proc/PID/maps names it
    std::uint64_t address = 0;
    std::string around;  ///< what stands before and behind it, as far as it can be printed
};

/// Why the memory of this process can't be searched, as a sentence for whoever reads the test's output; empty
/// when it can.
std::string why_not_searchable(pid_t process);

/// Where the pieces (8 bytes and more) of these texts stand in the memory of a process: in each width of
/// characters and both byte orders, as hex digits, with a letter every so many bytes as a queue of key
/// presses holds it, and drawn: as the corners of glyphs in a list of Dear ImGui's vertices. The process
/// should stand still meanwhile. Throws std::runtime_error when the memory can't be read.
std::vector<Sighting> search_memory(pid_t process, const std::vector<std::string>& texts);

/// One line a sighting, for a test's message.
std::string told(const std::vector<Sighting>& sightings);

/// The spellings in which a text may stand in a file or in memory, by their names.
std::vector<std::pair<std::string, std::string>> spellings_of(const std::string& text);

}  // namespace fieldfare::tests
