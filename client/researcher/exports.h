#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/researcher/csv_tables.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

/// What `open` makes of submissions, beside survey.jsonl.
enum class Format {
    csv,      ///< survey.csv and one file a repeat (csv_tables.h)
    odk_xml,  ///< an instance XML a submission (odk_xml_files.h)
};

/// The files that `open` makes of submissions: those of the formats asked for, and survey.jsonl with the
/// sealed payloads as they are, a line each. In this order: make_durable(), commit(), write_instances();
/// whoever replaces nothing takes all of it back after a failure.
class Exports {
  public:
    /// Fails as OutputFile::create does, for any of the files.
    static Result<Exports> create(std::shared_ptr<const schema::Form> form,
                                  const std::filesystem::path& folder, std::span<const Format> formats,
                                  Overwrite overwrite, Salvage salvaged = Salvage::no);

    /// `payload` is the canonical JSON of `submission`, without line breaks (JSON escapes them).
    Result<void> add(const schema::Submission& submission, const Provenance& provenance,
                     std::string_view payload);

    /// After it commit() needs no room.
    Result<void> make_durable();
    /// Tables and survey.jsonl get their names, one after the other.
    Result<void> commit();
    /// From survey.jsonl, where instances are asked for; after a failure none is there that was not before,
    /// but with Overwrite::yes some may be replaced.
    Result<void> write_instances();

    /// Throws away what was written and not committed; the object is used up.
    void drop() { files_.clear(); }

    /// Removes what commit() and write_instances() have made, unless it replaced something.
    void take_back();

    std::vector<std::filesystem::path> paths() const;  ///< survey.csv first, survey.jsonl last
    /// The files that this version of the form has as CSV, whether or not they are asked for.
    std::set<std::string> table_names() const;
    /// The instance XML files, after write_instances().
    const std::vector<std::filesystem::path>& instances() const { return instances_; }

  private:
    Exports(std::shared_ptr<const schema::Form> form, Overwrite overwrite, Salvage salvaged)
        : form_(form), tables_(std::move(form), salvaged), overwrite_(overwrite) {}
    std::shared_ptr<const schema::Form> form_;
    CsvTables tables_;
    bool as_odk_xml_ = false;
    Overwrite overwrite_;
    std::size_t committed_ = 0;
    std::vector<OutputFile> files_;  ///< the tables', then JSONL
    std::vector<std::filesystem::path> instances_;
    std::vector<std::string> rows_;  ///< of the submission at hand; kept for their capacity; none without CSV
};

}  // namespace fieldfare::researcher
