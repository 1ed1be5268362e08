#pragma once

#include <string>
#include <string_view>

#include "schema/problem.h"

namespace fieldfare::schema::readers {

/// Gathers everything that one run over a form finds. Bounded: of a sheet with a fault in each of a million
/// rows the first thousand are told, and one more sentence says so.
class Faults {
  public:
    explicit Faults(std::string file) : file_(std::move(file)) {}

    void error(std::string_view sheet, int row, std::string_view column, std::string message);
    void warning(std::string_view sheet, int row, std::string_view column, std::string message);

    const std::string& file() const { return file_; }
    bool any_error() const { return !findings_.errors.empty(); }

    /// All of it, in the order in which an author goes through the form: the file, survey, choices, settings,
    /// each from its top.
    Findings take();

  private:
    std::string file_;
    Findings findings_;
    bool more_errors_ = false, more_warnings_ = false;
};

}  // namespace fieldfare::schema::readers
