#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schema/submission.h"

namespace fieldfare::researcher {

/// Where a submission came from: what the sealed batch says about it, not what was answered.
struct Provenance {
    std::string device;        ///< device id, hex
    std::string batch;         ///< batch id, hex
    std::uint64_t record = 0;  ///< number of the record in its device's count
    bool salvaged = false;     ///< the device signed it, and the file that it came in is damaged
};

/// Whether damaged batches give the records that their device's signature covers one by one; then a column
/// says which rows these are.
enum class Salvage { no, yes };

/// The layout of the CSV files of one form version: survey.csv with one row a submission, and one file for
/// each repeat with one row an instance. Immutable; safe to share between threads.
///
/// Columns (client/researcher/EXPORTS.md has the reasons):
/// - KEY (the submission's id; of an instance the id and its path) and, in a repeat's file, PARENT_KEY; in
///   survey.csv then DAY LANGUAGE VERSION DEVICE BATCH RECORD, and SALVAGED (1 or 0) where asked for.
/// - select_one `q`: the choice's code, or its name where it has none; a missing state's code.
/// - integer, decimal and range `q`: the number or a missing state's code; `q__miss`: that code, else empty.
/// - select_multiple `q__choice` for each choice: 1 or 0, or in all of them the missing state's code;
///   `q__miss`. A choice coded -91 … -99 has no column: it is the state.
/// - rank `q`: the names from first to last; `q__1`, `q__2`, … for each place, as a select_one; `q__miss`.
/// - a select or rank whose choices are nodes of an instance (nobody knows them beforehand): as a text.
/// - acknowledge `q`: 1 or nothing, and `q__miss`.
/// - all others `q`, empty when missing, and `q__miss`; texts are guarded (csv_row.h).
/// A name that stands twice in a file, letter case aside, is preceded by its groups ("b-name").
class CsvTables {
  public:
    explicit CsvTables(std::shared_ptr<const schema::Form> form, Salvage salvaged = Salvage::no);
    ~CsvTables();
    CsvTables(CsvTables&&) noexcept;

    struct Table {
        std::string file;    ///< "survey.csv", "survey-stay.csv"; never a path
        std::string header;  ///< with its LF
    };
    std::span<const Table> tables() const;

    /// The rows of one submission, each with its LF, appended to `rows`, which is as long as tables() and in
    /// its order. What the form asks and the submission does not hold counts as not asked.
    void append(const schema::Submission& submission, const Provenance& provenance,
                std::span<std::string> rows) const;

  private:
    struct Layout;
    std::unique_ptr<const Layout> layout_;
};

}  // namespace fieldfare::researcher
