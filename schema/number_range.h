#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/form.h"

namespace fieldfare::schema {

/// The numbers that a range question takes: from its start to its end (which may be the lower one) in steps.
/// Exact: 0.3 is the third step of 0.1.
class NumberRange {
  public:
    /// From the parameters start, end and step; 1, 10 and 1 where one is not given, as in ODK. Nothing where
    /// they are no numbers of up to 15 digits, or the step is 0.
    static std::optional<NumberRange> of(const Item& item);

    std::string low() const, high() const, step() const;
    bool whole() const;  ///< all whole numbers between the ends

    /// The one spelling of a number of the range ("1.50" is "1.5"), or nothing for any other.
    std::optional<std::string> spelled(std::string_view number) const;

    std::uint64_t count() const;                 ///< how many numbers it has
    std::string nth(std::uint64_t index) const;  ///< from the start; index < count()

    /// All its numbers from start to end, when they fit in a row: at most 11. Otherwise none.
    std::vector<std::string> row() const;

  private:
    NumberRange(std::int64_t start, std::int64_t end, std::int64_t step, int places)
        : start_(start), end_(end), step_(step), places_(places) {}

    std::string text(std::int64_t units) const;

    std::int64_t start_, end_, step_;  ///< in units of 10^-places_; step_ > 0
    int places_;
};

/// "-12", "0.5", "3.": digits with at most one point, a minus before them.
bool is_decimal(std::string_view text);

}  // namespace fieldfare::schema
