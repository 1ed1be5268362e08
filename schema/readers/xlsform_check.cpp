#include <memory>

#include "schema/compiled_form.h"
#include "schema/readers/form_lint.h"
#include "schema/readers/read_form.h"
#include "schema/readers/study_rules.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::schema {
namespace {

void append(std::vector<Problem>& to, std::vector<Problem> problems) {
    to.insert(to.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end()));
}

}  // namespace

FormCheck check_form(const std::filesystem::path& path) {
    FormCheck check;
    auto read = read_form(path);
    if (!read) {
        check.findings = std::move(read.error());
        return check;
    }
    const std::string file = readers::file_name_of(path);
    const bool spreadsheet = !is_xform(path) && path.extension() != ".json";
    check.findings.warnings = std::move(read->warnings);
    const auto form = std::make_shared<const Form>(std::move(read->form));
    // What the engine can't run in a spreadsheet may be a newer function, a path into what another program
    // adds, or a circle that others let pass: XLSForm's rules call such a form valid, so no more is said
    // here.
    if (auto compiled = CompiledForm::compile(form, file); !compiled) {
        append(spreadsheet ? check.not_for_studies : check.findings.errors,
               std::move(compiled.error().errors));
        append(check.findings.warnings, std::move(compiled.error().warnings));
    }
    append(check.not_for_studies, std::move(read->not_for_studies));
    append(check.not_for_studies, readers::study_faults(*form, file));
    append(check.findings.warnings, readers::lint(*form, file));
    if (is_xform(path))
        for (auto* problems : {&check.findings.errors, &check.findings.warnings, &check.not_for_studies})
            for (Problem& problem : *problems) problem.place.sheet.clear();
    if (check.findings.errors.empty()) check.form = *form;
    return check;
}

Findings check_xlsform(const std::filesystem::path& path) {
    FormCheck check = check_form(path);
    for (Problem& problem : check.not_for_studies) {
        problem.message.insert(0, "A study can't be built with it: ");
        check.findings.warnings.push_back(std::move(problem));
    }
    return std::move(check.findings);
}

}  // namespace fieldfare::schema
