#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/form.h"
#include "tests/fuzz/promise.h"

// What the fuzz targets share. A target's input is a hostile file; a promise that the code breaks (a form
// that does not come back from its own JSON, say) ends the program as a crash would.
namespace fieldfare::fuzz {

/// Pieces between lines that are "%%": the sheets or parts of one input. At most `most`; the last takes the
/// rest.
std::vector<std::string> pieces_of(std::string_view input, std::size_t most);

/// A number that follows from the input, for what else is drawn.
std::uint64_t seed_of(std::string_view input);

/// A form that was read comes back from its canonical JSON.
void must_come_back(const schema::Form& form);

/// Goes as far as a form that was read can reach: compiled, an interview begun, languages switched, answers
/// of many kinds given, instances added and removed, texts and choices asked for, a draft stored and resumed,
/// finalised, the submission written and read again.
void go_through(const schema::Form& form, std::uint64_t seed);

/// A folder of this process, gone at its end.
class WorkFolder {
  public:
    WorkFolder();
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    /// Writes a file, in place of one of that name.
    std::string file(std::string_view name, std::string_view bytes) const;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace fieldfare::fuzz
