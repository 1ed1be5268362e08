#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "client/researcher/csv_tables.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

/// The files that `open` makes of submissions: survey.csv, one file a repeat (csv_tables.h), and survey.jsonl
/// with the sealed payloads as they are, a line each. All appear together or none does.
class Exports {
  public:
    /// Fails as OutputFile::create does, for any of the files.
    static Result<Exports> create(std::shared_ptr<const schema::Form> form,
                                  const std::filesystem::path& folder, Overwrite overwrite);

    /// `payload` is the canonical JSON of `submission`, without line breaks (JSON escapes them).
    Result<void> add(const schema::Submission& submission, const Provenance& provenance,
                     std::string_view payload);

    Result<void> commit();

    /// Removes what commit() has made, unless it replaced something: for when a later output fails.
    void take_back();

    std::vector<std::filesystem::path> paths() const;  ///< survey.csv first, survey.jsonl last

  private:
    Exports(CsvTables tables, Overwrite overwrite) : tables_(std::move(tables)), overwrite_(overwrite) {}
    CsvTables tables_;
    Overwrite overwrite_;
    std::size_t committed_ = 0;
    std::vector<OutputFile> files_;  ///< the tables', then JSONL
    std::vector<std::string> rows_;  ///< of the submission at hand; kept for their capacity
};

}  // namespace fieldfare::researcher
