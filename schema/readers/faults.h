#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/problem.h"

namespace fieldfare::schema::readers {

/// Gathers everything that one run over a form finds. Bounded: of a sheet with a fault in each of a million
/// rows the first thousand are told, and one more sentence says so.
class Faults {
  public:
    explicit Faults(std::string file) : file_(std::move(file)) {}

    void error(std::string_view sheet, int row, std::string_view column, std::string message);
    void warning(std::string_view sheet, int row, std::string_view column, std::string message);

    /// What is valid XLSForm but nothing that a study may hold: the check warns of it, a study is not built.
    void not_for_studies(std::string_view sheet, int row, std::string_view column, std::string message);

    const std::string& file() const { return file_; }
    bool any_error() const { return !findings_.errors.empty(); }

    /// All of it, in the order in which an author goes through the form: the file, survey, choices, settings,
    /// each from its top.
    Findings take();
    std::vector<Problem> take_not_for_studies();

  private:
    std::string file_;
    Findings findings_;
    std::vector<Problem> not_for_studies_;
    bool more_errors_ = false, more_warnings_ = false, more_not_for_studies_ = false;
};

}  // namespace fieldfare::schema::readers
