#pragma once

#include <span>
#include <string>
#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"

namespace fieldfare::schema::readers {

/// The languages of a form and where their texts stand. A column without a language belongs to
/// default_language when the settings name one, as in pyxform.
class Languages {
  public:
    /// Looks through the label columns of the tables (survey first, nullptr for a sheet that is missing):
    /// only a language with at least one label is one of the form, or, where nothing has a label, one with
    /// any text. Warns of those without, and of languages that only hints, messages or media have.
    static Languages find(const Table* survey, const Table* choices, std::string_view default_language,
                          Faults& faults);

    const std::vector<Language>& list() const { return list_; }
    bool has(std::string_view name) const;

    /// The texts of a row under `key` ("label", "hint", …), one for each language; empty when all are blank.
    Text text(const Table& table, const Row& row, std::string_view key);

  private:
    explicit Languages(Faults& faults) : faults_(&faults) {}
    std::string name_of(const Column& column) const;

    Faults* faults_;
    std::size_t texts_ = 0;  ///< given out so far, empty places counted
    std::vector<Language> list_;
    std::string unnamed_;  ///< the language of columns that name none
};

}  // namespace fieldfare::schema::readers
