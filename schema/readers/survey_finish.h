#pragma once

#include "schema/form.h"
#include "schema/readers/survey_sheet.h"

namespace fieldfare::schema::readers {

/// What can only be worked out once all rows of the survey are read: triggers as actions of the questions
/// that they name, choices from a repeat, references to the record saved last, instances from files, names
/// that rows get by the way. Faults: what refers to nothing, names and instances that stand twice.
void finish_survey(const Table& table, const SurveyNotes& notes, const Entities& entities, Form& form,
                   Faults& faults);

}  // namespace fieldfare::schema::readers
